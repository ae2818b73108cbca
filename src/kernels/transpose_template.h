/*
 * transpose_template.h - rows and columns exchanged, in squares of a vector's width
 *
 * Contract.  See struct tcv_transpose.  Nothing beyond the rows and columns is touched.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_col2im.c.
 */

/*
 * A square of vectors at a time: zipping row i with row i + WIDTH / 2, for all i,
 * and that log2(WIDTH) times, moves element (i, j) to (j, i): each round turns the
 * index of a position, row and lane bits together, by one bit.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(turn)(
    const TCV_REAL *from, int64_t from_step, TCV_REAL *to, int64_t to_step, int64_t rows,
    int64_t columns)
{
    TCV_KERNEL(vec) a[TCV_WIDTH], b[TCV_WIDTH];

    for (int i = 0; i < TCV_WIDTH; i++)
        a[i] = i < rows ? TCV_KERNEL(load)(from + i * from_step, columns)
                        : (TCV_KERNEL(vec)){0};
    for (int round = 1; round < TCV_WIDTH; round *= 2) {
        for (int i = 0; i < TCV_WIDTH / 2; i++) {
            b[2 * i] = TCV_ZIP_LOW(a[i], a[i + TCV_WIDTH / 2]);
            b[2 * i + 1] = TCV_ZIP_HIGH(a[i], a[i + TCV_WIDTH / 2]);
        }
        for (int i = 0; i < TCV_WIDTH; i++)
            a[i] = b[i];
    }
    for (int i = 0; i < TCV_WIDTH; i++)
        if (i < columns)
            TCV_KERNEL(store)(to + i * to_step, rows, a[i]);
}

/* A square that the rows or columns do not fill. */
static void TCV_KERNEL(turn_part)(const TCV_REAL *from, int64_t from_step, TCV_REAL *to,
                                  int64_t to_step, int64_t rows, int64_t columns)
{
    TCV_KERNEL(turn)(from, from_step, to, to_step, rows, columns);
}

void TCV_KERNEL(tcv_transpose)(const struct tcv_transpose *a)
{
    for (int64_t j = 0; j < a->columns; j += TCV_WIDTH)
        for (int64_t i = 0; i < a->rows; i += TCV_WIDTH) {
            const TCV_REAL *from = (const TCV_REAL *)a->from + i * a->from_step + j;
            TCV_REAL *to = (TCV_REAL *)a->to + j * a->to_step + i;

            if (i + TCV_WIDTH <= a->rows && j + TCV_WIDTH <= a->columns)
                TCV_KERNEL(turn)(from, a->from_step, to, a->to_step, TCV_WIDTH, TCV_WIDTH);
            else
                TCV_KERNEL(turn_part)(from, a->from_step, to, a->to_step, a->rows - i,
                                      a->columns - j);
        }
}
