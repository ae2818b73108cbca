/*
 * winograd_places.c - where filters, phases, channels and tiles are in a finished grid
 */
#include "algo/winograd_grid.h"
#include "base/checked.h"

/* Input channels whose planes follow each other: a vector of them, for channels last. */
#define CHANNELS_TOGETHER 16

struct tcv_winograd_filter tcv_winograd_filter_at(const struct tcv_winograd_grid *g, int index)
{
    struct tcv_winograd_filter f = {.taps = 1, .distinct = 1, .count = 1};

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];
        const bool other = (index >> a & 1) != 0;

        f.form[a] = other ? ax->also : g->family.form[a];
        f.phase[a] = other ? ax->rest : 0;
        f.phases[a] = other ? ax->stride - ax->rest : ax->rest;
        f.point[a] = other ? ax->own : 0;
        f.taps *= tcv_winograd_taps(f.form[a]);
        f.distinct *= tcv_winograd_distinct(f.form[a]);
        f.count *= f.phases[a];
    }
    return f;
}

/* Of one axis: `u` points have that many phases, and all of them the last. */
static int64_t phases_of_points(const struct tcv_winograd_axis *ax, int64_t u)
{
    return tcv_min(u, ax->own) * ax->rest + tcv_max(0, u - ax->own) * (ax->stride - ax->rest);
}

int64_t tcv_winograd_weights_before(const struct tcv_winograd_grid *g,
                                    const int64_t u[TCV_AXES])
{
    int64_t before = 0, here = 1; /* phases of the axes so far, at u */

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];
        const int64_t at = tcv_min(u[a], ax->distinct - 1);

        before = before * phases_of_points(ax, ax->distinct) + here * phases_of_points(ax, at);
        here *= phases_of_points(ax, at + 1) - phases_of_points(ax, at);
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
    at.next = count;
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        at.rho[a] = plane % g->axis[a].planes;
        plane /= g->axis[a].planes;
    }
    return at;
}

/* The inverse: the channel of plane rho[] of input channel ic. */
static int64_t channel_of(const struct tcv_problem *p, const struct tcv_winograd_grid *g,
                          int64_t ic, const int64_t rho[TCV_AXES], int64_t *run_out)
{
    const int64_t planes = g->channels / p->ic, first = ic / CHANNELS_TOGETHER * CHANNELS_TOGETHER;
    const int64_t count = tcv_min(CHANNELS_TOGETHER, p->ic - first);
    int64_t plane = 0;

    *run_out = planes == 1 ? p->ic - ic : first + count - ic;
    if (planes == 1)
        return ic;
    for (int a = 0; a < TCV_AXES; a++)
        plane = plane * g->axis[a].planes + rho[a];
    return first * planes + plane * count + ic - first;
}

/* The filter of a tap, its row among those of a block, its point, and its plane of the inputs. */
struct tap {
    struct tcv_winograd_filter filter;
    int64_t rank, u[TCV_AXES], rho[TCV_AXES];
};

static struct tap tap_of(const struct tcv_winograd_grid *g, const int64_t k[TCV_AXES])
{
    int64_t phase[TCV_AXES];
    struct tap t = {.rank = 0};
    int index = 0;

    for (int a = 0; a < TCV_AXES; a++) {
        phase[a] = tcv_floor_mod(k[a] - g->axis[a].shift, g->axis[a].stride);
        index |= phase[a] >= g->axis[a].rest ? 1 << a : 0;
    }
    t.filter = tcv_winograd_filter_at(g, index);
    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_winograd_axis *ax = &g->axis[a];
        const int64_t j = k[a] / (ax->stride * ax->down); /* one of them is 1 */
        const bool last = j == tcv_winograd_taps(t.filter.form[a]) - 1; /* meets input 0 */

        t.rank = t.rank * t.filter.phases[a] + phase[a] - t.filter.phase[a];
        t.u[a] = t.filter.point[a] +
                 (last ? 0 : tcv_winograd_points(t.filter.form[a]) - 1);
        t.rho[a] = k[a] % ax->down;
    }
    return t;
}

static struct tcv_winograd_weight in_dense(const struct tcv_problem *p, int64_t group, int64_t ic,
                                           int64_t oc, const int64_t k[TCV_AXES])
{
    int64_t at = (group * p->ic + ic) * p->oc + oc;

    for (int a = 0; a < TCV_AXES; a++)
        at = at * p->axis[a].kernel + k[a];
    return (struct tcv_winograd_weight){at, p->oc * p->taps, p->ic - ic};
}

static struct tcv_winograd_weight in_points(const struct tcv_problem *p,
                                            const struct tcv_winograd_grid *g, int64_t group,
                                            int64_t ic, int64_t oc, const int64_t k[TCV_AXES])
{
    const struct tap tap = tap_of(g, k);
    const int64_t block = oc / g->family.oc_block, oc_count = tcv_winograd_oc_count(p, g, block);
    const int64_t oc_first = block * g->family.oc_block;
    const int64_t row = tap.rank * oc_count + oc - oc_first;
    const struct tcv_parts parts = tcv_parts_of(oc_count * tap.filter.count, g->family.rows_most);
    const struct tcv_part part = tcv_part_at(&parts, tcv_part_of(&parts, row));
    int64_t run;
    const int64_t c = channel_of(p, g, ic, tap.rho, &run);
    const int64_t first = c / g->family.ic_block * g->family.ic_block;
    const int64_t ic_count = tcv_min(g->family.ic_block, g->channels - first);
    const int64_t blocks = (group * p->oc + oc_first) * g->channels + first * oc_count;
    const int64_t points = tcv_winograd_weights_before(g, tap.u) * oc_count;

    return (struct tcv_winograd_weight){
        blocks * g->weight_phases + (points + part.first) * ic_count + (c - first) * part.count +
            row - part.first,
        part.count, tcv_min(run, first + ic_count - c)};
}

struct tcv_winograd_weight tcv_winograd_weight_at(const struct tcv_problem *p,
                                                  const struct tcv_winograd_grid *g, int64_t group,
                                                  int64_t ic, int64_t oc,
                                                  const int64_t k[TCV_AXES])
{
    return g->dense ? in_dense(p, group, ic, oc, k) : in_points(p, g, group, ic, oc, k);
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
