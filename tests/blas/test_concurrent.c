/*
 * tcv_gemm() from several threads at once gives what it gives alone, with every build of OpenBLAS.
 *
 * The products are small, so that threads enter and leave OpenBLAS as often as can be: its serial
 * build, as Debian makes it, takes its packing buffer from a table without a lock, and two threads
 * that enter together share one.  One call in a few thousand is then wrong, and by far.
 */
#include "support/check.h"

#include <pthread.h>
#include <string.h>

#include "blas/gemm.h"

enum { M = 40, N = 64, K = 16, THREADS = 4, CALLS = 50000 };

static float a[M * K], b[K * N], want[M * N];

static void multiply(float *c)
{
    const struct tcv_operand left = {a, K, false}, right = {b, N, false};
    const int saved = tcv_gemm_enter();

    tcv_gemm(TCONV_F32, M, N, K, left, right, false, c, N);
    tcv_gemm_leave(saved);
}

/* Counts the calls that gave something else. */
static void *call_often(void *context)
{
    int *wrong = context;
    float c[M * N];

    for (int i = 0; i < CALLS; i++) {
        multiply(c);
        *wrong += memcmp(c, want, sizeof want) != 0;
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    pthread_t threads[THREADS];
    int wrong[THREADS] = {0};

    (void)state;
    for (int i = 0; i < M * K; i++)
        a[i] = (float)(i * 37 % 101) / 64.0F - 0.75F;
    for (int i = 0; i < K * N; i++)
        b[i] = (float)(i * 53 % 103) / 64.0F - 0.75F;
    multiply(want);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &wrong[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++)
        if (wrong[i] != 0)
            fail_msg("thread %d: %d of %d products are wrong", i, wrong[i], CALLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests_name("blas", tests, NULL, NULL) != 0;
}
