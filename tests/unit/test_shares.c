/*
 * test_shares.c - every unit is done once, and two threads have the same to do
 *
 * Workers begin with equal numbers of units, so how long one waits for the other is a matter of
 * how many there are: an even number, or so many that one is a few percent.
 */
#include "base/shares.h"
#include "plan/plan.h"
#include "support/check.h"
#include "support/problem.h"
#include "support/rng.h"
#include "support/suite.h"

enum { UNITS = 300, WORKERS = TCV_RUNS_MOST + 6 };

/* Workers in a random order, of which the first `fast` come up more often. */
static void take_all(struct rng *rng, int64_t units, int64_t workers, int64_t fast)
{
    struct tcv_shares shares;
    struct tcv_worker worker[WORKERS];
    int64_t last[WORKERS], done[UNITS] = {0};

    tcv_shares_init(&shares, units, workers);
    for (int64_t i = 0; i < workers; i++) {
        worker[i] = (struct tcv_worker){.shares = &shares, .index = i};
        last[i] = -2;
    }
    for (int64_t count = 0; count < units; count++) {
        const int64_t i = rng_between(rng, 0, rng_chance(rng, 80) ? fast - 1 : workers - 1);

        if (!tcv_worker_next(&worker[i])) /* others have taken what is left, but not done it */
            for (int64_t k = 0; k < workers; k++)
                while (tcv_worker_next(&worker[k]))
                    done[worker[k].unit]++;
        else {
            assert_true(worker[i].follows == (worker[i].unit == last[i] + 1));
            last[i] = worker[i].unit;
            done[worker[i].unit]++;
        }
    }
    for (int64_t i = 0; i < workers; i++)
        assert_false(tcv_worker_next(&worker[i]));
    for (int64_t unit = 0; unit < units; unit++)
        assert_int_equal(done[unit], 1);
}

static void every_unit_is_done_once(void **state)
{
    struct rng rng = {5};

    for (int trial = 0; trial < 2000; trial++) {
        const int64_t workers = rng_between(&rng, 1, WORKERS);

        take_all(&rng, rng_between(&rng, 1, UNITS), workers, rng_between(&rng, 1, workers));
    }
    (void)state;
}

/* Alone, a worker does its own run from one end to the other, and then the other's. */
static void a_worker_that_is_alone_keeps_to_its_run(void **state)
{
    struct tcv_shares shares;
    struct tcv_worker worker = {.shares = &shares, .index = 1};

    tcv_shares_init(&shares, 9, 2);
    for (int64_t i = 0; i < 9; i++) {
        assert_true(tcv_worker_next(&worker));
        assert_int_equal(worker.unit, (5 + i) % 9);
        assert_true(worker.follows == (i != 0 && i != 4));
    }
    assert_false(tcv_worker_next(&worker));
    (void)state;
}

/* Work of one worker over an equal share, at most. */
#define LARGEST_SHARE 1.1

static void check(const char *text, tconv_layout layout)
{
    const struct problem p = problem_from(text);
    tconv_options options = tconv_options_default();
    int64_t size[TCONV_MAX_DIMS], units;
    tconv_tensor x, w, y;
    struct tcv_window window;
    tconv_plan *plan;

    options.threads = 2;
    assert_int_equal(tconv_tensor_dense(&x, TCONV_F32, layout, problem_rank(&p), p.input, NULL),
                     TCONV_OK);
    assert_int_equal(
        tconv_tensor_dense(&w, TCONV_F32, TCONV_NCX, problem_rank(&p), p.weights, NULL), TCONV_OK);
    assert_int_equal(tconv_output_shape(&p.desc, &x, &w, size, NULL), TCONV_OK);
    assert_int_equal(tconv_tensor_dense(&y, TCONV_F32, layout, problem_rank(&p), size, NULL),
                     TCONV_OK);
    assert_int_equal(tconv_plan_create(&p.desc, &x, &w, &y, &options, &plan, NULL), TCONV_OK);
    window = tcv_window_whole(&plan->problem);
    units = plan->algo->units(&plan->problem, &plan->setup, &window);
    if (plan->threads != 2 || (double)((units + 1) / 2) > LARGEST_SHARE * (double)units / 2.0)
        fail_msg("%s, %s, %s: %lld units for %d threads", text, plan->algo->name,
                 layout == TCONV_NCX ? "ncx" : "nxc", (long long)units, (int)plan->threads);
    tconv_plan_destroy(plan);
}

static void two_threads_have_the_same_to_do(void **state)
{
    static const char *const texts[] = {
        "mb1ic128oc3_ih32kh4sh2ph1_iw32kw4sw2pw1", /* one image, few outputs */
        "mb1ic64oc3_ih128kh4sh2ph1_iw128kw4sw2pw1",
        "mb1ic56oc1_ih96kh9sh3ph3_iw96kw9sw3pw3",
        "mb1ic4098oc1_iw435kw4096sw1024",
        "mb1ic1024oc512_ih4kh4sh2ph1_iw4kw4sw2pw1", /* few positions, many weights */
        "mb1ic512oc256_iw40kw16sw8pw4",
        "mb1ic256oc128_ih8kh3sh2ph1_iw8kw3sw2pw1",
        "mb100ic64oc32_ih4kh4sh2ph1_iw4kw4sw2pw1", /* many images */
        "mb32ic512oc256_ih8kh4sh2ph1_iw8kw4sw2pw1",
        "mb3ic64oc64_ih32kh2sh2_iw32kw2sw2",
        "g64mb1ic64oc64_ih64kh4sh2ph1_iw64kw4sw2pw1", /* groups */
        "g3mb1ic96oc48_ih48kh4sh2ph1_iw48kw4sw2pw1",
        "mb1ic128oc64_id4kd4sd2pd1_ih8kh4sh2ph1_iw8kw4sw2pw1", /* volumes */
        "mb1ic64oc32_ih200kh2sh2_iw100kw2sw2",
        "mb1ic64oc128_ih64kh4sh2ph1_iw64kw4sw2pw1+conv", /* data gradients */
        "mb1ic3oc128_ih64kh4sh2ph1_iw64kw4sw2pw1+conv",
        "mb1ic256oc512_ih16kh4sh2ph1_iw16kw4sw2pw1+conv",
        "mb1ic1oc2050_iw100352kw4096sw1024+conv",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        check(texts[i], TCONV_NCX);
        check(texts[i], TCONV_NXC);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_is_done_once),
        cmocka_unit_test(a_worker_that_is_alone_keeps_to_its_run),
        cmocka_unit_test(two_threads_have_the_same_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
