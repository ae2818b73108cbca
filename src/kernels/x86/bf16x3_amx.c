/*
 * bf16x3_amx.c - the kernels of bf16x3 in AMX tiles
 *
 * Picture.  Four tiles hold the sums of 2 x 16 positions and 2 x 16 rows, two of the others x and
 * two w; a product takes 32 channels of 16 positions and 16 rows.
 *
 *                   w rows 0 ... 15    w rows 16 ... 31
 *     x p ... p+15        sum                sum
 *     x p+16 ...          sum                sum
 *
 * A tile is 16 lines of 64 bytes: 16 positions of x, which may begin at any position, or 16 pairs
 * of channels of w.  Planar, the other way round: 16 rows of w, and of x 16 pairs of channels,
 * whose lines cross those of caches where a tap moves them.  A product starts every 16 cycles and
 * a tile is loaded in 8 from L1, so 4 products for two new tiles leave room for loads from L2.
 *
 * Every product of two parts is exact in float.  The unit rounds sums to nearest and takes
 * denormal numbers for zero, whatever the processor's mode.
 *
 * There are no vectors of tiles in C, hence the intrinsics.  Tiles belong to a thread: a call
 * configures them and gives them back.
 */
#include <immintrin.h>

#include "kernels/bf16x3.h"

/* Elements of a tile of w or x. */
#define TILE 512

/* The memory operand of ldtilecfg. */
struct config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* The intrinsics do not say that they read memory. */
#define BARRIER() __asm__ volatile("" ::: "memory")

#define LOAD_X(part)                                                                            \
    do {                                                                                        \
        _tile_loadd(4, x + (part) * x_part, x_line);                                            \
        if (P == 2)                                                                             \
            _tile_loadd(5, x + second + (part) * x_part, x_line);                               \
    } while (0)

#define LOAD_W(part)                                                                            \
    do {                                                                                        \
        _tile_loadd(6, w + (part) * TILE, 64);                                                  \
        if (V == 2)                                                                             \
            _tile_loadd(7, w + (3 + (part)) * TILE, 64);                                        \
    } while (0)

#define MULTIPLY()                                                                              \
    do {                                                                                        \
        TIMES(0, 4, 6);                                                                         \
        if (V == 2)                                                                             \
            TIMES(1, 4, 7);                                                                     \
        if (P == 2)                                                                             \
            TIMES(2, 5, 6);                                                                     \
        if (P == 2 && V == 2)                                                                   \
            TIMES(3, 5, 7);                                                                     \
    } while (0)

/* The rows of a product's tile are those of its left factor. */
#define TIMES(sum, x, w)                                                                        \
    do {                                                                                        \
        if (PLANAR)                                                                             \
            _tile_dpbf16ps(sum, w, x);                                                          \
        else                                                                                    \
            _tile_dpbf16ps(sum, x, w);                                                          \
    } while (0)

/* Loads or stores the sums. */
#define SUMS(move)                                                                              \
    do {                                                                                        \
        move(0, c, step);                                                                       \
        if (V == 2)                                                                             \
            move(1, c + 16 * of_row, step);                                                     \
        if (P == 2)                                                                             \
            move(2, c + 16 * of_position, step);                                                \
        if (P == 2 && V == 2)                                                                   \
            move(3, c + 16 * of_position + 16 * of_row, step);                                  \
    } while (0)

/* Asks for as many weights as a step has, to L2. */
static inline void ask(const uint16_t *w)
{
    for (int64_t i = 0; i < 6 * TILE; i += 32)
        _mm_prefetch((const char *)(w + i), _MM_HINT_T1);
}

/* 16 P positions of 16 V rows; asks for the next pair's weights, `ahead` of these, if not 0. */
__attribute__((always_inline)) static inline void
block(const struct tcv_bf16x3 *a, const int64_t *at, const uint16_t *w, float *c, const int P,
      const int V, const bool PLANAR, int64_t ahead)
{
    const int64_t of_row = PLANAR ? a->c_step : 1, of_position = PLANAR ? 1 : a->c_step;
    const int64_t step = a->c_step * (int64_t)sizeof *c;
    const int64_t x_position = PLANAR ? 2 : 32, x_part = a->x_positions * 32;
    const int64_t x_line = PLANAR ? 4 * a->x_positions : 64; /* bytes */
    const int64_t second = P == 2 ? (at[1] - at[0]) * x_position : 0;

    if (a->add) {
        SUMS(_tile_loadd);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int64_t t = 0; t < a->taps; t++) {
        const uint16_t *x = a->x + (at[0] + a->tap[t]) * x_position;

        for (int64_t i = 0; i < a->steps; i++, x += 3 * x_part, w += V * 3 * TILE) {
            if (ahead > 0)
                ask(w + ahead);
            LOAD_W(0);
            LOAD_X(2);
            MULTIPLY();
            LOAD_X(1);
            MULTIPLY();
            LOAD_W(1);
            MULTIPLY();
            LOAD_X(0);
            MULTIPLY();
            LOAD_W(2);
            MULTIPLY();
            LOAD_W(0);
            MULTIPLY();
        }
    }
    SUMS(_tile_stored);
}

/* All positions meet a pair's weights while those are in L1. */
__attribute__((always_inline)) static inline void
pair(const struct tcv_bf16x3 *a, const uint16_t *w, float *c, const int V, const bool PLANAR)
{
    const int64_t next = 6 * TILE * a->taps * a->steps;

    for (int64_t i = 0; i < a->tiles; i += 2, c += 32 * (PLANAR ? 1 : a->c_step))
        if (i + 1 < a->tiles)
            block(a, a->at + i, w, c, 2, V, PLANAR, V == 2 && i == 0 ? next : 0);
        else
            block(a, a->at + i, w, c, 1, V, PLANAR, 0);
}

void tcv_bf16x3_sums_amx(const struct tcv_bf16x3 *a)
{
    struct config config = {.palette = 1};

    for (int i = 0; i < 8; i++) {
        config.row_bytes[i] = 64;
        config.rows[i] = 16;
    }
    BARRIER();
    _tile_loadconfig(&config);
    for (int64_t v = 0; v < a->vectors; v += 2) {
        const uint16_t *w = a->w + v * 3 * TILE * a->taps * a->steps;
        float *c = a->c + 16 * v * (a->planar ? a->c_step : 1);

        if (v + 1 < a->vectors && a->planar)
            pair(a, w, c, 2, true);
        else if (v + 1 < a->vectors)
            pair(a, w, c, 2, false);
        else if (a->planar)
            pair(a, w, c, 1, true);
        else
            pair(a, w, c, 1, false);
    }
    _tile_release();
    BARRIER();
}

/* The lanes of x that can be split, the others zero; *wild notes those that were not zero. */
static inline __m512 splittable(__m512 x, __m512i least, __mmask16 *wild)
{
    const __m512i bits = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff));
    const __m512i most = _mm512_castps_si512(_mm512_set1_ps(TCV_BF16X3_MOST));
    const __mmask16 within = _mm512_cmplt_epu32_mask(_mm512_sub_epi32(bits, least),
                                                     _mm512_sub_epi32(most, least));

    *wild |= _mm512_test_epi32_mask(bits, bits) & (__mmask16)~within;
    return _mm512_maskz_mov_ps(within, x);
}

/* x to its first 8 bits, rounded: Veltkamp's splitting, exact and with an exact rest. */
static inline __m512 first_part(__m512 x)
{
    const __m512 c = _mm512_mul_ps(x, _mm512_set1_ps(0x1p16f + 1.0f));

    return _mm512_sub_ps(c, _mm512_sub_ps(c, x));
}

/* Upper halves, those of a below those of b. */
static inline void store_pair(__m512 a, __m512 b, uint16_t *to)
{
    const __m512i low = _mm512_srli_epi32(_mm512_castps_si512(a), 16);
    const __m512i high = _mm512_and_si512(_mm512_castps_si512(b),
                                          _mm512_set1_epi32((int)0xffff0000u));

    _mm512_storeu_si512(to, _mm512_or_si512(low, high));
}

bool tcv_bf16x3_split_amx(const struct tcv_bf16x3_split *s)
{
    const __m512i least = _mm512_castps_si512(_mm512_set1_ps(s->least));
    __mmask16 wild = 0;

    for (int64_t i = 0; i < s->count; i++) {
        const float *from = s->from + i * s->from_step;
        uint16_t *to = s->to + i * 32;
        __m512 a = splittable(_mm512_loadu_ps(from), least, &wild);
        __m512 b = splittable(_mm512_loadu_ps(from + s->second), least, &wild);

        for (int part = 0; part < TCV_BF16X3_PARTS; part++, to += s->part) {
            const __m512 first_a = first_part(a), first_b = first_part(b);

            store_pair(first_a, first_b, to);
            a = _mm512_sub_ps(a, first_a);
            b = _mm512_sub_ps(b, first_b);
        }
    }
    return wild == 0;
}
