/* cpu.h - what the processor that runs us can do */
#ifndef TCV_BASE_CPU_H
#define TCV_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tcv_cpu_feature {
    TCV_CPU_AVX2 = 1u << 0,   /* AVX2 and FMA */
    TCV_CPU_AVX512 = 1u << 1, /* AVX-512 F, BW, DQ and VL */
    TCV_CPU_NEON = 1u << 2,   /* Advanced SIMD of 64-bit ARM, always there */
    TCV_CPU_AMX = 1u << 3,    /* AMX tiles of bfloat16; who uses them asks first (below) */
};

/* A mask of the above, read anew at each call: there is no state. */
uint32_t tcv_cpu_features(void);

/*
 * Whether this process may use tiles from now on.  They are 8 KiB of state, which Linux gives to a
 * process that asks for it, and then to all of its threads; their signals need as much more stack.
 */
bool tcv_cpu_permit_tiles(void);

/*
 * Half of a usual last-level cache: whoever reads so much next finds little of it there,
 * and to write it there costs reading it first.
 */
#define TCV_STREAM_BYTES (16 << 20)

/* What a usual L2 keeps between two uses, with other things passing through it. */
#define TCV_KEPT_BYTES (1 << 20)

/* Bytes of the last level of cache, or what is usual where the system does not tell. */
size_t tcv_cpu_cache_bytes(void);

/* Stores past the caches (kernels/stream.h) are seen by others before what follows. */
void tcv_cpu_fence(void);

#endif
