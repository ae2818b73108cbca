/*
 * interleave_template.h - rows merged into one, their elements in turns
 *
 * Picture.  Three phases, from the element of first = 1 on:
 *
 *     a0 a1 a2 ...
 *     b0 b1 b2 ...      to      b0 c0 a1 b1 c1 a2 ...
 *     c0 c1 c2 ...
 *
 * The rows are in memory, or their elements are sums of a few products of what is.
 *
 * Contract.  See struct tcv_interleave.  Cannot fail.  A sum has one order, by fused
 * multiply-adds where the machine has them, wherever its element lies.
 *
 * Loop order.  Planes outside, and whole vectors of all rows inside.  Rows may be shorter than
 * a vector, so a plane costs little beside its elements: which row begins is the same for all.
 * Of products, a few vectors of each row share its weights and hide each other's latency.
 *
 * Included after zip_template.h, with TCV_FMA defined.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

#define TCV_TABLED 64

/* Rows in the order of their turns from one element on, and how they go on from plane to plane. */
typedef struct {
    const TCV_REAL *row[8];
    int64_t step[8];
    const struct tcv_products *products[8];
    /* Of the first taps of all rows, in turns: where they are, and their weights. */
    int64_t tabled;
    bool rest; /* some row has more */
    int64_t tap[TCV_TABLED];
    TCV_REAL w[TCV_TABLED];
} TCV_KERNEL(turns);

/* `count` elements of rows that take turns. */
#define TCV_TURNS                                                                             \
    (const TCV_KERNEL(epilogue) * e, const TCV_KERNEL(turns) * turns, int64_t count,          \
     TCV_REAL *target, bool stream)

#define TCV_DEFINE_ZIP(phases)                                                                \
    static inline __attribute__((always_inline)) void TCV_KERNEL(zip_at_##phases)(            \
        const TCV_KERNEL(epilogue) * e, const TCV_KERNEL(turns) * turns, int64_t i,           \
        int64_t count, TCV_REAL *target, bool stream)                                         \
    {                                                                                         \
        TCV_KERNEL(vec) v[phases];                                                            \
                                                                                              \
        TCV_UNROLL for (int r = 0; r < (phases); r++)                                         \
            v[r] = TCV_KERNEL(load)(turns->row[r] + i,                                        \
                                    (count + (phases)-1 - r) / (phases));                     \
        TCV_KERNEL(zip_##phases)(e, v, count, target, stream);                                \
    }                                                                                         \
                                                                                              \
    static inline __attribute__((always_inline)) void TCV_KERNEL(zip_all_##phases) TCV_TURNS  \
    {                                                                                         \
        const int64_t step = (int64_t)(phases) * TCV_WIDTH;                                   \
        int64_t at = 0, i = 0;                                                                \
                                                                                              \
        for (; at + step <= count; at += step, i += TCV_WIDTH)                                \
            TCV_KERNEL(zip_at_##phases)(e, turns, i, step, target + at, stream);              \
        if (at < count)                                                                       \
            TCV_KERNEL(zip_at_##phases)(e, turns, i, count - at, target + at, stream);        \
    }

TCV_DEFINE_ZIP(1)
TCV_DEFINE_ZIP(2)
TCV_DEFINE_ZIP(3)
TCV_DEFINE_ZIP(4)
TCV_DEFINE_ZIP(5)
TCV_DEFINE_ZIP(6)
TCV_DEFINE_ZIP(7)
TCV_DEFINE_ZIP(8)

/* The same of products: V vectors of each row, all full or, of one, `count` elements. */
#define TCV_DEFINE_SUMS(phases, V)                                                            \
    static inline __attribute__((always_inline)) void TCV_KERNEL(sums_##phases##_##V)(        \
        const TCV_KERNEL(epilogue) * e, const TCV_KERNEL(turns) * turns, int64_t i,           \
        int64_t count, TCV_REAL *target, bool stream)                                         \
    {                                                                                         \
        const int64_t step = (int64_t)(phases) * TCV_WIDTH;                                   \
        const TCV_REAL *const base = turns->row[0] + i;                                       \
        const int64_t *tap = turns->tap;                                                      \
        const TCV_REAL *w = turns->w, *const end = w + turns->tabled * (phases);              \
        TCV_KERNEL(vec) v[V][phases];                                                         \
                                                                                              \
        TCV_UNROLL for (int j = 0; j < (V); j++)                                              \
            TCV_UNROLL for (int r = 0; r < (phases); r++)                                     \
                v[j][r] = (TCV_KERNEL(vec)){0};                                               \
        for (; w < end; w += (phases), tap += (phases))                                       \
            TCV_UNROLL for (int r = 0; r < (phases); r++) {                                   \
                const TCV_KERNEL(vec) weight = TCV_KERNEL(splat)(w[r]);                       \
                const TCV_REAL *x = base + tap[r];                                            \
                                                                                              \
                TCV_UNROLL for (int j = 0; j < (V); j++)                                      \
                    v[j][r] = TCV_FMA(weight, *(const TCV_KERNEL(vec) *)(x + j * TCV_WIDTH),  \
                                      v[j][r]);                                               \
            }                                                                                 \
        if (turns->rest)                                                                      \
            TCV_UNROLL for (int r = 0; r < (phases); r++) {                                   \
                const struct tcv_products *p = turns->products[r];                            \
                                                                                              \
                for (int64_t t = turns->tabled; t < p->taps; t++) {                           \
                    const TCV_KERNEL(vec) weight =                                            \
                        TCV_KERNEL(splat)(((const TCV_REAL *)p->w)[t]);                       \
                    const TCV_REAL *x = turns->row[r] + i + p->tap[t];                        \
                                                                                              \
                    TCV_UNROLL for (int j = 0; j < (V); j++)                                  \
                        v[j][r] = TCV_FMA(weight,                                             \
                                          *(const TCV_KERNEL(vec) *)(x + j * TCV_WIDTH),      \
                                          v[j][r]);                                           \
                }                                                                             \
            }                                                                                 \
        TCV_UNROLL for (int j = 0; j < (V); j++)                                              \
            TCV_KERNEL(zip_##phases)(e, v[j], (V) > 1 ? step : count, target + j * step,      \
                                     stream);                                                 \
    }

/* Whole groups of V vectors of each row. */
#define TCV_GROUPS(phases, V)                                                                 \
    for (; at + (V) * step <= count; at += (V) * step, i += (V) * TCV_WIDTH)                  \
        TCV_KERNEL(sums_##phases##_##V)(e, turns, i, step, target + at, stream);

/* So many vectors at once that sums hide the latency of multiply-adds, and then fewer. */
#define TCV_DEFINE_SUMS_ALL(phases, groups)                                                   \
    TCV_DEFINE_SUMS(phases, 1)                                                                \
    static inline __attribute__((always_inline)) void TCV_KERNEL(sum_all_##phases) TCV_TURNS  \
    {                                                                                         \
        const int64_t step = (int64_t)(phases) * TCV_WIDTH;                                   \
        int64_t at = 0, i = 0;                                                                \
                                                                                              \
        groups                                                                                \
        for (; at < count; at += step, i += TCV_WIDTH)                                        \
            TCV_KERNEL(sums_##phases##_1)(e, turns, i, count - at, target + at, stream);      \
    }

TCV_DEFINE_SUMS(1, 2)
TCV_DEFINE_SUMS(1, 4)
TCV_DEFINE_SUMS(1, 8)
TCV_DEFINE_SUMS(2, 2)
TCV_DEFINE_SUMS(2, 4)
TCV_DEFINE_SUMS(3, 2)
TCV_DEFINE_SUMS(4, 2)
TCV_DEFINE_SUMS(8, 2)
TCV_DEFINE_SUMS_ALL(1, TCV_GROUPS(1, 8) TCV_GROUPS(1, 4) TCV_GROUPS(1, 2))
TCV_DEFINE_SUMS_ALL(2, TCV_GROUPS(2, 4) TCV_GROUPS(2, 2))
TCV_DEFINE_SUMS_ALL(3, TCV_GROUPS(3, 2))
TCV_DEFINE_SUMS_ALL(4, TCV_GROUPS(4, 2))
TCV_DEFINE_SUMS_ALL(8, TCV_GROUPS(8, 2))

/* Of products: what they have in common. */
static inline __attribute__((always_inline)) void TCV_KERNEL(table_taps)(
    uint64_t phases, TCV_KERNEL(turns) * turns)
{
    int64_t least = TCV_TABLED / (int64_t)phases, most = 0;

    TCV_UNROLL for (uint64_t j = 0; j < phases; j++) {
        const int64_t taps = turns->products[j]->taps;

        least = taps < least ? taps : least;
        most = taps > most ? taps : most;
    }
    turns->tabled = least;
    turns->rest = most > least;
    for (int64_t t = 0, n = 0; t < least; t++)
        TCV_UNROLL for (uint64_t j = 0; j < phases; j++, n++) {
            turns->tap[n] = turns->products[j]->tap[t] + (turns->row[j] - turns->row[0]);
            turns->w[n] = ((const TCV_REAL *)turns->products[j]->w)[t];
        }
}

static inline __attribute__((always_inline)) void TCV_KERNEL(find_turns)(
    const struct tcv_interleave *a, uint64_t phases, bool sums, int64_t plane, int64_t at,
    TCV_KERNEL(turns) * turns)
{
    TCV_UNROLL for (uint64_t j = 0; j < phases; j++) {
        const uint64_t e = (uint64_t)(a->first + at) + j, r = e % phases;

        turns->step[j] = a->planes > 1 ? a->row_plane[r] : 0;
        turns->row[j] = (const TCV_REAL *)a->row[r] + plane * turns->step[j] + e / phases;
        if (sums)
            turns->products[j] = &a->products[r];
    }
    if (sums)
        TCV_KERNEL(table_taps)(phases, turns);
}

/* The same rows of the next plane. */
static inline __attribute__((always_inline)) void TCV_KERNEL(go_on)(uint64_t phases,
                                                                   TCV_KERNEL(turns) * turns)
{
    TCV_UNROLL for (uint64_t j = 0; j < phases; j++)
        turns->row[j] += turns->step[j];
}

/*
 * Planes of `phases` rows, a constant, so that nothing below divides; of products if `sums`, a
 * constant, too.  all() does some elements of one plane.
 */
#define TCV_PLANES                                                                            \
    (const struct tcv_interleave *args, uint64_t phases, bool sums,                           \
     void (*all)(const TCV_KERNEL(epilogue) *, const TCV_KERNEL(turns) *, int64_t,            \
                 TCV_REAL *, bool))

/*
 * With the plain epilogue, which most have.  Rows may be short, so where they begin stays in
 * registers.  Of rows that are there, the lines of the plane after the next are asked for: the
 * hardware knows no row that has not begun.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(planes_plainly) TCV_PLANES
{
    const struct tcv_interleave copy = *args, *a = &copy; /* the stores cannot alias it */
    const int64_t most = 32 * (TCV_LINE / (int64_t)sizeof(TCV_REAL));
    TCV_REAL *target = a->target;
    TCV_KERNEL(turns) turns;

    TCV_KERNEL(find_turns)(a, phases, sums, 0, 0, &turns);
    for (int64_t plane = 0; plane < a->planes; plane++, target += a->target_plane) {
        TCV_KERNEL(epilogue) e =
            TCV_KERNEL(epilogue_of)(&a->finish, a->finish.per_lane ? plane : 0);

        e.plain = true;
        if (!sums && a->planes > 2)
            TCV_KERNEL(ask)(target, 2 * a->target_plane, a->count < most ? a->count : most);
        all(&e, &turns, a->count, target, false);
        TCV_KERNEL(go_on)(phases, &turns);
    }
}

/*
 * The others.  Streamed, a plane's first elements up to the boundary of a line go apart; with the
 * plain epilogue the rest gets a loop without branches, which needs the bandwidth.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(planes_in_parts) TCV_PLANES
{
    const struct tcv_interleave copy = *args, *a = &copy;
    TCV_REAL *target = a->target;
    TCV_KERNEL(turns) of[2]; /* the first part's and the rest's, which begins at ... */
    int64_t begins[2] = {-1, -1};

    for (int64_t plane = 0; plane < a->planes; plane++, target += a->target_plane) {
        TCV_KERNEL(epilogue) e =
            TCV_KERNEL(epilogue_of)(&a->finish, a->finish.per_lane ? plane : 0);
        const int64_t head = a->finish.stream ? TCV_KERNEL(to_line)(target) : -1;
        int64_t at = 0, end = head > 0 && head < a->count ? head : a->count;

        for (; at < a->count; at = end, end = a->count) {
            TCV_KERNEL(turns) *turns = &of[sums && at > 0];

            if (!sums || begins[at > 0] != at)
                TCV_KERNEL(find_turns)(a, phases, sums, plane, at, turns);
            begins[at > 0] = at;
            e.plain = e.plain || sums; /* which are so, and the compiler should know */
            if (!sums && e.plain && at == head) {
                TCV_KERNEL(epilogue) plain = e;

                plain.plain = true;
                all(&plain, turns, end - at, target + at, true);
            } else {
                all(&e, turns, end - at, target + at, at == head);
            }
        }
        for (int i = 0; i < 2 && sums; i++) /* whose tables take longer */
            if (begins[i] >= 0)
                TCV_KERNEL(go_on)(phases, &of[i]);
    }
}

#define TCV_DEFINE_ZIP_PLANES(phases)                                                         \
    static __attribute__((noinline)) void TCV_KERNEL(zip_planes_##phases)(                    \
        const struct tcv_interleave *a)                                                       \
    {                                                                                         \
        if (a->finish.stream || !TCV_KERNEL(is_plain)(&a->finish))                            \
            TCV_KERNEL(planes_in_parts)(a, phases, false, TCV_KERNEL(zip_all_##phases));      \
        else                                                                                  \
            TCV_KERNEL(planes_plainly)(a, phases, false, TCV_KERNEL(zip_all_##phases));       \
    }

#define TCV_DEFINE_SUM_PLANES(phases)                                                         \
    static __attribute__((noinline)) void TCV_KERNEL(sum_planes_##phases)(                    \
        const struct tcv_interleave *a)                                                       \
    {                                                                                         \
        if (a->finish.stream)                                                                 \
            TCV_KERNEL(planes_in_parts)(a, phases, true, TCV_KERNEL(sum_all_##phases));       \
        else                                                                                  \
            TCV_KERNEL(planes_plainly)(a, phases, true, TCV_KERNEL(sum_all_##phases));        \
    }

TCV_DEFINE_ZIP_PLANES(1)
TCV_DEFINE_ZIP_PLANES(2)
TCV_DEFINE_ZIP_PLANES(3)
TCV_DEFINE_ZIP_PLANES(4)
TCV_DEFINE_ZIP_PLANES(5)
TCV_DEFINE_ZIP_PLANES(6)
TCV_DEFINE_ZIP_PLANES(7)
TCV_DEFINE_ZIP_PLANES(8)
TCV_DEFINE_SUM_PLANES(1)
TCV_DEFINE_SUM_PLANES(2)
TCV_DEFINE_SUM_PLANES(3)
TCV_DEFINE_SUM_PLANES(4)
TCV_DEFINE_SUM_PLANES(8)

static void TCV_KERNEL(planes_of)(const struct tcv_interleave *a)
{
    static void (*const rows[])(const struct tcv_interleave *) = {
        NULL,
        TCV_KERNEL(zip_planes_1), TCV_KERNEL(zip_planes_2), TCV_KERNEL(zip_planes_3),
        TCV_KERNEL(zip_planes_4), TCV_KERNEL(zip_planes_5), TCV_KERNEL(zip_planes_6),
        TCV_KERNEL(zip_planes_7), TCV_KERNEL(zip_planes_8),
    };
    static void (*const sums[])(const struct tcv_interleave *) = {
        [1] = TCV_KERNEL(sum_planes_1), [2] = TCV_KERNEL(sum_planes_2),
        [3] = TCV_KERNEL(sum_planes_3), [4] = TCV_KERNEL(sum_planes_4),
        [8] = TCV_KERNEL(sum_planes_8),
    };

    (a->products != NULL ? sums : rows)[a->phases](a);
}

/* An element of a row, in the first lane. */
static TCV_KERNEL(vec) TCV_KERNEL(element)(const TCV_REAL *row, const struct tcv_products *p)
{
    TCV_KERNEL(vec) sum = {0};

    if (p == NULL)
        return TCV_KERNEL(load)(row, 1);
    for (int64_t t = 0; t < p->taps; t++)
        sum = TCV_FMA(TCV_KERNEL(splat)(((const TCV_REAL *)p->w)[t]),
                      TCV_KERNEL(load)(row + p->tap[t], 1), sum);
    return sum;
}

/* Any number of phases, and of elements between those of the target: one plane, one by one. */
static void TCV_KERNEL(merge)(const struct tcv_interleave *args, const TCV_KERNEL(epilogue) *e,
                              int64_t plane)
{
    const struct tcv_interleave copy = *args; /* the stores below cannot alias it */
    const struct tcv_interleave *a = &copy;
    TCV_REAL *target = (TCV_REAL *)a->target + plane * a->target_plane;
    int64_t r = a->first % a->phases, i = a->first / a->phases;

    for (int64_t left = a->count; left > 0; left--, target += a->target_step) {
        const TCV_REAL *row =
            (const TCV_REAL *)a->row[r] + (plane > 0 ? plane * a->row_plane[r] : 0);
        const struct tcv_products *products = a->products != NULL ? &a->products[r] : NULL;

        TCV_KERNEL(finish)(e, TCV_KERNEL(element)(row + i, products), target, 1, false);
        if (++r == a->phases) {
            r = 0;
            i++;
        }
    }
}

void TCV_KERNEL(tcv_interleave)(const struct tcv_interleave *args)
{
    struct tcv_interleave a = *args;

    a.finish.stream = a.finish.stream &&
                      tcv_rows_stream(a.target, a.count * (int64_t)sizeof(TCV_REAL),
                                      a.target_plane * (int64_t)sizeof(TCV_REAL));
    if (a.target_step != 1 || a.phases > 8 ||
        (a.products != NULL &&
         (!tcv_interleaves_sums(a.phases) || !TCV_KERNEL(is_plain)(&a.finish)))) {
        for (int64_t plane = 0; plane < a.planes; plane++) {
            const TCV_KERNEL(epilogue) e =
                TCV_KERNEL(epilogue_of)(&a.finish, a.finish.per_lane ? plane : 0);

            TCV_KERNEL(merge)(&a, &e, plane);
        }
    } else {
        TCV_KERNEL(planes_of)(&a);
    }
}

#undef TCV_TURNS
#undef TCV_TABLED
#undef TCV_PLANES
#undef TCV_DEFINE_ZIP
#undef TCV_DEFINE_SUMS
#undef TCV_DEFINE_SUMS_ALL
#undef TCV_GROUPS
#undef TCV_DEFINE_ZIP_PLANES
#undef TCV_DEFINE_SUM_PLANES
