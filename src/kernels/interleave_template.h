/*
 * interleave_template.h - rows merged into one, their elements in turns
 *
 * Picture.  Three phases, from the element of first = 1 on:
 *
 *     a0 a1 a2 ...
 *     b0 b1 b2 ...      to      b0 c0 a1 b1 c1 a2 ...
 *     c0 c1 c2 ...
 *
 * Contract.  See struct tcv_interleave.  Cannot fail.
 *
 * Loop order.  Planes outside, and whole vectors of all rows inside.  Rows may be shorter than
 * a vector, so a plane costs little beside its elements: which row begins is the same for all.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

/*
 * Rows in turns: up to one vector of each, from element i on, `count` elements in
 * all and at least one of each row.  Inlined into loops in which count is that of
 * whole vectors and the epilogue stands in registers.
 */
#define TCV_STEP                                                                              \
    (const TCV_KERNEL(epilogue) * e, const TCV_REAL *const row[8], int64_t i, int64_t count, \
     TCV_REAL *target, bool stream)

static inline __attribute__((always_inline)) void TCV_KERNEL(zip_1) TCV_STEP
{
    TCV_KERNEL(finish)(e, TCV_KERNEL(load)(row[0] + i, count), target, count, stream);
}

static inline __attribute__((always_inline)) void TCV_KERNEL(zip_2) TCV_STEP
{
    const TCV_KERNEL(vec) a = TCV_KERNEL(load)(row[0] + i, (count + 1) / 2);
    const TCV_KERNEL(vec) b = TCV_KERNEL(load)(row[1] + i, count / 2);

    TCV_KERNEL(finish)(e, TCV_ZIP_LOW(a, b), target, count, stream);
    if (count > TCV_WIDTH)
        TCV_KERNEL(finish)(e, TCV_ZIP_HIGH(a, b), target + TCV_WIDTH, count - TCV_WIDTH, stream);
}

/* Lane k is element all[k] of a and b, one behind the other. */
static inline TCV_KERNEL(vec) TCV_KERNEL(take)(TCV_KERNEL(vec) a, TCV_KERNEL(vec) b,
                                               TCV_KERNEL(mask) all)
{
#ifdef TCV_TAKE4
    return (TCV_KERNEL(vec))TCV_TAKE(a, all, b);
#else
    TCV_KERNEL(vec) taken = a;

    for (int k = 0; k < TCV_WIDTH; k++)
        taken[k] = all[k] < TCV_WIDTH ? a[all[k]] : b[all[k] - TCV_WIDTH];
    return taken;
#endif
}

/* One row after the other, each to its places among those before it. */
#define TCV_DEFINE_TAKES(phases)                                                              \
    static inline __attribute__((always_inline)) void TCV_KERNEL(zip_##phases) TCV_STEP       \
    {                                                                                         \
        TCV_KERNEL(vec) v[phases];                                                            \
                                                                                              \
        TCV_UNROLL for (int r = 0; r < (phases); r++)                                         \
            v[r] = TCV_KERNEL(load)(row[r] + i, (count + (phases)-1 - r) / (phases));         \
        TCV_UNROLL for (int j = 0; j < (phases); j++) {                                       \
            TCV_KERNEL(vec) out = v[0];                                                       \
                                                                                              \
            TCV_UNROLL for (int r = 1; r < (phases); r++) {                                   \
                TCV_KERNEL(mask) all;                                                         \
                                                                                              \
                for (int k = 0, at = j * TCV_WIDTH; k < TCV_WIDTH; k++, at++)                 \
                    all[k] = at % (phases) == r ? TCV_WIDTH + at / (phases)                   \
                             : r == 1           ? at / (phases)                               \
                                                : k;                                          \
                out = TCV_KERNEL(take)(out, v[r], all);                                       \
            }                                                                                 \
            if (j * TCV_WIDTH < count)                                                        \
                TCV_KERNEL(finish)(e, out, target + j * TCV_WIDTH, count - j * TCV_WIDTH,     \
                                   stream);                                                   \
        }                                                                                     \
    }

TCV_DEFINE_TAKES(3)
TCV_DEFINE_TAKES(5)
TCV_DEFINE_TAKES(6)
TCV_DEFINE_TAKES(7)

/* Zipping (0, 2) and (1, 3), then the results. */
static inline __attribute__((always_inline)) void TCV_KERNEL(zip_4) TCV_STEP
{
    typedef TCV_KERNEL(vec) vec;
    const vec a = TCV_KERNEL(load)(row[0] + i, (count + 3) / 4);
    const vec b = TCV_KERNEL(load)(row[1] + i, (count + 2) / 4);
    const vec c = TCV_KERNEL(load)(row[2] + i, (count + 1) / 4);
    const vec d = TCV_KERNEL(load)(row[3] + i, count / 4);
    const vec ac = TCV_ZIP_LOW(a, c), bd = TCV_ZIP_LOW(b, d);
    const vec ac2 = TCV_ZIP_HIGH(a, c), bd2 = TCV_ZIP_HIGH(b, d);
    const vec out[4] = {TCV_ZIP_LOW(ac, bd), TCV_ZIP_HIGH(ac, bd), TCV_ZIP_LOW(ac2, bd2),
                        TCV_ZIP_HIGH(ac2, bd2)};

    for (int j = 0; j < 4 && j * TCV_WIDTH < count; j++)
        TCV_KERNEL(finish)(e, out[j], target + j * TCV_WIDTH, count - j * TCV_WIDTH, stream);
}

/* Zipping row r with row r + 4, three times over. */
static inline __attribute__((always_inline)) void TCV_KERNEL(zip_8) TCV_STEP
{
    TCV_KERNEL(vec) a[8], b[8];

    for (int r = 0; r < 8; r++)
        a[r] = TCV_KERNEL(load)(row[r] + i, (count + 7 - r) / 8);
    for (int round = 0; round < 3; round++) {
        for (int r = 0; r < 4; r++) {
            b[2 * r] = TCV_ZIP_LOW(a[r], a[r + 4]);
            b[2 * r + 1] = TCV_ZIP_HIGH(a[r], a[r + 4]);
        }
        for (int r = 0; r < 8; r++)
            a[r] = b[r];
    }
    for (int j = 0; j < 8 && j * TCV_WIDTH < count; j++)
        TCV_KERNEL(finish)(e, a[j], target + j * TCV_WIDTH, count - j * TCV_WIDTH, stream);
}

/*
 * As many of `count` elements as can be done by vectors, which leaves fewer than one
 * of each row; returns how many.
 */
#define TCV_DEFINE_ZIP(phases)                                                                \
    static inline __attribute__((always_inline)) int64_t TCV_KERNEL(zip_all_##phases)(        \
        const TCV_KERNEL(epilogue) * e, const TCV_REAL *const row[8], int64_t count,          \
        TCV_REAL *target, bool stream)                                                        \
    {                                                                                         \
        const int64_t step = (int64_t)(phases) * TCV_WIDTH;                                   \
        int64_t at = 0, i = 0;                                                                \
                                                                                              \
        for (; at + step <= count; at += step, i += TCV_WIDTH)                                \
            TCV_KERNEL(zip_##phases)(e, row, i, step, target + at, stream);                   \
        if (count - at < (phases))                                                            \
            return at;                                                                        \
        TCV_KERNEL(zip_##phases)(e, row, i, count - at, target + at, stream);                 \
        return count;                                                                         \
    }

TCV_DEFINE_ZIP(1)
TCV_DEFINE_ZIP(2)
TCV_DEFINE_ZIP(3)
TCV_DEFINE_ZIP(4)
TCV_DEFINE_ZIP(5)
TCV_DEFINE_ZIP(6)
TCV_DEFINE_ZIP(7)
TCV_DEFINE_ZIP(8)

/*
 * `count` elements of a plane whose rows take turns from row[0] on.  The plain epilogue, which
 * most have, and streaming, which needs the bandwidth, get loops without branches.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(zip_run)(
    int64_t (*zip_all)(const TCV_KERNEL(epilogue) *, const TCV_REAL *const[8], int64_t,
                       TCV_REAL *, bool),
    uint64_t phases, const TCV_KERNEL(epilogue) * e, const TCV_REAL *const row[8], int64_t count,
    TCV_REAL *target, bool stream)
{
    TCV_KERNEL(epilogue) plain = *e;
    int64_t at;

    plain.plain = true;
    if (!e->plain)
        at = zip_all(e, row, count, target, stream);
    else if (stream)
        at = zip_all(&plain, row, count, target, true);
    else
        at = zip_all(&plain, row, count, target, false);
    for (; at < count; at++)
        TCV_KERNEL(finish)(e, TCV_KERNEL(load)(row[(uint64_t)at % phases] +
                                                   (uint64_t)at / phases, 1),
                           target + at, 1, false);
}

/*
 * Rows in the order of their turns, that of element 0 first; from one plane to the next they move
 * by step.
 */
typedef struct {
    const TCV_REAL *row[8];
    int64_t step[8];
} TCV_KERNEL(turns);

/*
 * All planes of a few phases.  Streamed, a plane's first elements up to the boundary of a line go
 * apart.  Otherwise the lines of the plane after the next are asked for: the hardware knows no row
 * that has not begun.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(zip_planes)(
    const struct tcv_interleave *args, uint64_t phases,
    int64_t (*zip_all)(const TCV_KERNEL(epilogue) *, const TCV_REAL *const[8], int64_t,
                       TCV_REAL *, bool))
{
    const struct tcv_interleave copy = *args; /* the stores below cannot alias it */
    const struct tcv_interleave *a = &copy;
    const int64_t line = TCV_LINE / (int64_t)sizeof(TCV_REAL), most = 32 * line;
    const bool stream = a->finish.stream &&
                        tcv_rows_stream(a->target, a->count * (int64_t)sizeof(TCV_REAL),
                                        a->target_plane * (int64_t)sizeof(TCV_REAL));
    const uint64_t first = (uint64_t)a->first;
    TCV_REAL *target = a->target;
    TCV_KERNEL(turns) turns;

    TCV_UNROLL for (uint64_t j = 0; j < phases; j++) {
        turns.row[j] = (const TCV_REAL *)a->row[(first + j) % phases] + (first + j) / phases;
        turns.step[j] = a->planes > 1 ? a->row_plane[(first + j) % phases] : 0;
    }
    for (int64_t plane = 0; plane < a->planes; plane++, target += a->target_plane) {
        const TCV_KERNEL(epilogue) e =
            TCV_KERNEL(epilogue_of)(&a->finish, a->finish.per_lane ? plane : 0);
        const int64_t head = stream ? TCV_KERNEL(to_line)(target) : -1;
        int64_t at = 0, end = head > 0 && head < a->count ? head : a->count;

        if (head < 0 && a->planes > 2)
            TCV_KERNEL(ask)(target, 2 * a->target_plane, a->count < most ? a->count : most);
        for (; at < a->count; at = end, end = a->count) {
            const TCV_REAL *row[8];

            TCV_UNROLL for (uint64_t j = 0; j < phases; j++)
                row[j] = at == 0 ? turns.row[j]
                                 : turns.row[((uint64_t)at + j) % phases] +
                                       ((uint64_t)at + j) / phases;
            TCV_KERNEL(zip_run)(zip_all, phases, &e, row, end - at, target + at, at == head);
        }
        TCV_UNROLL for (uint64_t j = 0; j < phases; j++)
            turns.row[j] += turns.step[j];
    }
}

/* Of a constant number of phases, so that none of the above divides. */
#define TCV_DEFINE_PLANES(phases)                                                             \
    static __attribute__((noinline)) void TCV_KERNEL(zip_planes_##phases)(                    \
        const struct tcv_interleave *a)                                                       \
    {                                                                                         \
        TCV_KERNEL(zip_planes)(a, phases, TCV_KERNEL(zip_all_##phases));                      \
    }

TCV_DEFINE_PLANES(1)
TCV_DEFINE_PLANES(2)
TCV_DEFINE_PLANES(3)
TCV_DEFINE_PLANES(4)
TCV_DEFINE_PLANES(5)
TCV_DEFINE_PLANES(6)
TCV_DEFINE_PLANES(7)
TCV_DEFINE_PLANES(8)

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

        TCV_KERNEL(finish)(e, TCV_KERNEL(load)(row + i, 1), target, 1, false);
        if (++r == a->phases) {
            r = 0;
            i++;
        }
    }
}

void TCV_KERNEL(tcv_interleave)(const struct tcv_interleave *a)
{
    switch (a->target_step == 1 ? a->phases : 0) {
    case 1: TCV_KERNEL(zip_planes_1)(a); return;
    case 2: TCV_KERNEL(zip_planes_2)(a); return;
    case 3: TCV_KERNEL(zip_planes_3)(a); return;
    case 4: TCV_KERNEL(zip_planes_4)(a); return;
    case 5: TCV_KERNEL(zip_planes_5)(a); return;
    case 6: TCV_KERNEL(zip_planes_6)(a); return;
    case 7: TCV_KERNEL(zip_planes_7)(a); return;
    case 8: TCV_KERNEL(zip_planes_8)(a); return;
    }
    for (int64_t plane = 0; plane < a->planes; plane++) {
        const TCV_KERNEL(epilogue) e =
            TCV_KERNEL(epilogue_of)(&a->finish, a->finish.per_lane ? plane : 0);

        TCV_KERNEL(merge)(a, &e, plane);
    }
}

#undef TCV_STEP
#undef TCV_DEFINE_TAKES
#undef TCV_DEFINE_ZIP
#undef TCV_DEFINE_PLANES
