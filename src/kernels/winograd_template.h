/*
 * winograd_template.h - Winograd's transforms for one element type and one ISA
 *
 * Math.  y = A ((G h) * (B d)), see winograd.h, with the polynomials' points 0, 1 and
 * infinity for F(2, 2), 0, 1, -1/2, -2 and infinity for F(3, 3), and 0, 1, -1 and infinity
 * for the others:
 *
 *     F(2,2)  B d = d0 - d1, d1, d2 - d1                     G h = h0, h0 + h1, h1
 *             A v = v0 + v1, v1 + v2
 *     F(3,2)  B d = d0 - d2, d1 + d2, d2 - d1, d3 - d1
 *             G h = h0, (h0 + h1) / 2, (h0 - h1) / 2, h1
 *             A v = v0 + (v1 + v2), v1 - v2, (v1 + v2) + v3
 *     F(2,3)  B d = d0 - d2, d1 + d2, d2 - d1, d3 - d1
 *             G h = h0, (h0 + h2 + h1) / 2, (h0 + h2 - h1) / 2, h2
 *             A v = v0 + (v1 + v2), (v1 - v2) + v3
 *     F(3,3)  B d = (d3 - d0) + 3/2 (d2 - d1), (d1 + d3) + 5/2 d2, (d3 - 2 d1) + d2,
 *                   d3 - (d1 + d2) / 2, (d4 - d1) + 3/2 (d3 - d2)
 *             G h = -h0, 2/9 (h0 + h2 + h1), 2/9 (4 h0 + h2 - 2 h1),
 *                   -1/9 (h0 + 4 h2 - 2 h1), h2
 *             A v = (v0 + v1) + (v2 + v3), (v1 - v2 / 2) - 2 v3,
 *                   (v1 + v2 / 4) + (4 v3 + v4)
 *     F(m,1)  B d = d, G h = h0 for each output, A v = v
 *
 * For F(2,2), y0 = (d0 - d1) h0 + d1 (h0 + h1) = d0 h0 + d1 h1: multiply out the
 * others likewise.  Halves are exact, ninths are not.
 *
 * Picture.  F(3,2) along a row: position p takes inputs 3 p ... 3 p + 3, so its
 * vectors of d0, d1 and d2 are every third element, and d3 is d0 of p + 1.
 *
 *     row        a0 b0 c0 a1 b1 c1 a2 b2 c2 a3 ...
 *     p = 0      d0 d1 d2 d3
 *     p = 1               d0 d1 d2 d3
 *
 * Contract.  See winograd.h.  Sets do not overlap.  Cannot fail.
 *
 * Loop order.  A vector of positions at a time, all its inputs and points in
 * registers; every element is read once (the last of a row's inputs twice).
 *
 * Included with TCV_REAL, TCV_WIDTH, TCV_LIST (of its lanes) and TCV_KERNEL(name)
 * defined.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_winograd.c.
 */

typedef TCV_REAL TCV_KERNEL(wvec)
    __attribute__((vector_size(TCV_BYTES), aligned(sizeof(TCV_REAL)), may_alias));

/* Lane l of every second or third element of two or three vectors, beginning with j. */
#define TCV_SECOND(l, j) (2 * (l) + (j))
#define TCV_THIRD_LOW(l, j) (3 * (l) + (j) < 2 * TCV_WIDTH ? 3 * (l) + (j) : -1)
#define TCV_THIRD_HIGH(l, j) \
    (3 * (l) + (j) < 2 * TCV_WIDTH ? (l) : 3 * (l) + (j) - TCV_WIDTH)
#define TCV_NEXT(l, j) ((l) + 1 + (j))

/* Element e = j * WIDTH + l of two or three vectors in turns: of the first two, then all. */
#define TCV_TURN(l, j) ((j) * TCV_WIDTH + (l))
#define TCV_ZIP(l, j) (TCV_TURN(l, j) / 2 + TCV_TURN(l, j) % 2 * TCV_WIDTH)
#define TCV_ZIP3_TWO(l, j) \
    (TCV_TURN(l, j) % 3 == 2 ? -1 : TCV_TURN(l, j) / 3 + TCV_TURN(l, j) % 3 * TCV_WIDTH)
#define TCV_ZIP3_ALL(l, j) (TCV_TURN(l, j) % 3 == 2 ? TCV_WIDTH + TCV_TURN(l, j) / 3 : (l))

#define TCV_SHUFFLE(a, b, F, j) __builtin_shufflevector(a, b, TCV_LIST(F, j))

/* B d of 3 to 5 inputs. */
static inline void TCV_KERNEL(points)(enum tcv_winograd_form form, const TCV_KERNEL(wvec) *d,
                                      TCV_KERNEL(wvec) *v)
{
    if (form == TCV_WINOGRAD_2_1 || form == TCV_WINOGRAD_3_1) {
        for (int i = 0; i < (form == TCV_WINOGRAD_2_1 ? 2 : 3); i++)
            v[i] = d[i];
    } else if (form == TCV_WINOGRAD_2_2) {
        v[0] = d[0] - d[1];
        v[1] = d[1];
        v[2] = d[2] - d[1];
    } else if (form == TCV_WINOGRAD_3_3) {
        v[0] = (d[3] - d[0]) + (TCV_REAL)1.5 * (d[2] - d[1]);
        v[1] = (d[1] + d[3]) + (TCV_REAL)2.5 * d[2];
        v[2] = (d[3] - (TCV_REAL)2 * d[1]) + d[2];
        v[3] = d[3] - (TCV_REAL)0.5 * (d[1] + d[2]);
        v[4] = (d[4] - d[1]) + (TCV_REAL)1.5 * (d[3] - d[2]);
    } else {
        v[0] = d[0] - d[2];
        v[1] = d[1] + d[2];
        v[2] = d[2] - d[1];
        v[3] = d[3] - d[1];
    }
}

/* The points of a form, and of what stands beside it, which has all inputs but the first. */
static inline void TCV_KERNEL(pair)(enum tcv_winograd_form form, enum tcv_winograd_form also,
                                    const TCV_KERNEL(wvec) *d, TCV_KERNEL(wvec) *v)
{
    TCV_KERNEL(points)(form, d, v);
    if (also != TCV_WINOGRAD_1_1)
        TCV_KERNEL(points)(also, d + 1, v + tcv_winograd_points(form));
}

/* A v of 2 to 5 products. */
static inline void TCV_KERNEL(outputs)(enum tcv_winograd_form form, const TCV_KERNEL(wvec) v[5],
                                       TCV_KERNEL(wvec) y[3])
{
    if (form == TCV_WINOGRAD_2_1 || form == TCV_WINOGRAD_3_1) {
        for (int i = 0; i < (form == TCV_WINOGRAD_2_1 ? 2 : 3); i++)
            y[i] = v[i];
    } else if (form == TCV_WINOGRAD_2_2) {
        y[0] = v[0] + v[1];
        y[1] = v[1] + v[2];
    } else if (form == TCV_WINOGRAD_3_2) {
        y[0] = v[0] + (v[1] + v[2]);
        y[1] = v[1] - v[2];
        y[2] = (v[1] + v[2]) + v[3];
    } else if (form == TCV_WINOGRAD_3_3) {
        y[0] = (v[0] + v[1]) + (v[2] + v[3]);
        y[1] = (v[1] - (TCV_REAL)0.5 * v[2]) - (TCV_REAL)2 * v[3];
        y[2] = (v[1] + (TCV_REAL)0.25 * v[2]) + ((TCV_REAL)4 * v[3] + v[4]);
    } else {
        y[0] = v[0] + (v[1] + v[2]);
        y[1] = (v[1] - v[2]) + v[3];
    }
}

/* G h of 2 or 3 taps; one is its own weight. */
static inline void TCV_KERNEL(taps)(enum tcv_winograd_form form, const TCV_KERNEL(wvec) h[3],
                                    TCV_KERNEL(wvec) v[5])
{
    const TCV_REAL half = (TCV_REAL)0.5, ninth = (TCV_REAL)(1.0 / 9.0);

    v[0] = h[0];
    if (form == TCV_WINOGRAD_2_2) {
        v[1] = h[0] + h[1];
        v[2] = h[1];
    } else if (form == TCV_WINOGRAD_3_2) {
        v[1] = (h[0] + h[1]) * half;
        v[2] = (h[0] - h[1]) * half;
        v[3] = h[1];
    } else if (form == TCV_WINOGRAD_3_3) {
        v[0] = -h[0];
        v[1] = (h[0] + h[2] + h[1]) * ((TCV_REAL)2 * ninth);
        v[2] = ((TCV_REAL)4 * h[0] + h[2] - (TCV_REAL)2 * h[1]) * ((TCV_REAL)2 * ninth);
        v[3] = (h[0] + (TCV_REAL)4 * h[2] - (TCV_REAL)2 * h[1]) * -ninth;
        v[4] = h[2];
    } else {
        v[1] = (h[0] + h[2] + h[1]) * half;
        v[2] = (h[0] + h[2] - h[1]) * half;
        v[3] = h[2];
    }
}

/* The forms of two or more taps, all that have points, and what may stand beside each. */
#define TCV_LONGER(X) X(2_2) X(3_2) X(2_3) X(3_3)
#define TCV_FORMS(X) TCV_LONGER(X) X(2_1) X(3_1)
#define TCV_PAIRS(X)                                                                         \
    X(2_2, 1_1) X(2_2, 2_1) X(2_2, 2_2) X(3_2, 1_1) X(3_2, 3_1) X(2_3, 1_1) X(2_3, 2_2)      \
    X(3_3, 1_1) X(3_3, 3_2)
#define TCV_PAIR(form, also) (TCV_WINOGRAD_FORMS * (int)(form) + (int)(also))

/* A loop over the vectors of `in` rows x, of which `combine` makes `out` rows y. */
#define TCV_ACROSS(in, combine, out)                                                         \
    for (int64_t p = 0; p < a->count; p += TCV_WIDTH) {                                      \
        const TCV_REAL *from = (const TCV_REAL *)a->from + p;                                \
        TCV_REAL *to = (TCV_REAL *)a->to + p;                                                \
        vec x[5] = {{0}}, y[9];                                                              \
                                                                                             \
        for (int i = 0; i < (in); i++)                                                       \
            x[i] = *(const vec *)(from + i * a->from_step);                                  \
        combine;                                                                             \
        for (int i = 0; i < (out); i++)                                                      \
            *(vec *)(to + i * a->to_step) = y[i];                                            \
    }

static inline void TCV_KERNEL(copy_row)(const struct tcv_winograd *a)
{
    for (int64_t p = 0; p < a->count; p += TCV_WIDTH)
        *(TCV_KERNEL(wvec) *)((TCV_REAL *)a->to + p) =
            *(const TCV_KERNEL(wvec) *)((const TCV_REAL *)a->from + p);
}

void TCV_KERNEL(tcv_winograd_forward)(const struct tcv_winograd *args)
{
    typedef TCV_KERNEL(wvec) vec;
    const struct tcv_winograd copy = *args, *a = &copy; /* the stores cannot alias it */

#define TCV_CASE(f, g)                                                                       \
    case TCV_PAIR(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g):                                       \
        TCV_ACROSS(tcv_winograd_inputs(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g),                  \
                   TCV_KERNEL(pair)(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g, x, y),               \
                   tcv_winograd_all_points(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g))              \
        break;

    switch (TCV_PAIR(a->form, a->also)) {
        TCV_PAIRS(TCV_CASE)
    default: TCV_KERNEL(copy_row)(a); break;
    }
#undef TCV_CASE
}

void TCV_KERNEL(tcv_winograd_inverse)(const struct tcv_winograd *args)
{
    typedef TCV_KERNEL(wvec) vec;
    const struct tcv_winograd copy = *args, *a = &copy;

#define TCV_CASE(f)                                                                          \
    case TCV_WINOGRAD_##f:                                                                   \
        TCV_ACROSS(tcv_winograd_points(TCV_WINOGRAD_##f),                                    \
                   TCV_KERNEL(outputs)(TCV_WINOGRAD_##f, x, y),                              \
                   tcv_winograd_outputs(TCV_WINOGRAD_##f))                                   \
        break;

    switch (a->form) {
        TCV_FORMS(TCV_CASE)
    default: TCV_KERNEL(copy_row)(a); break;
    }
#undef TCV_CASE
}

void TCV_KERNEL(tcv_winograd_weights)(const struct tcv_winograd *args)
{
    typedef TCV_KERNEL(wvec) vec;
    const struct tcv_winograd copy = *args, *a = &copy;

#define TCV_CASE(f)                                                                          \
    case TCV_WINOGRAD_##f:                                                                   \
        TCV_ACROSS(tcv_winograd_taps(TCV_WINOGRAD_##f),                                      \
                   TCV_KERNEL(taps)(TCV_WINOGRAD_##f, x, y),                                 \
                   tcv_winograd_points(TCV_WINOGRAD_##f))                                    \
        break;

    switch (a->form) {
        TCV_LONGER(TCV_CASE)
    default: TCV_KERNEL(copy_row)(a); break;
    }
#undef TCV_CASE
}

/* What is finite and small enough adds 0 to the watch, anything else NaN. */
static inline TCV_KERNEL(wvec) TCV_KERNEL(watched)(TCV_KERNEL(wvec) watch, TCV_KERNEL(wvec) x)
{
    const TCV_KERNEL(wvec) large = x * (TCV_REAL)TCV_WINOGRAD_HEADROOM;

    return watch + (large - large);
}

/* The elements of a vector but for the first, and one more. */
static inline TCV_KERNEL(wvec) TCV_KERNEL(next)(TCV_KERNEL(wvec) v, TCV_REAL last)
{
    return TCV_SHUFFLE(v, last - (TCV_KERNEL(wvec)){0}, TCV_NEXT, 0);
}

/* The n inputs d of a vector of positions at `from`; returns the watch over them. */
static inline TCV_KERNEL(wvec) TCV_KERNEL(load_row)(int64_t m, int64_t n, const TCV_REAL *from,
                                                    TCV_KERNEL(wvec) d[5])
{
    typedef TCV_KERNEL(wvec) vec;
    const vec a = *(const vec *)from, b = *(const vec *)(from + TCV_WIDTH);
    vec watch = TCV_KERNEL(watched)(TCV_KERNEL(watched)((vec){0}, a), b);

    if (m == 3) {
        const vec c = *(const vec *)(from + 2 * TCV_WIDTH);

        d[0] = TCV_SHUFFLE(TCV_SHUFFLE(a, b, TCV_THIRD_LOW, 0), c, TCV_THIRD_HIGH, 0);
        d[1] = TCV_SHUFFLE(TCV_SHUFFLE(a, b, TCV_THIRD_LOW, 1), c, TCV_THIRD_HIGH, 1);
        d[2] = TCV_SHUFFLE(TCV_SHUFFLE(a, b, TCV_THIRD_LOW, 2), c, TCV_THIRD_HIGH, 2);
        d[3] = TCV_KERNEL(next)(d[0], from[3 * TCV_WIDTH]);
        watch = TCV_KERNEL(watched)(TCV_KERNEL(watched)(watch, c), d[3]);
        if (n == 5) {
            d[4] = TCV_KERNEL(next)(d[1], from[3 * TCV_WIDTH + 1]);
            watch = TCV_KERNEL(watched)(watch, d[4]);
        }
        return watch;
    }
    d[0] = TCV_SHUFFLE(a, b, TCV_SECOND, 0);
    d[1] = TCV_SHUFFLE(a, b, TCV_SECOND, 1);
    d[2] = TCV_KERNEL(next)(d[0], from[2 * TCV_WIDTH]);
    watch = TCV_KERNEL(watched)(watch, d[2]);
    if (n == 4) {
        d[3] = TCV_KERNEL(next)(d[1], from[2 * TCV_WIDTH + 1]);
        watch = TCV_KERNEL(watched)(watch, d[3]);
    }
    return watch;
}

/* Stores the m outputs of a vector of positions in turns. */
static inline void TCV_KERNEL(store_row)(int64_t m, const TCV_KERNEL(wvec) y[3], TCV_REAL *to)
{
    typedef TCV_KERNEL(wvec) vec;

    if (m == 2) {
        *(vec *)to = TCV_SHUFFLE(y[0], y[1], TCV_ZIP, 0);
        *(vec *)(to + TCV_WIDTH) = TCV_SHUFFLE(y[0], y[1], TCV_ZIP, 1);
        return;
    }
    *(vec *)to =
        TCV_SHUFFLE(TCV_SHUFFLE(y[0], y[1], TCV_ZIP3_TWO, 0), y[2], TCV_ZIP3_ALL, 0);
    *(vec *)(to + TCV_WIDTH) =
        TCV_SHUFFLE(TCV_SHUFFLE(y[0], y[1], TCV_ZIP3_TWO, 1), y[2], TCV_ZIP3_ALL, 1);
    *(vec *)(to + 2 * TCV_WIDTH) =
        TCV_SHUFFLE(TCV_SHUFFLE(y[0], y[1], TCV_ZIP3_TWO, 2), y[2], TCV_ZIP3_ALL, 2);
}

void TCV_KERNEL(tcv_winograd_forward_row)(const struct tcv_winograd *args)
{
    typedef TCV_KERNEL(wvec) vec;
    const struct tcv_winograd copy = *args, *a = &copy;
    vec watch = *(const vec *)a->watch;

#define TCV_CASE(f, g)                                                                       \
    case TCV_PAIR(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g):                                       \
        for (int64_t p = 0; p < a->count; p += TCV_WIDTH) {                                  \
            const int64_t m = tcv_winograd_outputs(TCV_WINOGRAD_##f);                        \
            vec d[5] = {{0}}, v[9];                                                          \
                                                                                             \
            watch += TCV_KERNEL(load_row)(                                                   \
                m, tcv_winograd_inputs(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g),                  \
                (const TCV_REAL *)a->from + m * p, d);                                       \
            TCV_KERNEL(pair)(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g, d, v);                      \
            for (int i = 0; i < tcv_winograd_all_points(TCV_WINOGRAD_##f, TCV_WINOGRAD_##g); \
                 i++)                                                                        \
                *(vec *)((TCV_REAL *)a->to + p + i * a->to_step) = v[i];                     \
        }                                                                                    \
        break;

    switch (TCV_PAIR(a->form, a->also)) {
        TCV_PAIRS(TCV_CASE)
    default:
        TCV_KERNEL(copy_row)(a);
        for (int64_t p = 0; p < a->count; p += TCV_WIDTH)
            watch = TCV_KERNEL(watched)(watch, *(const vec *)((const TCV_REAL *)a->from + p));
        break;
    }
#undef TCV_CASE
    *(vec *)a->watch = watch;
}

void TCV_KERNEL(tcv_winograd_inverse_row)(const struct tcv_winograd *args)
{
    typedef TCV_KERNEL(wvec) vec;
    const struct tcv_winograd copy = *args, *a = &copy;

#define TCV_CASE(f)                                                                          \
    case TCV_WINOGRAD_##f:                                                                   \
        for (int64_t p = 0; p < a->count; p += TCV_WIDTH) {                                  \
            const int64_t m = tcv_winograd_outputs(TCV_WINOGRAD_##f);                        \
            vec v[5] = {{0}}, y[3];                                                          \
                                                                                             \
            for (int i = 0; i < tcv_winograd_points(TCV_WINOGRAD_##f); i++)                  \
                v[i] = *(const vec *)((const TCV_REAL *)a->from + p + i * a->from_step);     \
            TCV_KERNEL(outputs)(TCV_WINOGRAD_##f, v, y);                                     \
            TCV_KERNEL(store_row)(m, y, (TCV_REAL *)a->to + m * p);                          \
        }                                                                                    \
        break;

    switch (a->form) {
        TCV_FORMS(TCV_CASE)
    default: TCV_KERNEL(copy_row)(a); break;
    }
#undef TCV_CASE
}

#undef TCV_SECOND
#undef TCV_THIRD_LOW
#undef TCV_THIRD_HIGH
#undef TCV_NEXT
#undef TCV_TURN
#undef TCV_ZIP
#undef TCV_ZIP3_TWO
#undef TCV_ZIP3_ALL
#undef TCV_SHUFFLE
#undef TCV_PAIR
#undef TCV_LONGER
#undef TCV_FORMS
#undef TCV_PAIRS
#undef TCV_ACROSS
