/*
 * bf16x3_tile.c - TILES: packed input in parts, and the sums of one tile
 *
 * A step of channels at a time is packed as direct packs it, in planes or channels innermost, and
 * split.
 *
 * Wild inputs - infinite, NaN, so large that their parts overflow or so small that the last is
 * denormal - count as 0 there; the product of infinity and a weight's second part would be NaN.
 * When all other products are summed they are read again and their products added one by one, in
 * float, so an output has the same bits whatever else is in its tile.
 */
#include "algo/bf16x3_parts.h"
#include "algo/direct_tile.h"
#include "base/checked.h"

#define W (TCV_AXES - 1)
#define STEP TCV_BF16X3_STEP
#define ROWS TCV_BF16X3_ROWS
/* Elements of a step of one position. */
#define X_STEP (TCV_BF16X3_PARTS * STEP)

/* As the positions of c lie in packed input: where those are one line, tile after tile. */
void tcv_bf16x3_find_tiles(struct tcv_direct_tile *t)
{
    const int64_t extent = t->box[W].extent, rows = t->box[1].extent;

    for (int64_t i = 0; i < t->positions / ROWS; i++) {
        const int64_t row = i * ROWS / t->row_width, column = i * ROWS % t->row_width;

        t->pair[i] = (row / t->plane_rows * rows + row % t->plane_rows) * extent + column;
    }
}

/* Splits the step of `count` channels at t->x; false if some input is wild. */
static bool split_step(const struct tcv_direct_tile *t, int64_t count, uint16_t *to)
{
    return t->bf16x3->split(&(struct tcv_bf16x3_split){
        .from = (const float *)(const void *)t->x,
        .from_step = STEP,
        .second = STEP / 2,
        .lanes = {tcv_min(count, STEP / 2), tcv_max(count - STEP / 2, 0)},
        /* Right of the last row may be the zeros of none; the last tile reads 15 more: slack. */
        .count = t->image_inputs + t->g->axis[W].right + ROWS - 1,
        .least = TCV_BF16X3_LEAST,
        .to = to,
        .to_step = STEP,
        .part = t->g->inputs * STEP,
    });
}

void tcv_bf16x3_input(struct tcv_direct_tile *t, int64_t ic, int64_t count)
{
    for (int64_t i = 0; i < count; i += STEP) {
        const int64_t channels = tcv_min(STEP, count - i);

        tcv_direct_input(t, ic + i, channels);
        if (!split_step(t, channels, t->parts + i / STEP * t->g->inputs * X_STEP))
            t->wild = true;
    }
}

/* A class's rows and where its weights begin, of a block of input channels. */
struct class {
    struct tcv_direct_rows rows;
    int64_t row; /* its first of c */
    struct tcv_bf16x3_weights w;
};

/* Goes on to the class of index[], with its taps at t->tap. */
static void next_class(struct tcv_direct_tile *t, const int64_t index[TCV_AXES],
                       struct class *class)
{
    class->row += class->rows.padded;
    class->w.at += tcv_bf16x3_weights_size(&class->w);
    class->rows = tcv_direct_rows_of(&t->tables, t->f, index, t->oc_count);
    class->w.vectors = class->rows.padded / ROWS;
    class->w.taps = class->rows.taps;
    tcv_direct_find_taps(t, index, t->tap);
}

/* Before the first class, of the block of input channels [ic, ic + count). */
static struct class before_classes(const struct tcv_direct_tile *t, const char *w, int64_t ic,
                                   int64_t count)
{
    const bool last = t->block + 1 == t->f->blocks;
    const int64_t weights = last ? t->g->weights_last : t->g->weights;

    return (struct class){
        .w = {.at = (const uint16_t *)(const void *)w +
                    weights / tcv_direct_ic_padded(t->p, t->f) * ic * TCV_BF16X3_PARTS,
              .steps = tcv_ceil_div(count, STEP)},
    };
}

void tcv_bf16x3_sum(struct tcv_direct_tile *t, const char *w, int64_t ic, int64_t count,
                    int64_t first)
{
    struct class class = before_classes(t, w, ic, count);
    int64_t index[TCV_AXES] = {0}, triple = 0;

    do {
        next_class(t, index, &class);
        t->class_row[triple++] = class.row;
        t->bf16x3->sums(&(struct tcv_bf16x3){
            .x = t->parts + (ic - first) / STEP * t->g->inputs * X_STEP,
            .x_positions = t->g->inputs,
            .at = t->pair,
            .tiles = t->positions / ROWS,
            .tap = t->tap,
            .taps = class.rows.taps,
            .steps = class.w.steps,
            .w = class.w.at,
            .vectors = class.w.vectors,
            .c = (float *)(void *)t->c + class.row,
            .c_step = t->g->c_rows,
            .add = ic > 0,
        });
    } while (tcv_direct_next_class(t->g, index));
}

/* The position of c that meets packed input `input` by a tap, or -1. */
static int64_t position_of(const struct tcv_direct_tile *t, int64_t input)
{
    const int64_t extent = t->box[W].extent, rows = t->box[1].extent;
    const int64_t row = input / extent, column = input % extent;
    const int64_t at = (row / rows * t->plane_rows + row % rows) * t->row_width + column;

    if (input < 0 || column >= t->row_width || row % rows >= t->plane_rows)
        return -1;
    return at < t->positions ? at : -1;
}

/* Adds the products of one input of a channel of the class's block, packed at `input`. */
static void add_products(struct tcv_direct_tile *t, const struct class *class, int64_t channel,
                         int64_t input, float x)
{
    for (int64_t tap = 0; tap < class->rows.taps; tap++) {
        const int64_t p = position_of(t, input - t->tap[tap]);
        float *c = (float *)(void *)t->c;

        if (p < 0)
            continue;
        c += p * t->g->c_rows + class->row;
        for (int64_t m = 0; m < class->rows.rows; m++)
            c[m] += tcv_bf16x3_weight(&class->w, channel, tap, m) * x;
    }
}

void tcv_bf16x3_add_wild(struct tcv_direct_tile *t, const char *w)
{
    const float *x = (const float *)(const void *)t->x;

    for (int64_t ic = 0; ic < t->p->ic; ic += STEP) {
        const int64_t block = ic / t->f->ic_block * t->f->ic_block;
        struct class class =
            before_classes(t, w, block, tcv_min(t->f->ic_block, t->p->ic - block));
        const int64_t channels = tcv_min(STEP, t->p->ic - ic);
        int64_t index[TCV_AXES] = {0};

        tcv_direct_input(t, ic, channels);
        do {
            next_class(t, index, &class);
            for (int64_t i = 0; i < t->image_inputs * channels; i++) {
                const int64_t input = i % t->image_inputs, channel = i / t->image_inputs;
                const float number = x[input * STEP + channel];

                if (tcv_bf16x3_is_wild(number))
                    add_products(t, &class, ic - block + channel, input, number);
            }
        } while (tcv_direct_next_class(t->g, index));
    }
}
