/* gemm_columns.c - the columns of a tile: its new inputs, and one GEMM on them */
#include <string.h>

#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "blas/gemm.h"
#include "kernels/copy_box.h"

struct tcv_gemm_box tcv_gemm_new_inputs(const struct tcv_gemm_tile *t)
{
    const struct tcv_place *x = &t->p->x;
    const int s = t->grid->sweep;
    struct tcv_gemm_box box = {.pixels = t->images};
    int64_t held = t->grid->axis[s].whole ? 0 : t->grid->axis[s].halo; /* from the tile before */
    int64_t at = t->image * x->n + t->group * t->p->ic * x->c;

    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t end = tcv_min(t->p->axis[a].in, t->origin[a] + t->extent[a]);

        box.first[a] = t->origin[a] + (a == s ? held : 0);
        box.size[a] = box.first[a] < 0 ? 0 : tcv_max(0, end - box.first[a]);
        box.pixels *= box.size[a];
        at += box.first[a] * x->s[a];
    }
    if (box.pixels == 0)
        return box;
    for (int a = s + 1; a < TCV_AXES; a++)
        held *= t->extent[a];
    box.from = (const char *)t->run->x + at * (int64_t)t->element;
    box.columns = t->columns + (size_t)(held * t->pixel_step) * t->element;
    return box;
}

int64_t tcv_gemm_pixel_distance(const struct tcv_gemm_tile *t, const struct tcv_gemm_box *box)
{
    for (int a = TCV_AXES - 1; a >= 0; a--)
        if (box->size[a] > 1)
            return t->p->x.s[a];
    return 1;
}

bool tcv_gemm_is_planar(const struct tcv_gemm_tile *t)
{
    return t->grid->order == TCV_GEMM_PLANAR;
}

/* Copies channels [ic, ic + count) of the box to t->input, [pixels][count] or [count][pixels]. */
static void copy_inputs(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box, int64_t ic,
                        int64_t count, bool channels_inside)
{
    const struct tcv_place *x = &t->p->x;
    struct tcv_box copy = {
        {1, count, t->images, box->size[0], box->size[1], box->size[2]},
        {0, x->c, x->n, x->s[0], x->s[1], x->s[2]},
    };
    struct tcv_transpose turn = {
        .from = box->from + ic * x->c * (int64_t)t->element, .to = t->input,
        .to_step = box->pixels, .rows = box->pixels, .columns = count,
    };

    if (t->grid->even && x->c == 1 && !channels_inside) {
        turn.from_step = tcv_gemm_pixel_distance(t, box);
        t->kernels->transpose(&turn);
        return;
    }
    if (t->grid->even && x->c != 1 && channels_inside && tcv_gemm_pixel_distance(t, box) == 1) {
        turn = (struct tcv_transpose){turn.from, x->c, t->input, count, count, box->pixels};
        t->kernels->transpose(&turn);
        return;
    }
    if (channels_inside)
        copy = (struct tcv_box){
            {1, t->images, box->size[0], box->size[1], box->size[2], count},
            {0, x->n, x->s[0], x->s[1], x->s[2], x->c},
        };
    tcv_copy_box(&copy, t->element, turn.from, t->input);
}

struct tcv_gemm_inputs tcv_gemm_inputs_of(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                                          int64_t ic, int64_t count)
{
    const bool planar = tcv_gemm_is_planar(t);
    struct tcv_gemm_inputs in = {
        .from = box->from + ic * t->p->x.c * (int64_t)t->element,
        .channel = t->p->x.c,
        .pixel = tcv_gemm_pixel_distance(t, box),
        .ic = ic,
        .count = count,
        .pixels = box->pixels,
    };

    if (t->grid->packs) {
        copy_inputs(t, box, ic, count, !planar);
        in.from = t->input;
        in.channel = planar ? box->pixels : 1;
        in.pixel = planar ? 1 : count;
    }
    return in;
}

/*
 * The rows of memory where channels [ic, ic + count) of a box lie, if they lie evenly.  Planes of
 * a power of two would drive each other out of L2 before they are read.
 */
static struct tcv_ask rows_of(const struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                              int64_t ic, int64_t count)
{
    const int64_t element = (int64_t)t->element;
    const int64_t channel = t->p->x.c * element;
    const int64_t pixel = tcv_gemm_pixel_distance(t, box) * element;
    struct tcv_ask ask = {NULL, 0, 0, 0};

    if (t->grid->packs || box->pixels == 0)
        return ask;
    ask.from = box->from + ic * channel;
    if (tcv_gemm_is_planar(t)) {
        ask.rows = count;
        ask.row_bytes = box->pixels * pixel;
        ask.row_step = channel;
    } else {
        ask.rows = box->pixels;
        ask.row_bytes = count * channel;
        ask.row_step = pixel;
    }
    if (!tcv_gemm_sets_hold(ask.rows, ask.row_step))
        ask.rows = 0;
    return ask;
}

struct tcv_ask tcv_gemm_ask_for_next(const struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                                     const struct tcv_gemm_box *next, int64_t ic)
{
    const int64_t all = t->p->ic, most = t->grid->ic_block;

    return ic < all ? rows_of(t, box, ic, tcv_min(most, all - ic))
                    : rows_of(t, next, 0, tcv_min(most, all));
}

/* The inputs as a [pixels][ic] operand, packed or where they lie: gemm_inplace.c. */
static struct tcv_operand pixels_by_channels(struct tcv_gemm_tile *t,
                                             const struct tcv_gemm_box *box)
{
    const bool inside = t->p->x.c == 1;
    const int64_t ic = t->p->ic;

    if (t->grid->packs) {
        copy_inputs(t, box, 0, ic, inside);
        return inside ? (struct tcv_operand){t->input, ic, false}
                      : (struct tcv_operand){t->input, box->pixels, true};
    }
    if (inside || ic == 1)
        return (struct tcv_operand){box->from, tcv_max(tcv_gemm_pixel_distance(t, box), ic),
                                    false};
    return (struct tcv_operand){box->from, t->p->x.c, true};
}

void tcv_gemm_columns(struct tcv_gemm_tile *t, const struct tcv_gemm_box *next)
{
    const struct tcv_gemm_box box = tcv_gemm_new_inputs(t);
    const struct tcv_problem *p = t->p;
    struct tcv_operand inputs, weights;

    if (box.pixels == 0)
        return;
    if (t->grid->means.by == TCV_GEMM_PARTS) {
        tcv_bf16x3_columns(t, &box, next);
        return;
    }
    if (t->grid->means.by == TCV_GEMM_VECTORS) {
        tcv_gemm_columns_by_vectors(t, &box, next);
        return;
    }
    inputs = pixels_by_channels(t, &box);
    weights = (struct tcv_operand){(const char *)t->run->packed +
                                       t->group * tcv_gemm_packed_bytes(p, t->grid) +
                                       t->block.packed_at,
                                   t->block.rows, false};
    if (tcv_gemm_is_planar(t)) {
        inputs.transposed = !inputs.transposed; /* cols = w^T x^T */
        weights.transposed = true;
        tcv_gemm(p->dtype, t->block.rows, box.pixels, p->ic, weights, inputs, false, box.columns,
                 t->row_step);
    } else {
        tcv_gemm(p->dtype, box.pixels, t->block.rows, p->ic, inputs, weights, false, box.columns,
                 t->pixel_step);
    }
}

void tcv_gemm_carry(struct tcv_gemm_tile *t)
{
    const struct tcv_gemm_axis *sweep = &t->grid->axis[t->grid->sweep];
    const bool planar = tcv_gemm_is_planar(t);
    const int64_t pieces = planar ? t->block.rows : 1;
    int64_t inner = planar ? 1 : t->pixel_step;

    for (int a = t->grid->sweep + 1; a < TCV_AXES; a++)
        inner *= t->extent[a];
    for (int64_t i = 0; i < pieces; i++) {
        char *piece = t->columns + (size_t)(i * t->row_step) * t->element;

        memmove(piece, piece + (size_t)(sweep->block * inner) * t->element,
                (size_t)(sweep->halo * inner) * t->element);
    }
}
