/*
 * winograd_patch.c - tiles whose inputs the transform would spread or overflow
 *
 * The transform adds inputs that an output does not see and relies on their
 * cancelling, which infinities and NaN do not.  A tile is bad if any of its inputs,
 * of any channel, is not finite or so large that a transform might overflow; that
 * depends on the tile alone, so whatever else is computed beside it, its outputs
 * are sums by the definition, of inputs that exist with the original weights.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "algo/winograd_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)

static double value(const void *data, int64_t i, size_t element)
{
    float narrow;
    double wide;

    if (element == sizeof wide) {
        memcpy(&wide, (const double *)data + i, sizeof wide);
        return wide;
    }
    memcpy(&narrow, (const float *)data + i, sizeof narrow);
    return narrow;
}

/* Inputs [lo, hi) of an axis among which are those that tile `tile` reads and that exist. */
static void inputs_of(const struct tcv_winograd_tile *t, int a, int64_t tile, int64_t *lo_out,
                      int64_t *hi_out)
{
    const struct tcv_winograd_axis *ax = &t->g->axis[a];
    const int64_t begin = ax->first + tile * ax->outputs - (ax->taps - 1);

    *lo_out = tcv_max(0, begin * ax->down + ax->offset - (ax->planes - 1));
    *hi_out = tcv_min(t->p->axis[a].in, (begin + ax->inputs - 1) * ax->down + ax->offset + 1);
}

/* Whether tiles read such inputs of an axis at all: a kernel may be less than a stride. */
static bool is_read(const struct tcv_winograd_axis *ax, int64_t in)
{
    return ax->planes == ax->down || tcv_floor_mod(ax->offset - in, ax->down) < ax->planes;
}

static bool is_bad(const struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                   int64_t i)
{
    const struct tcv_place *x = &t->p->x;
    const double most = (t->element == sizeof(double) ? DBL_MAX : (double)FLT_MAX) /
                        TCV_WINOGRAD_HEADROOM;
    int64_t lo[TCV_AXES], hi[TCV_AXES], in[TCV_AXES];

    for (int a = 0; a < TCV_AXES; a++)
        inputs_of(t, a, s->tile[a] + (a == W ? i : 0), &lo[a], &hi[a]);
    for (int64_t ic = 0; ic < t->p->ic; ic++)
        for (in[0] = lo[0]; in[0] < hi[0]; in[0]++)
            for (in[1] = lo[1]; in[1] < hi[1]; in[1]++)
                for (in[2] = lo[2]; in[2] < hi[2]; in[2]++) {
                    const int64_t at = s->image * x->n + (t->group * t->p->ic + ic) * x->c +
                                       in[0] * x->s[0] + in[1] * x->s[1] + in[2] * x->s[2];

                    if (is_read(&t->g->axis[0], in[0]) && is_read(&t->g->axis[1], in[1]) &&
                        is_read(&t->g->axis[W], in[2]) &&
                        !(fabs(value(t->run->x, at, t->element)) <= most))
                        return true;
                }
    return false;
}

void tcv_winograd_mark(struct tcv_winograd_tile *t)
{
    if (!t->wild || t->marked)
        return;
    for (int64_t n = 0; n < t->segments; n++)
        for (int64_t i = 0; i < t->segment[n].count; i++)
            t->bad[t->segment[n].at + i] = is_bad(t, &t->segment[n], i);
    t->marked = true;
}

/* Tap k + j * step of an axis meets input in - j of an output, for j < count. */
struct meeting {
    int64_t k, step, in, count;
};

static struct meeting meeting_of(const struct tcv_winograd_tile *t, int a, int64_t b,
                                 int64_t phase)
{
    const struct tcv_winograd_axis *ax = &t->g->axis[a];
    const int64_t kernel = t->p->axis[a].kernel;

    if (ax->down > 1)
        return (struct meeting){0, 1, b * ax->down + ax->offset, kernel};
    return (struct meeting){phase, ax->stride, b, tcv_ceil_div(kernel - phase, ax->stride)};
}

/* The products of one tap, which meets input in[] of each channel. */
static double products(const struct tcv_winograd_tile *t, int64_t image, int64_t oc,
                       const int64_t k[TCV_AXES], const int64_t in[TCV_AXES])
{
    const struct tcv_problem *p = t->p;
    const struct tcv_place *x = &p->x;
    const int64_t at = image * x->n + t->group * p->ic * x->c + in[0] * x->s[0] +
                       in[1] * x->s[1] + in[2] * x->s[2];
    double total = 0.0;

    for (int64_t ic = 0; ic < p->ic;) {
        const struct tcv_winograd_weight w =
            tcv_winograd_weight_at(p, t->g, t->group, ic, oc, k);

        for (int64_t i = 0; i < w.run; i++, ic++)
            total += value(t->run->x, at + ic * x->c, t->element) *
                     value(t->run->packed, w.at + i * w.step, t->element);
    }
    return total;
}

/* The sum of products of an output, of channel oc of the group. */
static double sum(const struct tcv_winograd_tile *t, int64_t image, int64_t oc,
                  const struct meeting m[TCV_AXES])
{
    int64_t j[TCV_AXES];
    double total = 0.0;

    for (j[0] = 0; j[0] < m[0].count; j[0]++)
        for (j[1] = 0; j[1] < m[1].count; j[1]++)
            for (j[2] = 0; j[2] < m[2].count; j[2]++) {
                int64_t k[TCV_AXES], in[TCV_AXES];
                bool exists = true;

                for (int a = 0; a < TCV_AXES; a++) {
                    k[a] = m[a].k + j[a] * m[a].step;
                    in[a] = m[a].in - j[a];
                    exists = exists && in[a] >= 0 && in[a] < t->p->axis[a].in;
                }
                if (exists)
                    total += products(t, image, oc, k, in);
            }
    return total;
}

/* The sums of position i of a segment, for one output channel of the block. */
static void patch_position(struct tcv_winograd_tile *t, const struct tcv_winograd_segment *s,
                           int64_t i, int64_t oc, char *sums)
{
    const struct tcv_winograd_grid *g = t->g;
    const int64_t pitch = tcv_winograd_sums_pitch(g);

    for (int64_t row = 0; row < g->phases; row++)
        for (int64_t out = 0; out < g->outputs; out++) {
            int64_t left_phase = row, left_out = out;
            struct meeting m[TCV_AXES];
            double v;
            float narrow;
            char *to;

            for (int a = W; a >= 0; a--) {
                const struct tcv_winograd_axis *ax = &g->axis[a];
                const int64_t r = left_phase % ax->stride + ax->shift;
                const int64_t b = ax->first + (s->tile[a] + (a == W ? i : 0)) * ax->outputs +
                                  left_out % ax->outputs + r / ax->stride;

                m[a] = meeting_of(t, a, b, r % ax->stride);
                left_phase /= ax->stride;
                left_out /= ax->outputs;
            }
            v = sum(t, s->image, t->oc + oc, m);
            narrow = (float)v;
            to = sums + ((row * g->outputs / g->axis[W].outputs + out / g->axis[W].outputs) *
                             pitch +
                         (s->at + i) * g->axis[W].outputs + out % g->axis[W].outputs) *
                            (int64_t)t->element;
            memcpy(to, t->element == sizeof v ? (const void *)&v : &narrow, t->element);
        }
}

void tcv_winograd_patch(struct tcv_winograd_tile *t, int64_t oc, int64_t count)
{
    const int64_t lines = t->g->phases * t->g->outputs / t->g->axis[W].outputs;
    const int64_t channel = lines * tcv_winograd_sums_pitch(t->g) * (int64_t)t->element;

    if (!t->marked)
        return;
    for (int64_t n = 0; n < t->segments; n++)
        for (int64_t i = 0; i < t->segment[n].count; i++)
            for (int64_t c = 0; c < count && t->bad[t->segment[n].at + i]; c++)
                patch_position(t, &t->segment[n], i, oc + c, t->sums + c * channel);
}
