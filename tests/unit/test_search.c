/*
 * test_search.c - costs, timed searches, and choices that are kept as text
 */
#include <stdio.h>
#include <string.h>

#include "support/problem.h"
#include "support/runs_here.h"
#include "support/suite.h"

static const char *const problem_text = "mb1ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw1+bias+scale+shift";

/* What a plan of problem_text, or of another, is made from. */
struct setting {
    struct problem problem;
    tconv_tensor input, weights, output;
    tconv_options options;
};

static struct setting setting_of(const char *text, tconv_layout layout)
{
    struct setting s = {.problem = problem_from(text), .options = tconv_options_default()};
    const int32_t rank = problem_rank(&s.problem);
    int64_t size[TCONV_MAX_DIMS];

    s.options.threads = 1;
    assert_int_equal(tconv_tensor_dense(&s.input, TCONV_F32, layout, rank, s.problem.input, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&s.weights, TCONV_F32, TCONV_NCX, rank,
                                        s.problem.weights, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_output_shape(&s.problem.desc, &s.input, &s.weights, size, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&s.output, TCONV_F32, layout, rank, size, NULL), TCONV_OK);
    return s;
}

static tconv_status create(const struct setting *s, tconv_plan **plan_out, tconv_error *error)
{
    return tconv_plan_create(&s->problem.desc, &s->input, &s->weights, &s->output, &s->options,
                             plan_out, error);
}

static void search(const struct setting *s, char line[TCONV_CHOICE_BYTES])
{
    tconv_error error = {TCONV_OK, ""};

    if (tconv_search(&s->problem.desc, &s->input, &s->weights, &s->output, &s->options, line,
                     &error) != TCONV_OK)
        fail_msg("%s", error.message);
}

static tconv_algorithm algorithm_with(struct setting s, const char *choices)
{
    tconv_explanation e = {.struct_size = sizeof e};
    tconv_plan *plan;

    s.options.choices = choices;
    assert_int_equal(create(&s, &plan, NULL), TCONV_OK);
    assert_int_equal(tconv_plan_explain(plan, &e, NULL), TCONV_OK);
    tconv_plan_destroy(plan);
    return e.algorithm;
}

/* The line that a search gives, with another algorithm's name. */
static void line_for(const struct setting *s, const char *name, char line[TCONV_CHOICE_BYTES])
{
    char *colon;

    search(s, line);
    colon = strstr(line, ": ");
    assert_non_null(colon);
    snprintf(colon, (size_t)(line + TCONV_CHOICE_BYTES - colon), ": %s\n", name);
}

static void auto_takes_the_lowest_cost(void **state)
{
    static const char *const texts[] = {"mb1ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw1",
                                        "mb1ic128oc64_ih32kh4sh2ph1_iw32kw4sw2pw1",
                                        "mb1ic64oc64_ih28kh3ph1_iw28kw3pw1+conv",
                                        "mb1ic32oc64_iw64kw8sw4+conv",
                                        "g32mb1ic32oc32_iw100kw8sw4"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct setting s = setting_of(texts[i], TCONV_NCX);
        const tconv_algorithm taken = algorithm_with(s, NULL);
        tconv_plan *plan;

        assert_int_equal(create(&s, &plan, NULL), TCONV_OK);
        assert_true(tconv_plan_cost(plan, taken) > 0.0);
        assert_true(tconv_plan_cost(plan, TCONV_ALGORITHM_REFERENCE) > 0.0);
        assert_true(tconv_plan_cost(plan, TCONV_ALGORITHM_AUTO) == 0.0);
        assert_true(tconv_plan_cost(plan, (tconv_algorithm)99) == 0.0);
        for (int a = 1; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
            const double cost = tconv_plan_cost(plan, (tconv_algorithm)a);

            assert_true(cost == 0.0 || cost >= tconv_plan_cost(plan, taken));
        }
        tconv_plan_destroy(plan);
    }
    assert_true(tconv_plan_cost(NULL, TCONV_ALGORITHM_DIRECT) == 0.0);
}

/* im2col of short rows, and columns added one by one, were 3 to 35 times as slow as direct. */
static void auto_leaves_columns_of_short_rows(void **state)
{
    static const struct {
        const char *text;
        tconv_layout layout;
    } cases[] = {
        {"g28mb4ic532oc56_ih8kh13sh2ph6_iw36kw27sw2+conv", TCONV_NCX},
        {"g8mb3ic3432oc16_id8kd4sd2_ih16kh3sh2ph1_iw7kw1sw2+conv", TCONV_NCX},
        {"mb13ic4oc169_iw4kw550", TCONV_NCX},
        {"g51mb4ic153oc408_iw16kw735sw3", TCONV_NXC},
        {"mb1ic7oc5_iw56kw639sw6", TCONV_NXC},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const tconv_algorithm taken =
            algorithm_with(setting_of(cases[i].text, cases[i].layout), NULL);

        if (taken == TCONV_ALGORITHM_COLUMNS || taken == TCONV_ALGORITHM_GEMM)
            fail_msg("%s by %s", cases[i].text, tconv_algorithm_name(taken));
    }
}

/* Twice the work costs more: a batch of images. */
static void cost_grows_with_the_work(void **state)
{
    (void)state;
    for (int a = 1; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        struct setting one = setting_of("mb1ic64oc32_ih16kh4sh2ph1_iw16kw4sw2pw1", TCONV_NCX);
        struct setting many = setting_of("mb8ic64oc32_ih16kh4sh2ph1_iw16kw4sw2pw1", TCONV_NCX);
        tconv_plan *small, *large;
        double ratio;

        one.options.algorithm = many.options.algorithm = (tconv_algorithm)a;
        if (!runs_here((tconv_algorithm)a))
            continue;
        assert_int_equal(create(&one, &small, NULL), TCONV_OK);
        assert_int_equal(create(&many, &large, NULL), TCONV_OK);
        ratio = tconv_plan_cost(large, (tconv_algorithm)a) /
                tconv_plan_cost(small, (tconv_algorithm)a);
        assert_true(ratio > 4.0 && ratio <= 8.0 + 1e-9);
        tconv_plan_destroy(small);
        tconv_plan_destroy(large);
    }
}

static void a_search_gives_a_line_that_is_obeyed(void **state)
{
    static const tconv_layout layouts[] = {TCONV_NCX, TCONV_NXC};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        const struct setting s = setting_of(problem_text, layouts[i]);
        char line[TCONV_CHOICE_BYTES];
        const char *name;

        search(&s, line);
        assert_int_equal(line[strlen(line) - 1], '\n');
        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
        name = strstr(line, ": ");
        assert_non_null(name);
        assert_int_equal(strncmp(name + 2, tconv_algorithm_name(algorithm_with(s, line)),
                                 strlen(name) - 3),
                         0);
    }
}

/* Whichever auto prefers, one of the two others is named. */
static void a_choice_overrules_the_estimate(void **state)
{
    static const tconv_algorithm wanted[] = {TCONV_ALGORITHM_GEMM, TCONV_ALGORITHM_DIRECT,
                                             TCONV_ALGORITHM_WINOGRAD};
    const struct setting s = setting_of(problem_text, TCONV_NCX);
    char line[TCONV_CHOICE_BYTES], text[3 * TCONV_CHOICE_BYTES], words[4096];
    tconv_plan *plan;
    struct setting with = s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        line_for(&s, tconv_algorithm_name(wanted[i]), line);
        assert_int_equal(algorithm_with(s, line), wanted[i]);
        /* Among other lines, without a newline at the end, and the later of two. */
        snprintf(text, sizeof text, "# kept\n\nconv f32: gemm\n%s", line);
        assert_int_equal(algorithm_with(s, text), wanted[i]);
        text[strlen(text) - 1] = '\0';
        assert_int_equal(algorithm_with(s, text), wanted[i]);
        line_for(&s, "reference", text);
        strcat(text, line);
        assert_int_equal(algorithm_with(s, text), wanted[i]);
    }
    with.options.choices = line;
    assert_int_equal(create(&with, &plan, NULL), TCONV_OK);
    memset(line, 'x', sizeof line); /* the plan does not keep it */
    tconv_plan_describe(plan, words, sizeof words);
    assert_non_null(strstr(words, "not direct: winograd is named by the choices"));
    tconv_plan_destroy(plan);
}

static void a_choice_counts_for_its_problem_only(void **state)
{
    static const char *const others[] = {
        "mb2ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw1+bias+scale+shift",
        "mb1ic8oc7_ih6kh4sh2ph1_iw7kw4sw2pw1+bias+scale+shift",
        "mb1ic8oc6_ih6kh4sh2ph1_iw8kw4sw2pw1+bias+scale+shift",
        "mb1ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw0+bias+scale+shift",
        "g2mb1ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw1+bias+scale+shift",
    };
    struct setting s = setting_of(problem_text, TCONV_NCX);
    char line[TCONV_CHOICE_BYTES];

    (void)state;
    line_for(&s, "reference", line);
    assert_int_equal(algorithm_with(s, line), TCONV_ALGORITHM_REFERENCE);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_not_equal(algorithm_with(setting_of(others[i], TCONV_NCX), line),
                             TCONV_ALGORITHM_REFERENCE);
    assert_int_not_equal(algorithm_with(setting_of(problem_text, TCONV_NXC), line),
                         TCONV_ALGORITHM_REFERENCE);
    s.options.threads = 2;
    assert_int_not_equal(algorithm_with(s, line), TCONV_ALGORITHM_REFERENCE);
}

/* What may not be taken is not taken, and what is no algorithm is an error. */
static void choices_are_not_trusted(void **state)
{
    const struct setting s = setting_of(problem_text, TCONV_NCX);
    const struct setting odd = setting_of("mb1ic3oc2_iw9kw5sw3dw1", TCONV_NCX);
    struct setting forbids = s;
    char line[TCONV_CHOICE_BYTES];
    tconv_error error = {TCONV_OK, ""};
    tconv_plan *plan;

    (void)state;
    line_for(&s, "winograd", line);
    forbids.options.forbid_winograd = 1;
    assert_int_not_equal(algorithm_with(forbids, line), TCONV_ALGORITHM_WINOGRAD);
    line_for(&odd, "winograd", line); /* it refuses dilation */
    assert_int_not_equal(algorithm_with(odd, line), TCONV_ALGORITHM_WINOGRAD);

    line_for(&s, "fastest", line);
    forbids.options.choices = line;
    assert_int_equal(create(&forbids, &plan, &error), TCONV_ERR_INVALID_ARGUMENT);
    assert_null(plan);
    assert_non_null(strstr(error.message, "choices name \"fastest\""));
}

static void a_search_takes_no_nonsense(void **state)
{
    const struct setting s = setting_of(problem_text, TCONV_NCX);
    const struct setting empty = setting_of("mb0ic8oc6_iw7kw4sw2", TCONV_NCX);
    struct setting small = s;
    char line[TCONV_CHOICE_BYTES] = "x";
    tconv_error error;

    (void)state;
    assert_int_equal(tconv_search(NULL, &s.input, &s.weights, &s.output, NULL, line, &error),
                     TCONV_ERR_NULL_POINTER);
    assert_string_equal(line, "");
    assert_int_equal(tconv_search(&s.problem.desc, &s.input, NULL, &s.output, NULL, line, &error),
                     TCONV_ERR_NULL_POINTER);
    assert_int_equal(tconv_search(&s.problem.desc, &s.input, &s.weights, &s.output, NULL, NULL,
                                  &error),
                     TCONV_ERR_NULL_POINTER);
    small.options.workspace_limit_bytes = 1;
    assert_int_equal(tconv_search(&small.problem.desc, &small.input, &small.weights,
                                  &small.output, &small.options, line, &error),
                     TCONV_ERR_WORKSPACE_TOO_SMALL);
    search(&empty, line); /* nothing to compute takes no time */
    assert_non_null(strstr(line, "mb0"));
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "search"};

    suite_add(&suite, auto_takes_the_lowest_cost, NULL, NULL, NULL, "search/cost/lowest");
    suite_add(&suite, auto_leaves_columns_of_short_rows, NULL, NULL, NULL,
              "search/cost/short_rows");
    suite_add(&suite, cost_grows_with_the_work, NULL, NULL, NULL, "search/cost/grows");
    suite_add(&suite, a_search_gives_a_line_that_is_obeyed, NULL, NULL, NULL, "search/line");
    suite_add(&suite, a_choice_overrules_the_estimate, NULL, NULL, NULL, "search/overrules");
    suite_add(&suite, a_choice_counts_for_its_problem_only, NULL, NULL, NULL, "search/key");
    suite_add(&suite, choices_are_not_trusted, NULL, NULL, NULL, "search/distrust");
    suite_add(&suite, a_search_takes_no_nonsense, NULL, NULL, NULL, "search/refusals");
    return suite_run(&suite, argc, argv) != 0;
}
