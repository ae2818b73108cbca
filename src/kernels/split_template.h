/*
 * split_template.h - rows dealt out to lines, one for each residue of an element's number
 *
 * Picture.  Step 4: even and odd elements part, and those of either again, so line r ends up where
 * the bits of r are in reverse.
 *
 *     0 1 2 3 4 5 6 7 ...   ->   0 2 4 6 ...  1 3 5 7 ...   ->   0 4 ...  2 6 ...  1 5 ...  3 7 ...
 *
 * Contract.  See struct tcv_split.  Nothing is read but elements that exist, and nothing is written
 * beyond a row of a line.
 *
 * Loop order.  A vector of each line at a time: what the lines share is read once.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_transpose.c.
 */

/* Elements e ... of a row, 0 where they do not exist. */
static inline __attribute__((always_inline)) TCV_KERNEL(vec) TCV_KERNEL(existing)(
    const TCV_REAL *from, int64_t e, int64_t begin, int64_t end)
{
    int lo = 0, hi = TCV_WIDTH;

    if (e >= begin && e + TCV_WIDTH <= end)
        return *(const TCV_KERNEL(vec) *)(from + e);
    if (e + TCV_WIDTH <= begin || e >= end)
        return (TCV_KERNEL(vec)){0};
    if (e < begin)
        lo = (int)(begin - e);
    if (e + TCV_WIDTH > end)
        hi = (int)(end - e);
    return (TCV_KERNEL(vec))TCV_LOAD_LANES(from + e, lo, hi);
}

/* Of `step` vectors that follow each other to one of each line, at reverse[] of its number. */
static inline __attribute__((always_inline)) void TCV_KERNEL(part)(TCV_KERNEL(vec) * v, int step)
{
    TCV_UNROLL for (int half = step / 2; half > 0; half /= 2) {
        TCV_KERNEL(vec) even_odd[TCV_SPLIT_MOST];

        TCV_UNROLL for (int i = 0; i < step / 2; i++) {
            const int first = i / half * half * 2, at = i % half;

            even_odd[first + at] = TCV_EVEN(v[first + 2 * at], v[first + 2 * at + 1]);
            even_odd[first + half + at] = TCV_ODD(v[first + 2 * at], v[first + 2 * at + 1]);
        }
        TCV_UNROLL for (int i = 0; i < step; i++)
            v[i] = even_odd[i];
    }
}

/* Elements [i, stop) of the lines' row: whole vectors of elements that exist, or any. */
static inline __attribute__((always_inline)) void TCV_KERNEL(split_some)(
    const struct tcv_split *a, TCV_REAL *const *line, const TCV_REAL *from, int64_t i, int64_t stop,
    int step, bool whole)
{
    static const int reverse[][TCV_SPLIT_MOST] = {
        [2] = {0, 1}, [4] = {0, 2, 1, 3}, [8] = {0, 4, 2, 6, 1, 5, 3, 7}};

    for (; i < stop; i += TCV_WIDTH) {
        TCV_KERNEL(vec) v[TCV_SPLIT_MOST];

        TCV_UNROLL for (int j = 0; j < step; j++) {
            const int64_t e = i * step + j * TCV_WIDTH;

            v[j] = whole ? *(const TCV_KERNEL(vec) *)(from + e)
                         : TCV_KERNEL(existing)(from, e, a->begin, a->end);
        }
        TCV_KERNEL(part)(v, step);
        TCV_UNROLL for (int r = 0; r < step; r++)
            if (line[r] != NULL)
                TCV_KERNEL(store)(line[r] + i, whole ? TCV_WIDTH : stop - i, v[reverse[step][r]]);
    }
}

/*
 * All rows have the same begin and end, so the vectors in the middle, whose elements all exist, are
 * the same in each; of those before and behind them elements are asked for one by one.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(split_rows)(
    const struct tcv_split *args, int step)
{
    const struct tcv_split copy = *args; /* the stores below cannot alias it */
    const struct tcv_split *a = &copy;
    const TCV_REAL *from = a->from;
    const int64_t unit = TCV_WIDTH * step, all = a->extent * step;
    const int64_t lo = (a->begin + unit - 1) / unit * TCV_WIDTH;
    const int64_t hi = (a->end < all ? a->end : all) / unit * TCV_WIDTH;
    const int64_t first = lo < a->extent ? lo : a->extent, next = hi > first ? hi : first;
    TCV_REAL *line[TCV_SPLIT_MOST];

    TCV_UNROLL for (int r = 0; r < step; r++)
        line[r] = a->line[r];
    for (int64_t row = 0; row < a->rows; row++, from += a->from_step) {
        TCV_KERNEL(split_some)(a, line, from, 0, first, step, false);
        TCV_KERNEL(split_some)(a, line, from, first, next, step, true);
        TCV_KERNEL(split_some)(a, line, from, next, a->extent, step, false);
        TCV_UNROLL for (int r = 0; r < step; r++)
            line[r] = line[r] == NULL ? NULL : line[r] + a->extent;
    }
}

void TCV_KERNEL(tcv_split)(const struct tcv_split *a)
{
    switch (a->step) {
    case 2: TCV_KERNEL(split_rows)(a, 2); break;
    case 4: TCV_KERNEL(split_rows)(a, 4); break;
    case 8: TCV_KERNEL(split_rows)(a, 8); break;
    }
}
