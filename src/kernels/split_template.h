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
    const int64_t last = end - e < TCV_WIDTH ? end - e : TCV_WIDTH, hi = last > 0 ? last : 0;
    const int64_t first = begin - e > 0 ? begin - e : 0, lo = first < hi ? first : hi;

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

/* One row, to elements `at` and on of the lines. */
static inline __attribute__((always_inline)) void TCV_KERNEL(split_row)(
    const struct tcv_split *a, const TCV_REAL *from, int64_t at, int step)
{
    static const int reverse[][TCV_SPLIT_MOST] = {
        [2] = {0, 1}, [4] = {0, 2, 1, 3}, [8] = {0, 4, 2, 6, 1, 5, 3, 7}};

    for (int64_t i = 0; i < a->extent; i += TCV_WIDTH) {
        const bool all = i * step >= a->begin && (i + TCV_WIDTH) * step <= a->end;
        TCV_KERNEL(vec) v[TCV_SPLIT_MOST];

        TCV_UNROLL for (int j = 0; j < step; j++) {
            const int64_t e = i * step + j * TCV_WIDTH;

            v[j] = all ? *(const TCV_KERNEL(vec) *)(from + e)
                       : TCV_KERNEL(existing)(from, e, a->begin, a->end);
        }
        TCV_KERNEL(part)(v, step);
        TCV_UNROLL for (int r = 0; r < step; r++)
            if (a->line[r] != NULL)
                TCV_KERNEL(store)((TCV_REAL *)a->line[r] + at + i, a->extent - i,
                                  v[reverse[step][r]]);
    }
}

void TCV_KERNEL(tcv_split)(const struct tcv_split *args)
{
    const struct tcv_split copy = *args; /* the stores below cannot alias it */
    const struct tcv_split *a = &copy;
    const TCV_REAL *from = a->from;

    for (int64_t row = 0; row < a->rows; row++, from += a->from_step) {
        switch (a->step) {
        case 2: TCV_KERNEL(split_row)(a, from, row * a->extent, 2); break;
        case 4: TCV_KERNEL(split_row)(a, from, row * a->extent, 4); break;
        case 8: TCV_KERNEL(split_row)(a, from, row * a->extent, 8); break;
        }
    }
}
