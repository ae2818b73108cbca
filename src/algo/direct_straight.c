/*
 * direct_straight.c - LANES: sums that are outputs where they lie
 *
 * With channels last the rows of one phase, or those of a row's phases together, are a run of y,
 * and all input channels are often summed in one call.  Then lanes() finishes and stores its sums
 * itself.  To memory goes one block of registers after another while the next are multiplied,
 * where a tile of sums would go all at once.
 */
#include "algo/direct_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

/* Whole vectors in y, and all of the tile's outputs in the window. */
bool tcv_direct_is_straight(const struct tcv_direct_tile *t)
{
    const struct tcv_window *win = &t->run->window;

    if (!t->g->straight || win->place.c != 1 || t->box[W].end - t->box[W].begin < 2)
        return false;
    for (int64_t i = 0; i < t->g->axis[W].classes; i++) {
        const struct tcv_direct_class *c = &t->tables.of[W][i];

        if ((t->joined ? (c->hi - c->lo) * t->p->oc : t->f->oc_block) % t->f->width != 0)
            return false;
    }
    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t stride = t->p->axis[a].stride, shift = t->g->axis[a].shift;

        if (t->box[a].begin * stride - shift < win->begin[a] ||
            t->box[a].end * stride - shift > win->end[a])
            return false;
    }
    return true;
}

/* A last position of a row without another goes with the one before it, which is summed again. */
void tcv_direct_find_straight(struct tcv_direct_tile *t)
{
    const int64_t pixel = t->g->planes ? 1 : t->g->ic_pitch;
    const struct tcv_place *y = &t->run->window.place;
    int64_t size[TCV_AXES], step[TCV_AXES], n = 0;

    for (int a = 0; a < TCV_AXES; a++) {
        size[a] = t->box[a].end - t->box[a].begin;
        step[a] = t->p->axis[a].stride * y->s[a];
    }
    for (int64_t d = 0; d < size[0]; d++)
        for (int64_t h = 0; h < size[1]; h++)
            for (int64_t w = 0; w < size[W]; w += 2, n++) {
                const int64_t first = tcv_min(w, size[W] - 2);

                t->pair[n] = ((d * t->box[1].extent + h) * t->box[W].extent + first) * pixel;
                t->c_at[2 * n] = d * step[0] + h * step[1] + first * step[W];
                t->c_at[2 * n + 1] = t->c_at[2 * n] + step[W];
            }
}

/* Where phase r of a class's axis, of the tile's first position, is in y. */
static int64_t place_of(const struct tcv_direct_tile *t, int a, int64_t r)
{
    const struct tcv_axis *axis = &t->p->axis[a];
    const int64_t phase = t->f->merged ? r : tcv_direct_output_phase(axis, r);

    return (t->box[a].begin * axis->stride + phase - t->g->axis[a].shift -
            t->run->window.begin[a]) * t->run->window.place.s[a];
}

void tcv_direct_sum_straight(const struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                             const struct tcv_direct *all)
{
    const struct tcv_place *y = &t->run->window.place;
    const struct tcv_direct_class *c[TCV_AXES];
    struct tcv_direct args = *all;
    int64_t along;

    for (int a = 0; a < TCV_AXES; a++)
        c[a] = &t->tables.of[a][index[a]];
    along = t->joined ? c[W]->hi - c[W]->lo : 1;
    args.vectors = along * t->oc_count / t->f->width;
    args.c_at = t->c_at;
    args.bias = t->vectors.bias;
    args.scale = t->vectors.scale;
    args.shift = t->vectors.shift;
    for (int64_t r0 = c[0]->lo; r0 < c[0]->hi; r0++)
        for (int64_t r1 = c[1]->lo; r1 < c[1]->hi; r1++)
            for (int64_t r2 = c[W]->lo; r2 < c[W]->hi; r2 += along) {
                const int64_t at = t->image * y->n + t->group * t->p->oc + t->oc +
                                   place_of(t, 0, r0) + place_of(t, 1, r1) + place_of(t, W, r2);

                args.c = (char *)t->run->y + at * (int64_t)t->element;
                tcv_direct_sum_lanes(t, index, &args);
                args.w = (const char *)args.w +
                         args.vectors * args.w_vector * (int64_t)t->element;
            }
}
