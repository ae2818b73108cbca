/*
 * test_weight_reads.c - direct, columns and gemm read each packed weight at most once a tile
 *
 * Counted is what they hand to the kernels: direct's are replaced in the plan, gemm's is
 * cblas_sgemm(), which the linker wraps.  What a kernel does with its piece of the weights stays
 * in the first levels of the cache.
 */
#include <string.h>

#include <cblas.h>

#include "algo/algo.h"
#include "plan/plan.h"
#include "support/arena.h"
#include "support/check.h"
#include "support/suite.h"

static int64_t reads; /* elements of packed weights */
static struct tcv_direct_kernels real;
static void (*real_depth)(const struct tcv_depth *);
static void (*real_interleave)(const struct tcv_interleave *);
static const void *seen_weights[256]; /* of those two, in all tiles together */
static int64_t seen;
static const char *packed, *packed_end;
static const void *rows_weights, *lanes_weights; /* of the last call of each kernel */

/* columns has all panels of a tile meet a part of the weights, which is in L1 from the first on. */
static void count_rows(const struct tcv_direct *a)
{
    if (a->w != rows_weights)
        reads += a->taps * a->channels * a->rows;
    rows_weights = a->w;
    real.rows(a);
}

/*
 * Calls for the same weights follow each other, with positions that need some of the taps: as
 * one call's positions do, they find in the cache what the first of them read.
 */
static void count_lanes(const struct tcv_direct *a)
{
    static int64_t tap[64], taps;

    if (a->w != lanes_weights)
        taps = 0;
    lanes_weights = a->w;
    for (int64_t t = 0; t < a->taps; t++) {
        int64_t i = 0;

        while (i < taps && tap[i] != a->w_tap[t])
            i++;
        if (i < taps)
            continue;
        assert_true(taps < (int64_t)ARRAY_LEN(tap));
        tap[taps++] = a->w_tap[t];
        reads += a->channels * a->vectors * real.width;
    }
    real.lanes(a);
}

/* Row by row: the weights of a tile lie in L1 from the first row on. */
static void count_once(const void *w, int64_t count)
{
    for (int64_t i = 0; i < seen; i++)
        if (seen_weights[i] == w)
            return;
    assert_true(seen < (int64_t)ARRAY_LEN(seen_weights));
    seen_weights[seen++] = w;
    reads += count;
}

static void count_depth(const struct tcv_depth *a)
{
    const int64_t vectors = (a->lanes + real.width - 1) / real.width;

    count_once(a->w, a->taps * vectors * real.width);
    real_depth(a);
}

static void count_interleave(const struct tcv_interleave *a)
{
    for (int64_t r = 0; r < a->phases && a->products != NULL; r++)
        count_once(a->products[r].w, a->products[r].taps);
    real_interleave(a);
}

static bool is_packed(const float *at)
{
    return (const char *)at >= packed && (const char *)at < packed_end;
}

void __real_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc);
void __wrap_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc);

void __wrap_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc)
{
    reads += (int64_t)k * (is_packed(a) ? m : is_packed(b) ? n : 0);
    __real_cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/* Blocks of all groups into which the output channels are cut, each with weights of its own. */
static int64_t blocks_of(const tconv_plan *plan)
{
    const struct tcv_direct_family *f = &plan->setup.direct.family;

    return plan->algo == &tcv_algo_direct ? f->blocks * tcv_direct_groups(&plan->problem, f)
                                          : plan->setup.gemm.blocks * plan->problem.groups;
}

/* Rows of all blocks of a group, as columns packs them. */
static int64_t padded_rows(const tconv_plan *plan)
{
    int64_t rows = 0;

    for (int64_t i = 0; i < plan->setup.gemm.blocks; i++)
        rows += tcv_gemm_block_at(&plan->problem, &plan->setup.gemm, i).padded;
    return rows;
}

static int64_t weights_of(const tconv_plan *plan)
{
    const struct tcv_direct_grid *g = &plan->setup.direct;

    if (plan->algo == &tcv_algo_direct)
        return tcv_direct_groups(&plan->problem, &g->family) *
               ((g->family.blocks - 1) * g->weights + g->weights_last);
    if (plan->algo == &tcv_algo_columns)
        return plan->problem.groups * plan->problem.ic * padded_rows(plan);
    return plan->problem.groups * plan->problem.ic * plan->problem.oc * plan->problem.taps;
}

static void check(const char *text, tconv_algorithm algorithm, enum placement placement)
{
    const struct problem problem = problem_from(text);
    const struct arena_case how = {
        .algorithm = algorithm, .placement = placement, .threads = 1};
    struct tcv_window window = {.begin = {0}};
    struct sample sample;
    struct arena a;
    int64_t tiles, weights;

    sample_create_with(&sample, &problem, TCONV_F32, FILL_REAL, 1, NULL);
    assert_int_equal(arena_create(&a, &sample, &how), TCONV_OK);
    for (int i = 0; i < TCV_AXES; i++)
        window.end[i] = a.plan->problem.axis[i].out;
    real = a.plan->setup.direct_kernels;
    a.plan->setup.direct_kernels.rows = count_rows;
    a.plan->setup.direct_kernels.lanes = count_lanes;
    real_depth = a.plan->setup.kernels.depth;
    a.plan->setup.kernels.depth = count_depth;
    real_interleave = a.plan->setup.kernels.interleave;
    a.plan->setup.kernels.interleave = count_interleave;
    seen = 0;
    rows_weights = lanes_weights = NULL;
    packed = a.packed->packed;
    packed_end = packed + a.plan->setup.packed_bytes;
    reads = 0;
    assert_int_equal(tconv_execute(a.plan, a.packed, &a.buffers, NULL, &a.error), TCONV_OK);

    tiles = a.plan->algo->units(&a.plan->problem, &a.plan->setup, &window) / blocks_of(a.plan);
    weights = weights_of(a.plan);
    if (reads < weights || reads > tiles * weights)
        fail_msg("%s, %s: %lld reads of %lld weights in %lld tiles", text,
                 tconv_algorithm_name(algorithm), (long long)reads, (long long)weights,
                 (long long)tiles);
    arena_destroy(&a);
    sample_destroy(&sample);
}

static void each_weight_is_read_once_a_tile(void **state)
{
    static const char *const texts[] = {
        "mb1ic64oc48_ih40kh4sh2ph1_iw40kw4sw2pw1",
        "mb1ic300oc130_ih8kh4sh2ph1_iw8kw4sw2pw1",
        "mb2ic96oc3_ih64kh4sh2ph1_iw64kw4sw2pw1",
        "mb1ic64oc64_iw900kw16sw8pw4",
        "g4mb1ic64oc64_ih20kh3sh2ph1_iw20kw3sw2pw1",
        "g64mb1ic64oc64_ih40kh4sh2ph1_iw40kw4sw2pw1",
        "g2mb1ic2oc2_ih128kh8sh8_iw128kw8sw8",
        "mb1ic24oc20_id12kd2sd2_ih12kh2sh2_iw12kw2sw2",
        "mb1ic32oc32_ih30kh3ph1_iw30kw3pw1",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int nxc = 0; nxc < 2; nxc++) {
            check(texts[i], TCONV_ALGORITHM_DIRECT, nxc ? PLACE_NXC : PLACE_NCX);
            check(texts[i], TCONV_ALGORITHM_COLUMNS, nxc ? PLACE_NXC : PLACE_NCX);
            check(texts[i], TCONV_ALGORITHM_GEMM, nxc ? PLACE_NXC : PLACE_NCX);
        }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_weight_is_read_once_a_tile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
