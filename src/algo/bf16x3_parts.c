#include "algo/bf16x3_parts.h"

#include <math.h>
#include <string.h>

#include "base/checked.h"

#define STEP TCV_BF16X3_STEP
#define ROWS TCV_BF16X3_ROWS
#define PARTS TCV_BF16X3_PARTS
/* Elements of a step of one vector. */
#define VECTOR_STEP (PARTS * STEP * ROWS)

int64_t tcv_bf16x3_weights_size(const struct tcv_bf16x3_weights *w)
{
    return w->vectors * w->taps * w->steps * VECTOR_STEP;
}

/* Where a vector's weights of a tap and a step are. */
static int64_t step_at(const struct tcv_bf16x3_weights *w, int64_t vector, int64_t tap,
                       int64_t step)
{
    const int64_t pair = vector / 2 * 2, in_pair = tcv_min(2, w->vectors - pair);

    return (pair * w->taps * w->steps + (tap * w->steps + step) * in_pair + vector % 2) *
           VECTOR_STEP;
}

/* A step of one vector. */
static bool split_step(const struct tcv_setup *setup, const float *from, int64_t from_step,
                       int64_t rows, int64_t count, bool planar, uint16_t *to)
{
    float whole[STEP * ROWS] = {0.0f};
    uint16_t parts[PARTS * STEP * ROWS];
    bool split;

    if (count < STEP) {
        for (int64_t i = 0; i < count; i++)
            memcpy(whole + i * ROWS, from + i * from_step, (size_t)rows * sizeof *whole);
        from = whole;
        from_step = ROWS;
    }
    split = setup->bf16x3_kernels.split(&(struct tcv_bf16x3_split){
        .from = from, .from_step = from_step, .second = STEP / 2 * from_step,
        .lanes = {rows, rows}, .count = STEP / 2, .to = planar ? parts : to, .to_step = STEP,
        .part = STEP * ROWS});
    for (int64_t i = 0; i < PARTS && planar; i++) /* pairs of channels, of the size of floats */
        setup->kernels.transpose(&(struct tcv_transpose){parts + i * STEP * ROWS, ROWS,
                                                         to + i * STEP * ROWS, ROWS, ROWS, ROWS});
    return split;
}

bool tcv_bf16x3_split_vector(const struct tcv_setup *setup, const struct tcv_bf16x3_weights *w,
                             int64_t vector, int64_t tap, const float *from, int64_t from_step,
                             int64_t rows, int64_t ic_count, uint16_t *to)
{
    bool split = true;

    for (int64_t i = 0; i < w->steps; i++)
        split &= split_step(setup, from + i * STEP * from_step, from_step, rows,
                            tcv_min(STEP, ic_count - i * STEP), w->planar,
                            to + step_at(w, vector, tap, i));
    return split;
}

/* The number of a part. */
static float widened(uint16_t part)
{
    const uint32_t bits = (uint32_t)part << 16;
    float number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

float tcv_bf16x3_weight(const struct tcv_bf16x3_weights *w, int64_t channel, int64_t tap,
                        int64_t row)
{
    const int64_t pair = channel % (STEP / 2), m = row % ROWS;
    const uint16_t *part = w->at + step_at(w, row / ROWS, tap, channel / STEP) +
                           (w->planar ? m * ROWS + pair : pair * ROWS + m) * 2 +
                           channel % STEP / (STEP / 2);

    return widened(part[0]) + widened(part[ROWS * STEP]) + widened(part[2 * ROWS * STEP]);
}

bool tcv_bf16x3_is_wild(float x)
{
    return x != 0.0f && !(fabsf(x) >= TCV_BF16X3_LEAST && fabsf(x) < TCV_BF16X3_MOST);
}
