/*
 * test_parts.c - the parts of tconv-bench that a run of it does not show: whether a wrong result
 * would be seen, and what a problem's text and a list of samples come to
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "result.h"
#include "stats.h"

static struct problem parsed(const char *text)
{
    struct problem problem;
    struct reason why;

    if (!problem_parse(text, &problem, &why))
        fail_msg("%s: %s", text, why.text);
    return problem;
}

static void a_problem_is_read_as_it_is_written(void **state)
{
    const struct problem p =
        parsed("g2mb3ic4oc6_id2od3kd1sd2_ih5oh9kh3sh2dh1ph1_iw7ow14kw4sw2pw1_n\"name\"");

    assert_string_equal(p.name, "name");
    assert_string_equal(p.text, "g2mb3ic4oc6_id2od3kd1sd2_ih5oh9kh3sh2dh1ph1_iw7ow14kw4sw2pw1");
    assert_int_equal(p.rank, 3);
    assert_true(p.groups == 2 && p.batch == 3 && p.ic == 4 && p.oc == 6);
    assert_true(p.in[0] == 2 && p.in[1] == 5 && p.in[2] == 7);
    assert_true(p.out[0] == 3 && p.out[1] == 9 && p.out[2] == 14);
    assert_true(p.kernel[0] == 1 && p.kernel[1] == 3 && p.kernel[2] == 4);
    assert_true(p.stride[0] == 2 && p.dilation[0] == 1 && p.dilation[1] == 2);
    assert_true(p.pad[0] == 0 && p.pad[1] == 1 && p.pad[2] == 1);
    /* 2 * batch 3 * ic 4 * oc / g 3 * taps 12 * inputs 70 */
    assert_true(problem_flops(&p) == 60480.0);
    (void)state;
}

static void what_is_missing_has_a_default(void **state)
{
    const struct problem p = parsed("ic2oc3iw5kw3pw1");

    assert_int_equal(p.rank, 1);
    assert_true(p.groups == 1 && p.batch == 1 && p.stride[0] == 1 && p.dilation[0] == 1);
    assert_true(p.out[0] == 5); /* (5 - 1) * 1 + 3 - 2 * 1 */
    assert_string_equal(p.name, "ic2oc3iw5kw3pw1");
    (void)state;
}

static void what_is_no_problem_is_refused(void **state)
{
    static const char *const texts[] = {
        "",                       /* nothing */
        "ic2oc3",                 /* no axis */
        "ic2oc3_iw5",             /* no kernel */
        "ic2oc3_ih5kh3",          /* h without w */
        "ic0oc3_iw5kw3",          /* no channels */
        "g2ic3oc4_iw5kw3",        /* groups that do not divide */
        "ic2oc3_iw5kw3sw0",       /* a stride of 0 */
        "ic2oc3_iw5kw3pw9",       /* nothing left of the output */
        "ic2oc3_iw5kw3iw5",       /* a key twice */
        "ic2oc3_iwkw3",           /* a key without number */
        "ic2oc3_iw-5kw3",         /* a sign */
        "ic2oc3_iw5kw2000000000", /* too large to calculate with */
        "ic2oc3_iw5kw3q",         /* half a key */
        "ic2oc3_iw5kw3_n\"open",  /* a name without end */
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct problem problem;
        struct reason why = {""};

        if (problem_parse(texts[i], &problem, &why))
            fail_msg("accepted: %s", texts[i]);
        assert_string_not_equal(why.text, "");
    }
    (void)state;
}

static void medians_and_means_are_those_of_the_samples(void **state)
{
    struct samples samples = {0};

    assert_true(samples_median(&samples) == 0.0 && samples_geomean(&samples) == 0.0);
    samples_add(&samples, 8.0);
    samples_add(&samples, 1.0);
    assert_true(samples_median(&samples) == 4.5);
    samples_add(&samples, 1.0);
    assert_true(samples_median(&samples) == 1.0);
    assert_true(samples_geomean(&samples) > 1.999999 && samples_geomean(&samples) < 2.000001);
    samples_free(&samples);
    (void)state;
}

/* A contestant that runs one of ours and then spoils one output. */
struct spoiler {
    const struct workload *workload;
    struct contestant honest;
    size_t place;
    double value; /* what is added there */
};

static bool run_and_spoil(void *state, struct reason *why)
{
    const struct spoiler *s = state;
    const struct workload *w = s->workload;

    if (!s->honest.run(s->honest.state, why))
        return false;
    array_set(w->result, s->place, w->dtype,
              array_get(w->result, s->place, w->dtype) + s->value);
    return true;
}

static bool run_nothing(void *state, struct reason *why)
{
    (void)state;
    (void)why;
    return true;
}

struct bench_case {
    struct problem problem;
    struct workload workload;
    struct check check;
    struct spoiler spoiler;
    struct contestant spoiled;
};

static void open_case(struct bench_case *c, const char *text, int id,
                      tconv_dtype dtype)
{
    struct reason why;

    memset(c, 0, sizeof *c);
    c->problem = parsed(text);
    c->workload = (struct workload){.problem = &c->problem, .operation = operation_at((size_t)id),
                                    .dtype = dtype, .layout = TCONV_NCX, .threads = 1};
    assert_true(workload_init(&c->workload, &why));
    assert_true(check_init(&c->check, &c->workload, &why));
    c->spoiler.workload = &c->workload;
    ours_open(&c->workload, TCONV_ALGORITHM_AUTO, &c->spoiler.honest);
    assert_true(c->spoiler.honest.present);
    c->spoiled.state = &c->spoiler;
    c->spoiled.run = run_and_spoil;
    c->spoiled.algorithm = c->spoiler.honest.algorithm;
}

static void close_case(struct bench_case *c)
{
    contestant_close(&c->spoiler.honest);
    check_free(&c->check);
    workload_free(&c->workload);
}

#define SMALL "g2mb2ic4oc6_ih5oh10kh3sh2ph1_iw7ow14kw4sw2pw1"

/* Outside winograd's bound, which is 1.0 for the 2048 products of LARGE's convolution. */
static double spoiled_by(const struct bench_case *c)
{
    return c->workload.operation->adjoint ? 2.0 : 0.5;
}

/* Too much for the reference, so only windows of it are computed, the corners among them. */
#define LARGE "mb1ic256oc128_ih8oh16kh4sh2ph1_iw8ow16kw4sw2pw1"

static void a_right_result_passes(void **state)
{
    const char *const texts[] = {SMALL, SMALL, LARGE};

    for (int i = 0; i < 3 * OPERATIONS; i++) {
        struct bench_case c;
        struct reason why = {""};

        open_case(&c, texts[i % 3], i / 3, i % 3 == 1 ? TCONV_F64 : TCONV_F32);
        c.spoiled.is_peer = true;
        if (!check_contestant(&c.check, &c.spoiler.honest, &why) ||
            !check_contestant(&c.check, &c.spoiled, &why))
            fail_msg("%s, %s: %s", texts[i % 3], c.workload.operation->name, why.text);
        assert_int_equal(c.check.whole, i % 3 < 2);
        close_case(&c);
    }
    (void)state;
}

static void ours_is_checked_against_the_reference(void **state)
{
    const char *const texts[] = {SMALL, LARGE};

    for (int i = 0; i < 4 * OPERATIONS; i++) {
        struct bench_case c;
        struct reason why;

        open_case(&c, texts[i / 2 % 2], i / 4, TCONV_F32);
        c.spoiler.place = i % 2 == 0 ? 0 : c.workload.result_count - 1;
        c.spoiler.value = spoiled_by(&c);
        assert_false(check_contestant(&c.check, &c.spoiled, &why));
        close_case(&c);
    }
    (void)state;
}

static void a_peer_is_checked_everywhere(void **state)
{
    for (int id = 0; id < OPERATIONS; id++) {
        struct bench_case c;
        struct reason why;

        open_case(&c, LARGE, id, TCONV_F32);
        c.spoiled.is_peer = true;
        assert_true(check_contestant(&c.check, &c.spoiler.honest, &why));
        for (size_t place = 0; place < c.workload.result_count; place += 28111) {
            c.spoiler.place = place;
            c.spoiler.value = spoiled_by(&c);
            assert_false(check_contestant(&c.check, &c.spoiled, &why));
            c.spoiler.value = 0.0;
            assert_true(check_contestant(&c.check, &c.spoiled, &why));
        }
        c.spoiled.run = run_nothing; /* the right result of the run before must not stand */
        assert_false(check_contestant(&c.check, &c.spoiled, &why));
        close_case(&c);
    }
    (void)state;
}

/* Ours and all peers on one workload; how many peers took part. */
static int check_all(struct workload *w)
{
    struct contestant list[5] = {{.is_peer = false}};
    struct check check;
    struct reason why = {""};
    int taken = 0;

    assert_true(workload_init(w, &why));
    assert_true(check_init(&check, w, &why));
    ours_open(w, TCONV_ALGORITHM_AUTO, &list[0]);
    for (size_t p = 0; peer_at(p) != NULL; p++) {
        list[1 + 2 * p].is_peer = list[2 + 2 * p].is_peer = true;
        peer_at(p)->open(w, &list[1 + 2 * p]);
    }
    for (int e = 0; e < 5; e++) {
        if (list[e].present && !check_contestant(&check, &list[e], &why))
            fail_msg("%s, %s, entry %d: %s", w->problem->text, w->operation->name, e, why.text);
        taken += list[e].present && e > 0;
    }
    for (int e = 0; e < 5; e++)
        contestant_close(&list[e]); /* only now: two may share their state */
    check_free(&check);
    workload_free(w);
    return taken;
}

/* Each peer that is in the build, on every operation, layout and type that it takes. */
static void peers_compute_the_same(void **state)
{
    static const char *const texts[] = {SMALL, "g3ic3oc6_id2kd2sd2_ih3kh3sh2dh1ph1_iw4kw5sw3pw1",
                                        "mb2ic3oc5_iw9kw4sw2pw1", "ic2oc2_iw5kw1sw3"};
    int taken = 0;

    for (int i = 0; i < 16 * OPERATIONS; i++) {
        const struct problem problem = parsed(texts[i / 4 % 4]);
        struct workload w = {
            .problem = &problem, .operation = operation_at((size_t)i / 16),
            .dtype = i & 1 ? TCONV_F64 : TCONV_F32, .layout = i & 2 ? TCONV_NXC : TCONV_NCX,
            .threads = 1,
        };

        taken += check_all(&w);
    }
    assert_true(taken >= 16); /* im2col takes them all */
    (void)state;
}

/* Of two algorithms each: auto's is the fastest, 4 % slower, 6 % slower; and one alone. */
static void auto_is_right_within_5_percent(void **state)
{
    const struct problem problem[4] = {parsed("ic1oc1iw2kw2"), parsed("ic1oc1iw3kw2"),
                                       parsed("ic1oc1iw4kw2"), parsed("ic1oc1iw5kw2")};
    struct row rows[7] = {
        {.problem = &problem[0], .median = 1.0, .is_auto = true},
        {.problem = &problem[0], .median = 2.0},
        {.problem = &problem[1], .median = 1.0},
        {.problem = &problem[1], .median = 1.04, .is_auto = true},
        {.problem = &problem[2], .median = 1.06, .is_auto = true},
        {.problem = &problem[2], .median = 1.0},
        {.problem = &problem[3], .median = 1.0, .is_auto = true},
    };
    const struct results results = {.rows = rows, .count = 7};
    const struct choice_count count = results_choices(&results);

    assert_int_equal(count.problems, 3);
    assert_int_equal(count.right, 2);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_is_read_as_it_is_written),
        cmocka_unit_test(what_is_missing_has_a_default),
        cmocka_unit_test(what_is_no_problem_is_refused),
        cmocka_unit_test(medians_and_means_are_those_of_the_samples),
        cmocka_unit_test(a_right_result_passes),
        cmocka_unit_test(ours_is_checked_against_the_reference),
        cmocka_unit_test(a_peer_is_checked_everywhere),
        cmocka_unit_test(peers_compute_the_same),
        cmocka_unit_test(auto_is_right_within_5_percent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
