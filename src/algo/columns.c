/*
 * columns.c - gemm with products of our own
 *
 * OpenBLAS packs both operands anew in each call, and where it does not know the processor it
 * multiplies at a fraction of its rate.  Here weights are packed once, as direct's kernels read
 * them; grid, col2im and units are gemm's.
 */
#include <stdio.h>

#include "algo/cost.h"
#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "base/parts.h"

/* Scratch for packing: tconv.h promises no more than some MiB. */
#define PACK_BYTES_MOST (4 * 1024 * 1024)

static bool refuse(const char *why, char reason[TCV_REASON_BYTES])
{
    snprintf(reason, TCV_REASON_BYTES, "%s", why);
    return false;
}

static bool packs_in_little(size_t bytes, struct tcv_setup *setup_out,
                            char reason[TCV_REASON_BYTES])
{
    setup_out->pack_bytes = bytes;
    return bytes <= PACK_BYTES_MOST ||
           refuse("a block of its weights is too large to be packed", reason);
}

/* An image's tiles serve any batch, where those of several would not fit. */
static bool prepare(const struct tcv_problem *p, uint32_t features,
                    const struct tcv_setup *like, struct tcv_setup *setup_out,
                    char reason[TCV_REASON_BYTES])
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    struct tcv_gemm_means vectors = {.by = TCV_GEMM_VECTORS};
    struct tcv_problem image = *p;

    if (!tcv_axes_are_moderate(p, reason))
        return false;
    setup_out->direct_kernels = tcv_direct_select(features, p->dtype);
    vectors.width = setup_out->direct_kernels.width;
    vectors.rows = setup_out->direct_kernels.rows_most;
    if (tcv_gathers(p)) {
        if (!tcv_gather_prepare(p, features, &setup_out->direct_kernels, setup_out, reason))
            return false;
        setup_out->gemm.means = vectors; /* for the family of packed weights */
        return packs_in_little(tcv_gather_pack_bytes(p, &setup_out->gather), setup_out, reason);
    }
    image.batch = 1;
    if (!tcv_gemm_prepare(p, features, like, vectors, setup_out, reason) &&
        !tcv_gemm_prepare(&image, features, like, vectors, setup_out, reason))
        return false;
    if (setup_out->gemm.run_block < w->stride && w->kernel < w->stride)
        return refuse("some blocks of its phases have no taps", reason);
    return packs_in_little((size_t)(setup_out->gemm.rows * setup_out->gemm.ic_block) *
                               tcv_dtype_bytes(p->dtype),
                           setup_out, reason);
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
