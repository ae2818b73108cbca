/*
 * gemm.c - OpenBLAS, on one thread, whichever build the system has picked
 *
 * Debian has three builds behind one soname, told apart at run time by
 * openblas_get_parallel():
 *
 *   0  serial   is not made for several callers at once (its buffers are taken
 *               without a lock, and products then overwrite each other), so it
 *               computes one product at a time.
 *   2  OpenMP   takes the calling thread's own omp_get_max_threads(), so that is
 *               set to 1 for the duration: no other thread sees it.
 *   1  pthread  has one number of threads for the process.  The first of our
 *               threads to enter saves it and sets 1, the last to leave puts it
 *               back.
 *
 * The two variables below are the only mutable globals of the library: they guard
 * what is global in a library that is not ours.
 */
#include "blas/gemm.h"

#include <pthread.h>
#include <strings.h>

#include <cblas.h>

#ifdef _OPENMP
#include <omp.h>
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int users, threads;
} inside;

static void enter_process(void)
{
    pthread_mutex_lock(&lock);
    if (inside.users++ == 0) {
        inside.threads = openblas_get_num_threads();
        if (inside.threads != 1)
            openblas_set_num_threads(1);
    }
    pthread_mutex_unlock(&lock);
}

static void leave_process(void)
{
    pthread_mutex_lock(&lock);
    /* If it is no longer 1 the host has changed it meanwhile: that stays. */
    if (--inside.users == 0 && inside.threads != 1 && openblas_get_num_threads() == 1)
        openblas_set_num_threads(inside.threads);
    pthread_mutex_unlock(&lock);
}

int tcv_gemm_enter(void)
{
    int saved = 0;

    switch (openblas_get_parallel()) {
    case OPENBLAS_SEQUENTIAL: break;
#ifdef _OPENMP
    case OPENBLAS_OPENMP:
        saved = omp_get_max_threads();
        omp_set_num_threads(1);
        break;
#endif
    default: enter_process();
    }
    return saved;
}

void tcv_gemm_leave(int saved)
{
    switch (openblas_get_parallel()) {
    case OPENBLAS_SEQUENTIAL: break;
#ifdef _OPENMP
    case OPENBLAS_OPENMP: omp_set_num_threads(saved); break;
#endif
    default: leave_process();
    }
    (void)saved;
}

int64_t tcv_gemm_rate_bytes(void)
{
    static const struct {
        const char *core;
        int64_t bytes;
    } known[] = {
        {"SkylakeX", 64}, {"Cooperlake", 64}, {"SapphireRapids", 64},
        /* 16 bytes, multiplied and added apart: what processors get that came later. */
        {"Prescott", 8},  {"Core2", 8},       {"Nehalem", 8},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(openblas_get_corename(), known[i].core) == 0)
            return known[i].bytes;
    return 32;
}

void tcv_gemm(tconv_dtype dtype, int64_t m, int64_t n, int64_t k, struct tcv_operand a,
              struct tcv_operand b, bool add, void *c, int64_t ldc)
{
    const CBLAS_TRANSPOSE ta = a.transposed ? CblasTrans : CblasNoTrans;
    const CBLAS_TRANSPOSE tb = b.transposed ? CblasTrans : CblasNoTrans;

    const bool alone = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;

    if (alone)
        pthread_mutex_lock(&lock);
    /* With a beta of 0 BLAS must not read c: it may hold NaN. */
    if (dtype == TCONV_F64)
        cblas_dgemm(CblasRowMajor, ta, tb, (int)m, (int)n, (int)k, 1.0, a.data, (int)a.ld, b.data,
                    (int)b.ld, add ? 1.0 : 0.0, c, (int)ldc);
    else
        cblas_sgemm(CblasRowMajor, ta, tb, (int)m, (int)n, (int)k, 1.0F, a.data, (int)a.ld, b.data,
                    (int)b.ld, add ? 1.0F : 0.0F, c, (int)ldc);
    if (alone)
        pthread_mutex_unlock(&lock);
}
