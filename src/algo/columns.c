/*
 * columns.c - gemm with products of our own
 *
 * OpenBLAS packs both operands anew in each call, and where it does not know the processor it
 * multiplies at a fraction of its rate.  Here weights are packed once, as direct's kernels read
 * them; grid, col2im and units are gemm's.
 */
#include "algo/cost.h"
#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "base/parts.h"

static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    struct tcv_gemm_means vectors = {.by = TCV_GEMM_VECTORS};

    if (!tcv_axes_are_moderate(p, reason))
        return false;
    setup_out->direct_kernels = tcv_direct_select(features, p->dtype);
    vectors.width = setup_out->direct_kernels.width;
    vectors.rows = setup_out->direct_kernels.rows_most;
    if (!tcv_gathers(p))
        return tcv_gemm_prepare_packed(p, features, like, vectors, setup_out, reason);
    if (!tcv_gather_prepare(p, features, &setup_out->direct_kernels, setup_out, reason))
        return false;
    setup_out->gemm.means = vectors; /* for the family of packed weights */
    setup_out->pack_bytes = tcv_gather_pack_bytes(p, &setup_out->gather);
    return tcv_gemm_packing_fits(setup_out->pack_bytes, reason);
}

/* [count][rows] of a block at `from`, cut into parts or vectors, the last of them with zeros. */
static void cut_rows(const struct tcv_setup *setup, const struct tcv_gemm_block *block,
                     int64_t count, int64_t element, const char *from, char *to)
{
    const bool planar = setup->gemm.order == TCV_GEMM_PLANAR;
    const int64_t width = setup->gemm.means.width;
    const struct tcv_parts parts =
        planar ? tcv_parts_of(block->rows, setup->gemm.means.rows)
               : (struct tcv_parts){.count = block->padded / width, .each = width};

    for (int64_t i = 0; i < parts.count; i++) {
        const struct tcv_part part = tcv_part_at(&parts, i);
        const int64_t rows = tcv_min(part.count, block->rows - part.first);
        char *const at = to + part.first * count * element;

        if (rows == part.count)
            setup->kernels.copy(&(struct tcv_copy){
                .from = from + part.first * element, .from_step = block->rows,
                .to = at, .to_step = rows, .count = rows, .rows = count,
            });
        else
            setup->kernels.pad(&(struct tcv_pad){
                .from = from + part.first * element, .from_step = block->rows,
                .to = at, .count = rows, .extent = part.count, .rows = count,
            });
    }
}

static bool pack(const struct tcv_problem *p, const struct tcv_setup *setup, const void *w,
                 void *packed, void *scratch)
{
    const struct tcv_gemm_grid *g = &setup->gemm;
    const int64_t element = (int64_t)tcv_dtype_bytes(p->dtype);

    if (tcv_gathers(p)) {
        tcv_gather_pack(p, &setup->gather, &setup->kernels, w, packed, scratch);
        return true;
    }
    for (int64_t group = 0; group < p->groups; group++)
        for (int64_t i = 0; i < g->blocks; i++) {
            const struct tcv_gemm_block block = tcv_gemm_block_at(p, g, i);
            char *const to =
                (char *)packed + group * tcv_gemm_packed_bytes(p, g) + block.packed_at;

            for (int64_t ic = 0; ic < p->ic; ic += g->ic_block) {
                const int64_t count = tcv_min(g->ic_block, p->ic - ic);

                tcv_gemm_pack_block(p, g, &block, count,
                                    (const char *)w +
                                        (group * p->w.group + ic * p->w.ic) * element,
                                    scratch);
                cut_rows(setup, &block, count, element, scratch,
                         to + block.padded * ic * element);
            }
        }
    return true;
}

const struct tcv_algo tcv_algo_columns = {
    .id = TCONV_ALGORITHM_COLUMNS,
    .name = "columns",
    .promise = "the same bits for any threads, window, workspace and batch split",
    .prepare = prepare,
    .cost = tcv_columns_cost,
    .pack = pack,
    .units = tcv_gemm_units,
    .work = tcv_gemm_work,
};
