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
    return (TCV_KERNEL(vec))TCV_LOAD_PART(p, n);
}

static inline void TCV_KERNEL(store)(TCV_REAL *p, int64_t n, TCV_KERNEL(vec) v)
{
    if (n >= TCV_WIDTH)
        *(TCV_KERNEL(vec) *)p = v;
    else
        TCV_STORE_PART(p, n, v);
}

/* Those that call a function for each element. */
static TCV_KERNEL(vec) TCV_KERNEL(activate_slowly)(tconv_activation activation, TCV_KERNEL(vec) v)
{
    for (int i = 0; i < TCV_WIDTH; i++)
        v[i] = activation == TCONV_ACTIVATION_TANH
                   ? (TCV_REAL)TCV_TANH(v[i])
                   : (TCV_REAL)1 / ((TCV_REAL)1 + (TCV_REAL)TCV_EXP(-v[i]));
    return v;
}

/* A comparison with NaN is false, so NaN stays NaN. */
static inline TCV_KERNEL(vec) TCV_KERNEL(activate)(const struct tcv_finish *f, TCV_KERNEL(vec) v)
{
    const TCV_KERNEL(vec) zero = {0}, alpha = TCV_KERNEL(splat)((TCV_REAL)f->alpha),
                          beta = TCV_KERNEL(splat)((TCV_REAL)f->beta);

    switch (f->activation) {
    case TCONV_ACTIVATION_NONE: return v;
    case TCONV_ACTIVATION_RELU: return TCV_KERNEL(pick)(v < zero, zero, v);
    case TCONV_ACTIVATION_LEAKY_RELU: return TCV_KERNEL(pick)(v < zero, alpha * v, v);
    case TCONV_ACTIVATION_CLIP:
        v = TCV_KERNEL(pick)(v < alpha, alpha, v);
        return TCV_KERNEL(pick)(v > beta, beta, v);
    case TCONV_ACTIVATION_SIGMOID:
    case TCONV_ACTIVATION_TANH: return TCV_KERNEL(activate_slowly)(f->activation, v);
    }
    return v;
}

/* Finishes the sums v of n lanes from e on and stores them at target. */
static inline void TCV_KERNEL(finish)(const struct tcv_finish *f, int64_t e, TCV_KERNEL(vec) v,
                                      TCV_REAL *target, int64_t n)
{
    if (f->per_lane)
        v = (v + TCV_KERNEL(load)((const TCV_REAL *)f->bias + e, n)) *
                TCV_KERNEL(load)((const TCV_REAL *)f->scale + e, n) +
            TCV_KERNEL(load)((const TCV_REAL *)f->shift + e, n);
    else
        v = (v + TCV_KERNEL(splat)(*(const TCV_REAL *)f->bias)) *
                TCV_KERNEL(splat)(*(const TCV_REAL *)f->scale) +
            TCV_KERNEL(splat)(*(const TCV_REAL *)f->shift);
    if (f->accumulate)
        v = TCV_KERNEL(load)(target, n) + v;
    TCV_KERNEL(store)(target, n, TCV_KERNEL(activate)(f, v));
}

/* Four whole vectors of lanes from l on, of one pixel. */
static inline void TCV_KERNEL(sum_four)(const struct tcv_sum *a, int64_t at, int64_t l,
                                        TCV_REAL *target)
{
    TCV_KERNEL(vec) v[4] = {{0}, {0}, {0}, {0}};

    for (int64_t t = 0; t < a->sources; t++) {
        const TCV_REAL *from = (const TCV_REAL *)a->source[t] + at + l;

        for (int j = 0; j < 4; j++)
            v[j] += *(const TCV_KERNEL(vec) *)(from + j * TCV_WIDTH);
    }
    for (int j = 0; j < 4; j++)
        TCV_KERNEL(finish)(&a->finish, l + j * TCV_WIDTH, v[j], target + l + j * TCV_WIDTH,
                           TCV_WIDTH);
}

/* One vector or the n < TCV_WIDTH lanes that are left. */
static inline void TCV_KERNEL(sum_one)(const struct tcv_sum *a, int64_t at, int64_t l,
                                       TCV_REAL *target, int64_t n)
{
    TCV_KERNEL(vec) v = {0};

    for (int64_t t = 0; t < a->sources; t++)
        v += TCV_KERNEL(load)((const TCV_REAL *)a->source[t] + at + l, n);
    TCV_KERNEL(finish)(&a->finish, l, v, target + l, n);
}

void TCV_KERNEL(tcv_sum)(const struct tcv_sum *args)
{
    const struct tcv_sum copy = *args; /* the stores below cannot alias it */
    const struct tcv_sum *a = &copy;

    for (int64_t p = 0; p < a->pixels; p++) {
        const int64_t at = a->first + p * a->source_step;
        TCV_REAL *target = (TCV_REAL *)a->target + p * a->target_step;
        int64_t l = 0;

        for (; l + 4 * TCV_WIDTH <= a->lanes; l += 4 * TCV_WIDTH)
            TCV_KERNEL(sum_four)(a, at, l, target);
        for (; l < a->lanes; l += TCV_WIDTH)
            TCV_KERNEL(sum_one)(a, at, l, target, a->lanes - l);
    }
}

/* One row as it is. */
static void TCV_KERNEL(copy)(const struct tcv_finish *f, const TCV_REAL *row, int64_t count,
                             TCV_REAL *target)
{
    for (int64_t i = 0; i < count; i += TCV_WIDTH)
        TCV_KERNEL(finish)(f, 0, TCV_KERNEL(load)(row + i, count - i), target + i, count - i);
}

/* Two rows in turns. */
static void TCV_KERNEL(zip)(const struct tcv_finish *f, const TCV_REAL *even, const TCV_REAL *odd,
                            int64_t pairs, TCV_REAL *target)
{
    for (int64_t i = 0; i < pairs; i += TCV_WIDTH) {
        const int64_t n = pairs - i < TCV_WIDTH ? pairs - i : TCV_WIDTH;
        const TCV_KERNEL(vec) a = TCV_KERNEL(load)(even + i, n), b = TCV_KERNEL(load)(odd + i, n);
        TCV_REAL *to = target + 2 * i;

        TCV_KERNEL(finish)(f, 0, TCV_ZIP_LOW(a, b), to, 2 * n);
        if (2 * n > TCV_WIDTH)
            TCV_KERNEL(finish)(f, 0, TCV_ZIP_HIGH(a, b), to + TCV_WIDTH, 2 * n - TCV_WIDTH);
    }
}

/* Four rows in turns: zipping (0, 2) and (1, 3), then the results. */
static void TCV_KERNEL(zip_four)(const struct tcv_finish *f, const TCV_REAL *const row[4],
                                 int64_t quads, TCV_REAL *target)
{
    typedef TCV_KERNEL(vec) vec;

    for (int64_t i = 0; i < quads; i += TCV_WIDTH) {
        const int64_t n = quads - i < TCV_WIDTH ? quads - i : TCV_WIDTH;
        const vec a = TCV_KERNEL(load)(row[0] + i, n), b = TCV_KERNEL(load)(row[1] + i, n);
        const vec c = TCV_KERNEL(load)(row[2] + i, n), d = TCV_KERNEL(load)(row[3] + i, n);
        const vec ac = TCV_ZIP_LOW(a, c), bd = TCV_ZIP_LOW(b, d);
        const vec ac2 = TCV_ZIP_HIGH(a, c), bd2 = TCV_ZIP_HIGH(b, d);
        const vec out[4] = {TCV_ZIP_LOW(ac, bd), TCV_ZIP_HIGH(ac, bd), TCV_ZIP_LOW(ac2, bd2),
                            TCV_ZIP_HIGH(ac2, bd2)};

        for (int j = 0; j < 4 && j * TCV_WIDTH < 4 * n; j++)
            TCV_KERNEL(finish)(f, 0, out[j], target + 4 * i + j * TCV_WIDTH,
                               4 * n - j * TCV_WIDTH);
    }
}

/* Three rows in turns: the first two by a shuffle, the third into the gaps. */
static void TCV_KERNEL(zip_three)(const struct tcv_finish *f, const TCV_REAL *const row[4],
                                  int64_t triples, TCV_REAL *target)
{
    for (int64_t i = 0; i < triples; i += TCV_WIDTH) {
        const int64_t n = triples - i < TCV_WIDTH ? triples - i : TCV_WIDTH;
        const TCV_KERNEL(vec) a = TCV_KERNEL(load)(row[0] + i, n);
        const TCV_KERNEL(vec) b = TCV_KERNEL(load)(row[1] + i, n);
        const TCV_KERNEL(vec) c = TCV_KERNEL(load)(row[2] + i, n);
        TCV_KERNEL(vec) out[3];

        for (int e = 0; e < 3 * TCV_WIDTH; e++)
            out[e / TCV_WIDTH][e % TCV_WIDTH] = (e % 3 == 0   ? a
                                                  : e % 3 == 1 ? b
                                                               : c)[e / 3];
        for (int j = 0; j < 3 && j * TCV_WIDTH < 3 * n; j++)
            TCV_KERNEL(finish)(f, 0, out[j], target + 3 * i + j * TCV_WIDTH,
                               3 * n - j * TCV_WIDTH);
    }
}

static inline const TCV_REAL *TCV_KERNEL(plane_row)(const struct tcv_interleave *a, int64_t r,
                                                    int64_t plane)
{
    return (const TCV_REAL *)a->row[r] + (plane > 0 ? plane * a->row_plane[r] : 0);
}

/* Any number of rows, elements [e, end) of one plane, one by one. */
static void TCV_KERNEL(merge)(const struct tcv_interleave *a, const struct tcv_finish *f,
                              int64_t plane, int64_t e, int64_t end)
{
    TCV_REAL *target = (TCV_REAL *)a->target + plane * a->target_plane +
                       (e - a->first) * a->target_step;

    for (int64_t r = e % a->phases, i = e / a->phases; e < end; e++, target += a->target_step) {
        const TCV_REAL *row = TCV_KERNEL(plane_row)(a, r, plane);

        TCV_KERNEL(finish)(f, 0, TCV_KERNEL(load)(row + i, 1), target, 1);
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
    /* Whole groups of all phases; what is left of others goes element by element. */
    const int64_t head = (a->first + n - 1) / n, groups = end / n - head;
    const bool vectors = groups > 0 && a->target_step == 1 && n <= 4;

    for (int64_t plane = 0; plane < a->planes; plane++) {
        TCV_REAL *target = (TCV_REAL *)a->target + plane * a->target_plane + head * n - a->first;
        struct tcv_finish f = a->finish;
        const TCV_REAL *row[4] = {NULL, NULL, NULL, NULL};

        f.bias = (const TCV_REAL *)f.bias + plane;
        f.scale = (const TCV_REAL *)f.scale + plane;
        f.shift = (const TCV_REAL *)f.shift + plane;
        if (!vectors) {
            TCV_KERNEL(merge)(a, &f, plane, a->first, end);
            continue;
        }
        for (int64_t r = 0; r < n; r++)
            row[r] = TCV_KERNEL(plane_row)(a, r, plane) + head;
        TCV_KERNEL(merge)(a, &f, plane, a->first, head * n);
        switch (n) {
        case 1: TCV_KERNEL(copy)(&f, row[0], groups, target); break;
        case 2: TCV_KERNEL(zip)(&f, row[0], row[1], groups, target); break;
        case 3: TCV_KERNEL(zip_three)(&f, row, groups, target); break;
        default: TCV_KERNEL(zip_four)(&f, row, groups, target); break;
        }
        TCV_KERNEL(merge)(a, &f, plane, (head + groups) * n, end);
    }
}

/*
 * A square of vectors at a time: zipping row i with row i + WIDTH / 2, for all i,
 * and that log2(WIDTH) times, moves element (i, j) to (j, i): each round turns the
 * index of a position, row and lane bits together, by one bit.
 */
static void TCV_KERNEL(turn)(const TCV_REAL *from, int64_t from_step, TCV_REAL *to,
                             int64_t to_step)
{
    TCV_KERNEL(vec) a[TCV_WIDTH], b[TCV_WIDTH];

    for (int i = 0; i < TCV_WIDTH; i++)
        a[i] = *(const TCV_KERNEL(vec) *)(from + i * from_step);
    for (int round = 1; round < TCV_WIDTH; round *= 2) {
        for (int i = 0; i < TCV_WIDTH / 2; i++) {
            b[2 * i] = TCV_ZIP_LOW(a[i], a[i + TCV_WIDTH / 2]);
            b[2 * i + 1] = TCV_ZIP_HIGH(a[i], a[i + TCV_WIDTH / 2]);
        }
        for (int i = 0; i < TCV_WIDTH; i++)
            a[i] = b[i];
    }
    for (int i = 0; i < TCV_WIDTH; i++)
        *(TCV_KERNEL(vec) *)(to + i * to_step) = a[i];
}

void TCV_KERNEL(tcv_transpose)(const struct tcv_transpose *a)
{
    const int64_t rows = a->rows / TCV_WIDTH * TCV_WIDTH;
    const int64_t columns = a->columns / TCV_WIDTH * TCV_WIDTH;
    const TCV_REAL *from = a->from;
    TCV_REAL *to = a->to;

    for (int64_t j = 0; j < columns; j += TCV_WIDTH)
        for (int64_t i = 0; i < rows; i += TCV_WIDTH)
            TCV_KERNEL(turn)(from + i * a->from_step + j, a->from_step, to + j * a->to_step + i,
                             a->to_step);
    for (int64_t j = 0; j < a->columns; j++)
        for (int64_t i = j < columns ? rows : 0; i < a->rows; i++)
            to[j * a->to_step + i] = from[i * a->from_step + j];
}
