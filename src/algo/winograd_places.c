/*
 * winograd_places.c - where filters, phases, channels and tiles are in a finished grid
 */
#include "algo/winograd_grid.h"
#include "base/checked.h"

/* Input channels whose planes follow each other: a vector of them, for channels last. */
#define CHANNELS_TOGETHER 16

struct tcv_winograd_filter tcv_winograd_filter_at(const struct tcv_winograd_grid *g, int index)
{
    struct tcv_winograd_filter f = {.taps = 1, .points = 1, .count = 1};

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];
        const bool other = (index >> a & 1) != 0;

        f.form[a] = other ? ax->also : g->family.form[a];
        f.phase[a] = other ? ax->rest : 0;
        f.phases[a] = other ? ax->stride - ax->rest : ax->rest;
        f.point[a] = other ? ax->own : 0;
        f.taps *= tcv_winograd_taps(f.form[a]);
        f.points *= tcv_winograd_points(f.form[a]);
        f.count *= f.phases[a];
    }
    return f;
}

/* Of one axis: `u` points have that many phases, and all of them the last. */
static int64_t phases_of_points(const struct tcv_winograd_axis *ax, int64_t u)
{
    return tcv_min(u, ax->own) * ax->rest + tcv_max(0, u - ax->own) * (ax->stride - ax->rest);
}

int64_t tcv_winograd_phases_before(const struct tcv_winograd_grid *g,
                                   const int64_t u[TCV_AXES])
{
    int64_t before = 0, here = 1; /* phases of the axes so far, at u */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];

        before = before * phases_of_points(ax, ax->points) + here * phases_of_points(ax, u[a]);
        here *= phases_of_points(ax, u[a] + 1) - phases_of_points(ax, u[a]);
    }
    return before;
}

struct tcv_winograd_channel tcv_winograd_channel_at(const struct tcv_problem *p,
                                                    const struct tcv_winograd_grid *g,
                                                    int64_t c)
{
    struct tcv_winograd_channel at = {.ic = c, .run = p->ic - c};
    int64_t planes, first, count, plane;

    if (g->channels == p->ic)
        return at;
    planes = g->channels / p->ic;
    first = c / (CHANNELS_TOGETHER * planes) * CHANNELS_TOGETHER;
    count = tcv_min(CHANNELS_TOGETHER, p->ic - first);
    plane = (c - first * planes) / count;
    at.ic = first + (c - first * planes) % count;
    at.run = first + count - at.ic;
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        at.rho[a] = plane % g->axis[a].planes;
        plane /= g->axis[a].planes;
    }
    return at;
}

int64_t tcv_winograd_oc_count(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                              int64_t index)
{
    return tcv_min(g->family.oc_block, p->oc - index * g->family.oc_block);
}

struct tcv_winograd_range tcv_winograd_tiles(const struct tcv_winograd_grid *g, int a,
                                             const struct tcv_window *window)
{
    const struct tcv_winograd_axis *ax = &g->axis[a];
    const int64_t begin = tcv_floor_div(window->begin[a] + ax->pad, ax->stride);
    const int64_t last = tcv_floor_div(window->end[a] - 1 + ax->pad, ax->stride);

    return (struct tcv_winograd_range){(begin - ax->first) / ax->outputs,
                                       (last - ax->first) / ax->outputs};
}
