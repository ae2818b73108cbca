/*
 * bandwidth.c - streaming through memory, or through the cache that the footprint fits in
 *
 * Contestants run again and again on the same buffers, so a problem of a few hundred kilobytes
 * finds them in a cache: memory's rate would be a limit that everybody beats.  The rate is
 * therefore taken at a problem's own footprint.
 *
 * Always compiled with -O2, whatever the build type.
 */
#include "bandwidth.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "gang.h"
#include "isa.h"
#include "stats.h"

/* One cache line; a compiler cuts it into the vectors it has. */
typedef uint64_t line __attribute__((vector_size(64)));

/*
 * Four lines a step: enough loads in flight for the core's prefetchers to lead.  The bits are
 * or-ed because that costs nothing and makes every load needed.
 */
#define DEFINE_STREAMS(suffix, TARGET)                                                           \
    TARGET static uint64_t read_##suffix(const line *from, size_t lines)                         \
    {                                                                                            \
        line a = {0}, b = {0}, c = {0}, d = {0};                                                 \
                                                                                                 \
        for (size_t i = 0; i + 4 <= lines; i += 4) {                                             \
            a |= from[i];                                                                        \
            b |= from[i + 1];                                                                    \
            c |= from[i + 2];                                                                    \
            d |= from[i + 3];                                                                    \
        }                                                                                        \
        a |= b | c | d;                                                                          \
        return a[0] | a[1] | a[2] | a[3] | a[4] | a[5] | a[6] | a[7];                            \
    }                                                                                            \
    TARGET static void copy_##suffix(line *restrict to, const line *restrict from, size_t lines) \
    {                                                                                            \
        for (size_t i = 0; i + 4 <= lines; i += 4) {                                             \
            to[i] = from[i];                                                                     \
            to[i + 1] = from[i + 1];                                                             \
            to[i + 2] = from[i + 2];                                                             \
            to[i + 3] = from[i + 3];                                                             \
        }                                                                                        \
    }

DEFINE_STREAMS(base, TARGET_BASE)
#if BENCH_X86
DEFINE_STREAMS(avx2, TARGET_AVX2)
DEFINE_STREAMS(avx512, TARGET_AVX512)
#endif

struct streams {
    uint64_t (*read)(const line *from, size_t lines);
    void (*copy)(line *restrict to, const line *restrict from, size_t lines);
};

static const struct streams all_streams[] = {
    [ISA_BASE] = {read_base, copy_base},
#if BENCH_X86
    [ISA_AVX2] = {read_avx2, copy_avx2},
    [ISA_AVX512] = {read_avx512, copy_avx512},
#endif
};

bool bandwidth_init(struct bandwidth *bandwidth, int threads, struct reason *why)
{
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    size_t bytes = (size_t)128 << 20;

    /* Four times the cache: least-recently-used or not, nearly nothing of the last pass is left. */
    if (cache > 0 && 4 * (size_t)cache > bytes)
        bytes = 4 * (size_t)cache;
    bytes &= ~(size_t)4095;
    *bandwidth = (struct bandwidth){aligned_alloc(4096, bytes), bytes, threads};
    if (bandwidth->data == NULL)
        return deny(why, "no memory for a buffer of %zu MiB to measure the bandwidth with",
                    bytes >> 20);
    memset(bandwidth->data, 1, bytes); /* real pages: untouched ones all read the page of zeros */
    return true;
}

void bandwidth_free(struct bandwidth *bandwidth)
{
    free(bandwidth->data);
    *bandwidth = (struct bandwidth){0};
}

/* One thread's part of a measurement. */
struct share {
    line *data;
    size_t lines; /* of one thread, a multiple of 8 */
    bool copies;
};

/* Bytes per second of one thread: the median of passes, which are made to last 20 us or more. */
static double rate_of_one_thread(void *context, int index)
{
    const struct share *share = context;
    const struct streams *streams = &all_streams[isa_of_machine()];
    line *const mine = share->data + (size_t)index * share->lines;
    const double bytes = (double)(share->lines * sizeof(line));
    const int passes = bytes < 2e6 ? (int)(2e6 / bytes) + 1 : 1;
    const double end = now_seconds() + 0.010;
    struct samples rates = {0};
    uint64_t bits = 0;
    double rate;

    for (double begin = now_seconds(); begin < end || rates.count < 3;) {
        double done;

        for (int pass = 0; pass < passes; pass++) {
            if (share->copies)
                streams->copy(mine, mine + share->lines / 2, share->lines / 2);
            else
                bits |= streams->read(mine, share->lines);
        }
        done = now_seconds();
        samples_add(&rates, bytes * (double)passes / (done - begin));
        begin = done;
    }
    rate = samples_median(&rates);
    samples_free(&rates);
    return bits == UINT64_MAX ? -1.0 : rate; /* never: every byte is 1, and the reads are used */
}

double bandwidth_measure(const struct bandwidth *bandwidth, double footprint)
{
    const double most = (double)bandwidth->bytes;
    const double bytes = (footprint < most ? footprint : most) / (double)bandwidth->threads;
    size_t lines = (size_t)(bytes / sizeof(line)) & ~(size_t)7;
    struct share share;
    double reading, copying;

    if (lines < 64)
        lines = 64; /* 4 KiB */
    if (lines > bandwidth->bytes / sizeof(line) / (size_t)bandwidth->threads)
        return -1.0;
    share = (struct share){bandwidth->data, lines, false};
    reading = gang_sum(bandwidth->threads, rate_of_one_thread, &share);
    share.copies = true;
    copying = gang_sum(bandwidth->threads, rate_of_one_thread, &share);
    return reading > copying ? reading : copying;
}
