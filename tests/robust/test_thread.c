/*
 * test_thread.c - one plan and one set of weights executed by many threads
 *
 * Run under the thread sanitizer.  Each thread has its own output and
 * workspace; the bits must be those of one thread alone.
 */
#include <pthread.h>
#include <string.h>

#include "support/arena.h"
#include "support/loops.h"
#include "support/runs_here.h"
#include "support/suite.h"

enum { THREADS = 4, ROUNDS = 20 };

static const char *const problems[] = {
    "mb2ic8oc6_ih6kh4sh2ph1_iw7kw4sw2pw1+bias+relu",
    "g2mb1ic4oc6_iw40kw8sw4pw2+scale+shift+sigmoid",
    "mb1ic3oc4_ih5kh2sh2_iw5kw4sw2pw1+acc",
};

struct worker {
    pthread_t id;
    const struct arena *shared; /* whose plan and weights are used */
    struct arena own;           /* whose memory is used */
    bool shares;                /* or its own plan and weights */
    tconv_status status;
};

static struct sample sample[ARRAY_LEN(problems)];
static struct arena alone[ARRAY_LEN(problems)];
static struct worker workers[THREADS];

static int teardown(void **state)
{
    (void)state;
    for (int t = 0; t < THREADS; t++)
        arena_destroy(&workers[t].own);
    for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
        arena_destroy(&alone[i]);
        sample_destroy(&sample[i]);
    }
    return 0;
}

/* No assertion here: CMocka's jump out of them must not leave a thread. */
static void *execute_often(void *argument)
{
    struct worker *w = argument;
    const struct arena *from = w->shares ? w->shared : &w->own;

    for (int round = 0; round < ROUNDS && w->status == TCONV_OK; round++) {
        arena_poison(&w->own);
        w->status = tconv_execute(from->plan, from->packed, &w->own.buffers, NULL,
                                  &w->own.error);
    }
    return NULL;
}

static void prepare(size_t i, const struct arena_case *how)
{
    const struct problem p = problem_from(problems[i]);

    if (!runs_here(how->algorithm))
        skip();
    sample_create_with(&sample[i], &p, TCONV_F32, FILL_REAL, 41, NULL);
    assert_int_equal(arena_create(&alone[i], &sample[i], how), TCONV_OK);
    arena_execute(&alone[i]);
}

static void run_all(const struct arena_case *how, bool shares)
{
    for (size_t i = 0; i < ARRAY_LEN(problems); i++)
        prepare(i, how);
    for (int t = 0; t < THREADS; t++) {
        const size_t i = shares ? 0 : (size_t)t % ARRAY_LEN(problems);

        workers[t].shared = &alone[i];
        workers[t].shares = shares;
        workers[t].status = TCONV_OK;
        assert_int_equal(arena_create(&workers[t].own, &sample[i], how), TCONV_OK);
    }
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&workers[t].id, NULL, execute_often, &workers[t]), 0);
    for (int t = 0; t < THREADS; t++)
        pthread_join(workers[t].id, NULL);
    for (int t = 0; t < THREADS; t++) {
        if (workers[t].status != TCONV_OK)
            fail_msg("thread %d: %s", t, workers[t].own.error.message);
        assert_nothing_else_touched(&workers[t].own);
        if (!field_same_bits(&workers[t].own.y, &workers[t].shared->y))
            fail_msg("thread %d has other bits", t);
    }
}

static void one_plan_many_threads(void **state)
{
    run_all(&(struct arena_case){.algorithm = *(const tconv_algorithm *)*state, .threads = 1},
            true);
}

static void many_plans_many_threads(void **state)
{
    run_all(&(struct arena_case){.algorithm = *(const tconv_algorithm *)*state, .threads = 1},
            false);
}

/* Each execution starts threads of its own, by the caller's parallel-for. */
static void threads_within_threads(void **state)
{
    static int three = 3;

    run_all(&(struct arena_case){.algorithm = *(const tconv_algorithm *)*state,
                                 .threads = 3,
                                 .parallel_for = loop_threads,
                                 .parallel_context = &three},
            true);
}

/* Packing from many threads at once, for one plan. */
static void *pack_once(void *argument)
{
    struct worker *w = argument;
    struct field weights;

    field_create(&weights, TCONV_F32, PLACE_NCX, 0, problem_rank(&sample[0].problem),
                 sample[0].problem.weights, GUARD_END);
    field_load(&weights, sample[0].w);
    w->status = tconv_weights_pack(w->shared->plan, weights.data, &w->own.packed, &w->own.error);
    field_destroy(&weights);
    return NULL;
}

static void many_threads_pack(void **state)
{
    const struct arena_case how = {.algorithm = *(const tconv_algorithm *)*state,
                                   .threads = 1};

    prepare(0, &how);
    for (int t = 0; t < THREADS; t++) {
        workers[t].shared = &alone[0];
        assert_int_equal(pthread_create(&workers[t].id, NULL, pack_once, &workers[t]), 0);
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(workers[t].id, NULL);
    for (int t = 0; t < THREADS; t++) {
        const uint64_t bits = guard_hash(&alone[0].y.memory);

        assert_int_equal(workers[t].status, TCONV_OK);
        arena_poison(&alone[0]);
        assert_int_equal(tconv_execute(alone[0].plan, workers[t].own.packed, &alone[0].buffers,
                                       NULL, NULL),
                         TCONV_OK);
        assert_true(guard_hash(&alone[0].y.memory) == bits);
    }
}

int main(int argc, char **argv)
{
    static tconv_algorithm algorithms[16];
    struct suite suite = {.name = "thread"};

    for (int a = 1; a < 16 && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        const char *name = tconv_algorithm_name((tconv_algorithm)a);

        algorithms[a] = (tconv_algorithm)a;
        suite_add(&suite, one_plan_many_threads, NULL, teardown, &algorithms[a],
                  "thread/one-plan/%s", name);
        suite_add(&suite, many_plans_many_threads, NULL, teardown, &algorithms[a],
                  "thread/many-plans/%s", name);
        suite_add(&suite, threads_within_threads, NULL, teardown, &algorithms[a],
                  "thread/nested/%s", name);
        suite_add(&suite, many_threads_pack, NULL, teardown, &algorithms[a], "thread/pack/%s",
                  name);
    }
    return suite_run(&suite, argc, argv) != 0;
}
