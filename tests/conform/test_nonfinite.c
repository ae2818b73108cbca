/*
 * test_nonfinite.c - NaN and infinities go where the formula sends them
 *
 * One input, or one weight, is made NaN or infinite.  It must reach the outputs
 * that it reaches in the reference and no other: an algorithm that multiplies
 * padding instead of skipping it makes NaN of 0 * infinity.
 */
#include <math.h>
#include <string.h>

#include "support/close.h"
#include "support/rng.h"
#include "support/suite.h"

static const char *const problems[] = {
    "mb2ic3oc4_ih4kh3sh2ph1_iw5kw3sw2pw1",
    "mb1ic3oc2_ih3kh4sh2ph1_iw4kw4sw2pw1+bias",
    "mb1ic2oc3_iw6kw4sw2pw5+bias+relu",
    "mb1ic2oc3_iw6kw2sw3aw3+bias+clip:-1:1",
    "mb1ic4oc3_ih3kh2sh2_iw3kw2sw2+leaky:0.5",
    "mb1ic2oc2_iw5kw3sw2dw2pw-3qw2+scale+shift+sigmoid",
    "g2mb1ic4oc6_ih3kh3ph1_iw3kw3pw1+acc+tanh",
    "g6mb1ic6oc6_iw9kw4sw2pw1",
    "mb9ic5oc4_ih2kh4sh2ph1_iw2kw4sw2pw1",
    "mb1ic33oc17_iw3kw16sw8pw4",
    "mb1ic1oc2_id2kd3sd2_ih3kh2sh2ph1_iw2kw3sw1pw1",
    "mb1ic2oc2_iw4kw5sw2pw20qw-20+bias",
    "mb2ic3oc2_ih5kh3ph1_iw7kw3pw1+bias",
    "mb1ic2oc8_ih8kh4sh2ph1_iw8kw4sw2pw1", /* winograd: F(2,2) twice */
    "mb1ic1oc4_ih8kh6sh3ph2_iw8kw6sw3pw2",
    "mb1ic8oc2_iw48kw3pw1", /* F(3,3) */
    "mb1ic3oc2_ih8kh4sh2ph1_iw9kw4sw2pw1+conv", /* winograd: planes of the inputs */
    "mb1ic17oc2_ih3kh1sh2_iw11kw5sw2pw2+conv", /* some of which are not read */
    "mb1ic2oc2_id3kd4sd2pd1_ih4kh4sh2ph1_iw5kw4sw2pw3",
    /* long enough for every vector, in rows and in channels */
    "mb1ic2oc2_iw150kw4sw2pw1+bias+relu",
    "mb1ic2oc3_iw90kw3+leaky:0.25",
    "mb1ic2oc72_iw3kw3sw2+clip:-1:1",
    "mb1ic2oc70_ih2kh2sh2_iw2kw2sw2+relu",
};

struct plant {
    const char *problem;
    tconv_algorithm algorithm;
    tconv_dtype dtype;
    enum placement placement;
};

static struct sample sample;
static struct arena arena;

static void run(const struct plant *plant)
{
    const struct arena_case how = {.algorithm = plant->algorithm,
                                   .placement = plant->placement,
                                   .scratch = 0xff,
                                   .threads = 1};

    sample_refresh(&sample);
    if (arena_create(&arena, &sample, &how) != TCONV_OK) {
        if (arena.error.status != TCONV_ERR_UNSUPPORTED)
            fail_msg("%s", arena.error.message);
        skip();
    }
    arena_execute(&arena);
    assert_nothing_else_touched(&arena);
    assert_close(&arena);
    arena_destroy(&arena);
}

/* Puts each bad value in turn at a few places of values[count]. */
static void plant_in(double *values, int64_t count, const struct plant *plant)
{
    const double bad[] = {NAN, INFINITY, -INFINITY};
    struct rng rng = {3};

    for (size_t b = 0; b < ARRAY_LEN(bad); b++) {
        for (int trial = 0; trial < 4; trial++) {
            const int64_t i = trial == 0   ? 0
                              : trial == 1 ? count - 1
                                           : rng_between(&rng, 0, count - 1);
            const double kept = values[i];

            values[i] = bad[b];
            run(plant);
            values[i] = kept;
        }
    }
}

static void reaches_what_it_reaches_in_the_reference(void **state)
{
    const struct plant *plant = *state;
    const struct problem p = problem_from(plant->problem);

    sample_create(&sample, &p, plant->dtype, FILL_REAL, 11);
    plant_in(sample.x, sample.x_count, plant);
    plant_in(sample.w, sample.w_count, plant);

    /* An infinity against a weight of 0 is NaN, and really belongs there. */
    sample.w[0] = 0.0;
    sample.x[sample.x_count / 2] = INFINITY;
    sample.x[0] = -INFINITY;
    run(plant);
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&arena);
    sample_destroy(&sample);
    return 0;
}

static struct plant plants[ARRAY_LEN(problems) * 16 * 2 * PLACEMENTS];

int main(int argc, char **argv)
{
    struct suite suite = {.name = "nonfinite"};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
        for (int a = 1; tconv_algorithm_name((tconv_algorithm)a) != NULL && a < 16; a++) {
            for (int type = 0; type < 2 * PLACEMENTS; type++) {
                struct plant *plant = &plants[count++];

                plant->problem = problems[i];
                plant->algorithm = (tconv_algorithm)a;
                plant->dtype = type % 2 == 0 ? TCONV_F32 : TCONV_F64;
                plant->placement = (enum placement)(type / 2);
                suite_add(&suite, reaches_what_it_reaches_in_the_reference, NULL, teardown,
                          plant, "nonfinite/%s/%s/%s/%s",
                          tconv_algorithm_name(plant->algorithm), dtype_name(plant->dtype),
                          placement_name(plant->placement), problems[i]);
            }
        }
    }
    return suite_run(&suite, argc, argv) != 0;
}
