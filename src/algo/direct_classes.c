/* direct_classes.c - phases with the same taps, and the rows that they make */
#include "algo/direct_grid.h"

#include "base/arena.h"
#include "base/checked.h"

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/*
 * Tap k has phase k * dilation mod stride, so the taps of a phase are
 * stride / gcd(stride, dilation) apart; the first is found by trying.
 */
static int64_t first_tap(const struct tcv_axis *axis, int64_t r)
{
    const int64_t step = axis->stride / gcd(axis->stride, axis->dilation);

    if (axis->dilation == 1)
        return r;
    for (int64_t k = 0; k < tcv_min(step, axis->kernel); k++)
        if (k * axis->dilation % axis->stride == r)
            return k;
    return axis->kernel;
}

static int64_t taps_of(const struct tcv_axis *axis, int64_t r)
{
    const int64_t step = axis->stride / gcd(axis->stride, axis->dilation);
    const int64_t first = first_tap(axis, r);

    return first >= axis->kernel ? 0 : tcv_ceil_div(axis->kernel - first, step);
}

struct tcv_direct_class tcv_direct_class_from(const struct tcv_axis *axis, int64_t lo, int64_t hi)
{
    const int64_t common = gcd(axis->stride, axis->dilation);
    const int64_t k = first_tap(axis, lo);
    const struct tcv_direct_class none = {.lo = lo, .hi = hi};

    if (k >= axis->kernel)
        return none;
    return (struct tcv_direct_class){
        .lo = lo,
        .hi = hi,
        .taps = taps_of(axis, lo),
        .k = k,
        .k_step = axis->stride / common,
        .back = (k * axis->dilation - lo) / axis->stride,
        .back_step = axis->dilation / common,
    };
}

bool tcv_direct_stacks(const struct tcv_axis *axis, const struct tcv_direct_family *f)
{
    return f->merged && f->form == TCV_DIRECT_ROWS && axis->kernel > axis->stride &&
           axis->kernel % axis->stride > 0;
}

bool tcv_direct_adds(const struct tcv_problem *p, const struct tcv_direct_family *f,
                     const int64_t class_index[TCV_AXES])
{
    for (int a = 0; a < TCV_AXES; a++)
        if (class_index[a] > 0 && tcv_direct_stacks(&p->axis[a], f))
            return true;
    return false;
}

/* Of an axis that stacks: the taps that all phases have, and the last of the first `rest`. */
static void stack(const struct tcv_axis *axis, struct tcv_direct_class to[2])
{
    to[0] = tcv_direct_class_from(axis, 0, axis->stride);
    to[0].taps--;
    to[1] = tcv_direct_class_from(axis, 0, axis->kernel % axis->stride);
    to[1].k += to[0].taps * to[1].k_step;
    to[1].back += to[0].taps * to[1].back_step;
    to[1].taps = 1;
}

int64_t tcv_direct_list_classes(const struct tcv_axis *axis, const struct tcv_direct_family *f,
                                struct tcv_direct_class *to)
{
    const int64_t rest = axis->kernel % axis->stride;
    const int64_t phases = axis->dilation == 1 ? tcv_min(axis->stride, axis->kernel)
                                               : axis->stride;
    int64_t n = 0;

    if (tcv_direct_stacks(axis, f)) {
        if (to != NULL)
            stack(axis, to);
        return 2;
    }
    if (f->merged) {
        if (rest > 0 && n++ >= 0 && to != NULL)
            *to++ = tcv_direct_class_from(axis, 0, rest);
        if (axis->kernel >= axis->stride && n++ >= 0 && to != NULL)
            *to = tcv_direct_class_from(axis, rest, axis->stride);
        return n;
    }
    for (int64_t r = 0; r < phases; r++)
        if (taps_of(axis, r) > 0 && n++ >= 0 && to != NULL)
            *to++ = tcv_direct_class_from(axis, r, r + 1);
    return n;
}

size_t tcv_direct_tables_bytes(const struct tcv_problem *p, const struct tcv_direct_family *f)
{
    struct tcv_arena arena = {NULL, 0};

    for (int a = 0; a < TCV_AXES; a++)
        tcv_arena_take(&arena, tcv_direct_list_classes(&p->axis[a], f, NULL),
                       sizeof(struct tcv_direct_class));
    return arena.used;
}

void tcv_direct_tables_init(const struct tcv_problem *p, const struct tcv_direct_family *f,
                            void *to)
{
    struct tcv_arena arena = {to, 0};

    for (int a = 0; a < TCV_AXES; a++) {
        const int64_t n = tcv_direct_list_classes(&p->axis[a], f, NULL);

        tcv_direct_list_classes(&p->axis[a], f,
                     tcv_arena_take(&arena, n, sizeof(struct tcv_direct_class)));
    }
}

struct tcv_direct_tables tcv_direct_tables_at(const struct tcv_problem *p,
                                              const struct tcv_direct_family *f, const void *at)
{
    struct tcv_arena arena = {(char *)(uintptr_t)at, 0}; /* only to walk along */
    struct tcv_direct_tables tables;

    for (int a = 0; a < TCV_AXES; a++)
        tables.of[a] = tcv_arena_take(&arena, tcv_direct_list_classes(&p->axis[a], f, NULL),
                                      sizeof(struct tcv_direct_class));
    return tables;
}

int64_t tcv_direct_output_phase(const struct tcv_axis *axis, int64_t r)
{
    return tcv_floor_mod(r - axis->pad_begin, axis->stride);
}

int64_t tcv_direct_carry(const struct tcv_axis *axis, int64_t r)
{
    return (tcv_direct_output_phase(axis, r) + axis->pad_begin - r) / axis->stride;
}

/* Taps of an axis that are looked at one by one. */
#define TAPS_MOST 64

/* The share along one axis. */
static double met_along(const struct tcv_axis *axis)
{
    const bool gathers = axis->down > 1;
    const int64_t step = gathers ? axis->down : axis->stride;
    const int64_t count = gathers ? axis->out : axis->in, end = gathers ? axis->in : axis->out;
    const double all = (double)axis->out * (double)axis->kernel / (double)axis->stride;
    double met = 0.0;

    if (axis->kernel > TAPS_MOST)
        return 1.0;
    for (int64_t k = 0; k < axis->kernel; k++) { /* of places at, at + step ..., in [0, end) */
        const int64_t tap = axis->pad_begin - k * axis->dilation, at = gathers ? tap : -tap;
        const int64_t first = tcv_max(0, tcv_ceil_div(-at, step));

        met += (double)tcv_max(0, tcv_min(count, tcv_ceil_div(end - at, step)) - first);
    }
    return met < all ? met / all : 1.0;
}

double tcv_direct_met(const struct tcv_problem *p)
{
    return met_along(&p->axis[0]) * met_along(&p->axis[1]) * met_along(&p->axis[2]);
}

int64_t tcv_direct_first_input(const struct tcv_axis *axis, const struct tcv_direct_family *f,
                               const struct tcv_direct_class *c)
{
    return (f->merged ? 0 : tcv_direct_carry(axis, c->lo)) - c->back;
}

/* A convolution has stride 1: its one class has all taps, in order. */
int64_t tcv_direct_tap_input(const struct tcv_axis *axis, int64_t j)
{
    return axis->pad_begin - j * axis->dilation;
}

int64_t tcv_direct_planes(const struct tcv_axis *axis)
{
    return tcv_min(axis->kernel, axis->down / gcd(axis->down, axis->dilation));
}

struct tcv_direct_rows tcv_direct_rows_of(const struct tcv_direct_tables *tables,
                                          const struct tcv_direct_family *f,
                                          const int64_t class_index[TCV_AXES], int64_t oc_count)
{
    struct tcv_direct_rows rows = {.rows = oc_count, .taps = 1};

    for (int a = 0; a < TCV_AXES; a++) {
        const struct tcv_direct_class *c = &tables->of[a][class_index[a]];

        rows.phases[a] = c->hi - c->lo;
        rows.rows *= rows.phases[a];
        rows.taps *= c->taps;
    }
    rows.padded = f->form == TCV_DIRECT_ROWS ? rows.rows
                                             : tcv_ceil_div(rows.rows, f->width) * f->width;
    return rows;
}

struct tcv_parts tcv_direct_parts(const struct tcv_direct_family *f, int64_t padded)
{
    return tcv_parts_of(padded, f->form == TCV_DIRECT_ROWS ? f->rows_most : f->width);
}

bool tcv_direct_next_class(const struct tcv_direct_grid *g, int64_t index[TCV_AXES])
{
    for (int a = TCV_AXES - 1; a >= 0; a--) {
        if (++index[a] < g->axis[a].classes)
            return true;
        index[a] = 0;
    }
    return false;
}
