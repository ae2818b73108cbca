/*
 * test_winograd_weights.c - every weight is found again in what winograd packs, once
 *
 * Tiles with wild inputs are summed with the weights themselves, which the packed points
 * hold where no axis has a filter of three taps (tcv_winograd_weight_at).
 */
#include "algo/algo.h"
#include "plan/plan.h"
#include "support/arena.h"
#include "support/check.h"
#include "support/suite.h"

static double value(const void *data, tconv_dtype dtype, int64_t at)
{
    return dtype == TCONV_F64 ? ((const double *)data)[at] : (double)((const float *)data)[at];
}

/* All taps of one pair of channels: where they are, and as the run of a channel before. */
static void check_pair(const struct arena *a, int64_t group, int64_t ic, int64_t oc)
{
    const struct tcv_problem *p = &a->plan->problem;
    const struct tcv_weights_place *w = &p->w;
    int64_t k[TCV_AXES];

    for (k[0] = 0; k[0] < p->axis[0].kernel; k[0]++)
        for (k[1] = 0; k[1] < p->axis[1].kernel; k[1]++)
            for (k[2] = 0; k[2] < p->axis[2].kernel; k[2]++) {
                const struct tcv_winograd_weight at =
                    tcv_winograd_weight_at(p, &a->plan->setup.winograd, group, ic, oc, k);
                const int64_t first = w->first + group * w->group + ic * w->ic + oc * w->oc +
                                      k[0] * w->s[0] + k[1] * w->s[1] + k[2] * w->s[2];

                assert_true(at.run >= 1 && at.run <= p->ic - ic);
                for (int64_t i = 0; i < at.run; i++)
                    assert_true(value(a->packed->packed, p->dtype, at.at + i * at.step) ==
                                a->sample->w[first + i * w->ic]);
            }
}

static void check(const char *text, tconv_dtype dtype)
{
    const struct problem problem = problem_from(text);
    const struct arena_case how = {.algorithm = TCONV_ALGORITHM_WINOGRAD, .threads = 1};
    struct sample sample;
    struct arena a;

    sample_create_with(&sample, &problem, dtype, FILL_REAL, 1, NULL);
    assert_int_equal(arena_create(&a, &sample, &how), TCONV_OK);
    for (int64_t group = 0; group < a.plan->problem.groups; group++)
        for (int64_t ic = 0; ic < a.plan->problem.ic; ic++)
            for (int64_t oc = 0; oc < a.plan->problem.oc; oc++)
                check_pair(&a, group, ic, oc);
    arena_destroy(&a);
    sample_destroy(&sample);
}

static void each_weight_is_found(void **state)
{
    static const char *const texts[] = {
        "mb1ic70oc130_ih8kh4sh2ph1_iw8kw4sw2pw1",      /* blocks of either channels */
        "g3mb1ic27oc15_ih7kh4sh2ph1_iw9kw3sw2pw1",     /* filters of two and one taps */
        "mb1ic5oc7_iw40kw16sw8pw4",                    /* a row of phases */
        "mb1ic5oc7_iw400kw16sw8pw3",                   /* whose numbers may be shifted */
        "mb1ic9oc10_id5kd4sd2pd1_ih4kh3sh2_iw6kw4sw2", /* three axes */
        "mb1ic20oc18_ih12kh3ph1_iw12kw3pw1",           /* three taps: a dense copy */
        "mb1ic6oc5_ih40kh18sh9_iw9kw2sw1",             /* more taps than are dealt out */
        "mb1ic37oc20_ih6oh12kh3sh2ph1_iw6ow12kw3sw2pw1+conv", /* planes of a convolution */
        "g2mb1ic8oc6_ih9oh9kh2ph1_iw9ow9kw2pw1+conv",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        check(texts[i], TCONV_F32);
        check(texts[i], TCONV_F64);
    }
    (void)state;
}

/* Points of one tap have the same weight: of 3 + 2 on each axis 3 + 1 are kept, of 4 + 3 4 + 1. */
static void one_tap_is_kept_once(void **state)
{
    const struct problem problem = problem_from("mb1ic6oc10_ih31oh63kh3sh2_iw31ow63kw3sw2");
    const struct arena_case how = {.algorithm = TCONV_ALGORITHM_WINOGRAD, .threads = 1};
    struct sample sample;
    int64_t kept = 1;
    struct arena a;

    sample_create_with(&sample, &problem, TCONV_F32, FILL_REAL, 1, NULL);
    assert_int_equal(arena_create(&a, &sample, &how), TCONV_OK);
    for (int axis = 1; axis < TCV_AXES; axis++)
        kept *= a.plan->setup.winograd.axis[axis].points == 5 ? 3 + 1 : 4 + 1;
    assert_int_equal(a.plan->setup.packed_bytes, 6 * 10 * kept * (int64_t)sizeof(float));
    arena_destroy(&a);
    sample_destroy(&sample);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_weight_is_found),
        cmocka_unit_test(one_tap_is_kept_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
