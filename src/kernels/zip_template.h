/*
 * zip_template.h - vectors merged into one row, their elements in turns, and finished
 *
 * Picture.  Three vectors of 4 elements:
 *
 *     a0 a1 a2 a3
 *     b0 b1 b2 b3      to      a0 b0 c0 a1 | b1 c1 a2 b2 | c2 a3 b3 c3
 *     c0 c1 c2 c3
 *
 * Contract.  Cannot fail; stores `count` elements and nothing behind them.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

/*
 * Vectors in turns: one of each row, `count` > 0 elements in all.  Inlined into loops in which
 * count is that of whole vectors and the epilogue stands in registers.
 */
#define TCV_STEP                                                                              \
    (const TCV_KERNEL(epilogue) * e, const TCV_KERNEL(vec) v[], int64_t count,                \
     TCV_REAL *target, bool stream)

static inline __attribute__((always_inline)) void TCV_KERNEL(zip_1) TCV_STEP
{
    TCV_KERNEL(finish)(e, v[0], target, count, stream);
}

static inline __attribute__((always_inline)) void TCV_KERNEL(zip_2) TCV_STEP
{
    TCV_KERNEL(finish)(e, TCV_ZIP_LOW(v[0], v[1]), target, count, stream);
    if (count > TCV_WIDTH)
        TCV_KERNEL(finish)(e, TCV_ZIP_HIGH(v[0], v[1]), target + TCV_WIDTH, count - TCV_WIDTH,
                           stream);
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
    const vec ac = TCV_ZIP_LOW(v[0], v[2]), bd = TCV_ZIP_LOW(v[1], v[3]);
    const vec ac2 = TCV_ZIP_HIGH(v[0], v[2]), bd2 = TCV_ZIP_HIGH(v[1], v[3]);
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
        a[r] = v[r];
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

#undef TCV_DEFINE_TAKES
