#include "algo/gemm_tile.h"

#include <string.h>

#include "base/arena.h"
#include "base/checked.h"

/* Elements of a row of zeros: outputs that one piece of a row has at most. */
static int64_t zeros_of(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    const struct tcv_gemm_axis *w = &g->axis[TCV_AXES - 1];

    return g->order == TCV_GEMM_PLANAR ? (w->extent + w->halo + 2) * p->axis[TCV_AXES - 1].stride
                                       : 0;
}

/* Places where tiles, or pairs of pixels, begin. */
static int64_t starts_of(const struct tcv_gemm_grid *g)
{
    switch (g->means.by) {
    case TCV_GEMM_PARTS: return g->pitch / g->means.width;
    case TCV_GEMM_VECTORS: return g->order == TCV_GEMM_PLANAR ? 0 : g->pitch / 2;
    default: return 0;
    }
}

static void lay_out(struct tcv_gemm_tile *t, const struct tcv_problem *p,
                    const struct tcv_gemm_grid *g, struct tcv_arena *arena)
{
    const struct tcv_axis *w = &p->axis[TCV_AXES - 1];
    const size_t element = tcv_dtype_bytes(p->dtype);
    /* Phases: PLANAR sums each apart, then merges them; a run may pass through a line. */
    const bool planar = g->order == TCV_GEMM_PLANAR;
    const int64_t phases = g->order == TCV_GEMM_RUNS ? 0 : w->stride;
    const int64_t width = g->axis[TCV_AXES - 1].extent + g->axis[TCV_AXES - 1].halo + 2;
    const int64_t lanes = planar ? g->oc_block * w->stride * width
                                 : tcv_max(g->oc_block, g->run_block);

    t->columns = tcv_arena_take(arena, g->rows * g->pitch, element);
    t->input = tcv_arena_take(arena, g->packs ? g->ic_block * g->pixels : 0, element);
    t->operand = tcv_arena_take(arena, g->ic_block * g->pitch, (size_t)g->operand_bytes);
    t->at = tcv_arena_take(arena, starts_of(g), sizeof *t->at);
    t->output = tcv_arena_take(arena, g->straight ? g->pixels : 0, sizeof *t->output);
    t->line = tcv_arena_take(arena, lanes, element);
    tcv_vectors_lay_out(&t->vectors,
                        g->oc_block * (g->order == TCV_GEMM_CHANNELS ? w->stride : 1), element,
                        arena);
    t->zeros = tcv_arena_take(arena, zeros_of(p, g), element);
    t->source = tcv_arena_take(arena, p->taps, sizeof *t->source);
    t->outer = tcv_arena_take(arena, p->axis[0].kernel * p->axis[1].kernel, sizeof *t->outer);
    t->rows = tcv_arena_take(arena, planar ? w->stride : 0, sizeof *t->rows);
    t->row_plane = tcv_arena_take(arena, planar ? w->stride : 0, sizeof *t->row_plane);
    t->taps = tcv_arena_take(arena, w->kernel, sizeof *t->taps);
    t->first_tap = tcv_arena_take(arena, phases + 1, sizeof *t->first_tap);
}

size_t tcv_gemm_tile_bytes(const struct tcv_problem *p, const struct tcv_gemm_grid *g)
{
    struct tcv_gemm_tile tile;
    struct tcv_arena arena = {NULL, 0};

    lay_out(&tile, p, g, &arena);
    return arena.used;
}

/* The taps of the innermost axis sorted by phase k * dilation mod stride, then by k. */
static void sort_taps(struct tcv_gemm_tile *t)
{
    const struct tcv_axis *w = &t->p->axis[TCV_AXES - 1];
    int64_t n = 0;

    if (t->grid->order == TCV_GEMM_RUNS)
        return; /* there the phases are lanes: k = back * stride + phase */
    for (int64_t r = 0; r < w->stride; r++) {
        t->first_tap[r] = n;
        for (int64_t k = 0; k < w->kernel; k++)
            if (k * w->dilation % w->stride == r)
                t->taps[n++] = (struct tcv_gemm_tap){k, k * w->dilation / w->stride};
    }
    t->first_tap[w->stride] = n;
}

void tcv_gemm_tile_init(struct tcv_gemm_tile *t, const struct tcv_run *run,
                        const struct tcv_setup *setup, void *scratch)
{
    struct tcv_arena arena = {scratch, 0};

    *t = (struct tcv_gemm_tile){.run = run, .p = run->problem, .grid = &setup->gemm,
                                .kernels = &setup->kernels,
                                .direct = &setup->direct_kernels,
                                .bf16x3 = &setup->bf16x3_kernels,
                                .element = tcv_dtype_bytes(run->problem->dtype)};
    lay_out(t, t->p, t->grid, &arena);
    memset(t->zeros, 0, (size_t)zeros_of(t->p, t->grid) * t->element);
    t->joined = t->grid->order == TCV_GEMM_CHANNELS && run->window.place.c == 1 &&
                run->window.place.s[TCV_AXES - 1] == t->grid->oc_block &&
                tcv_gemm_joins(&t->p->axis[TCV_AXES - 1]);
    sort_taps(t);
}

void tcv_gemm_tile_place(struct tcv_gemm_tile *t)
{
    int64_t pixels = t->images;

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_gemm_axis *cut = &t->grid->axis[a];
        const int64_t in = t->p->axis[a].in, first = t->tile[a] * cut->block;

        if (cut->whole) {
            t->origin[a] = 0;
            t->extent[a] = in;
        } else if (a == t->grid->sweep) {
            t->origin[a] = first - cut->halo;
            t->extent[a] = cut->extent;
        } else {
            t->origin[a] = tcv_max(0, first - cut->halo);
            t->extent[a] = tcv_max(0, tcv_min(in, first + cut->block) - t->origin[a]);
        }
        pixels *= t->extent[a];
    }
    t->row_step = !tcv_gemm_is_planar(t)                ? 1
                  : t->grid->means.by == TCV_GEMM_BLAS ? pixels
                                                       : t->grid->pitch;
    t->pixel_step = tcv_gemm_is_planar(t) ? 1 : t->block.padded;
}
