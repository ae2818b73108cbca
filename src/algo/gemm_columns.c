/* gemm_columns.c - the columns of a tile: one GEMM on its new inputs */
#include <string.h>

#include "algo/gemm_tile.h"
#include "base/checked.h"
#include "blas/gemm.h"
#include "kernels/copy_box.h"

/* The box of inputs, all images, whose columns are new. */
struct box {
    int64_t first[TCV_AXES], size[TCV_AXES]; /* first is an input index */
    int64_t pixels;
};

static struct box new_inputs(const struct tcv_gemm_tile *t)
{
    struct box box = {.pixels = t->images};

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_gemm_axis *cut = &t->grid->axis[a];
        const int64_t held = a == t->grid->sweep && !cut->whole ? cut->halo : 0;
        const int64_t end = tcv_min(t->p->axis[a].in, t->origin[a] + t->extent[a]);

        box.first[a] = t->origin[a] + held;
        box.size[a] = box.first[a] < 0 ? 0 : tcv_max(0, end - box.first[a]);
        box.pixels *= box.size[a];
    }
    return box;
}

/* The one distance in memory between neighbouring pixels of the box; 1 if it is one pixel. */
static int64_t pixel_distance(const struct tcv_gemm_tile *t, const struct box *box)
{
    for (int a = TCV_AXES - 1; a >= 0; a--)
        if (box->size[a] > 1)
            return t->p->x.s[a];
    return 1;
}

/* The inputs where they lie: see lies_even() in gemm_grid.c. */
static struct tcv_operand inputs_in_place(const struct tcv_gemm_tile *t, const struct box *box,
                                          const char *from)
{
    const int64_t distance = pixel_distance(t, box), ic = t->p->ic;

    if (t->p->x.c == 1 || ic == 1)
        return (struct tcv_operand){from, tcv_max(distance, ic), false};
    return (struct tcv_operand){from, t->p->x.c, true};
}

/* The inputs as a [pixels][ic] operand, where they lie or packed. */
static struct tcv_operand pixels_by_channels(struct tcv_gemm_tile *t, const struct box *box)
{
    const struct tcv_place *x = &t->p->x;
    const int64_t ic = t->p->ic;
    const int64_t at = t->image * x->n + t->group * ic * x->c + box->first[0] * x->s[0] +
                       box->first[1] * x->s[1] + box->first[2] * x->s[2];
    const char *from = (const char *)t->run->x + at * (int64_t)t->element;
    struct tcv_box copy = {
        {1, ic, t->images, box->size[0], box->size[1], box->size[2]},
        {0, x->c, x->n, x->s[0], x->s[1], x->s[2]},
    };

    if (!t->grid->packs)
        return inputs_in_place(t, box, from);
    if (x->c == 1) /* channels innermost, as they lie */
        copy = (struct tcv_box){
            {1, t->images, box->size[0], box->size[1], box->size[2], ic},
            {0, x->n, x->s[0], x->s[1], x->s[2], x->c},
        };
    tcv_copy_box(&copy, t->element, from, t->input);
    return x->c == 1 ? (struct tcv_operand){t->input, ic, false}
                     : (struct tcv_operand){t->input, box->pixels, true};
}

void tcv_gemm_columns(struct tcv_gemm_tile *t)
{
    const struct tcv_gemm_axis *sweep = &t->grid->axis[t->grid->sweep];
    const struct box box = new_inputs(t);
    const struct tcv_problem *p = t->p;
    const char *packed = t->run->packed;
    struct tcv_operand inputs, weights;
    int64_t held = sweep->whole ? 0 : sweep->halo; /* positions handed on by the tile before */
    char *to;

    if (box.pixels == 0)
        return;
    inputs = pixels_by_channels(t, &box);
    packed += (size_t)(t->group * p->ic * p->oc * p->taps + t->block.packed_at) * t->element;
    weights = (struct tcv_operand){packed, t->block.rows, false};

    for (int a = t->grid->sweep + 1; a < TCV_AXES; a++)
        held *= t->extent[a];
    to = t->columns + (size_t)(held * t->pixel_step) * t->element;

    if (t->grid->order == TCV_GEMM_PLANAR) {
        inputs.transposed = !inputs.transposed; /* cols = w^T x^T */
        weights.transposed = true;
        tcv_gemm(p->dtype, t->block.rows, box.pixels, p->ic, weights, inputs, false, to,
                 t->row_step);
    } else {
        tcv_gemm(p->dtype, box.pixels, t->block.rows, p->ic, inputs, weights, false, to,
                 t->pixel_step);
    }
}

void tcv_gemm_carry(struct tcv_gemm_tile *t)
{
    const struct tcv_gemm_axis *sweep = &t->grid->axis[t->grid->sweep];
    const bool planar = t->grid->order == TCV_GEMM_PLANAR;
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
