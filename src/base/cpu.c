#include "base/cpu.h"

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

void tcv_cpu_fence(void)
{
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
}
