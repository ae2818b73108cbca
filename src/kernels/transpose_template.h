/*
 * transpose_template.h - rows and columns exchanged, in squares of a vector's width
 *
 * Contract.  See struct tcv_transpose and struct tcv_deal.  Nothing beyond the rows and
 * columns is touched.
 *
 * Included after col2im_template.h.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_transpose.c.
 */

/*
 * A square of vectors at a time: zipping row i with row i + WIDTH / 2, for all i,
 * and that log2(WIDTH) times, moves element (i, j) to (j, i): each round turns the
 * index of a position, row and lane bits together, by one bit.
 */
static inline __attribute__((always_inline)) void TCV_KERNEL(turn_square)(
    TCV_KERNEL(vec) a[TCV_WIDTH])
{
    TCV_KERNEL(vec) b[TCV_WIDTH];

    for (int round = 1; round < TCV_WIDTH; round *= 2) {
        for (int i = 0; i < TCV_WIDTH / 2; i++) {
            b[2 * i] = TCV_ZIP_LOW(a[i], a[i + TCV_WIDTH / 2]);
            b[2 * i + 1] = TCV_ZIP_HIGH(a[i], a[i + TCV_WIDTH / 2]);
        }
        for (int i = 0; i < TCV_WIDTH; i++)
            a[i] = b[i];
    }
}

/* Some rows, the rest of the square zeros. */
static inline __attribute__((always_inline)) void TCV_KERNEL(load_square)(
    const TCV_REAL *from, int64_t from_step, int64_t rows, int64_t columns,
    TCV_KERNEL(vec) a[TCV_WIDTH])
{
    for (int i = 0; i < TCV_WIDTH; i++)
        a[i] = i < rows ? TCV_KERNEL(load)(from + i * from_step, columns)
                        : (TCV_KERNEL(vec)){0};
}

static inline __attribute__((always_inline)) void TCV_KERNEL(turn)(
    const TCV_REAL *from, int64_t from_step, TCV_REAL *to, int64_t to_step, int64_t rows,
    int64_t columns)
{
    TCV_KERNEL(vec) a[TCV_WIDTH];

    TCV_KERNEL(load_square)(from, from_step, rows, columns, a);
    TCV_KERNEL(turn_square)(a);
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

/*
 * The square at (i, j) of each matrix; 0 * v, summed, is 0 unless a v is not finite.  What
 * follows the rows is asked for: the next call's most often, of runs too short for the
 * hardware to do it by itself.
 */
static inline __attribute__((always_inline)) TCV_KERNEL(vec) TCV_KERNEL(deal_squares)(
    const struct tcv_deal *a, int64_t i, int64_t j, int64_t rows, int64_t columns, int64_t lanes,
    bool stream)
{
    const TCV_REAL *first = (const TCV_REAL *)a->from + (rows > 0 ? i * a->from_step : 0) + j;
    const uintptr_t step = (uintptr_t)a->from_step * sizeof(TCV_REAL);
    TCV_KERNEL(vec) watch = {0};

    for (int64_t n = 0; n < a->count; n++) {
        const TCV_REAL *from = first + n * a->from_next;
        TCV_KERNEL(vec) square[TCV_WIDTH];

        for (int k = 0; k < TCV_WIDTH; k++)
            if (k < rows) /* an address that may not exist is no pointer */
                __builtin_prefetch((const void *)((uintptr_t)from +
                                                  (uintptr_t)(a->rows + k) * step));
        TCV_KERNEL(load_square)(from, a->from_step, rows, columns, square);
        for (int k = 0; k < TCV_WIDTH; k++)
            watch += square[k] * (TCV_REAL)0;
        TCV_KERNEL(turn_square)(square);
        for (int k = 0; k < TCV_WIDTH; k++)
            if (k < columns) {
                TCV_REAL *to = (TCV_REAL *)a->line[j + k] + n * a->line_step + i;

                if (stream && lanes >= TCV_WIDTH)
                    TCV_STREAM(to, square[k]);
                else
                    TCV_KERNEL(store)(to, lanes, square[k]);
            }
    }
    return watch;
}

/* Squares that rows, columns or lines do not fill. */
static TCV_KERNEL(vec) TCV_KERNEL(deal_part)(const struct tcv_deal *a, int64_t i, int64_t j)
{
    return TCV_KERNEL(deal_squares)(a, i, j, a->rows - i, a->columns - j, a->line_step - i,
                                    a->stream);
}

bool TCV_KERNEL(tcv_deal)(const struct tcv_deal *a)
{
    TCV_KERNEL(vec) watch = {0};
    bool finite = true;

    for (int64_t i = 0; i < a->line_step; i += TCV_WIDTH)
        for (int64_t j = 0; j < a->columns; j += TCV_WIDTH)
            if (i + TCV_WIDTH > a->rows || j + TCV_WIDTH > a->columns)
                watch += TCV_KERNEL(deal_part)(a, i, j);
            else if (a->stream)
                watch += TCV_KERNEL(deal_squares)(a, i, j, TCV_WIDTH, TCV_WIDTH, TCV_WIDTH, true);
            else
                watch += TCV_KERNEL(deal_squares)(a, i, j, TCV_WIDTH, TCV_WIDTH, TCV_WIDTH, false);
    for (int i = 0; i < TCV_WIDTH; i++)
        finite = finite && watch[i] == 0;
    return finite;
}
