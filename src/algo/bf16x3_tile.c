/*
 * bf16x3_tile.c - TILES: packed input in parts, and the sums of one tile
 *
 * A step of channels at a time is packed as direct packs it, channels innermost, and split.
 *
 * Wild inputs - infinite, NaN, so large that their parts overflow or so small that the last is
 * denormal - count as 0 there; the product of infinity and a weight's second part would be NaN.
 * When all other products are summed they are read again and their products added one by one, in
 * float, so an output has the same bits whatever else is in its tile.
 */
#include <math.h>
#include <string.h>

#include "algo/direct_tile.h"
#include "base/checked.h"

#define STEP TCV_BF16X3_STEP
#define ROWS TCV_BF16X3_ROWS
/* Elements of a step of one position; of the weights of 16 rows. */
#define X_STEP (TCV_BF16X3_PARTS * STEP)
#define W_STEP (TCV_BF16X3_PARTS * STEP * ROWS)

/* A step of the tile's inputs at t->x, zeros after the last channel. */
static void read_step(struct tcv_direct_tile *t, int64_t ic, int64_t count)
{
    if (count < STEP)
        memset(t->x, 0, (size_t)(t->g->inputs * STEP) * sizeof(float));
    tcv_direct_input(t, ic, count);
}

/* Positions of packed input that kernels may read. */
static int64_t positions_read(const struct tcv_direct_tile *t)
{
    return tcv_min(t->g->inputs, t->image_inputs + tcv_direct_slack(t->g));
}

void tcv_bf16x3_input(struct tcv_direct_tile *t, int64_t ic, int64_t count)
{
    for (int64_t i = 0; i < count; i += STEP) {
        const struct tcv_bf16x3_split split = {
            .from = (const float *)(const void *)t->x,
            .from_step = STEP,
            .second = STEP / 2,
            .count = positions_read(t),
            .least = TCV_BF16X3_LEAST,
            .to = t->parts + i / STEP * t->g->inputs * X_STEP,
            .part = t->g->inputs * STEP,
        };

        read_step(t, ic + i, tcv_min(STEP, count - i));
        if (!t->bf16x3->split(&split))
            t->wild = true;
    }
}

/* A class's sums and weights. */
struct class {
    struct tcv_direct_rows rows;
    int64_t row;       /* its first of c */
    const uint16_t *w; /* of its first vector and channel */
    int64_t w_vector;
};

/* Visits the classes in order, with the taps of each at t->tap. */
static void next_class(struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                       struct class *class)
{
    const int64_t steps = tcv_ceil_div(t->p->ic, STEP);

    class->row += class->rows.padded;
    class->w += class->rows.padded / ROWS * class->w_vector;
    class->rows = tcv_direct_rows_of(&t->tables, t->f, index, t->oc_count);
    class->w_vector = class->rows.taps * steps * W_STEP;
    tcv_direct_find_taps(t, index, t->tap);
}

void tcv_bf16x3_sum(struct tcv_direct_tile *t, const char *w, int64_t ic, int64_t count,
                    int64_t first)
{
    struct class class = {.w = (const uint16_t *)(const void *)w};
    int64_t index[TCV_AXES] = {0}, triple = 0;

    do {
        next_class(t, index, &class);
        t->class_row[triple++] = class.row;
        t->bf16x3->sums(&(struct tcv_bf16x3){
            .x = t->parts + (ic - first) / STEP * t->g->inputs * X_STEP,
            .x_positions = t->g->inputs,
            .tap = t->tap,
            .taps = class.rows.taps,
            .steps = tcv_ceil_div(count, STEP),
            .w = class.w + ic / STEP * class.rows.taps * W_STEP,
            .w_vector = class.w_vector,
            .c = (float *)(void *)t->c + class.row,
            .c_step = t->g->c_rows,
            .add = ic > 0,
            .positions = t->positions,
            .vectors = class.rows.padded / ROWS,
        });
    } while (tcv_direct_next_class(t->g, index));
}

/* The number of a part. */
static float widened(uint16_t part)
{
    const uint32_t bits = (uint32_t)part << 16;
    float number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Where, in the weights of 16 rows, the first part of channel ic and tap t begins. */
static int64_t weight_at(const struct tcv_direct_tile *t, const struct class *class, int64_t ic,
                         int64_t tap)
{
    const int64_t block = ic / t->f->ic_block * t->f->ic_block;
    const int64_t steps = tcv_ceil_div(tcv_min(t->f->ic_block, t->p->ic - block), STEP);
    const int64_t step = (ic - block) / STEP, channel = ic % STEP;

    return (block / STEP * class->rows.taps + tap * steps + step) * W_STEP +
           channel % (STEP / 2) * 2 * ROWS + channel / (STEP / 2);
}

/* Adds the products of one input, packed at `position`. */
static void add_products(struct tcv_direct_tile *t, const struct class *class, int64_t ic,
                         int64_t position, float x)
{
    for (int64_t tap = 0; tap < class->rows.taps; tap++) {
        const int64_t p = position - t->tap[tap];
        const uint16_t *w = class->w + weight_at(t, class, ic, tap);
        float *c = (float *)(void *)t->c + p * t->g->c_rows + class->row;

        if (p < 0 || p >= t->positions)
            continue;
        for (int64_t m = 0; m < class->rows.padded; m += ROWS, w += class->w_vector)
            for (int64_t i = 0; i < ROWS; i++) {
                const uint16_t *part = w + 2 * i;

                c[m + i] += (widened(part[0]) + widened(part[ROWS * STEP]) +
                             widened(part[2 * ROWS * STEP])) * x;
            }
    }
}

static bool is_wild(float x)
{
    return x != 0.0f && !(fabsf(x) >= TCV_BF16X3_LEAST && fabsf(x) < TCV_BF16X3_MOST);
}

void tcv_bf16x3_add_wild(struct tcv_direct_tile *t, const char *w)
{
    const float *x = (const float *)(const void *)t->x;

    for (int64_t ic = 0; ic < t->p->ic; ic += STEP) {
        struct class class = {.w = (const uint16_t *)(const void *)w};
        int64_t index[TCV_AXES] = {0};

        read_step(t, ic, tcv_min(STEP, t->p->ic - ic));
        do {
            next_class(t, index, &class);
            for (int64_t i = 0; i < t->image_inputs * STEP; i++)
                if (is_wild(x[i]))
                    add_products(t, &class, ic + i % STEP, i / STEP, x[i]);
        } while (tcv_direct_next_class(t->g, index));
    }
}
