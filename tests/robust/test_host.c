/*
 * test_host.c - an execution leaves the host's threads as it found them
 *
 * OpenBLAS and OpenMP keep numbers of threads that belong to the host: they are
 * set to something odd, and must be that after planning, packing and executing,
 * whichever of OpenBLAS's builds is loaded.
 */
#include <cblas.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "support/close.h"
#include "support/loops.h"
#include "support/runs_here.h"
#include "support/suite.h"

static struct sample sample;
static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_destroy(&arena);
    sample_destroy(&sample);
    return 0;
}

static int openmp_threads(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

static void run(const struct arena_case *how)
{
    const struct problem p = problem_from("mb2ic8oc6_ih16kh4sh2ph1_iw17kw4sw2pw1+bias");

    sample_create_with(&sample, &p, TCONV_F32, FILL_REAL, 51, naive_run);
    assert_int_equal(arena_create(&arena, &sample, how), TCONV_OK);
    arena_execute(&arena);
    assert_close(&arena);
    teardown(NULL);
}

static void settings_survive(void **state)
{
    static int two = 2;
    const tconv_algorithm algorithm = *(const tconv_algorithm *)*state;
    const struct arena_case cases[] = {
        {.threads = 1},
        {.threads = 2},
        {.threads = 0},
        {.threads = 3, .parallel_for = loop_serial},
        {.threads = 2, .parallel_for = loop_threads, .parallel_context = &two},
    };

    if (!runs_here(algorithm))
        skip();
    for (int wanted = 1; wanted <= 3; wanted++) {
#ifdef _OPENMP
        omp_set_num_threads(wanted);
#endif
        openblas_set_num_threads(wanted);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            const int blas = openblas_get_num_threads(), openmp = openmp_threads();
            struct arena_case how = cases[i];

            how.algorithm = algorithm;
            run(&how);
            assert_int_equal(openblas_get_num_threads(), blas);
            assert_int_equal(openmp_threads(), openmp);
        }
    }
}

int main(int argc, char **argv)
{
    static tconv_algorithm algorithms[16];
    struct suite suite = {.name = "host"};

    for (int a = 1; a < 16 && tconv_algorithm_name((tconv_algorithm)a) != NULL; a++) {
        algorithms[a] = (tconv_algorithm)a;
        suite_add(&suite, settings_survive, NULL, teardown, &algorithms[a], "host/%s",
                  tconv_algorithm_name(algorithms[a]));
    }
    return suite_run(&suite, argc, argv) != 0;
}
