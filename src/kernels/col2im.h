/*
 * col2im.h - the inner loops that turn columns into finished outputs
 *
 * Kernels work on raw pointers; "void" is the element type of the function's
 * name.  No contraction into fused multiply-adds: an element gets the same bits
 * from a vector's lane as from the scalar tail.
 */
#ifndef TCV_KERNELS_COL2IM_H
#define TCV_KERNELS_COL2IM_H

#include <stdbool.h>
#include <stdint.h>

#include <tconv/tconv.h>

/*
 * What becomes of a sum v before it is stored, in this order of rounding:
 *
 *     v = (v + bias) * scale + shift
 *     target = activation(accumulate ? target + v : v)
 */
struct tcv_finish {
    const void *bias, *scale, *shift; /* [lanes or planes] if per_lane, else [1] */
    int32_t per_lane, accumulate;
    int32_t stream; /* whole lines of memory go past the caches; then tcv_cpu_fence() is due */
    tconv_activation activation;
    double alpha, beta;
};

/*
 * For each pixel p and lane l, target[p * target_step + l] is the finished
 *
 *     v = ((source[0] + source[1]) + ...)[first + p * source_step + l]  (0 if none)
 *
 * Lanes are contiguous.  Target and sources do not overlap.
 */
struct tcv_sum {
    const void *const *source;
    int64_t sources, first, source_step;
    void *target;
    int64_t target_step;
    int64_t lanes, pixels;
    struct tcv_finish finish;
};

/*
 * Whether interleave() streams rows, if asked to: of few lines too many are shared with the next
 * row to be worth it, unless all rows begin and end on boundaries.
 */
static inline bool tcv_rows_stream(const void *target, int64_t row_bytes, int64_t plane_bytes)
{
    const uint64_t places = (uintptr_t)target | (uint64_t)row_bytes | (uint64_t)plane_bytes;

    return places % 64 == 0 || row_bytes >= 8 * 64;
}

/* Element i of a row that is the sum over t of w[t] * row[i + tap[t]], and not row[i]. */
struct tcv_products {
    const void *w;
    const int64_t *tap; /* [taps], elements */
    int64_t taps;
};

/*
 * Merges `phases` rows into one, for each of `planes` planes: in the first, with e
 * in [first, first + count), target[(e - first) * target_step] is the finished
 * row[e % phases][e / phases].  From one plane to the next the rows move on by
 * row_plane[], the target by target_plane, and if finish.per_lane bias, scale and
 * shift by one.  All pointers and steps are read, even those of rows without an element.
 * Rows of products are parts of one memory, row_plane[] is the same for all, and what they
 * multiply is readable for a vector behind that of the last element, also where a row has none.
 *
 * Fields that callers set together are pairs on boundaries of 16 bytes.  A compiler stores two at
 * once, and what crosses a line of memory is not forwarded to the kernel's loads: they wait for it
 * behind all stores before, which are a row's that goes past the caches.
 */
struct tcv_interleave {
    const void *const *row;
    const int64_t *row_plane; /* may be NULL if there is one plane */
    int64_t phases, first, count;
    void *target;
    int64_t target_step, target_plane;
    int64_t planes;
    struct tcv_finish finish;
    const struct tcv_products *products; /* [phases]; NULL: there are none */
};

/* Numbers of phases of products that are summed by vectors, if the epilogue is plain, too. */
static inline bool tcv_interleaves_sums(int64_t phases)
{
    return (phases >= 1 && phases <= 4) || phases == 8;
}

/* to[j * to_step + i] = from[i * from_step + j] for i < rows, j < columns. */
struct tcv_transpose {
    const void *from;
    int64_t from_step;
    void *to;
    int64_t to_step;
    int64_t rows, columns;
};

/*
 * `count` matrices, whose columns j are dealt out to lines:
 *
 *     line[j][n * line_step + i] = i < rows ? from[n * from_next + i * from_step + j] : 0
 *
 * for n < count, i < line_step, j < columns.  stream: lines go past the caches, and
 * tcv_cpu_fence() is due; they then begin at multiples of a vector and line_step is one.
 * Tells whether all elements are finite.
 */
struct tcv_deal {
    const void *from;
    int64_t from_step, from_next;
    void *const *line;
    int64_t line_step;
    int64_t rows, columns, count;
    bool stream;
};

/* to[i] = from[i * step] for i < count, count > 0; of any step.  What lies between is read. */
struct tcv_pick {
    const void *from;
    int64_t step;
    void *to;
    int64_t count;
};

/*
 * Rows dealt out to lines, one for each residue of an element's number: for r < step of which
 * there is a line, row < rows and i < extent
 *
 *     line[r][row * extent + i] = from[row * from_step + e]   with e = i * step + r
 *
 * or 0 where begin <= e < end does not hold: what is elsewhere is not read.  begin >= 0; end may
 * be anything, also below begin.  Lines overlap neither each other nor the elements.
 */
struct tcv_split {
    const void *from;
    int64_t from_step, begin, end;
    void *const *line; /* [step]; NULL: a residue that nobody wants */
    int64_t step; /* tcv_splits() */
    int64_t extent, rows;
};

#define TCV_SPLIT_MOST 8

/* Steps that split() knows. */
static inline bool tcv_splits(int64_t step)
{
    return step == 2 || step == 4 || step == TCV_SPLIT_MOST;
}

/*
 * Rows of `count` elements, count >= 0, `from_step` apart, to rows of `extent`, one after
 * the other: `before` zeros, the elements, zeros.  Up to a vector behind the last row is
 * written as well.
 */
struct tcv_pad {
    const void *from;
    int64_t from_step;
    void *to;
    int64_t before, count, extent, rows;
};

/* Rows of `count` elements, from_step apart, to as many, to_step apart, and nothing beyond. */
struct tcv_copy {
    const void *from;
    int64_t from_step;
    void *to;
    int64_t to_step;
    int64_t count, rows;
};

/*
 * Depthwise, channels last: for each pixel p and lane l, target[p * target_pixel + l] is the
 * finished
 *
 *     sum over t of w[l / width * w_vector + t * width + l % width] *
 *                   x[p * x_pixel + l + tap[t]]
 *
 * width being that of a vector, to a multiple of which x and w are readable.
 * finish.per_lane must be 1.
 */
struct tcv_depth {
    const void *x;
    int64_t x_pixel;
    const int64_t *tap; /* [taps], elements */
    int64_t taps;
    const void *w;
    int64_t w_vector;
    void *target;
    int64_t target_pixel;
    int64_t lanes, pixels;
    struct tcv_finish finish;
};

struct tcv_kernels {
    void (*transpose)(const struct tcv_transpose *args);
    bool (*deal)(const struct tcv_deal *args);
    void (*pick)(const struct tcv_pick *args);
    void (*split)(const struct tcv_split *args);
    void (*sum)(const struct tcv_sum *args);
    void (*interleave)(const struct tcv_interleave *args);
    void (*depth)(const struct tcv_depth *args);
    void (*pad)(const struct tcv_pad *args);
    void (*copy)(const struct tcv_copy *args);
};

/* The best kernels for a mask of tcv_cpu_feature; depends on its arguments alone. */
struct tcv_kernels tcv_kernels_select(uint32_t features, tconv_dtype dtype);

/* The same for runs of `lanes` lanes: vectors of which one run fills half or less are shorter. */
struct tcv_kernels tcv_kernels_for_runs(uint32_t features, tconv_dtype dtype, int64_t lanes);

#define TCV_COL2IM_DECLARE(type_isa)                                  \
    void tcv_sum_##type_isa(const struct tcv_sum *args);               \
    void tcv_interleave_##type_isa(const struct tcv_interleave *args); \
    void tcv_transpose_##type_isa(const struct tcv_transpose *args);   \
    bool tcv_deal_##type_isa(const struct tcv_deal *args);             \
    void tcv_pick_##type_isa(const struct tcv_pick *args);             \
    void tcv_split_##type_isa(const struct tcv_split *args);           \
    void tcv_depth_##type_isa(const struct tcv_depth *args);           \
    void tcv_pad_##type_isa(const struct tcv_pad *args);               \
    void tcv_copy_##type_isa(const struct tcv_copy *args)

TCV_COL2IM_DECLARE(f32_c);
TCV_COL2IM_DECLARE(f64_c);
TCV_COL2IM_DECLARE(f32_avx2);
TCV_COL2IM_DECLARE(f64_avx2);
TCV_COL2IM_DECLARE(f32_avx512);
TCV_COL2IM_DECLARE(f64_avx512);
TCV_COL2IM_DECLARE(f32_neon);
TCV_COL2IM_DECLARE(f64_neon);

#endif
