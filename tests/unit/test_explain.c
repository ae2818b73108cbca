/*
 * test_explain.c - what a plan says about itself, against the definitions
 */
#include <string.h>

#include "support/arena.h"
#include "support/suite.h"

static const char *const problems[] = {
    "mb2ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw1+bias",
    "g2mb3ic4oc6_iw40kw8sw4pw2+acc",
    "mb1ic3oc2_id2kd2sd2_ih3kh2sh2_iw4kw2sw2",
};

static struct sample sample;
static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&arena);
    sample_destroy(&sample);
    return 0;
}

static void prepare(const char *text, tconv_algorithm algorithm)
{
    const struct problem p = problem_from(text);
    const struct arena_case how = {.algorithm = algorithm, .threads = 2};

    sample_create_with(&sample, &p, TCONV_F32, FILL_REAL, 61, NULL);
    if (arena_create(&arena, &sample, &how) != TCONV_OK)
        skip();
}

static void counts_are_the_definitions(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
        tconv_explanation e = {.struct_size = sizeof e};
        double flops, bytes;

        prepare(problems[i], *(const tconv_algorithm *)*state);
        assert_int_equal(tconv_plan_explain(arena.plan, &e, NULL), TCONV_OK);
        flops = 2.0 * (double)(sample.x_count * sample.problem.weights[1]) *
                (double)axes_taps(&sample.axes);
        bytes = 4.0 * (double)(sample.x_count + sample.w_count + sample.y_count);
        if (sample.problem.desc.epilogue.accumulate)
            bytes += 4.0 * (double)sample.y_count;
        assert_true(e.flops == flops);
        assert_true(e.compulsory_bytes == bytes);
        assert_true(e.workspace_bytes == tconv_plan_workspace_size(arena.plan));
        assert_true(e.weights_bytes >= 4 * (size_t)sample.w_count);
        assert_int_equal(e.algorithm, *(const tconv_algorithm *)*state);
        assert_true(e.threads >= 1 && e.threads <= 2);
        assert_true(e.tile_channels >= 1 && e.tile_channels <= sample.problem.weights[1]);
        for (int a = 0; a < sample.problem.desc.spatial_rank; a++)
            assert_true(e.tile[a] >= 1);
        teardown(NULL);
    }
}

/* Auto takes an algorithm, and each of the others has a reason not to be it. */
static void others_have_a_reason(void **state)
{
    tconv_explanation e = {.struct_size = sizeof e};

    prepare(problems[0], TCONV_ALGORITHM_AUTO);
    assert_int_equal(tconv_plan_explain(arena.plan, &e, NULL), TCONV_OK);
    assert_int_not_equal(e.algorithm, TCONV_ALGORITHM_AUTO);
    assert_null(tconv_plan_refusal(arena.plan, TCONV_ALGORITHM_AUTO));
    assert_null(tconv_plan_refusal(arena.plan, e.algorithm));
    assert_null(tconv_plan_refusal(arena.plan, (tconv_algorithm)99));
    assert_null(tconv_plan_refusal(arena.plan, (tconv_algorithm)-1));
    for (int a = 1; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        const char *why = tconv_plan_refusal(arena.plan, (tconv_algorithm)a);

        if ((tconv_algorithm)a == e.algorithm)
            continue;
        assert_non_null(why);
        assert_true(strlen(why) > 10 && strchr(why, '\n') == NULL);
    }
    (void)state;
}

static void description_is_cut_like_snprintf(void **state)
{
    char whole[4096], part[4096];
    size_t length;

    prepare(problems[0], *(const tconv_algorithm *)*state);
    length = tconv_plan_describe(arena.plan, whole, sizeof whole);
    assert_true(length > 80 && length < sizeof whole);
    assert_int_equal(strlen(whole), length);
    assert_int_equal(whole[length - 1], '\n');
    assert_non_null(strstr(whole, tconv_algorithm_name(*(const tconv_algorithm *)*state)));
    assert_int_equal(tconv_plan_describe(arena.plan, NULL, 0), length);
    for (size_t bytes = 1; bytes <= length + 2; bytes++) {
        memset(part, 'x', sizeof part);
        assert_int_equal(tconv_plan_describe(arena.plan, part, bytes), length);
        assert_int_equal(strlen(part), bytes <= length ? bytes - 1 : length);
        assert_memory_equal(part, whole, strlen(part));
        assert_int_equal(part[bytes], 'x');
    }
}

int main(int argc, char **argv)
{
    static tconv_algorithm algorithms[16];
    struct suite suite = {.name = "explain"};

    suite_add(&suite, others_have_a_reason, NULL, teardown, NULL, "explain/refusals");
    for (int a = 1; a < 16 && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        const char *name = tconv_algorithm_name((tconv_algorithm)a);

        algorithms[a] = (tconv_algorithm)a;
        suite_add(&suite, counts_are_the_definitions, NULL, teardown, &algorithms[a],
                  "explain/counts/%s", name);
        suite_add(&suite, description_is_cut_like_snprintf, NULL, teardown, &algorithms[a],
                  "explain/describe/%s", name);
    }
    return suite_run(&suite, argc, argv) != 0;
}
