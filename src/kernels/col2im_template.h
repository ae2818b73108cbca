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
static inline TCV_KERNEL(vec) TCV_KERNEL(activate)(const struct tcv_finish *f, TCV_KERNEL(vec) v)
{
    const TCV_KERNEL(vec) zero = {0}, alpha = TCV_KERNEL(splat)((TCV_REAL)f->alpha),
                          beta = TCV_KERNEL(splat)((TCV_REAL)f->beta);

    switch (f->activation) {
    case TCONV_ACTIVATION_RELU: return TCV_KERNEL(pick)(v < zero, zero, v);
    case TCONV_ACTIVATION_LEAKY_RELU: return TCV_KERNEL(pick)(v < zero, alpha * v, v);
    case TCONV_ACTIVATION_CLIP:
        v = TCV_KERNEL(pick)(v < alpha, alpha, v);
        return TCV_KERNEL(pick)(v > beta, beta, v);
    default: return v;
    }
}

static inline TCV_REAL TCV_KERNEL(activate_lane)(const struct tcv_finish *f, TCV_REAL v)
{
    const TCV_REAL alpha = (TCV_REAL)f->alpha, beta = (TCV_REAL)f->beta;

    switch (f->activation) {
    case TCONV_ACTIVATION_RELU: return v < 0 ? 0 : v;
    case TCONV_ACTIVATION_LEAKY_RELU: return v < 0 ? alpha * v : v;
    case TCONV_ACTIVATION_CLIP: return v < alpha ? alpha : v > beta ? beta : v;
    case TCONV_ACTIVATION_SIGMOID: return (TCV_REAL)1 / ((TCV_REAL)1 + (TCV_REAL)TCV_EXP(-v));
    case TCONV_ACTIVATION_TANH: return (TCV_REAL)TCV_TANH(v);
    default: return v;
    }
}

/* Finishes the sums v of lanes from e on, whose targets those are. */
static inline TCV_KERNEL(vec) TCV_KERNEL(finish)(const struct tcv_finish *f, int64_t e,
                                                 TCV_KERNEL(vec) v, const TCV_REAL *target)
{
    typedef TCV_KERNEL(vec) vec;

    if (f->per_lane)
        v = v * *(const vec *)((const TCV_REAL *)f->scale + e) +
            *(const vec *)((const TCV_REAL *)f->offset + e);
    else
        v = v * TCV_KERNEL(splat)(*(const TCV_REAL *)f->scale) +
            TCV_KERNEL(splat)(*(const TCV_REAL *)f->offset);
    if (f->accumulate)
        v = *(const vec *)target + v;
    return TCV_KERNEL(activate)(f, v);
}

static inline TCV_REAL TCV_KERNEL(finish_lane)(const struct tcv_finish *f, int64_t e, TCV_REAL v,
                                               const TCV_REAL *target)
{
    if (!f->per_lane)
        e = 0;
    v = v * ((const TCV_REAL *)f->scale)[e] + ((const TCV_REAL *)f->offset)[e];
    if (f->accumulate)
        v = *target + v;
    return TCV_KERNEL(activate_lane)(f, v);
}

/* Sigmoid and tanh call a function for each element, so they go lane by lane. */
static inline int TCV_KERNEL(is_slow)(const struct tcv_finish *f)
{
    return f->activation == TCONV_ACTIVATION_SIGMOID || f->activation == TCONV_ACTIVATION_TANH;
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
            *(vec *)(target + e) = TCV_KERNEL(finish)(&a->finish, e, v[j], target + e);        \
        }                                                                                      \
    }

TCV_DEFINE_BLOCK(sum_four, 4)
TCV_DEFINE_BLOCK(sum_one, 1)

static inline void TCV_KERNEL(sum_lane)(const struct tcv_sum *a, int64_t at, int64_t l,
                                        TCV_REAL *target)
{
    TCV_REAL v = 0;

    for (int64_t t = 0; t < a->sources; t++)
        v += ((const TCV_REAL *)a->source[t])[at + l];
    target[l] = TCV_KERNEL(finish_lane)(&a->finish, l, v, target + l);
}

void TCV_KERNEL(tcv_sum)(const struct tcv_sum *args)
{
    const struct tcv_sum copy = *args; /* the stores below cannot alias it */
    const struct tcv_sum *a = &copy;
    const int64_t vectors = TCV_KERNEL(is_slow)(&a->finish) ? 0 : a->lanes;

    for (int64_t p = 0; p < a->pixels; p++) {
        const int64_t at = a->first + p * a->source_step;
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

/* One row as it is, a vector at a time; returns how many elements that did. */
static int64_t TCV_KERNEL(copy)(const struct tcv_finish *f, const TCV_REAL *row, int64_t count,
                                TCV_REAL *target)
{
    typedef TCV_KERNEL(vec) vec;
    int64_t i = 0;

    for (; i + TCV_WIDTH <= count; i += TCV_WIDTH)
        *(vec *)(target + i) = TCV_KERNEL(finish)(f, 0, *(const vec *)(row + i), target + i);
    return i;
}

/* Two rows in turns, a vector of each at a time; returns how many pairs that did. */
static int64_t TCV_KERNEL(zip)(const struct tcv_finish *f, const TCV_REAL *even,
                               const TCV_REAL *odd, int64_t pairs, TCV_REAL *target)
{
    typedef TCV_KERNEL(vec) vec;
    int64_t i = 0;

    for (; i + TCV_WIDTH <= pairs; i += TCV_WIDTH) {
        const vec a = *(const vec *)(even + i), b = *(const vec *)(odd + i);
        TCV_REAL *low = target + 2 * i, *high = low + TCV_WIDTH;

        *(vec *)low = TCV_KERNEL(finish)(f, 0, TCV_ZIP_LOW(a, b), low);
        *(vec *)high = TCV_KERNEL(finish)(f, 0, TCV_ZIP_HIGH(a, b), high);
    }
    return i;
}

/* Four rows in turns: zipping (0, 2) and (1, 3), then the results. */
static int64_t TCV_KERNEL(zip_four)(const struct tcv_finish *f, const TCV_REAL *const row[4],
                                    int64_t quads, TCV_REAL *target)
{
    typedef TCV_KERNEL(vec) vec;
    int64_t i = 0;

    for (; i + TCV_WIDTH <= quads; i += TCV_WIDTH) {
        const vec a = *(const vec *)(row[0] + i), b = *(const vec *)(row[1] + i);
        const vec c = *(const vec *)(row[2] + i), d = *(const vec *)(row[3] + i);
        const vec ac = TCV_ZIP_LOW(a, c), bd = TCV_ZIP_LOW(b, d);
        const vec ac2 = TCV_ZIP_HIGH(a, c), bd2 = TCV_ZIP_HIGH(b, d);
        const vec out[4] = {TCV_ZIP_LOW(ac, bd), TCV_ZIP_HIGH(ac, bd), TCV_ZIP_LOW(ac2, bd2),
                            TCV_ZIP_HIGH(ac2, bd2)};

        for (int j = 0; j < 4; j++) {
            TCV_REAL *to = target + 4 * i + j * TCV_WIDTH;

            *(vec *)to = TCV_KERNEL(finish)(f, 0, out[j], to);
        }
    }
    return i;
}

/* Elements [e, end), one by one. */
static void TCV_KERNEL(merge)(const struct tcv_interleave *a, int64_t e, int64_t end)
{
    TCV_REAL *target = (TCV_REAL *)a->target + (e - a->first) * a->target_step;

    for (int64_t r = e % a->phases, i = e / a->phases; e < end; e++, target += a->target_step) {
        *target = TCV_KERNEL(finish_lane)(&a->finish, 0, ((const TCV_REAL *)a->row[r])[i], target);
        if (++r == a->phases) {
            r = 0;
            i++;
        }
    }
}

void TCV_KERNEL(tcv_interleave)(const struct tcv_interleave *args)
{
    const struct tcv_interleave copy = *args; /* the stores below cannot alias it */
    const struct tcv_interleave *a = &copy;
    const int64_t n = a->phases, end = a->first + a->count;
    /* Whole groups of all phases, those that vectors can do. */
    const int64_t head = (a->first + n - 1) / n, groups = end / n - head;
    int64_t done = 0;

    if (groups > 0 && a->target_step == 1 && !TCV_KERNEL(is_slow)(&a->finish)) {
        TCV_REAL *target = (TCV_REAL *)a->target + head * n - a->first;
        const TCV_REAL *row[4] = {NULL, NULL, NULL, NULL};

        for (int64_t r = 0; r < n && r < 4; r++)
            row[r] = (const TCV_REAL *)a->row[r] + head;
        if (n == 1)
            done = TCV_KERNEL(copy)(&a->finish, row[0], groups, target);
        else if (n == 2)
            done = TCV_KERNEL(zip)(&a->finish, row[0], row[1], groups, target);
        else if (n == 4)
            done = TCV_KERNEL(zip_four)(&a->finish, row, groups, target);
    }
    if (done == 0) {
        TCV_KERNEL(merge)(a, a->first, end);
    } else {
        TCV_KERNEL(merge)(a, a->first, head * n);
        TCV_KERNEL(merge)(a, (head + done) * n, end);
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
