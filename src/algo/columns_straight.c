/*
 * columns_straight.c - columns that are outputs
 *
 * Where the kernel is as long as the stride, one tap of one input reaches each output, and no
 * column is added to another.  With channels last those of a tap are runs of y,
 *
 *     y[pixel * stride + k - pad_begin][oc ...] = finish(cols[pixel][k][oc ...]),
 *
 * so lanes() finishes them and stores them there.  To memory goes one block of registers after
 * another while the next are multiplied, where a tile of columns would go all at once.  So there
 * is time to read lines before they are written: stores past the caches would keep more waiting.
 */
#include "algo/gemm_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* Where tap k of input i of an axis has its output, elements. */
static int64_t place_of(const struct tcv_gemm_tile *t, int a, int64_t i, int64_t k)
{
    const struct tcv_axis *axis = &t->p->axis[a];

    return (i * axis->stride + k - axis->pad_begin - t->run->window.begin[a]) *
           t->run->window.place.s[a];
}

/* Taps whose outputs are one run. */
static int64_t taps_along(const struct tcv_gemm_tile *t)
{
    return t->joined ? t->p->axis[W].kernel : 1;
}

/* All outputs of the tile's inputs are to be in the window. */
bool tcv_gemm_is_straight(struct tcv_gemm_tile *t)
{
    const struct tcv_window *win = &t->run->window;
    const tconv_epilogue *e = &t->p->epilogue;

    if (!t->grid->straight || win->place.c != 1 || e->accumulate ||
        e->activation != TCONV_ACTIVATION_NONE)
        return false;
    if (!tcv_gemm_fills_vectors(t->p, t->grid, taps_along(t) * t->block.oc_count))
        return false;
    tcv_gemm_tile_place(t);
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_axis *axis = &t->p->axis[a];
        const int64_t end = tcv_min(axis->in, t->origin[a] + t->extent[a]);

        if (t->origin[a] * axis->stride - axis->pad_begin < win->begin[a] ||
            end * axis->stride - axis->pad_begin > win->end[a])
            return false;
    }
    return true;
}

/* Where the outputs of each pixel begin. */
static void find_outputs(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box)
{
    const struct tcv_place *y = &t->run->window.place;
    int64_t n = 0;

    for (int64_t i = 0; i < t->images; i++)
        for (int64_t d = 0; d < box->size[0]; d++)
            for (int64_t h = 0; h < box->size[1]; h++)
                for (int64_t w = 0; w < box->size[W]; w++)
                    t->output[n++] = i * y->n + place_of(t, 0, box->first[0] + d, 0) +
                                     place_of(t, 1, box->first[1] + h, 0) +
                                     place_of(t, W, box->first[W] + w, 0);
}

void tcv_gemm_straight(struct tcv_gemm_tile *t)
{
    const struct tcv_gemm_box box = tcv_gemm_new_inputs(t);
    const struct tcv_gemm_inputs in = tcv_gemm_inputs_of(t, &box, 0, t->p->ic);
    const struct tcv_place *y = &t->run->window.place;
    const int64_t channel = t->group * t->p->oc + t->block.oc;
    const int64_t along = taps_along(t);
    const int64_t vectors = along * t->block.oc_count / t->direct->width;
    int64_t first = 0;

    find_outputs(t, &box);
    for (int64_t k0 = 0; k0 < t->p->axis[0].kernel; k0++)
        for (int64_t k1 = 0; k1 < t->p->axis[1].kernel; k1++)
            for (int64_t k2 = 0; k2 < t->p->axis[W].kernel; k2 += along) {
                struct tcv_direct args = tcv_gemm_lanes(t, &in, first, vectors);
                const int64_t at = t->image * y->n + channel + k0 * y->s[0] + k1 * y->s[1] +
                                   k2 * y->s[W];

                args.c = (char *)t->run->y + at * (int64_t)t->element;
                args.c_at = t->output;
                args.bias = t->vectors.bias;
                args.scale = t->vectors.scale;
                args.shift = t->vectors.shift;
                tcv_gemm_sum_pixels(t, &args, in.pixels);
                first += vectors;
            }
}
