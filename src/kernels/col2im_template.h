/*
 * col2im_template.h - col2im as a gather, for one element type and vector width
 *
 * Math.  With cols[k][i] = sum over ic of w[ic][k] * x[ic][i], output o is
 *
 *     y[o] = sum of cols[k][i]   over the taps k with  i * s - p + k * d = o
 *
 * Picture.  One axis, kernel 4, stride 2, no padding: two taps reach each
 * output, those of its phase o mod 2, from neighbouring inputs.
 *
 *     y[0] = k0 i0            y[1] = k1 i0
 *     y[2] = k2 i0 + k0 i1    y[3] = k3 i0 + k1 i1
 *     y[4] = k2 i1 + k0 i2    ...
 *
 * So the outputs of one phase are sums of rows of columns, each shifted: tcv_sum.
 * Where a row of outputs has several phases, tcv_interleave merges them.
 *
 * Contract.  See col2im.h.  Cannot fail; sums in the order of the sources.
 *
 * Loop order.  Lanes inside, so that every load and store is contiguous; four
 * vectors at once, so that a source's pointer is fetched once for four loads.
 * A source is read once and the target written once.
 *
 * Included with TCV_REAL (the type), TCV_WIDTH (elements per vector) and
 * TCV_KERNEL(name) defined.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

typedef TCV_REAL TCV_KERNEL(vec)
    __attribute__((vector_size(TCV_WIDTH * sizeof(TCV_REAL)), aligned(sizeof(TCV_REAL)), may_alias));

typedef TCV_INT TCV_KERNEL(mask)
    __attribute__((vector_size(TCV_WIDTH * sizeof(TCV_REAL)), aligned(sizeof(TCV_REAL)), may_alias));

static inline TCV_KERNEL(vec) TCV_KERNEL(splat)(TCV_REAL x)
{
    return x - (TCV_KERNEL(vec)){0};
}

/* m ? a : b, lane by lane; C has no ?: for vectors.  A blend, once compiled. */
static inline TCV_KERNEL(vec) TCV_KERNEL(pick)(TCV_KERNEL(mask) m, TCV_KERNEL(vec) a,
                                               TCV_KERNEL(vec) b)
{
    return (TCV_KERNEL(vec))((m & (TCV_KERNEL(mask))a) | (~m & (TCV_KERNEL(mask))b));
}

/* The activations that need no function call.  A comparison with NaN is false: NaN stays. */
static inline TCV_KERNEL(vec) TCV_KERNEL(activate)(const struct tcv_sum *a, TCV_KERNEL(vec) v)
{
    const TCV_KERNEL(vec) zero = {0}, alpha = TCV_KERNEL(splat)((TCV_REAL)a->alpha),
                          beta = TCV_KERNEL(splat)((TCV_REAL)a->beta);

    switch (a->activation) {
    case TCONV_ACTIVATION_RELU: return TCV_KERNEL(pick)(v < zero, zero, v);
    case TCONV_ACTIVATION_LEAKY_RELU: return TCV_KERNEL(pick)(v < zero, alpha * v, v);
    case TCONV_ACTIVATION_CLIP:
        v = TCV_KERNEL(pick)(v < alpha, alpha, v);
        return TCV_KERNEL(pick)(v > beta, beta, v);
    default: return v;
    }
}

static inline TCV_REAL TCV_KERNEL(activate_lane)(const struct tcv_sum *a, TCV_REAL v)
{
    const TCV_REAL alpha = (TCV_REAL)a->alpha, beta = (TCV_REAL)a->beta;

    switch (a->activation) {
    case TCONV_ACTIVATION_RELU: return v < 0 ? 0 : v;
    case TCONV_ACTIVATION_LEAKY_RELU: return v < 0 ? alpha * v : v;
    case TCONV_ACTIVATION_CLIP: return v < alpha ? alpha : v > beta ? beta : v;
    case TCONV_ACTIVATION_SIGMOID: return (TCV_REAL)1 / ((TCV_REAL)1 + (TCV_REAL)TCV_EXP(-v));
    case TCONV_ACTIVATION_TANH: return (TCV_REAL)TCV_TANH(v);
    default: return v;
    }
}

/* N vectors of lanes from l on, of one pixel. */
#define TCV_DEFINE_BLOCK(name, N)                                                              \
    static inline void TCV_KERNEL(name)(const struct tcv_sum *a, int64_t at, int64_t l,        \
                                        TCV_REAL *target)                                      \
    {                                                                                          \
        typedef TCV_KERNEL(vec) vec;                                                           \
        vec v[N];                                                                              \
                                                                                               \
        for (int j = 0; j < N; j++)                                                            \
            v[j] = (vec){0};                                                                   \
        for (int64_t t = 0; t < a->sources; t++) {                                             \
            const TCV_REAL *from = (const TCV_REAL *)a->source[t] + at + l;                    \
                                                                                               \
            for (int j = 0; j < N; j++)                                                        \
                v[j] += *(const vec *)(from + j * TCV_WIDTH);                                  \
        }                                                                                      \
        for (int j = 0; j < N; j++) {                                                          \
            const int64_t e = l + j * TCV_WIDTH;                                               \
                                                                                               \
            if (a->per_lane)                                                                   \
                v[j] = v[j] * *(const vec *)((const TCV_REAL *)a->scale + e) +                 \
                       *(const vec *)((const TCV_REAL *)a->offset + e);                        \
            else                                                                               \
                v[j] = v[j] * TCV_KERNEL(splat)(*(const TCV_REAL *)a->scale) +                 \
                       TCV_KERNEL(splat)(*(const TCV_REAL *)a->offset);                        \
            if (a->accumulate)                                                                 \
                v[j] = *(const vec *)(target + e) + v[j];                                      \
            *(vec *)(target + e) = TCV_KERNEL(activate)(a, v[j]);                              \
        }                                                                                      \
    }

TCV_DEFINE_BLOCK(sum_four, 4)
TCV_DEFINE_BLOCK(sum_one, 1)

static inline void TCV_KERNEL(sum_lane)(const struct tcv_sum *a, int64_t at, int64_t l,
                                        TCV_REAL *target)
{
    const int64_t e = a->per_lane ? l : 0;
    TCV_REAL v = 0;

    for (int64_t t = 0; t < a->sources; t++)
        v += ((const TCV_REAL *)a->source[t])[at + l];
    v = v * ((const TCV_REAL *)a->scale)[e] + ((const TCV_REAL *)a->offset)[e];
    if (a->accumulate)
        v = target[l] + v;
    target[l] = TCV_KERNEL(activate_lane)(a, v);
}

void TCV_KERNEL(tcv_sum)(const struct tcv_sum *args)
{
    const struct tcv_sum copy = *args; /* the stores below cannot alias it */
    const struct tcv_sum *a = &copy;
    /* Sigmoid and tanh call a function for each element, so lane by lane. */
    const int64_t vectors = a->activation == TCONV_ACTIVATION_SIGMOID ||
                                    a->activation == TCONV_ACTIVATION_TANH
                                ? 0
                                : a->lanes;

    for (int64_t p = 0; p < a->pixels; p++) {
        const int64_t at = p * a->source_step;
        TCV_REAL *target = (TCV_REAL *)a->target + p * a->target_step;
        int64_t l = 0;

        for (; l + 4 * TCV_WIDTH <= vectors; l += 4 * TCV_WIDTH)
            TCV_KERNEL(sum_four)(a, at, l, target);
        for (; l + TCV_WIDTH <= vectors; l += TCV_WIDTH)
            TCV_KERNEL(sum_one)(a, at, l, target);
        for (; l < a->lanes; l++)
            TCV_KERNEL(sum_lane)(a, at, l, target);
    }
}

/* Two rows into one, a vector of each at a time. */
static int64_t TCV_KERNEL(zip)(const TCV_REAL *even, const TCV_REAL *odd, int64_t pairs,
                               TCV_REAL *target)
{
    typedef TCV_KERNEL(vec) vec;
    int64_t i = 0;

    for (; i + TCV_WIDTH <= pairs; i += TCV_WIDTH) {
        const vec a = *(const vec *)(even + i), b = *(const vec *)(odd + i);

        *(vec *)(target + 2 * i) = TCV_ZIP_LOW(a, b);
        *(vec *)(target + 2 * i + TCV_WIDTH) = TCV_ZIP_HIGH(a, b);
    }
    return i;
}

void TCV_KERNEL(tcv_interleave)(const struct tcv_interleave *args)
{
    const int64_t phases = args->phases, step = args->target_step;
    const int64_t end = args->first + args->count;
    TCV_REAL *target = args->target;
    int64_t e = args->first;

    if (phases == 2 && step == 1) {
        const TCV_REAL *even = args->row[0], *odd = args->row[1];

        if (e % 2 != 0 && e < end)
            *target++ = odd[e++ / 2];
        const int64_t done = 2 * TCV_KERNEL(zip)(even + e / 2, odd + e / 2, (end - e) / 2, target);
        e += done;
        target += done;
    }
    for (int64_t r = e % phases, i = e / phases; e < end; e++, target += step) {
        *target = ((const TCV_REAL *)args->row[r])[i];
        if (++r == phases) {
            r = 0;
            i++;
        }
    }
}

void TCV_KERNEL(tcv_fold)(const struct tcv_fold *a)
{
    const TCV_REAL *bias = a->bias, *scale = a->scale, *shift = a->shift;

    for (int64_t i = 0; i < a->count; i++) {
        const TCV_REAL s = scale != NULL ? scale[i] : (TCV_REAL)1;

        ((TCV_REAL *)a->scale_out)[i] = s;
        ((TCV_REAL *)a->offset_out)[i] = (bias != NULL ? s * bias[i] : (TCV_REAL)0) +
                                         (shift != NULL ? shift[i] : (TCV_REAL)0);
    }
}

#undef TCV_DEFINE_BLOCK
