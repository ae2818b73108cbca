/*
 * depth_template.h - depthwise sums with channels last, finished in registers
 *
 * Math.  Where an output has one input channel its products are as few as its taps, so
 * there is no sum to be kept: each is finished and stored at once.  See struct tcv_depth.
 *
 * Picture.  Two taps, 3 of the 8 pixels: a vector of channels of each weight is loaded once
 * for all of them.
 *
 *     target[p]   = finish(w0 * x[p + tap0]   + w1 * x[p + tap1])
 *     target[p+1] = finish(w0 * x[p+1 + tap0] + w1 * x[p+1 + tap1])
 *     target[p+2] = finish(w0 * x[p+2 + tap0] + w1 * x[p+2 + tap1])
 *
 * Contract.  Cannot fail.  An element has one order of summation, by fused multiply-adds
 * where the machine has them, wherever it lies.
 *
 * Loop order.  A few pixels, whose vectors of channels follow each other in memory; their
 * sums hide each other's latency and share weights, bias, scale and shift.  What is streamed
 * should leave in long runs: a few vectors of one pixel, which share the loop over the taps.
 *
 * Included after col2im_template.h, with TCV_FMA defined.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

/* L vectors of lanes of Q pixels; n lanes of one. */
#define TCV_DEFINE_DEPTH(Q, L)                                                                 \
    static inline __attribute__((always_inline)) void TCV_KERNEL(depth_##Q##_##L)(             \
        const struct tcv_depth *a, TCV_KERNEL(epilogue) * e, int64_t p, int64_t l, int64_t n,  \
        bool stream)                                                                           \
    {                                                                                          \
        const TCV_REAL *x = (const TCV_REAL *)a->x + p * a->x_pixel + l;                       \
        const TCV_REAL *w = (const TCV_REAL *)a->w + l / TCV_WIDTH * a->w_vector;              \
        TCV_REAL *target = (TCV_REAL *)a->target + p * a->target_pixel + l;                    \
        TCV_KERNEL(vec) sum[Q][L] = {{{0}}};                                                   \
                                                                                               \
        for (int64_t t = 0; t < a->taps; t++, w += TCV_WIDTH) {                                \
            const TCV_REAL *at = x + a->tap[t];                                                \
                                                                                               \
            TCV_UNROLL for (int v = 0; v < (L); v++) {                                         \
                const TCV_KERNEL(vec) weight = *(const TCV_KERNEL(vec) *)(w + v * a->w_vector); \
                                                                                               \
                TCV_UNROLL for (int q = 0; q < (Q); q++)                                       \
                    sum[q][v] = TCV_FMA(                                                       \
                        weight, *(const TCV_KERNEL(vec) *)(at + q * a->x_pixel + v * TCV_WIDTH), \
                        sum[q][v]);                                                            \
            }                                                                                  \
        }                                                                                      \
        TCV_UNROLL for (int v = 0; v < (L); v++) {                                             \
            const int64_t lanes = (L) > 1 ? TCV_WIDTH : n, first = l + v * TCV_WIDTH;          \
                                                                                               \
            e->bias = TCV_KERNEL(load)((const TCV_REAL *)a->finish.bias + first, lanes);       \
            e->scale = TCV_KERNEL(load)((const TCV_REAL *)a->finish.scale + first, lanes);     \
            e->shift = TCV_KERNEL(load)((const TCV_REAL *)a->finish.shift + first, lanes);     \
            TCV_UNROLL for (int q = 0; q < (Q); q++)                                           \
                TCV_KERNEL(finish)(e, sum[q][v], target + q * a->target_pixel + v * TCV_WIDTH, \
                                   lanes, stream);                                             \
        }                                                                                      \
    }

TCV_DEFINE_DEPTH(1, 1)
TCV_DEFINE_DEPTH(1, 4)
TCV_DEFINE_DEPTH(4, 1)
TCV_DEFINE_DEPTH(8, 1)

/* Pixel by pixel. */
static void TCV_KERNEL(depth_stream)(const struct tcv_depth *a, TCV_KERNEL(epilogue) e)
{
    for (int64_t p = 0; p < a->pixels; p++) {
        int64_t l = 0;

        for (; l + 4 * TCV_WIDTH <= a->lanes; l += 4 * TCV_WIDTH)
            TCV_KERNEL(depth_1_4)(a, &e, p, l, TCV_WIDTH, true);
        for (; l < a->lanes; l += TCV_WIDTH)
            TCV_KERNEL(depth_1_1)(a, &e, p, l, TCV_WIDTH, true);
    }
}

void TCV_KERNEL(tcv_depth)(const struct tcv_depth *args)
{
    const struct tcv_depth copy = *args, *a = &copy;
    const int64_t line = TCV_LINE / (int64_t)sizeof(TCV_REAL);
    TCV_KERNEL(epilogue) e = TCV_KERNEL(epilogue_of)(&a->finish, 0);

    if (a->finish.stream && TCV_KERNEL(to_line)(a->target) == 0 && a->lanes % line == 0 &&
        a->target_pixel % line == 0) {
        TCV_KERNEL(depth_stream)(a, e);
        return;
    }
    for (int64_t p = 0, next; p < a->pixels; p = next) {
        next = p + (a->pixels - p >= 8 ? 8 : a->pixels - p >= 4 ? 4 : 1);
        for (int64_t l = 0; l < a->lanes; l += TCV_WIDTH) {
            const int64_t n = a->lanes - l;

            if (next - p == 8 && n >= TCV_WIDTH)
                TCV_KERNEL(depth_8_1)(a, &e, p, l, TCV_WIDTH, false);
            else if (next - p == 8)
                TCV_KERNEL(depth_8_1)(a, &e, p, l, n, false);
            else if (next - p == 4)
                TCV_KERNEL(depth_4_1)(a, &e, p, l, n, false);
            else
                TCV_KERNEL(depth_1_1)(a, &e, p, l, n, false);
        }
    }
}

#undef TCV_DEFINE_DEPTH
