#include "algo/winograd_tile.h"

#include <string.h>

#include "base/arena.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)
/* Elements of inputs that are found before they are transformed: a small part of L1. */
#define LINE_ELEMENTS 1536
/* Elements of channels that are transposed together. */
#define TURNED_ELEMENTS (128 * 1024)
/* Rows of one segment. */
#define LINES_MOST (TCV_WINOGRAD_POINTS * TCV_WINOGRAD_POINTS)

int64_t tcv_winograd_line_elements(const struct tcv_winograd_grid *g, int64_t count, int64_t width)
{
    const struct tcv_winograd_axis *ax = &g->axis[W];

    return ax->outputs * ((count + width - 1) & -width) + ax->inputs - ax->outputs;
}

/*
 * Room for the rows of the largest segment, in so many planes at once, or of several small ones.
 */
static int64_t lines_room(const struct tcv_winograd_grid *g, int64_t together)
{
    return tcv_max(LINE_ELEMENTS, together * g->axis[0].inputs * g->axis[1].inputs *
                                      tcv_winograd_line_elements(g, g->positions, 1));
}

/* Planes whose rows are dealt out from the same rows of inputs. */
static int64_t planes_together(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    const int64_t down = g->axis[W].down;

    return p->x.s[W] == 1 && g->axis[W].planes == down && tcv_splits(down) ? down : 1;
}

/*
 * Elements for the inputs of a unit of one channel, where channels are neighbours in x, or
 * 0: units of the whole output have this many, as far as TURNED_ELEMENTS goes.  Behind the
 * last row whole vectors of tiles are read.
 */
static int64_t turned_pitch(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    const struct tcv_window whole = tcv_window_whole(p);
    const struct tcv_winograd_range range = tcv_winograd_tiles(g, W, &whole);
    const int64_t segments = g->positions / (range.last - range.first + 1) + 2;
    const int64_t rows = g->axis[0].inputs * g->axis[1].inputs;
    const int64_t wanted = rows * (g->axis[W].outputs * g->positions +
                                   segments * (g->axis[W].inputs - g->axis[W].outputs));

    if (p->x.c != 1 || p->x.s[W] == 1 || p->ic == 1)
        return 0;
    return tcv_min(tcv_ceil_div(wanted + tcv_winograd_line_elements(g, 1, 16), 32) * 32 + 16,
                   TURNED_ELEMENTS / TCV_WINOGRAD_TURNED);
}

int64_t tcv_winograd_sums_pitch(const struct tcv_winograd_grid *g)
{
    return g->axis[W].outputs * g->positions;
}

static void lay_out(struct tcv_winograd_tile *t, const struct tcv_problem *p,
                    const struct tcv_winograd_grid *g, struct tcv_arena *arena)
{
    const size_t element = tcv_dtype_bytes(p->dtype);
    const int64_t stride = p->axis[W].stride;
    const int64_t outer = g->outputs / g->axis[W].outputs;

    t->segment = tcv_arena_take(arena, g->positions, sizeof *t->segment);
    t->points = tcv_arena_take(arena, g->points * g->point_step, element);
    t->products = tcv_arena_take(arena, g->points * g->product_step, element);
    t->together = planes_together(p, g);
    t->planes = tcv_arena_take(arena, t->together * g->points * g->plane_step, element);
    t->room = lines_room(g, t->together);
    t->lines = tcv_arena_take(arena, t->room, element);
    t->line_of = tcv_arena_take(arena, t->together * LINES_MOST * g->positions,
                                sizeof *t->line_of);
    t->turned_pitch = turned_pitch(p, g);
    t->inputs = tcv_arena_take(arena, TCV_WINOGRAD_TURNED * t->turned_pitch, element);
    t->zeros = tcv_arena_take(arena, tcv_winograd_line_elements(g, g->positions, 1), element);
    t->watch = tcv_arena_take(arena, TCV_ALIGNMENT, 1);
    t->sums = tcv_arena_take(arena,
                             g->store_channels * g->phases * outer * tcv_winograd_sums_pitch(g),
                             element);
    t->turned = tcv_arena_take(arena, g->store_channels * tcv_winograd_sums_pitch(g) * stride,
                               element);
    t->bad = tcv_arena_take(arena, g->positions, sizeof *t->bad);
    t->rows_of = tcv_arena_take(arena, stride, sizeof *t->rows_of);
    t->row_step = tcv_arena_take(arena, stride, sizeof *t->row_step);
    tcv_vectors_lay_out(&t->vectors, g->family.oc_block * stride, element, arena);
}

size_t tcv_winograd_tile_bytes(const struct tcv_problem *p, const struct tcv_winograd_grid *g)
{
    struct tcv_winograd_tile tile;
    struct tcv_arena arena = {NULL, 0};

    lay_out(&tile, p, g, &arena);
    return arena.used;
}

void tcv_winograd_tile_init(struct tcv_winograd_tile *t, const struct tcv_run *run,
                            const struct tcv_setup *setup, void *scratch)
{
    struct tcv_arena arena = {scratch, 0};

    *t = (struct tcv_winograd_tile){.run = run, .p = run->problem, .g = &setup->winograd,
                                    .kernels = &setup->kernels,
                                    .direct = &setup->direct_kernels,
                                    .transform = &setup->winograd_kernels,
                                    .element = tcv_dtype_bytes(run->problem->dtype)};
    for (int i = 0; i < TCV_WINOGRAD_FILTERS; i++)
        t->filter[i] = tcv_winograd_filter_at(t->g, i);
    lay_out(t, t->p, t->g, &arena);
    t->joined = run->window.place.c == 1 && run->window.place.s[W] == t->p->oc &&
                t->g->store_channels == t->p->oc;
    memset(t->zeros, 0, (size_t)tcv_winograd_line_elements(t->g, t->g->positions, 1) * t->element);
}

void tcv_winograd_tile_place(struct tcv_winograd_tile *t)
{
    struct tcv_winograd_range range[TCV_AXES];
    int64_t done = 0;

    for (int a = 0; a < TCV_AXES; a++)
        range[a] = tcv_winograd_tiles(t->g, a, &t->run->window);
    t->segments = 0;
    t->wild = t->marked = false;
    while (done < t->count) {
        struct tcv_winograd_segment *s = &t->segment[t->segments++];
        int64_t index = t->first + done;

        for (int a = W; a >= 0; a--) {
            const int64_t tiles = range[a].last - range[a].first + 1;

            s->tile[a] = range[a].first + index % tiles;
            index /= tiles;
        }
        s->image = index;
        s->at = done;
        s->count = tcv_min(t->count - done, range[W].last - s->tile[W] + 1);
        tcv_winograd_place_inputs(t, s);
        done += s->count;
    }
}
