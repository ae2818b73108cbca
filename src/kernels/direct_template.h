/*
 * direct_template.h - the kernels of direct for one element type and one ISA
 *
 * Math.  See direct.h: a matrix product whose right operand is read at shifted
 * positions of one packed tile, so no column matrix exists.
 *
 * Picture.  rows(), 3 rows and 2 vectors of positions: 6 sums stay in registers
 * while the sum runs; a step loads 2 vectors of x and broadcasts 3 weights.
 *
 *              x[i][p ... p+15]   x[i][p+16 ... p+31]
 *     w[i][0]       sum                 sum
 *     w[i][1]       sum                 sum
 *     w[i][2]       sum                 sum
 *
 * lanes() is the same with the roles exchanged: vectors of weights, broadcast x.
 *
 * Registers.  A multiply-add takes about 4 cycles and 2 start per cycle: 8 sums
 * and more hide that.  R rows and V vectors need R * V + V + 1 registers and
 * V + R loads for R * V multiply-adds; few rows take as many more of the positions as fit.
 *
 * Contract.  x is readable to the end of the last vector; c too, and it is
 * written there.  Included with TCV_REAL, TCV_WIDTH, TCV_REGISTERS and
 * TCV_KERNEL(name) defined.  No include guard, on purpose.
 *
 * Checked by tests/kernel/test_direct.c.
 */

typedef TCV_REAL TCV_KERNEL(dvec)
    __attribute__((vector_size(TCV_BYTES), aligned(sizeof(TCV_REAL)), may_alias));

/*
 * Channels after which some more of what is next is asked for, to L2: all of it at once would
 * wait for the few buffers that a core has for memory.
 */
#define TCV_ASKING 16

/* Channels by which x is fetched to L1 before it is multiplied, each from a row of its own. */
#define TCV_NEAR 8

/* Whether so many rows can be the first of several parts: those are alike, and it the largest. */
#define TCV_COPIES(R) ((R) > (TCV_REGISTERS == 32 ? 7 : 3))

/* `i` channels of one tap; copies: what is read of x is stored as well. */
#define TCV_MULTIPLY(R, V, copies)                                                              \
    for (; i > 0; i--, x += a->x_channel, w += R) {                                             \
        vec at[V];                                                                              \
                                                                                                \
        TCV_UNROLL for (int v = 0; v < V; v++) {                                                \
            at[v] = *(const vec *)(x + v * TCV_WIDTH);                                          \
            if (TCV_EMBEDS(R, V))                                                               \
                __builtin_prefetch(x + v * TCV_WIDTH + TCV_NEAR * a->x_channel);                \
            if (R < 4)                                                                          \
                TCV_KEEP(at[v]);                                                                \
            if (copies)                                                                         \
                *(vec *)(copy + v * TCV_WIDTH) = at[v];                                         \
        }                                                                                       \
        TCV_UNROLL for (int m = 0; m < R; m++) {                                                \
            const vec weight = w[m] - (vec){0};                                                 \
                                                                                                \
            TCV_UNROLL for (int v = 0; v < V; v++)                                              \
                if (TCV_EMBEDS(R, V) && m >= R / 2)                                             \
                    sum[m][v] += (again[v][m] - (vec){0}) * at[v];                              \
                else                                                                            \
                    sum[m][v] += weight * at[v];                                                \
        }                                                                                       \
        TCV_UNROLL for (int v = 0; v < V; v++)                                                  \
            again[v] += R;                                                                      \
        if (copies)                                                                             \
            copy += a->positions;                                                               \
    }

/* c[R][V vectors] at positions p ... of the tile; its rows begin at row[]. */
#define TCV_DEFINE_ROWS(R, V)                                                                   \
    static void TCV_KERNEL(rows_##R##_##V)(const struct tcv_direct *a,                          \
                                           const int64_t *restrict row, int64_t p,              \
                                           struct tcv_asking *ask)                              \
    {                                                                                           \
        typedef TCV_KERNEL(dvec) vec;                                                           \
        const TCV_REAL *w = a->w, *again[V];                                                    \
        TCV_REAL *c = (TCV_REAL *)a->c + p;                                                     \
        TCV_REAL *copy = a->x_copy == NULL ? NULL : (TCV_REAL *)a->x_copy + p;                  \
        vec sum[R][V];                                                                          \
                                                                                                \
        TCV_UNROLL for (int m = 0; m < R; m++)                                                  \
            TCV_UNROLL for (int v = 0; v < V; v++)                                              \
                sum[m][v] = a->add ? *(const vec *)(c + row[m] + v * TCV_WIDTH) : (vec){0};    \
        TCV_UNROLL for (int v = 0; v < V; v++) {                                                \
            again[v] = w;                                                                       \
            if (v > 0)                                                                          \
                TCV_APART(again[v]);                                                            \
        }                                                                                       \
        for (int64_t t = 0; t < a->taps; t++) {                                                 \
            const TCV_REAL *x = (const TCV_REAL *)a->x + p + a->tap[t];                         \
                                                                                                \
            for (int64_t left = a->channels, i; left > 0; left -= ask->channels) {              \
                tcv_ask_more(ask);                                                              \
                i = left < ask->channels ? left : ask->channels;                                \
                if (TCV_COPIES(R) && copy != NULL)                                              \
                    TCV_MULTIPLY(R, V, true)                                                    \
                else                                                                            \
                    TCV_MULTIPLY(R, V, false)                                                   \
            }                                                                                   \
        }                                                                                       \
        TCV_UNROLL for (int m = 0; m < R; m++)                                                  \
            TCV_UNROLL for (int v = 0; v < V; v++)                                              \
                *(vec *)(c + row[m] + v * TCV_WIDTH) = sum[m][v];                               \
    }

/* All R with as many vectors as registers hold, and with fewer. */
#if TCV_REGISTERS == 32
#define TCV_ROWS_SHAPES(X)                                                                      \
    X(1, 1) X(1, 2) X(1, 3) X(1, 4) X(1, 5) X(1, 6) X(1, 7) X(1, 8) X(2, 1) X(2, 2) X(2, 3)     \
    X(2, 4) X(2, 5) X(2, 6) X(2, 7) X(2, 8) X(3, 1) X(3, 2) X(3, 3) X(3, 4) X(3, 5) X(3, 6)     \
    X(3, 7) X(4, 1) X(4, 2) X(4, 3) X(4, 4) X(4, 5) X(4, 6) X(5, 1) X(5, 2) X(5, 3) X(5, 4)     \
    X(5, 5) X(6, 1) X(6, 2) X(6, 3) X(6, 4) X(7, 1) X(7, 2) X(7, 3) X(8, 1) X(8, 2) X(8, 3)     \
    X(9, 1) X(9, 2) X(9, 3) X(10, 1) X(10, 2) X(11, 1) X(11, 2) X(12, 1) X(12, 2) X(13, 1)      \
    X(13, 2) X(14, 1) X(14, 2)
#else
#define TCV_ROWS_SHAPES(X)                                                                      \
    X(1, 1) X(1, 2) X(1, 3) X(1, 4) X(1, 5) X(1, 6) X(1, 7) X(2, 1) X(2, 2) X(2, 3) X(2, 4)     \
    X(2, 5) X(3, 1) X(3, 2) X(3, 3) X(4, 1) X(4, 2) X(4, 3) X(5, 1) X(5, 2) X(6, 1) X(6, 2)
#endif

TCV_ROWS_SHAPES(TCV_DEFINE_ROWS)

/* What is ahead, in equal parts over the channels of all calls. */
static void TCV_KERNEL(begin_asking)(const struct tcv_direct *a, int64_t calls,
                                     struct tcv_asking *ask)
{
    int64_t bytes = 0, times;

    ask->at = 0;
    ask->end = UINTPTR_MAX;
    ask->bytes = 0;
    ask->channels = a->channels;
    for (int i = 0; i < TCV_DIRECT_AHEADS; i++)
        bytes += a->ahead[i].rows * a->ahead[i].row_bytes;
    times = calls * a->taps * ((a->channels + TCV_ASKING - 1) / TCV_ASKING);
    if (bytes == 0 || times == 0)
        return;
    ask->rest.rows = 0;
    ask->then = a->ahead;
    ask->last = a->ahead + TCV_DIRECT_AHEADS;
    ask->bytes = (bytes + times - 1) / times;
    ask->channels = TCV_ASKING;
    tcv_ask_begin(ask);
}

/*
 * In blocks of about as many vectors: 3 and then 1 would leave registers unused.  Few channels are
 * soon multiplied, so little is left to do for each call: numbers of vectors are narrow, for wide
 * ones take longer to divide.
 */
void TCV_KERNEL(tcv_direct_rows)(const struct tcv_direct *a)
{
#define TCV_ENTER(R, V) [R][V] = TCV_KERNEL(rows_##R##_##V),
    static void (*const of[TCV_DIRECT_ROWS_MOST + 1][9])(const struct tcv_direct *,
                                                         const int64_t *, int64_t,
                                                         struct tcv_asking *) = {
        TCV_ROWS_SHAPES(TCV_ENTER)
    };
#undef TCV_ENTER
    const uint32_t most = TCV_DIRECT_VECTORS(TCV_REGISTERS, (uint32_t)a->rows);
    const uint32_t vectors = (uint32_t)(a->positions / TCV_WIDTH);
    const uint32_t calls = (vectors + most - 1) / most;
    int64_t even[TCV_DIRECT_ROWS_MOST];
    const int64_t *row = a->c_row;
    struct tcv_asking ask;

    TCV_KERNEL(begin_asking)(a, calls, &ask);
    if (row == NULL) {
        for (int64_t m = 0; m < a->rows; m++)
            even[m] = m * a->c_step;
        row = even;
    }
    for (uint32_t i = 0, v = 0, count; i < calls; i++, v += count) {
        count = i + 1 < calls ? (vectors - v) / (calls - i) : vectors - v;
        of[a->rows][count](a, row, (int64_t)v * TCV_WIDTH, &ask);
    }
}

/* Elements that may lie between a pixel's last channel and the next pixel. */
#define TCV_GAP 16

/*
 * Of V vectors of weights, those that are fetched.  Where a vector is a line, each one; else steps
 * are short, an instruction more is felt, and the processor does well for few vectors by itself.
 */
#define TCV_FETCHES(V) (TCV_BYTES == 64 || (V) > 3 ? (V) : 1)

/*
 * What lanes() fetches while it multiplies.  Of weights, to L2, which leaves L1 to x: those `soon`
 * elements further on and, `apart` from each other, of more vectors, see tcv_direct_lanes().
 * Of x the next 2 * Q pixels where they lie side by side, all their channels together, as many
 * elements a channel; or, where pixels of one channel are neighbours, the end of those of a later
 * channel: so many rows at once are more than the processor fetches by itself.  Elsewhere `near`
 * is 0.
 *
 * c[2 * Q pixels][V vectors] of weights from vector `from` on.
 */
#define TCV_DEFINE_LANES(Q, V)                                                                  \
    static void TCV_KERNEL(lanes_##Q##_##V)(const struct tcv_direct *a, int64_t done,           \
                                            int64_t lane, const TCV_REAL *from, int64_t soon,   \
                                            int64_t apart)                                      \
    {                                                                                           \
        typedef TCV_KERNEL(dvec) vec;                                                           \
        const int64_t second = a->x_pixel, step = a->x_channel, next = a->w_vector;             \
        const int64_t end = a->channels * step;                                                 \
        const bool planar = second == 1, close = second >= end && second <= end + TCV_GAP;      \
        const int64_t near = planar ? step : step == 1 && close ? 2 * Q : 0;                    \
        const int64_t *pair = a->pair + done;                                                   \
        TCV_REAL *c[2 * Q];                                                                     \
        vec sum[2 * Q][V];                                                                      \
                                                                                                \
        if (a->c_at == NULL)                                                                    \
            TCV_UNROLL for (int p = 0; p < 2 * Q; p++)                                          \
                c[p] = (TCV_REAL *)a->c + lane + 2 * done * a->c_step + p * a->c_step;          \
        else                                                                                    \
            TCV_UNROLL for (int p = 0; p < 2 * Q; p++)                                          \
                c[p] = (TCV_REAL *)a->c + lane + a->c_at[2 * done + p];                         \
        TCV_UNROLL for (int p = 0; p < 2 * Q; p++)                                              \
            TCV_UNROLL for (int v = 0; v < V; v++)                                              \
                sum[p][v] = a->add ? *(const vec *)(c[p] + v * TCV_WIDTH) : (vec){0};           \
        for (int64_t t = 0; t < a->taps; t++) {                                                 \
            const TCV_REAL *w = from + a->w_tap[t], *x[Q], *after;                              \
                                                                                                \
            TCV_UNROLL for (int q = 0; q < Q; q++)                                              \
                x[q] = (const TCV_REAL *)a->x + a->tap[t] + pair[q];                            \
            after = x[0] + 2 * Q * second + (planar ? TCV_NEAR * step : 0);                     \
            for (int64_t i = 0, j = second; i < end; i += step, j += step, w += TCV_WIDTH) {    \
                vec weight[V];                                                                  \
                                                                                                \
                __builtin_prefetch(after);                                                      \
                after += near;                                                                  \
                TCV_UNROLL for (int v = 0; v < TCV_FETCHES(V); v++)                             \
                    __builtin_prefetch(w + soon + v * apart, 0, 2);                             \
                TCV_UNROLL for (int v = 0; v < V; v++)                                          \
                    weight[v] = *(const vec *)(w + v * next);                                   \
                TCV_UNROLL for (int q = 0; q < Q; q++) {                                        \
                    const vec even = x[q][i] - (vec){0}, odd = x[q][j] - (vec){0};              \
                                                                                                \
                    TCV_UNROLL for (int v = 0; v < V; v++) {                                    \
                        sum[2 * q][v] += even * weight[v];                                      \
                        sum[2 * q + 1][v] += odd * weight[v];                                   \
                    }                                                                           \
                }                                                                               \
            }                                                                                   \
        }                                                                                       \
        if (a->bias != NULL)                                                                    \
            TCV_UNROLL for (int v = 0; v < V; v++) {                                            \
                const int64_t at = lane + v * TCV_WIDTH;                                        \
                const vec bias = *(const vec *)((const TCV_REAL *)a->bias + at);                \
                const vec scale = *(const vec *)((const TCV_REAL *)a->scale + at);              \
                const vec shift = *(const vec *)((const TCV_REAL *)a->shift + at);              \
                                                                                                \
                TCV_UNROLL for (int p = 0; p < 2 * Q; p++) {                                    \
                    sum[p][v] = (sum[p][v] + bias) * scale;                                     \
                    TCV_ROUND(sum[p][v]);                                                       \
                    sum[p][v] += shift;                                                         \
                }                                                                               \
            }                                                                                   \
        TCV_UNROLL for (int p = 0; p < 2 * Q; p++)                                              \
            TCV_UNROLL for (int v = 0; v < V; v++)                                              \
                *(vec *)(c[p] + v * TCV_WIDTH) = sum[p][v];                                     \
    }

/*
 * Vectors at once for so many pairs; and pairs for so many vectors.  Of an odd number three are
 * taken at once, for one alone loads as many inputs as two: so fewer pairs, but for a single one.
 */
#if TCV_REGISTERS == 32
#define TCV_LANES_SHAPES(X)                                                                     \
    X(1, 1) X(1, 2) X(1, 3) X(1, 4) X(2, 1) X(2, 2) X(2, 3) X(2, 4) X(3, 1) X(3, 2) X(3, 3)     \
    X(3, 4) X(4, 1) X(4, 2) X(4, 3) X(5, 1) X(5, 2) X(6, 1) X(6, 2) X(7, 1) X(7, 2)
#define TCV_LANES_VECTORS {0, 4, 4, 4, 3, 2, 2, 2}
#define TCV_LANES_PAIRS(vectors) ((vectors) % 2 == 0 || (vectors) == 1 ? 7 : 4)
#else
#define TCV_LANES_SHAPES(X) X(1, 1) X(1, 2) X(1, 3) X(2, 1) X(2, 2) X(2, 3) X(3, 1) X(3, 2)
#define TCV_LANES_VECTORS {0, 3, 3, 2}
#define TCV_LANES_PAIRS(vectors) ((vectors) % 2 == 0 || (vectors) == 1 ? 3 : 2)
#endif

#define TCV_DEFINE_SHAPE(Q, V) TCV_DEFINE_LANES(Q, V)
TCV_LANES_SHAPES(TCV_DEFINE_SHAPE)

/* Pairs from `done` on, and vectors of weights from w on, whose first is of row `lane`. */
static void TCV_KERNEL(lanes_block)(const struct tcv_direct *a, int64_t done, int64_t pairs,
                                    int64_t lane, int64_t vectors, const TCV_REAL *w,
                                    int64_t soon, int64_t apart)
{
#define TCV_CASE(Q, V) \
    case 16 * Q + V: TCV_KERNEL(lanes_##Q##_##V)(a, done, lane, w, soon, apart); break;

    switch (16 * pairs + vectors) {
        TCV_LANES_SHAPES(TCV_CASE)
    }
#undef TCV_CASE
}

/*
 * Elements by which weights are fetched before they multiply, where all pixels are one block: so
 * few that a step takes as long as memory needs for its weights.
 */
#define TCV_AHEAD (32 * TCV_WIDTH)

/*
 * Pairs in equal blocks, so that none is left over alone; and so the vectors.  All pairs meet a
 * few vectors of weights while those are in L1 or L2.  Meanwhile memory brings the next vectors,
 * one for each block; a single block has its own ahead.
 */
void TCV_KERNEL(tcv_direct_lanes)(const struct tcv_direct *a)
{
    static const int8_t at_once[] = TCV_LANES_VECTORS;
    const int64_t together = TCV_LANES_PAIRS(a->vectors);
    const int64_t blocks = (a->pairs + together - 1) / together;
    const int64_t most = blocks > 0 ? at_once[(a->pairs + blocks - 1) / blocks] : 1;
    const int64_t calls = (a->vectors + most - 1) / most;
    const int64_t apart = blocks > 1 ? 0 : a->w_vector;
    const TCV_REAL *w = a->w, *next;

    for (int64_t i = 0, v = 0, vectors; i < calls; i++, v += vectors, w = next) {
        vectors = (a->vectors - v) / (calls - i);
        next = i + 1 < calls ? w + vectors * a->w_vector : a->w_after;
        for (int64_t b = 0, done = 0, pairs; b < blocks; b++, done += pairs) {
            const int64_t vector = b < vectors ? b : vectors - 1;

            pairs = (a->pairs - done) / (blocks - b);
            TCV_KERNEL(lanes_block)(a, done, pairs, v * TCV_WIDTH, vectors, w,
                                    blocks > 1 ? next - w + vector * a->w_vector : TCV_AHEAD,
                                    apart);
        }
    }
}

#undef TCV_AHEAD
#undef TCV_GAP
#undef TCV_FETCHES
#undef TCV_ASKING
#undef TCV_NEAR
#undef TCV_COPIES
#undef TCV_MULTIPLY
#undef TCV_DEFINE_ROWS
#undef TCV_ROWS_SHAPES
#undef TCV_DEFINE_LANES
#undef TCV_LANES_SHAPES
#undef TCV_LANES_VECTORS
#undef TCV_LANES_PAIRS
#undef TCV_DEFINE_SHAPE
