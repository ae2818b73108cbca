/*
 * test_checked.c - int64 arithmetic that overflows, division that floors, and equal parts
 */
#include "base/checked.h"
#include "base/parts.h"
#include "support/suite.h"

static void adds_and_subtracts(void **state)
{
    int64_t r;

    assert_true(tcv_add_i64(INT64_MAX - 1, 1, &r) && r == INT64_MAX);
    assert_false(tcv_add_i64(INT64_MAX, 1, &r));
    assert_false(tcv_add_i64(INT64_MIN, -1, &r));
    assert_true(tcv_sub_i64(-1, INT64_MAX, &r) && r == INT64_MIN);
    assert_false(tcv_sub_i64(0, INT64_MIN, &r));
    assert_false(tcv_sub_i64(-2, INT64_MAX, &r));
    (void)state;
}

static void multiplies(void **state)
{
    int64_t r;

    assert_true(tcv_mul_i64(INT64_C(3037000499), 3037000499, &r) &&
                r == INT64_C(9223372030926249001));
    assert_false(tcv_mul_i64(INT64_C(3037000500), 3037000500, &r));
    assert_true(tcv_mul_i64(INT64_C(1) << 32, -(INT64_C(1) << 31), &r) && r == INT64_MIN);
    assert_false(tcv_mul_i64(INT64_C(1) << 32, INT64_C(1) << 31, &r));
    assert_false(tcv_mul_i64(INT64_MIN, -1, &r));
    assert_true(tcv_mul_i64(INT64_MIN, 0, &r) && r == 0);
    (void)state;
}

/* By the definitions: floor is the q with q * b <= a < (q + 1) * b. */
static void divides_to_the_floor(void **state)
{
    for (int64_t a = -25; a <= 25; a++) {
        for (int64_t b = 1; b <= 9; b++) {
            const int64_t q = tcv_floor_div(a, b), c = tcv_ceil_div(a, b);

            assert_true(q * b <= a && a < (q + 1) * b);
            assert_true((c - 1) * b < a && a <= c * b);
            assert_true(tcv_floor_mod(a, b) == a - q * b);
        }
    }
    assert_true(tcv_floor_div(-1, 2) == -1 && tcv_floor_mod(-1, 2) == 1);
    assert_true(tcv_floor_div(INT64_MIN, 1) == INT64_MIN);
    assert_true(tcv_floor_div(INT64_MIN, INT64_MAX) == -2);
    assert_true(tcv_ceil_div(INT64_MAX, INT64_MAX) == 1);
    (void)state;
}

static void picks_the_smaller(void **state)
{
    assert_true(tcv_min(-3, 2) == -3 && tcv_min(2, -3) == -3);
    assert_true(tcv_max(-3, 2) == 2 && tcv_max(2, -3) == 2);
    (void)state;
}

/* Parts follow each other, hold all rows, and differ by one at most. */
static void parts_hold_all_rows(void **state)
{
    for (int64_t rows = 0; rows < 60; rows++)
        for (int64_t most = 1; most < 17; most++) {
            const struct tcv_parts parts = tcv_parts_of(rows, most);
            int64_t next = 0;

            assert_true(parts.count == tcv_ceil_div(rows, most));
            for (int64_t i = 0; i < parts.count; i++) {
                const struct tcv_part part = tcv_part_at(&parts, i);

                assert_true(part.first == next && part.count <= most);
                assert_true(part.count * parts.count > rows - parts.count);
                assert_true(part.count * parts.count < rows + parts.count);
                for (int64_t row = next; row < next + part.count; row++)
                    assert_true(tcv_part_of(&parts, row) == i);
                next += part.count;
            }
            assert_true(next == rows);
        }
    (void)state;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "checked"};

    suite_add(&suite, adds_and_subtracts, NULL, NULL, NULL, "checked/add");
    suite_add(&suite, multiplies, NULL, NULL, NULL, "checked/multiply");
    suite_add(&suite, divides_to_the_floor, NULL, NULL, NULL, "checked/divide");
    suite_add(&suite, picks_the_smaller, NULL, NULL, NULL, "checked/min-max");
    suite_add(&suite, parts_hold_all_rows, NULL, NULL, NULL, "checked/parts");
    return suite_run(&suite, argc, argv) != 0;
}
