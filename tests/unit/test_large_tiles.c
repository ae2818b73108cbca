/*
 * test_large_tiles.c - layers whose tiles nearly fill a worker's scratch are taken, at any size
 *
 * Blocks and positions are chosen so that they fit: many points of many channels (winograd),
 * many rows of sums of odd rows of positions (direct), or halos that are larger than the image
 * beside a copy of the inputs (columns).
 */
#include "support/arena.h"
#include "support/check.h"
#include "support/suite.h"

/* A plan, and the same for other inputs, which may not need more than there is. */
static void check(const char *text, const char *other, tconv_algorithm algorithm,
                  enum placement placement)
{
    const struct problem problem = problem_from(text), larger = problem_from(other);
    const struct arena_case how = {
        .algorithm = algorithm, .placement = placement, .threads = 1};
    struct sample sample, second;
    struct arena a, b;
    tconv_plan *plan;

    sample_create_with(&sample, &problem, TCONV_F32, FILL_INTEGER, 1, NULL);
    sample_create_with(&second, &larger, TCONV_F32, FILL_INTEGER, 1, NULL);
    if (arena_create(&a, &sample, &how) != TCONV_OK)
        fail_msg("%s: %s", text, a.error.message);
    if (arena_create(&b, &second, &how) != TCONV_OK)
        fail_msg("%s: %s", other, b.error.message);
    if (tconv_plan_resize(a.plan, &b.x.tensor, &b.y.tensor, &plan, &a.error) != TCONV_OK)
        fail_msg("%s, resized to %s: %s", text, other, a.error.message);
    tconv_plan_destroy(plan);
    arena_destroy(&b);
    arena_destroy(&a);
    sample_destroy(&second);
    sample_destroy(&sample);
}

static void winograd_takes_many_points(void **state)
{
    check("mb1ic512oc16_id4kd3pd1_ih4kh3ph1_iw4kw3pw1",
          "mb1ic512oc16_id16kd3pd1_ih16kh3ph1_iw16kw3pw1", TCONV_ALGORITHM_WINOGRAD, PLACE_NCX);
    check("mb1ic1024oc3_ih8kh5sh2ph2_iw8kw5sw2pw2", "mb2ic1024oc3_ih64kh5sh2ph2_iw64kw5sw2pw2",
          TCONV_ALGORITHM_WINOGRAD, PLACE_NCX);
    check("mb1ic256oc8_id4kd5sd2pd2_ih4kh5sh2ph2_iw4kw5sw2pw2",
          "mb1ic256oc8_id8kd5sd2pd2_ih8kh5sh2ph2_iw8kw5sw2pw2", TCONV_ALGORITHM_WINOGRAD,
          PLACE_NCX);
    check("mb1ic1024oc1024_ih10kh5sh3ph1_iw16kw5sw3pw1",
          "mb2ic1024oc1024_ih10kh5sh3ph1_iw16kw5sw3pw1", TCONV_ALGORITHM_WINOGRAD, PLACE_NCX);
    check("mb1ic320oc256_ih15kh5sh4_iw15kw5sw4", "mb2ic320oc256_ih15kh5sh4_iw15kw5sw4",
          TCONV_ALGORITHM_WINOGRAD, PLACE_NCX);
    (void)state;
}

static void direct_takes_many_rows(void **state)
{
    check("mb1ic21oc21_ih7kh32sh32_iw7kw32sw32", "mb2ic21oc21_ih7kh32sh32_iw7kw32sw32",
          TCONV_ALGORITHM_DIRECT, PLACE_NXC);
    check("mb1ic21oc21_ih7kh32sh32_iw7kw32sw32", "mb1ic21oc21_ih7kh32sh32_iw3kw32sw32",
          TCONV_ALGORITHM_DIRECT, PLACE_NXC);
    check("mb1ic16oc128_ih7kh16sh16_iw7kw16sw16", "mb3ic16oc128_ih5kh16sh16_iw1kw16sw16",
          TCONV_ALGORITHM_DIRECT, PLACE_NXC);
    check("mb1ic16oc64_ih40kh8sh8_iw1kw8sw8", "mb1ic16oc64_ih40kh8sh8_iw9kw8sw8",
          TCONV_ALGORITHM_DIRECT, PLACE_NXC);
    (void)state;
}

static void columns_takes_wide_halos(void **state)
{
    check("mb1ic512oc8_ih20kh3dh15ph16_iw20kw3dw15pw16",
          "mb1ic512oc8_ih8kh3dh15ph16_iw33kw3dw15pw16", TCONV_ALGORITHM_COLUMNS, PLACE_NXC);
    check("mb1ic2048oc16_ih4kh3dh11ph12_iw4kw3dw11pw12",
          "mb1ic2048oc16_ih65kh3dh11ph12_iw65kw3dw11pw12", TCONV_ALGORITHM_COLUMNS, PLACE_NXC);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winograd_takes_many_points),
        cmocka_unit_test(direct_takes_many_rows),
        cmocka_unit_test(columns_takes_wide_halos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
