/*
 * bf16x3_columns.c - the columns of gemm's tiles in parts of bfloat16
 *
 *     cols = w^T x,  some input channels at a time
 *
 * with inputs split where they lie, if their neighbours there are what the kernel wants side by
 * side: positions for columns in planes, channels for the others.  Wild inputs are added when
 * all others are summed, as in bf16x3_tile.c.
 */
#include "algo/bf16x3_parts.h"
#include "algo/gemm_tile.h"
#include "base/checked.h"

#define STEP TCV_BF16X3_STEP
#define HALF (TCV_BF16X3_STEP / 2)
#define ROWS TCV_BF16X3_ROWS

/* Pixels of parts, up to an odd number of tiles: for the sets of L1. */
static int64_t padded_of(const struct tcv_gemm_inputs *in)
{
    return (tcv_ceil_div(in->pixels, ROWS) | 1) * ROWS;
}

static const float *floats_of(const struct tcv_gemm_inputs *in)
{
    return (const float *)(const void *)in->from;
}

/* [steps][3][pixels][16][2]; false if some input is wild. */
static bool split_pixels(const struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in)
{
    const float *const from = floats_of(in);
    uint16_t *const parts = t->operand;
    const int64_t padded = padded_of(in);
    bool tame = true;

    for (int64_t i = 0; i < in->count; i += STEP)
        tame &= t->bf16x3->split(&(struct tcv_bf16x3_split){
            .from = from + i,
            .from_step = in->pixel,
            .second = in->count - i > HALF ? HALF : 0,
            .lanes = {tcv_min(HALF, in->count - i),
                      tcv_max(0, tcv_min(HALF, in->count - i - HALF))},
            .count = in->pixels,
            .least = TCV_BF16X3_LEAST,
            .to = parts + i * padded * TCV_BF16X3_PARTS,
            .to_step = STEP,
            .part = padded * STEP,
        });
    return tame;
}

/*
 * [steps][3][tiles][16][16 pixels][2], a pair of channels at a time.  The last pixels may be no
 * whole line; of a channel that does not exist there is none.
 */
static bool split_planes(const struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in)
{
    const int64_t whole = in->pixels / ROWS, rest = in->pixels % ROWS;
    const float *const from = floats_of(in);
    uint16_t *const parts = t->operand;
    const int64_t padded = padded_of(in);
    bool tame = true;

    for (int64_t pair = 0; pair < tcv_ceil_div(in->count, STEP) * HALF; pair++) {
        const int64_t i = pair / HALF * STEP + pair % HALF;
        const bool first = i < in->count, second = i + HALF < in->count;
        struct tcv_bf16x3_split split = {
            .from = from + (first ? i * in->channel : 0),
            .from_step = ROWS,
            .second = second ? HALF * in->channel : 0,
            .lanes = {first ? ROWS : 0, second ? ROWS : 0},
            .count = whole,
            .least = TCV_BF16X3_LEAST,
            .to = parts + i / STEP * STEP * TCV_BF16X3_PARTS * padded + i % STEP * 2 * ROWS,
            .to_step = ROWS * STEP,
            .part = padded * STEP,
        };

        tame &= t->bf16x3->split(&split);
        split.from += whole * ROWS;
        split.to += whole * ROWS * STEP;
        split.lanes[0] = first ? rest : 0;
        split.lanes[1] = second ? rest : 0;
        split.count = rest > 0;
        tame &= t->bf16x3->split(&split);
    }
    return tame;
}

/* The block's weights of input channels [ic, ic + count). */
static struct tcv_bf16x3_weights weights_of(const struct tcv_gemm_tile *t, int64_t ic,
                                            int64_t count)
{
    const char *packed = (const char *)t->run->packed +
                         t->group * tcv_gemm_packed_bytes(t->p, t->grid) + t->block.packed_at;

    return (struct tcv_bf16x3_weights){
        .at = (const uint16_t *)(const void *)packed +
              t->block.padded * ic * TCV_BF16X3_PARTS,
        .vectors = t->block.padded / ROWS,
        .taps = 1,
        .steps = tcv_ceil_div(count, STEP),
        .planar = tcv_gemm_is_planar(t),
    };
}

static void sum(const struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in,
                const struct tcv_ask *ask, char *columns)
{
    const struct tcv_bf16x3_weights w = weights_of(t, in->ic, in->count);
    const int64_t tap = 0, tiles = tcv_ceil_div(in->pixels, ROWS);

    for (int64_t i = 0; i < tiles; i++)
        t->at[i] = i * ROWS;
    t->bf16x3->sums(&(struct tcv_bf16x3){
        .planar = tcv_gemm_is_planar(t),
        .x = t->operand,
        .x_positions = padded_of(in),
        .at = t->at,
        .tiles = tiles,
        .tap = &tap,
        .taps = 1,
        .steps = w.steps,
        .w = w.at,
        .vectors = w.vectors,
        .c = (float *)(void *)columns,
        .c_step = tcv_gemm_is_planar(t) ? t->row_step : t->pixel_step,
        .add = in->ic > 0,
        .ask = *ask,
    });
}

/* Adds the products of wild inputs among these. */
static void add_wild(const struct tcv_gemm_tile *t, const struct tcv_gemm_inputs *in, char *columns)
{
    const struct tcv_bf16x3_weights w = weights_of(t, in->ic, in->count);

    for (int64_t i = 0; i < in->count * in->pixels; i++) {
        const int64_t channel = i / in->pixels, pixel = i % in->pixels;
        const float x = floats_of(in)[channel * in->channel + pixel * in->pixel];
        float *c = (float *)(void *)columns + pixel * t->pixel_step;

        for (int64_t m = 0; m < t->block.rows && tcv_bf16x3_is_wild(x); m++)
            c[m * t->row_step] += tcv_bf16x3_weight(&w, channel, 0, m) * x;
    }
}

void tcv_bf16x3_columns(struct tcv_gemm_tile *t, const struct tcv_gemm_box *box,
                        const struct tcv_gemm_box *next)
{
    const int64_t ic = t->p->ic, most = t->grid->ic_block;
    bool tame = true;

    for (int64_t i = 0; i < ic; i += most) {
        const struct tcv_gemm_inputs in = tcv_gemm_inputs_of(t, box, i, tcv_min(most, ic - i));
        struct tcv_ask ask;

        tame &= tcv_gemm_is_planar(t) ? split_planes(t, &in) : split_pixels(t, &in);
        ask = tcv_gemm_ask_for_next(t, box, next, i + most);
        sum(t, &in, &ask, box->columns);
    }
    for (int64_t i = 0; i < ic && !tame; i += most) {
        const struct tcv_gemm_inputs in = tcv_gemm_inputs_of(t, box, i, tcv_min(most, ic - i));

        add_wild(t, &in, box->columns);
    }
}
