/*
 * test_place.c - what a strided box touches, against counting it out
 */
#include <stdlib.h>
#include <string.h>

#include "core/problem.h"
#include "support/rng.h"
#include "support/suite.h"

enum { REACH = 4096 }; /* offsets of the small boxes lie in (-REACH, REACH) */

struct box {
    struct tcv_place place;
    int64_t n, c, extent[TCV_AXES];
};

static int64_t offset_of(const struct box *b, int64_t i)
{
    int64_t offset = 0;

    for (int a = TCV_AXES - 1; a >= 0; a--) {
        offset += i % b->extent[a] * b->place.s[a];
        i /= b->extent[a];
    }
    return offset + i % b->c * b->place.c + i / b->c * b->place.n;
}

/* Visits every element: the lowest and highest offset, and whether any is met twice. */
static bool count_out(const struct box *b, int64_t *low, int64_t *high)
{
    static unsigned char seen[2 * REACH];
    const int64_t count = b->n * b->c * b->extent[0] * b->extent[1] * b->extent[2];
    bool once = true;

    memset(seen, 0, sizeof seen);
    *low = *high = 0;
    for (int64_t i = 0; i < count; i++) {
        const int64_t offset = offset_of(b, i);

        once = once && seen[offset + REACH]++ == 0;
        *low = offset < *low ? offset : *low;
        *high = offset > *high ? offset : *high;
    }
    return once;
}

static void small_boxes_counted_out(void **state)
{
    struct rng rng = {77};
    int apart = 0, shared = 0;

    for (int trial = 0; trial < 20000; trial++) {
        struct box b = {.n = rng_between(&rng, 1, 2), .c = rng_between(&rng, 1, 3)};
        int64_t low, high, first, last;
        bool once;

        b.place.n = rng_between(&rng, -60, 60);
        b.place.c = rng_between(&rng, -20, 20);
        for (int a = 0; a < TCV_AXES; a++) {
            b.extent[a] = rng_between(&rng, 1, 4);
            b.place.s[a] = rng_between(&rng, -30, 30);
        }
        once = count_out(&b, &low, &high);
        assert_true(tcv_place_bytes(&b.place, b.n, b.c, b.extent, 4, &first, &last));
        assert_true(first == 4 * low && last == 4 * high + 3);
        if (tcv_place_is_injective(&b.place, b.n, b.c, b.extent)) {
            assert_true(once); /* it may be too careful, never too trusting */
            apart++;
        }
        shared += !once;
    }
    assert_true(apart > 100 && shared > 100); /* both happened */
    (void)state;
}

/* Every nest of loops over memory, in any order and direction, is accepted. */
static void nests_are_accepted(void **state)
{
    struct rng rng = {78};

    for (int trial = 0; trial < 5000; trial++) {
        struct box b = {.n = rng_between(&rng, 1, 3), .c = rng_between(&rng, 1, 4)};
        int64_t *stride[] = {&b.place.n, &b.place.c, &b.place.s[0], &b.place.s[1], &b.place.s[2]};
        int64_t *extent[] = {&b.n, &b.c, &b.extent[0], &b.extent[1], &b.extent[2]};
        int64_t step = rng_between(&rng, 1, 3);
        bool done[5] = {false};

        for (int a = 0; a < TCV_AXES; a++)
            b.extent[a] = rng_between(&rng, 1, 4);
        for (int level = 0; level < 5; level++) {
            int d = (int)rng_between(&rng, 0, 4);

            while (done[d])
                d = (d + 1) % 5;
            done[d] = true;
            *stride[d] = rng_chance(&rng, 30) ? -step : step;
            step = step * *extent[d] + rng_between(&rng, 0, 2);
        }
        assert_true(tcv_place_is_injective(&b.place, b.n, b.c, b.extent));
    }
    (void)state;
}

static void overflow_is_seen(void **state)
{
    const int64_t extent[TCV_AXES] = {1, 3, 3};
    struct tcv_place place = {0, 0, {0, INT64_MAX, 1}};
    int64_t first, last;

    assert_false(tcv_place_bytes(&place, 1, 1, extent, 4, &first, &last));
    place.s[1] = INT64_MAX / 2; /* fits in elements, not in bytes */
    assert_false(tcv_place_bytes(&place, 1, 1, extent, 4, &first, &last));
    place.s[1] = INT64_MIN;
    assert_false(tcv_place_bytes(&place, 1, 1, extent, 4, &first, &last));
    place.s[1] = 3;
    assert_true(tcv_place_bytes(&place, 1, 1, extent, 4, &first, &last));
    assert_true(first == 0 && last == 35);
    (void)state;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "place"};

    suite_add(&suite, small_boxes_counted_out, NULL, NULL, NULL, "place/counted-out");
    suite_add(&suite, nests_are_accepted, NULL, NULL, NULL, "place/nests");
    suite_add(&suite, overflow_is_seen, NULL, NULL, NULL, "place/overflow");
    return suite_run(&suite, argc, argv) != 0;
}
