/*
 * peer_im2col.c - the textbook way: the whole column matrix by one GEMM, then a scalar scatter
 *
 * Per image and group, with P input pixels and W of the group as [ic / g][oc / g * taps],
 *
 *     cols[oc / g * taps][P] = W^T x[ic / g][P],    y += scatter(cols),    y += bias
 *
 * which is what PyTorch does without oneDNN.  Channels-last data keep their order: then
 * cols[P][taps * oc / g] = x[P][ic / g] W, with W rearranged before the timing.  The buffer of the
 * columns is allocated once, outside the timing.  OpenBLAS gets all threads; the scatter runs on
 * one, as PyTorch's does.  Always compiled with -O2, whatever the build type.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h> /* the only file of the benchmark that includes it */

#include "clock.h"
#include "contestant.h"

/* Three axes always; those a problem lacks have extents of 1. */
struct shape {
    int64_t i[3], o[3], k[3], s[3], d[3], p[3];
    int64_t oc, ocg;
};

#define SCATTER_TYPE float
#define SCATTER_NCX scatter_ncx_f32
#define SCATTER_NXC scatter_nxc_f32
#define SCATTER_ONE scatter_one_f32
#define ADD_BIAS add_bias_f32
#include "im2col_scatter.h"
#define SCATTER_TYPE double
#define SCATTER_NCX scatter_ncx_f64
#define SCATTER_NXC scatter_nxc_f64
#define SCATTER_ONE scatter_one_f64
#define ADD_BIAS add_bias_f64
#include "im2col_scatter.h"

/* A column matrix above this is not tried: it would measure the swap space. */
#define MOST_BYTES 8e9

struct im2col {
    const struct workload *workload;
    struct shape shape;
    int64_t icg, ocg, taps, pixels, outputs;
    void *cols;
    void *weights; /* rearranged for channels last, else the workload's own */
};

static struct shape shape_of(const struct problem *p)
{
    struct shape s = {.oc = p->oc, .ocg = p->oc / p->groups};

    for (int x = 0; x < 3; x++) {
        const int a = x - (3 - p->rank);

        s.i[x] = a < 0 ? 1 : p->in[a];
        s.o[x] = a < 0 ? 1 : p->out[a];
        s.k[x] = a < 0 ? 1 : p->kernel[a];
        s.s[x] = a < 0 ? 1 : p->stride[a];
        s.d[x] = a < 0 ? 1 : p->dilation[a];
        s.p[x] = a < 0 ? 0 : p->pad[a];
    }
    return s;
}

/* [ic][oc / g][taps] to [ic][taps][oc / g]. */
static void *rearrange(const struct im2col *m)
{
    const struct workload *w = m->workload;
    char *to = array_alloc(w->weights_count, w->element_bytes);
    const size_t ocg = (size_t)m->ocg, taps = (size_t)m->taps, bytes = w->element_bytes;

    if (to == NULL)
        return NULL;
    for (size_t ic = 0; ic < (size_t)w->problem->ic; ic++)
        for (size_t c = 0; c < ocg; c++)
            for (size_t t = 0; t < taps; t++)
                memcpy(to + ((ic * taps + t) * ocg + c) * bytes,
                       (const char *)w->w + ((ic * ocg + c) * taps + t) * bytes, bytes);
    return to;
}

/* c[m][n] = op(a) b; a is [k][m] if transposed, else [m][k]; all row-major. */
static void gemm(tconv_dtype dtype, CBLAS_TRANSPOSE op, int64_t m, int64_t n, int64_t k,
                 const void *a, int64_t lda, const void *b, void *c)
{
    if (dtype == TCONV_F64)
        cblas_dgemm(CblasRowMajor, op, CblasNoTrans, (int)m, (int)n, (int)k, 1.0, a, (int)lda, b,
                    (int)n, 0.0, c, (int)n);
    else
        cblas_sgemm(CblasRowMajor, op, CblasNoTrans, (int)m, (int)n, (int)k, 1.0f, a, (int)lda,
                    b, (int)n, 0.0f, c, (int)n);
}

/* The group g of the image n. */
static void run_ncx(const struct im2col *m, int64_t n, int64_t g)
{
    const struct workload *w = m->workload;
    const struct problem *p = w->problem;
    const size_t bytes = w->element_bytes;
    const int64_t rows = m->ocg * m->taps;
    const char *x = (const char *)w->x + (size_t)((n * p->ic + g * m->icg) * m->pixels) * bytes;
    const char *weights = (const char *)m->weights + (size_t)(g * m->icg * rows) * bytes;
    char *y = (char *)w->y + (size_t)((n * p->oc + g * m->ocg) * m->outputs) * bytes;

    gemm(w->dtype, CblasTrans, rows, m->pixels, m->icg, weights, rows, x, m->cols);
    if (w->dtype == TCONV_F64)
        scatter_ncx_f64(&m->shape, m->cols, (double *)(void *)y);
    else
        scatter_ncx_f32(&m->shape, m->cols, (float *)(void *)y);
}

static void run_nxc(const struct im2col *m, int64_t n, int64_t g)
{
    const struct workload *w = m->workload;
    const struct problem *p = w->problem;
    const size_t bytes = w->element_bytes;
    const int64_t columns = m->taps * m->ocg;
    const char *x = (const char *)w->x + (size_t)(n * m->pixels * p->ic + g * m->icg) * bytes;
    const char *weights = (const char *)m->weights + (size_t)(g * m->icg * columns) * bytes;
    char *y = (char *)w->y + (size_t)(n * m->outputs * p->oc + g * m->ocg) * bytes;

    gemm(w->dtype, CblasNoTrans, m->pixels, columns, m->icg, x, p->ic, weights, m->cols);
    if (w->dtype == TCONV_F64)
        scatter_nxc_f64(&m->shape, m->cols, (double *)(void *)y);
    else
        scatter_nxc_f32(&m->shape, m->cols, (float *)(void *)y);
}

static bool im2col_run(void *state, struct reason *why)
{
    const struct im2col *m = state;
    const struct workload *w = m->workload;
    const struct problem *p = w->problem;
    const bool last = w->layout == TCONV_NXC;
    const int64_t outer = last ? p->batch * m->outputs : p->batch;
    const int64_t inner = last ? 1 : m->outputs;

    openblas_set_num_threads(w->threads);
    memset(w->y, 0, w->output_count * w->element_bytes);
    for (int64_t n = 0; n < p->batch; n++)
        for (int64_t g = 0; g < p->groups; g++)
            (last ? run_nxc : run_ncx)(m, n, g);
    if (w->dtype == TCONV_F64)
        add_bias_f64(outer, p->oc, inner, w->bias, w->y);
    else
        add_bias_f32(outer, p->oc, inner, w->bias, w->y);
    (void)why;
    return true;
}

static void im2col_close(void *state)
{
    struct im2col *m = state;

    if (m->weights != m->workload->w)
        free(m->weights);
    free(m->cols);
    free(m);
}

/* The buffers; false, and why, if they cannot be had. */
static bool prepare(struct im2col *m, struct reason *why)
{
    const struct workload *w = m->workload;
    const double rows = (double)m->ocg * (double)m->taps;
    const double bytes = rows * (double)m->pixels * (double)w->element_bytes;

    if (bytes > MOST_BYTES)
        return deny(why, "the column matrix would have %.1f GB", bytes * 1e-9);
    if (rows > INT_MAX || m->pixels > INT_MAX || w->problem->ic > INT_MAX)
        return deny(why, "OpenBLAS counts in int");
    m->cols = array_alloc((size_t)(m->ocg * m->taps * m->pixels), w->element_bytes);
    m->weights = w->layout == TCONV_NXC ? rearrange(m) : w->w;
    if (m->cols == NULL || m->weights == NULL)
        return deny(why, "no memory for a column matrix of %.1f GB", bytes * 1e-9);
    return true;
}

static void im2col_open(const struct workload *workload, struct contestant *entry)
{
    const struct problem *p = workload->problem;
    struct im2col *m = calloc(1, sizeof *m);
    const double begin = now_seconds();

    if (m == NULL || workload->operation->id != OP_FORWARD) {
        deny(&entry->note, m == NULL ? "no memory" : "forward only");
        free(m);
        return;
    }
    *m = (struct im2col){.workload = workload, .shape = shape_of(p)};
    m->icg = p->ic / p->groups;
    m->ocg = p->oc / p->groups;
    m->taps = problem_product(p, p->kernel);
    m->pixels = problem_product(p, p->in);
    m->outputs = problem_product(p, p->out);
    entry->state = m;
    entry->run = im2col_run;
    entry->close = im2col_close;
    entry->present = prepare(m, &entry->note);
    entry->setup_seconds = now_seconds() - begin;
}

const struct peer peer_im2col = {"im2col", {"im2col", NULL}, im2col_open};

const char *blas_version(void)
{
    return openblas_get_config();
}
