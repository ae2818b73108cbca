#include "conform/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/close.h"
#include "support/loops.h"

enum { ALGORITHM_LIMIT = 16 };

struct conform_case {
    struct problem problem;
    enum fill fill;
    uint64_t seed;
    bool with_auto;
    oracle_run *oracle;
    tconv_dtype dtype;
    struct arena_case how;
    struct conform_case *next; /* for freeing */
};

static struct conform_case *all_cases;
static long refused[ALGORITHM_LIMIT];

/* The arenas of the case that runs; a failure leaves them to the teardown. */
static struct arena first, second;

/*
 * The cases of one problem and type follow each other, so the last sample
 * serves nearly all of them and the reference runs once for all.
 */
static struct sample cached;
static struct conform_case cached_for;

static const struct sample *sample_of(const struct conform_case *c)
{
    if (cached.x != NULL && cached_for.seed == c->seed && cached_for.fill == c->fill &&
        cached_for.dtype == c->dtype &&
        memcmp(&cached_for.problem, &c->problem, sizeof c->problem) == 0)
        return &cached;
    sample_destroy(&cached);
    sample_create_with(&cached, &c->problem, c->dtype, c->fill, c->seed, c->oracle);
    cached_for = *c;
    return &cached;
}

static void check(const struct arena *arena, enum fill fill)
{
    assert_nothing_else_touched(arena);
    if (fill == FILL_INTEGER)
        assert_field_exact(arena->sample, &arena->y);
    else
        assert_close(arena);
}

/* Only the table's fallbacks must take everything; others may refuse. */
static void refuse(const struct conform_case *c, const struct arena *arena)
{
    const tconv_algorithm algorithm = c->how.algorithm;

    if (arena->error.status != TCONV_ERR_UNSUPPORTED ||
        algorithm == TCONV_ALGORITHM_AUTO || algorithm == TCONV_ALGORITHM_REFERENCE ||
        algorithm == TCONV_ALGORITHM_GEMM)
        fail_msg("%s refuses: %s", tconv_algorithm_name(algorithm), arena->error.message);
    refused[algorithm]++;
    skip();
}

/*
 * Runs the case twice.  First on one thread, buffers flush against the guard
 * page behind them, 0xa5 in the workspace; then for three threads that a caller
 * runs in reverse, buffers flush against the page before them, NaN in the
 * workspace.  Both must be right, and the same to the bit.
 */
static void matches_reference(void **state)
{
    const struct conform_case *c = *state;
    const struct sample *sample = sample_of(c);
    struct arena_case how = c->how;

    how.edge = GUARD_END;
    how.scratch = 0xa5;
    how.threads = 1;
    if (arena_create(&first, sample, &how) != TCONV_OK)
        refuse(c, &first);
    arena_execute(&first);
    check(&first, c->fill);
    if (how.algorithm == TCONV_ALGORITHM_REFERENCE)
        return; /* plane by plane, without a workspace: once is enough */

    how.edge = GUARD_BEGIN;
    how.scratch = 0xff;
    how.threads = 3;
    how.parallel_for = loop_reversed;
    if (arena_create(&second, sample, &how) != TCONV_OK)
        fail_msg("three threads are refused: %s", second.error.message);
    arena_execute(&second);
    check(&second, c->fill);
    if (!field_same_bits(&first.y, &second.y))
        fail_msg("the bits depend on the threads, the workspace or the alignment");
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&first);
    arena_destroy(&second);
    return 0;
}

/* "auto" is one of the others and asked once; the reference is slow. */
static bool is_tried(tconv_algorithm algorithm, const struct conform_case *c)
{
    if (algorithm == TCONV_ALGORITHM_AUTO)
        return c->with_auto;
    return algorithm != TCONV_ALGORITHM_REFERENCE || c->oracle == reference_run;
}

static void add(struct suite *suite, const struct conform_case *like, const char *suffix)
{
    static const tconv_dtype dtypes[] = {TCONV_F32, TCONV_F64};
    char text[PROBLEM_TEXT];

    problem_print(&like->problem, text);
    for (size_t d = 0; d < ARRAY_LEN(dtypes); d++) {
        for (int a = 0; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
            if (!is_tried((tconv_algorithm)a, like))
                continue;
            for (int place = 0; place < PLACEMENTS; place++) {
                struct conform_case *c = calloc(1, sizeof *c);

                if (c == NULL || a >= ALGORITHM_LIMIT)
                    abort();
                *c = *like;
                c->dtype = dtypes[d];
                c->how.algorithm = (tconv_algorithm)a;
                c->how.placement = (enum placement)place;
                c->next = all_cases;
                all_cases = c;
                suite_add(suite, matches_reference, NULL, teardown, c,
                          "conform/%s/%s/%s/%s%s",
                          tconv_algorithm_name(c->how.algorithm), dtype_name(c->dtype),
                          placement_name(c->how.placement), text, suffix);
            }
        }
    }
}

void conform_add(struct suite *suite, const struct problem *problem, enum fill fill,
                 uint64_t seed, const char *suffix)
{
    const struct conform_case like = {
        .problem = *problem, .fill = fill, .seed = seed, .oracle = reference_run};

    add(suite, &like, suffix);
}

void conform_add_network(struct suite *suite, const struct problem *problem,
                         const char *suffix)
{
    const struct conform_case like = {
        .problem = *problem, .with_auto = true, .oracle = reference_run};

    add(suite, &like, suffix);
}

void conform_add_large(struct suite *suite, const struct problem *problem)
{
    const struct conform_case like = {.problem = *problem, .oracle = naive_run};

    add(suite, &like, "");
}

int conform_run(struct suite *suite, int argc, char **argv)
{
    const int failed = suite_run(suite, argc, argv);

    sample_destroy(&cached);
    while (all_cases != NULL) {
        struct conform_case *c = all_cases;

        all_cases = c->next;
        free(c);
    }
    for (int a = 0; tconv_algorithm_name((tconv_algorithm)a) != NULL; a++)
        printf("%s: %ld refused\n", tconv_algorithm_name((tconv_algorithm)a), refused[a]);
    return failed;
}
