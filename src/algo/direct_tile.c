#include "algo/direct_tile.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/checked.h"
#include "kernels/copy_box.h"

#define W (TCV_AXES - 1)

/* Lanes of one b of a row: of a channel block, and of all phases where those can be joined. */
static int64_t lanes_of(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->oc_block * (f->channels_inside && f->merged ? p->axis[W].stride : 1);
}

/* Lanes that make good use of vectors. */
#define LANES_WANTED 96

/* Whether c of ROWS is turned and each row of outputs can have a part of it to itself. */
static bool rows_apart(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return f->form == TCV_DIRECT_ROWS && f->turned && f->blocks == 1 &&
           p->axis[W].kernel >= p->axis[W].stride;
}

/* Pixels that then are stored as one. */
static int64_t together_of(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    return rows_apart(p, f) ? tcv_ceil_div(LANES_WANTED, lanes_of(p, f)) : 1;
}

/* At least the taps of a class: of neighbours there are dilation / gcd(stride, dilation) in one. */
static int64_t taps_most(const struct tcv_axis *axis)
{
    if (axis->dilation >= axis->kernel)
        return axis->kernel;
    return tcv_min(axis->kernel, tcv_ceil_div(axis->kernel, axis->stride) * axis->dilation);
}

static void lay_out(struct tcv_direct_tile *t, const struct tcv_problem *p,
                    const struct tcv_direct_grid *g, struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(p->dtype);
    const bool tiles = g->family.form == TCV_DIRECT_TILES;
    const int64_t channels = tiles ? TCV_BF16X3_STEP : g->planes ? g->ic_chunk : g->ic_pitch;
    const bool depth = g->family.form == TCV_DIRECT_DEPTH || g->family.at_once;
    const bool rows = g->family.form == TCV_DIRECT_ROWS;
    int64_t taps = 1, classes = 1;

    for (int a = 0; a < TCV_AXES; a++) {
        taps *= taps_most(&p->axis[a]);
        classes *= g->axis[a].classes;
        t->class_of[a] = tcv_arena_take(arena, p->axis[a].stride, sizeof *t->class_of[a]);
    }
    t->x = tcv_arena_take(arena, g->inputs * channels, element);
    t->c = tcv_arena_take(arena, depth ? 0 : g->c_rows * g->positions, element);
    t->parts = tcv_arena_take(arena, tiles ? g->inputs * g->ic_chunk : 0, TCV_BF16X3_BYTES);
    t->turned = tcv_arena_take(arena, g->family.turned ? g->c_rows * g->positions : 0,
                               element);
    t->line = tcv_arena_take(arena, g->c_rows, element);
    t->zeros = tcv_arena_take(arena, g->axis[W].block * p->axis[W].stride, element);
    tcv_vectors_lay_out(&t->vectors, lanes_of(p, &g->family) * together_of(p, &g->family),
                        element, arena);
    t->rows = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->rows);
    t->first_row = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->first_row);
    t->row_step = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->row_step);
    t->row_pitch = tcv_arena_take(arena, p->axis[W].stride, sizeof *t->row_pitch);
    t->pair = tcv_arena_take(arena, rows ? 0 : g->positions / 2 + 1, sizeof *t->pair);
    t->c_at = tcv_arena_take(arena, g->family.form == TCV_DIRECT_LANES ? g->positions + 1 : 0,
                             sizeof *t->c_at);
    /* Those of all classes, if they are kept: each tap is of one. */
    t->tap = tcv_arena_take(arena, depth ? p->taps : taps, sizeof *t->tap);
    t->w_tap = tcv_arena_take(arena, taps, sizeof *t->w_tap);
    t->some_tap = tcv_arena_take(arena, taps, sizeof *t->some_tap);
    t->some_w = tcv_arena_take(arena, taps, sizeof *t->some_w);
    t->taps_of = tcv_arena_take(arena, depth ? classes : 0, sizeof *t->taps_of);
    t->products =
        tcv_arena_take(arena, g->family.at_once ? p->axis[W].stride : 0, sizeof *t->products);
    t->c_row = tcv_arena_take(arena, g->c_rows, sizeof *t->c_row);
    t->class_row = tcv_arena_take(arena, classes, sizeof *t->class_row);
}

size_t tcv_direct_tile_bytes(const struct tcv_problem *p, const struct tcv_direct_grid *g)
{
    struct tcv_direct_tile tile;
    struct tcv_arena arena = {NULL, 0};

    lay_out(&tile, p, g, &arena);
    return arena.used;
}

void tcv_direct_tile_init(struct tcv_direct_tile *t, const struct tcv_run *run,
                          const struct tcv_setup *setup, void *scratch)
{
    struct tcv_arena arena = {scratch, 0};

    *t = (struct tcv_direct_tile){.run = run, .p = run->problem, .g = &setup->direct,
                                  .f = &setup->direct.family, .kernels = &setup->kernels,
                                  .direct = &setup->direct_kernels,
                                  .bf16x3 = &setup->bf16x3_kernels,
                                  .element = tcv_dtype_bytes(run->problem->dtype)};
    lay_out(t, t->p, t->g, &arena);
    t->joined = t->f->channels_inside && t->f->merged && t->f->blocks == 1 &&
                t->p->groups == 1 && run->window.place.c == 1 &&
                run->window.place.s[W] == t->p->oc;
    t->c_width = rows_apart(t->p, t->f) ? lanes_of(t->p, t->f) : t->g->c_rows;
    t->together = t->joined ? together_of(t->p, t->f) : 1;
    t->tables = tcv_direct_tables_at(t->p, t->f, run->packed);
    t->weights = (const char *)run->packed + tcv_direct_tables_bytes(t->p, t->f);
    for (int a = 0; a < TCV_AXES; a++) {
        for (int64_t r = 0; r < t->p->axis[a].stride; r++)
            t->class_of[a][r] = -1;
        for (int64_t i = t->g->axis[a].classes - 1; i >= 0; i--) /* 0 may have all */
            for (int64_t r = t->tables.of[a][i].lo; r < t->tables.of[a][i].hi; r++)
                t->class_of[a][r] = i;
    }
    memset(t->zeros, 0, (size_t)(t->g->axis[W].block * t->p->axis[W].stride) * t->element);
}

/*
 * Right of a row's inputs lie the zeros left of the next row's, so where the row
 * is whole those serve both sides.  Rows that are finished at once begin on boundaries
 * instead, with zeros of their own.
 */
void tcv_direct_tile_place(struct tcv_direct_tile *t)
{
    const struct tcv_window *win = &t->run->window;
    bool flat = tcv_direct_is_flat(t->f);
    int64_t size[TCV_AXES], planes = 1, by_rows;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_axis *ax = &t->g->axis[a];
        const struct tcv_axis *axis = &t->p->axis[a];
        const int64_t first = ax->first + t->tile[a] * ax->block;
        struct tcv_direct_box *box = &t->box[a];

        box->begin = tcv_max(first, tcv_floor_div(win->begin[a] + ax->shift, axis->stride));
        box->end = tcv_min(first + ax->block,
                           tcv_floor_div(win->end[a] - 1 + ax->shift, axis->stride) + 1);
        size[a] = box->end - box->begin;
        planes *= ax->planes;
        box->left = ax->left;
        box->extent = box->left + size[a] + ax->right;
        if (a == W && flat && box->begin <= 0 && axis->in <= box->end * axis->down) {
            box->left = tcv_max(ax->left, ax->right);
            box->extent = box->left + size[a];
        }
        if (a == W && t->f->at_once) { /* rows begin on boundaries */
            box->left = tcv_direct_whole(t->f, box->left);
            box->extent = tcv_direct_whole(t->f, box->left + size[a] + ax->right);
        }
    }
    t->plane = t->box[0].extent * t->box[1].extent * t->box[W].extent;
    t->origin = (t->box[0].left * t->box[1].extent + t->box[1].left) * t->box[W].extent +
                t->box[W].left;
    t->image_inputs = planes * t->plane;
    t->side = t->images > 1 ? t->images + t->images % 2 : 1;
    by_rows = tcv_ceil_div(size[W], t->f->width) * t->f->width;
    if (t->f->form == TCV_DIRECT_TILES &&
        size[0] * size[1] * by_rows <=
            ((size[0] - 1) * t->box[1].extent + size[1]) * t->box[W].extent) {
        flat = false;
        size[W] = by_rows;
    }
    t->row_width = flat ? t->box[W].extent : t->side > 1 ? size[W] : size[W] + size[W] % 2;
    t->plane_rows = flat ? t->box[1].extent : size[1];
    t->positions = ((size[0] - 1) * t->plane_rows + size[1]) * t->row_width * t->side;
    if (flat) /* from position 0 to the last output, in whole vectors */
        t->positions = tcv_ceil_div(t->positions - t->row_width + size[W], t->f->width) *
                       t->f->width;
}
