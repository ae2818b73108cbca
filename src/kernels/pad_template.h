/*
 * pad_template.h - rows copied, with zeros around them or into the midst of others
 *
 * Picture.  before = 1, count = 3, extent = 6, and two rows:
 *
 *     from:  a b c ...  d e f ...      to:  0 a b c 0 0 0 d e f 0 0
 *
 * Contract.  See struct tcv_pad and struct tcv_copy.  Nothing is read beyond the elements of
 * a row.
 *
 * Loop order.  Rows are short, so a row is a few whole vectors: of zeros, of elements, and
 * one of the elements that are left with zeros behind them.  What a vector writes too much
 * the next row overwrites.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_transpose.c.
 */

void TCV_KERNEL(tcv_pad)(const struct tcv_pad *a)
{
    const TCV_KERNEL(vec) zero = {0};
    const TCV_REAL *from = a->from;
    TCV_REAL *to = a->to;

    for (int64_t r = 0; r < a->rows; r++, from += a->from_step, to += a->extent) {
        int64_t i = 0;

        for (; i < a->before; i += TCV_WIDTH)
            *(TCV_KERNEL(vec) *)(to + i) = zero;
        for (i = 0; i + TCV_WIDTH <= a->count; i += TCV_WIDTH)
            *(TCV_KERNEL(vec) *)(to + a->before + i) = *(const TCV_KERNEL(vec) *)(from + i);
        if (i < a->count) {
            *(TCV_KERNEL(vec) *)(to + a->before + i) =
                TCV_KERNEL(load)(from + i, a->count - i);
            i += TCV_WIDTH;
        }
        for (i += a->before; i < a->extent; i += TCV_WIDTH)
            *(TCV_KERNEL(vec) *)(to + i) = zero;
    }
}

void TCV_KERNEL(tcv_copy)(const struct tcv_copy *a)
{
    const TCV_REAL *from = a->from;
    const int64_t count = a->count, from_step = a->from_step, to_step = a->to_step;
    TCV_REAL *to = a->to;

    for (int64_t r = a->rows; r > 0; r--, from += from_step, to += to_step)
        for (int64_t i = 0; i < count; i += TCV_WIDTH)
            TCV_KERNEL(store)(to + i, count - i, TCV_KERNEL(load)(from + i, count - i));
}
