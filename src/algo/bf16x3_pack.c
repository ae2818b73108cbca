/*
 * bf16x3_pack.c - weights in parts, in the order in which sums() reads them
 *
 *     [blocks of input channels][classes][pairs of vectors][taps][steps][vector][3][16][16 rows][2]
 */
#include <string.h>

#include "algo/direct_pack.h"
#include "base/checked.h"

#define STEP TCV_BF16X3_STEP
#define ROWS TCV_BF16X3_ROWS
#define PARTS TCV_BF16X3_PARTS

int64_t tcv_bf16x3_pack_floats(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    return g->weights / tcv_direct_ic_padded(p, &g->family) * g->family.ic_block;
}

/* A step of 16 rows, [count channels][16]. */
static bool split_step(const struct tcv_setup *setup, const float *from, int64_t count,
                       uint16_t *to)
{
    float whole[STEP * ROWS] = {0.0f};
    uint16_t parts[PARTS * STEP * ROWS];
    const bool planar = setup->direct.family.planar;
    bool split;

    if (count < STEP) {
        memcpy(whole, from, (size_t)(count * ROWS) * sizeof *whole);
        from = whole;
    }
    split = setup->bf16x3_kernels.split(&(struct tcv_bf16x3_split){
        .from = from, .from_step = ROWS, .second = STEP / 2 * ROWS, .lanes = {ROWS, ROWS},
        .count = STEP / 2, .to = planar ? parts : to, .part = STEP * ROWS});
    for (int64_t i = 0; i < PARTS && planar; i++) /* pairs of channels, of the size of floats */
        setup->kernels.transpose(&(struct tcv_transpose){parts + i * STEP * ROWS, ROWS,
                                                         to + i * STEP * ROWS, ROWS, ROWS, ROWS});
    return split;
}

/* One class, [vectors][taps][ic_count][16]. */
static bool split_class(const struct tcv_setup *setup, const struct tcv_direct_rows *rows,
                        int64_t ic_count, const float *from, uint16_t *to)
{
    const int64_t steps = tcv_ceil_div(ic_count, STEP), vectors = rows->padded / ROWS;
    bool split = true;

    for (int64_t v = 0; v < vectors; v++)
        for (int64_t t = 0; t < rows->taps; t++)
            for (int64_t i = 0; i < steps; i++) {
                const int64_t in_pair = tcv_min(2, vectors - v / 2 * 2);
                const int64_t at = v / 2 * 2 * rows->taps * steps + (t * steps + i) * in_pair;
                const int64_t channel = (v * rows->taps + t) * ic_count + i * STEP;

                split &= split_step(setup, from + channel * ROWS,
                                    tcv_min(STEP, ic_count - i * STEP),
                                    to + (at + v % 2) * PARTS * STEP * ROWS);
            }
    return split;
}

bool tcv_bf16x3_split_weights(const struct tcv_setup *setup,
                              const struct tcv_direct_tables *tables, int64_t oc_count,
                              int64_t ic_count, const float *from, uint16_t **to)
{
    const int64_t padded = tcv_ceil_div(ic_count, STEP) * STEP;
    int64_t index[TCV_AXES] = {0};
    bool split = true;

    do {
        const struct tcv_direct_rows rows =
            tcv_direct_rows_of(tables, &setup->direct.family, index, oc_count);

        split &= split_class(setup, &rows, ic_count, from, *to);
        from += rows.padded * rows.taps * ic_count;
        *to += rows.padded * rows.taps * padded * PARTS;
    } while (tcv_direct_next_class(&setup->direct, index));
    return split;
}
