#include "base/cpu.h"

#include <unistd.h>

uint32_t tcv_cpu_features(void)
{
    uint32_t features = 0;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        features |= TCV_CPU_AVX2;
    if ((features & TCV_CPU_AVX2) && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        features |= TCV_CPU_AVX512;
#elif defined(__aarch64__)
    features |= TCV_CPU_NEON;
#endif
    return features;
}

size_t tcv_cpu_cache_bytes(void)
{
    long bytes = 0;

#ifdef _SC_LEVEL3_CACHE_SIZE
    bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    return bytes > 0 ? (size_t)bytes : 2 * (size_t)TCV_STREAM_BYTES;
}

void tcv_cpu_fence(void)
{
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
}
