/*
 * bf16x3_pack.c - weights in parts, class by class or block of columns by block
 */
#include "algo/bf16x3_parts.h"
#include "algo/direct_pack.h"
#include "algo/gemm_tile.h"
#include "base/checked.h"

#define STEP TCV_BF16X3_STEP
#define ROWS TCV_BF16X3_ROWS

int64_t tcv_bf16x3_pack_floats(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    return g->weights / tcv_direct_ic_padded(p, &g->family) * g->family.ic_block;
}

bool tcv_bf16x3_split_weights(const struct tcv_setup *setup,
                              const struct tcv_direct_tables *tables, int64_t oc_count,
                              int64_t ic_count, const float *from, uint16_t **to)
{
    int64_t index[TCV_AXES] = {0};
    bool split = true;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(tables, &setup->direct.family, index, oc_count);
        const struct tcv_bf16x3_weights w = {*to, rows.padded / ROWS, rows.taps,
                                             tcv_ceil_div(ic_count, STEP), false};

        for (int64_t v = 0; v < w.vectors; v++)
            for (int64_t t = 0; t < w.taps; t++, from += ic_count * ROWS)
                split &= tcv_bf16x3_split_vector(setup, &w, v, t, from, ROWS, ROWS, ic_count,
                                                 *to);
        *to += tcv_bf16x3_weights_size(&w);
    } while (tcv_direct_next_class(&setup->direct, index));
    return split;
}

/* One block of columns: input channels [ic, ic + count), [count][rows] at `from`. */
static bool split_block(const struct tcv_setup *setup, const struct tcv_gemm_block *block,
                        int64_t count, const float *from, uint16_t **to)
{
    const struct tcv_bf16x3_weights w = {*to, block->padded / ROWS, 1, tcv_ceil_div(count, STEP),
                                         setup->gemm.order == TCV_GEMM_PLANAR};
    bool split = true;

    for (int64_t v = 0; v < w.vectors; v++)
        split &= tcv_bf16x3_split_vector(setup, &w, v, 0, from + v * ROWS, block->rows,
                                         tcv_min(ROWS, block->rows - v * ROWS), count, *to);
    *to += tcv_bf16x3_weights_size(&w);
    return split;
}

bool tcv_bf16x3_pack_columns(const struct tcv_problem *p, const struct tcv_setup *setup,
                             const void *w, void *packed, void *scratch)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    bool split = true;

    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t i = 0; i < g->blocks; i++) {
            const struct tcv_gemm_block block = tcv_gemm_block_at(p, g, i);
            uint16_t *to = (uint16_t *)(void *)((char *)packed +
                                                group * tcv_gemm_packed_bytes(p, g) +
                                                block.packed_at);

            for (int64_t ic = 0; ic < p->ic; ic += g->ic_block) {
                const int64_t count = tcv_min(g->ic_block, p->ic - ic);
                const float *from = (const float *)w + group * p->w.group + ic * p->w.ic;

                tcv_gemm_pack_block(p, g, &block, count, (const char *)from, scratch);
                split &= split_block(setup, &block, count, scratch, &to);
            }
        }
    return split;
}
