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
 * Where a row of outputs has several phases, tcv_interleave (interleave_template.h) merges them.
 *
 * Contract.  See col2im.h.  Cannot fail; sums in the order of the sources.
 *
 * Loop order.  Lanes inside, so that every load and store is contiguous; four
 * vectors at once, so that a source's pointer is fetched once for four loads.  Of no more
 * lanes than that, what finishes them stays in registers for all pixels.
 * A source is read once and the target written once.
 *
 * Rows may be shorter than a vector, so the end of a row is a vector of which
 * only some lanes are loaded and stored (vector_part.h), never scalar code.
 *
 * Included with TCV_REAL (the type), TCV_WIDTH (elements per vector) and
 * TCV_KERNEL(name) defined.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

typedef TCV_REAL TCV_KERNEL(vec)
    __attribute__((vector_size(TCV_BYTES), aligned(sizeof(TCV_REAL)), may_alias));
typedef TCV_INT TCV_KERNEL(mask)
    __attribute__((vector_size(TCV_BYTES), aligned(sizeof(TCV_REAL)), may_alias));

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

/* The first n lanes (the others 0) of what lies at p; n >= TCV_WIDTH: all. */
static inline TCV_KERNEL(vec) TCV_KERNEL(load)(const TCV_REAL *p, int64_t n)
{
    if (n >= TCV_WIDTH)
        return *(const TCV_KERNEL(vec) *)p;
    return (TCV_KERNEL(vec))TCV_LOAD_LANES(p, 0, n);
}

static inline void TCV_KERNEL(store)(TCV_REAL *p, int64_t n, TCV_KERNEL(vec) v)
{
    if (n >= TCV_WIDTH)
        *(TCV_KERNEL(vec) *)p = v;
    else
        TCV_STORE_PART(p, n, v);
}

/* Those that call a function for each element. */
static __attribute__((noinline)) TCV_KERNEL(vec) TCV_KERNEL(activate_slowly)(
    tconv_activation activation, TCV_KERNEL(vec) v)
{
    for (int i = 0; i < TCV_WIDTH; i++)
        v[i] = activation == TCONV_ACTIVATION_TANH
                   ? (TCV_REAL)TCV_TANH(v[i])
                   : (TCV_REAL)1 / ((TCV_REAL)1 + (TCV_REAL)TCV_EXP(-v[i]));
    return v;
}

/* The epilogue with its numbers in vectors; plain: neither accumulates nor activates. */
typedef struct {
    TCV_KERNEL(vec) bias, scale, shift, alpha, beta;
    tconv_activation activation;
    bool accumulate, plain;
} TCV_KERNEL(epilogue);

static inline bool TCV_KERNEL(is_plain)(const struct tcv_finish *f)
{
    return !f->accumulate && f->activation == TCONV_ACTIVATION_NONE;
}

static inline TCV_KERNEL(epilogue) TCV_KERNEL(epilogue_of)(const struct tcv_finish *f,
                                                           int64_t channel)
{
    return (TCV_KERNEL(epilogue)){
        .bias = TCV_KERNEL(splat)(((const TCV_REAL *)f->bias)[channel]),
        .scale = TCV_KERNEL(splat)(((const TCV_REAL *)f->scale)[channel]),
        .shift = TCV_KERNEL(splat)(((const TCV_REAL *)f->shift)[channel]),
        .alpha = TCV_KERNEL(splat)((TCV_REAL)f->alpha),
        .beta = TCV_KERNEL(splat)((TCV_REAL)f->beta),
        .activation = f->activation,
        .accumulate = f->accumulate != 0,
        .plain = TCV_KERNEL(is_plain)(f),
    };
}

/* A comparison with NaN is false, so NaN stays NaN. */
static inline __attribute__((always_inline)) TCV_KERNEL(vec) TCV_KERNEL(activate)(
    const TCV_KERNEL(epilogue) *e, TCV_KERNEL(vec) v)
{
    const TCV_KERNEL(vec) zero = {0};

    switch (e->activation) {
    case TCONV_ACTIVATION_NONE: return v;
    case TCONV_ACTIVATION_RELU: return TCV_KERNEL(pick)(v < zero, zero, v);
    case TCONV_ACTIVATION_LEAKY_RELU: return TCV_KERNEL(pick)(v < zero, e->alpha * v, v);
    case TCONV_ACTIVATION_CLIP:
        v = TCV_KERNEL(pick)(v < e->alpha, e->alpha, v);
        return TCV_KERNEL(pick)(v > e->beta, e->beta, v);
    case TCONV_ACTIVATION_SIGMOID:
    case TCONV_ACTIVATION_TANH: return TCV_KERNEL(activate_slowly)(e->activation, v);
    }
    return v;
}

/* Elements from p to the next boundary of a line of memory; < 0: it has none. */
static inline int64_t TCV_KERNEL(to_line)(const TCV_REAL *p)
{
    const uintptr_t past = (uintptr_t)p % TCV_LINE;

    return past % sizeof *p != 0 ? -1 : (int64_t)((TCV_LINE - past) % TCV_LINE / sizeof *p);
}

/*
 * Asks for the lines of elements [at, at + n) from p on, as they will be stored: stores that
 * jump from line to line wait for each of them otherwise.  They need not exist.
 */
static inline void TCV_KERNEL(ask)(const TCV_REAL *p, int64_t at, int64_t n)
{
    const uintptr_t first = (uintptr_t)p + (uintptr_t)at * sizeof *p;

    for (uintptr_t i = 0; i < (uintptr_t)n * sizeof *p; i += TCV_LINE)
        __builtin_prefetch((const void *)(first + i), 1);
}

/*
 * Finishes the sums v of n lanes, all of one channel, and stores them at target; stream:
 * whole vectors past the caches, the target being on a boundary of vectors.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(finish)(
    const TCV_KERNEL(epilogue) *e, TCV_KERNEL(vec) v, TCV_REAL *target, int64_t n, bool stream)
{
    v = (v + e->bias) * e->scale + e->shift;
    if (!e->plain) {
        if (e->accumulate)
            v = TCV_KERNEL(load)(target, n) + v;
        v = TCV_KERNEL(activate)(e, v);
    }
    if (stream && n >= TCV_WIDTH)
        TCV_STREAM(target, v);
    else
        TCV_KERNEL(store)(target, n, v);
}

/* The same where lanes l ... are channels of their own. */
static inline void TCV_KERNEL(finish_lanes)(const struct tcv_finish *f,
                                            TCV_KERNEL(epilogue) *e, int64_t l,
                                            TCV_KERNEL(vec) v, TCV_REAL *target, int64_t n,
                                            bool stream)
{
    if (f->per_lane) {
        e->bias = TCV_KERNEL(load)((const TCV_REAL *)f->bias + l, n);
        e->scale = TCV_KERNEL(load)((const TCV_REAL *)f->scale + l, n);
        e->shift = TCV_KERNEL(load)((const TCV_REAL *)f->shift + l, n);
    }
    TCV_KERNEL(finish)(e, v, target, n, stream);
}

/* Four whole vectors of lanes from l on, of one pixel. */
static inline void TCV_KERNEL(sum_four)(const struct tcv_sum *a, TCV_KERNEL(epilogue) *e,
                                        int64_t at, int64_t l, TCV_REAL *target, bool stream)
{
    TCV_KERNEL(vec) v[4] = {{0}, {0}, {0}, {0}};

    for (int64_t t = 0; t < a->sources; t++) {
        const TCV_REAL *from = (const TCV_REAL *)a->source[t] + at + l;

        for (int j = 0; j < 4; j++)
            v[j] += *(const TCV_KERNEL(vec) *)(from + j * TCV_WIDTH);
    }
    for (int j = 0; j < 4; j++)
        TCV_KERNEL(finish_lanes)(&a->finish, e, l + j * TCV_WIDTH, v[j],
                                 target + l + j * TCV_WIDTH, TCV_WIDTH, stream);
}

/* One vector or the n < TCV_WIDTH lanes that are left. */
static inline void TCV_KERNEL(sum_one)(const struct tcv_sum *a, TCV_KERNEL(epilogue) *e,
                                       int64_t at, int64_t l, TCV_REAL *target, int64_t n,
                                       bool stream)
{
    TCV_KERNEL(vec) v = {0};

    for (int64_t t = 0; t < a->sources; t++)
        v += TCV_KERNEL(load)((const TCV_REAL *)a->source[t] + at + l, n);
    TCV_KERNEL(finish_lanes)(&a->finish, e, l, v, target + l, n, stream);
}

/* What tcv_sum() knows of all its pixels. */
typedef struct {
    TCV_KERNEL(epilogue) e;
    bool stream, asks;
    int64_t later; /* elements ahead that are asked for */
} TCV_KERNEL(pixels);

/* Pixels of a few vectors of lanes, the last of them not always full: what finishes them stays. */
static inline __attribute__((always_inline)) void TCV_KERNEL(sum_few)(
    const struct tcv_sum *a, const TCV_KERNEL(pixels) * all, int vectors, bool stream)
{
    const int64_t last = a->lanes - (vectors - 1) * TCV_WIDTH;
    TCV_REAL *target = a->target;
    TCV_KERNEL(epilogue) e[4] = {all->e, all->e, all->e, all->e};

    TCV_UNROLL for (int j = 0; j < vectors; j++) {
        const int64_t l = j * TCV_WIDTH, n = j + 1 < vectors ? TCV_WIDTH : last;

        if (!a->finish.per_lane)
            continue;
        e[j].bias = TCV_KERNEL(load)((const TCV_REAL *)a->finish.bias + l, n);
        e[j].scale = TCV_KERNEL(load)((const TCV_REAL *)a->finish.scale + l, n);
        e[j].shift = TCV_KERNEL(load)((const TCV_REAL *)a->finish.shift + l, n);
    }
    for (int64_t p = 0, at = a->first; p < a->pixels; p++, at += a->source_step) {
        TCV_KERNEL(vec) v[4] = {{0}, {0}, {0}, {0}};

        if (all->asks)
            TCV_KERNEL(ask)(target, all->later, a->lanes);
        for (int64_t t = 0; t < a->sources; t++) {
            const TCV_REAL *from = (const TCV_REAL *)a->source[t] + at;

            TCV_UNROLL for (int j = 0; j < vectors; j++)
                v[j] += TCV_KERNEL(load)(from + j * TCV_WIDTH,
                                         j + 1 < vectors ? TCV_WIDTH : last);
        }
        TCV_UNROLL for (int j = 0; j < vectors; j++)
            TCV_KERNEL(finish)(&e[j], v[j], target + j * TCV_WIDTH,
                               j + 1 < vectors ? TCV_WIDTH : last, stream);
        target += a->target_step;
    }
}

#define TCV_DEFINE_FEW(vectors)                                                               \
    static void TCV_KERNEL(sum_few_##vectors)(const struct tcv_sum *a,                        \
                                              const TCV_KERNEL(pixels) * all)                 \
    {                                                                                         \
        if (all->stream)                                                                      \
            TCV_KERNEL(sum_few)(a, all, vectors, true);                                       \
        else                                                                                  \
            TCV_KERNEL(sum_few)(a, all, vectors, false);                                      \
    }

TCV_DEFINE_FEW(1)
TCV_DEFINE_FEW(2)
TCV_DEFINE_FEW(3)
TCV_DEFINE_FEW(4)

void TCV_KERNEL(tcv_sum)(const struct tcv_sum *args)
{
    const struct tcv_sum copy = *args; /* the stores below cannot alias it */
    const struct tcv_sum *a = &copy;
    const int64_t line = TCV_LINE / (int64_t)sizeof(TCV_REAL);
    const bool stream = a->finish.stream && TCV_KERNEL(to_line)(a->target) == 0 &&
                        a->lanes % line == 0 && a->target_step % line == 0;
    const bool asks = !stream && a->lanes >= line && a->target_step != a->lanes;
    const int64_t pixels_ahead = a->lanes < 16 * line && asks ? 16 * line / a->lanes : 1;
    TCV_KERNEL(pixels) all = {
        .e = TCV_KERNEL(epilogue_of)(&a->finish, 0),
        .stream = stream,
        .asks = asks,
        .later = asks ? pixels_ahead * a->target_step : 0,
    };

    switch ((a->lanes + TCV_WIDTH - 1) / TCV_WIDTH) {
    case 1: TCV_KERNEL(sum_few_1)(a, &all); return;
    case 2: TCV_KERNEL(sum_few_2)(a, &all); return;
    case 3: TCV_KERNEL(sum_few_3)(a, &all); return;
    case 4: TCV_KERNEL(sum_few_4)(a, &all); return;
    }
    for (int64_t p = 0; p < a->pixels; p++) {
        const int64_t at = a->first + p * a->source_step;
        TCV_REAL *target = (TCV_REAL *)a->target + p * a->target_step;
        int64_t l = 0;

        if (asks)
            TCV_KERNEL(ask)(target, all.later, a->lanes);
        for (; l + 4 * TCV_WIDTH <= a->lanes; l += 4 * TCV_WIDTH)
            TCV_KERNEL(sum_four)(a, &all.e, at, l, target, stream);
        for (; l < a->lanes; l += TCV_WIDTH)
            TCV_KERNEL(sum_one)(a, &all.e, at, l, target, a->lanes - l, stream);
    }
}

#undef TCV_DEFINE_FEW
