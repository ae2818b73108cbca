/* gemm.h - the one door to OpenBLAS */
#ifndef TCV_BLAS_GEMM_H
#define TCV_BLAS_GEMM_H

#include <stdbool.h>
#include <stdint.h>

#include <tconv/tconv.h>

/* A row-major matrix as an operand: element [i][j] is at i * ld + j, or j * ld + i. */
struct tcv_operand {
    const void *data;
    int64_t ld;
    bool transposed;
};

/*
 * OpenBLAS counts in int: every size and ld must be below 2^31, which the grid of
 * gemm sees to.
 *
 * c[m][n] = a[m][k] b[k][n], added to c or, then not read, in its place; c is
 * row-major with rows of ldc.
 */
void tcv_gemm(tconv_dtype dtype, int64_t m, int64_t n, int64_t k, struct tcv_operand a,
              struct tcv_operand b, bool add, void *c, int64_t ldc);

/*
 * Bytes of the vectors that OpenBLAS's kernels here multiply and add in one instruction, as their
 * name tells; half a vector's where that takes two.
 */
int64_t tcv_gemm_rate_bytes(void);

/*
 * Between the two, tcv_gemm() computes on the calling thread alone, whichever
 * build of OpenBLAS is loaded.  tcv_gemm_leave() takes what tcv_gemm_enter()
 * gave, on the same thread, and puts the host's setting back.
 */
int tcv_gemm_enter(void);
void tcv_gemm_leave(int saved);

#endif
