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
 * A tile is 16 lines of 64 bytes, one after the other: 16 positions of x, which may begin at any
 * position, or 16 pairs of channels of w.  Planar, the other way round: 16 rows of w, and of x 16
 * pairs of channels.  A product starts every 16 cycles and a tile is loaded in 8 from L1, so 4
 * products for two new tiles leave room for loads from L2.
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
        _tile_loadd(4, x + (part) * x_part, 64);                                                \
        if (P == 2)                                                                             \
            _tile_loadd(5, x + second + (part) * x_part, 64);                                   \
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

/* Memory that is still to be asked for, and how many lines of it at each step. */
struct asking {
    uintptr_t row;
    int64_t offset, lines;
    struct tcv_ask rest;
};

static struct asking begin_asking(const struct tcv_bf16x3 *a)
{
    const int64_t lines = a->ask.rows * ((a->ask.row_bytes + 63) / 64);
    const int64_t steps = (a->tiles + 1) / 2 * ((a->vectors + 1) / 2) * a->taps * a->steps;

    if (lines == 0 || steps == 0)
        return (struct asking){0};
    return (struct asking){(uintptr_t)a->ask.from, 0, (lines + steps - 1) / steps, a->ask};
}

static inline void ask_for_more(struct asking *k)
{
    for (int64_t i = 0; i < k->lines && k->rest.rows > 0; i++) {
        _mm_prefetch((const char *)(k->row + (uintptr_t)k->offset), _MM_HINT_T1);
        k->offset += 64;
        if (k->offset >= k->rest.row_bytes) {
            k->offset = 0;
            k->row += (uintptr_t)k->rest.row_step;
            k->rest.rows--;
        }
    }
}

/* 16 P positions of 16 V rows; asks for the next pair's weights, `ahead` of these, if not 0. */
__attribute__((always_inline)) static inline void
block(const struct tcv_bf16x3 *a, const int64_t *at, const uint16_t *w, float *c, const int P,
      const int V, const bool PLANAR, int64_t ahead, struct asking *asking)
{
    const int64_t of_row = PLANAR ? a->c_step : 1, of_position = PLANAR ? 1 : a->c_step;
    const int64_t step = a->c_step * (int64_t)sizeof *c;
    const int64_t x_part = a->x_positions * 32;
    const int64_t second = P == 2 ? (at[1] - at[0]) * 32 : 0;

    if (a->add) {
        SUMS(_tile_loadd);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int64_t t = 0; t < a->taps; t++) {
        const uint16_t *x = a->x + (at[0] + a->tap[t]) * 32;

        for (int64_t i = 0; i < a->steps; i++, x += 3 * x_part, w += V * 3 * TILE) {
            if (ahead > 0)
                ask(w + ahead);
            ask_for_more(asking);
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
pair(const struct tcv_bf16x3 *a, const uint16_t *w, float *c, const int V, const bool PLANAR,
     struct asking *asking)
{
    const int64_t next = 6 * TILE * a->taps * a->steps;

    for (int64_t i = 0; i < a->tiles; i += 2, c += 32 * (PLANAR ? 1 : a->c_step))
        if (i + 1 < a->tiles)
            block(a, a->at + i, w, c, 2, V, PLANAR, V == 2 && i == 0 ? next : 0, asking);
        else
            block(a, a->at + i, w, c, 1, V, PLANAR, 0, asking);
}

void tcv_bf16x3_sums_amx(const struct tcv_bf16x3 *a)
{
    struct config config = {.palette = 1};
    struct asking asking = begin_asking(a);

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
            pair(a, w, c, 2, true, &asking);
        else if (v + 1 < a->vectors)
            pair(a, w, c, 2, false, &asking);
        else if (a->planar)
            pair(a, w, c, 1, true, &asking);
        else
            pair(a, w, c, 1, false, &asking);
    }
    _tile_release();
    BARRIER();
}

/* The bits of bfloat16 in a float; half of what the others are worth at most. */
#define UPPER _mm512_set1_epi32((int)0xffff0000u)
#define HALF _mm512_set1_epi32(0x8000)

/* Twice the bits: without the sign, in the order of magnitudes. */
static inline __m512i magnitude(__m512 x)
{
    const __m512i bits = _mm512_castps_si512(x);

    return _mm512_add_epi32(bits, bits);
}

/* Of all numbers that were seen: 0 is past all others in `least`. */
struct range {
    __m512i least, most; /* magnitudes, those of `least` less 1 */
};

static inline void see(struct range *range, __m512 x)
{
    const __m512i m = magnitude(x);

    range->least = _mm512_min_epu32(range->least, _mm512_sub_epi32(m, _mm512_set1_epi32(1)));
    range->most = _mm512_max_epu32(range->most, m);
}

/* The limits of what is split, as in a range. */
static struct range limits(float least)
{
    const __m512i one = _mm512_set1_epi32(1);

    return (struct range){
        _mm512_sub_epi32(_mm512_max_epu32(magnitude(_mm512_set1_ps(least)), one), one),
        magnitude(_mm512_set1_ps(TCV_BF16X3_MOST)),
    };
}

/* Those of them that are within limits, the others zero. */
static inline __m512 tamed(__m512 x, const struct range *limits)
{
    const __m512i m = magnitude(x);
    const __m512i less = _mm512_sub_epi32(m, _mm512_set1_epi32(1));
    const __mmask16 within = _mm512_cmpge_epu32_mask(less, limits->least) &
                             _mm512_cmplt_epu32_mask(m, limits->most);

    return _mm512_maskz_mov_ps(within, x);
}

/* Upper halves, those of a below those of b. */
static inline void store_pair(__m512i a, __m512i b, uint16_t *to)
{
    _mm512_storeu_si512(to, _mm512_ternarylogic_epi32(_mm512_srli_epi32(a, 16), b, UPPER,
                                                      0xf8)); /* x | (y & z) */
}

/* x, rounded to its first 8 bits but for what is below them; *rest is exact. */
static inline __m512i first_part(__m512 x, __m512 *rest)
{
    const __m512i rounded = _mm512_add_epi32(_mm512_castps_si512(x), HALF);

    *rest = _mm512_sub_ps(x, _mm512_castsi512_ps(_mm512_and_si512(rounded, UPPER)));
    return rounded;
}

/* The third parts are what is left: at most 8 bits. */
static inline void split_pair(__m512 a, __m512 b, uint16_t *to, int64_t part)
{
    for (int i = 0; i < TCV_BF16X3_PARTS - 1; i++, to += part) {
        __m512 rest_a, rest_b;
        const __m512i first_a = first_part(a, &rest_a), first_b = first_part(b, &rest_b);

        store_pair(first_a, first_b, to);
        a = rest_a;
        b = rest_b;
    }
    store_pair(_mm512_castps_si512(a), _mm512_castps_si512(b), to);
}

/* All lines; TAME: with zeros for numbers beyond the limits, which otherwise are only noted. */
__attribute__((always_inline)) static inline bool
split_lines(const struct tcv_bf16x3_split *s, const bool WHOLE, const bool TAME)
{
    const struct range limit = limits(s->least);
    const __mmask16 mask[2] = {(__mmask16)((1u << s->lanes[0]) - 1),
                               (__mmask16)((1u << s->lanes[1]) - 1)};
    struct range seen = {_mm512_set1_epi32(-1), _mm512_setzero_si512()};

    for (int64_t i = 0; i < s->count; i++) {
        const float *from = s->from + i * s->from_step, *second = from + s->second;
        __m512 a = WHOLE ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(mask[0], from);
        __m512 b = WHOLE ? _mm512_loadu_ps(second) : _mm512_maskz_loadu_ps(mask[1], second);

        if (TAME) {
            a = tamed(a, &limit);
            b = tamed(b, &limit);
        } else {
            see(&seen, a);
            see(&seen, b);
        }
        split_pair(a, b, s->to + i * s->to_step, s->part);
    }
    return (_mm512_cmplt_epu32_mask(seen.least, limit.least) |
            _mm512_cmpge_epu32_mask(seen.most, limit.most)) == 0;
}

bool tcv_bf16x3_split_amx(const struct tcv_bf16x3_split *s)
{
    const bool whole = s->lanes[0] == 16 && s->lanes[1] == 16;

    if (whole ? split_lines(s, true, false) : split_lines(s, false, false))
        return true;
    (void)split_lines(s, false, true); /* anew, which is rare */
    return false;
}
