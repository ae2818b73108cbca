#define _DEFAULT_SOURCE /* syscall() */

#include "base/cpu.h"

#include <unistd.h>

#if defined(TCV_HAVE_AMX_KERNELS) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>

/* Of arch_prctl, in <asm/prctl.h> since Linux 5.16. */
#define ARCH_GET_XCOMP_SUPP 0x1021
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_XTILEDATA 18

static bool system_has_tiles(void)
{
    uint64_t features = 0;

    return syscall(SYS_arch_prctl, ARCH_GET_XCOMP_SUPP, &features) == 0 &&
           (features >> XFEATURE_XTILEDATA & 1) != 0;
}

static bool tiles_multiply_bf16(void)
{
#if defined(__clang__) /* version 14 lacks the word */
    unsigned int a, b, c, d = 0;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & 1u << 22) != 0;
#else
    return __builtin_cpu_supports("amx-bf16");
#endif
}
#endif

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
#if defined(TCV_HAVE_AMX_KERNELS) && defined(__linux__)
    if ((features & TCV_CPU_AVX512) && system_has_tiles() && tiles_multiply_bf16())
        features |= TCV_CPU_AMX;
#endif
#elif defined(__aarch64__)
    features |= TCV_CPU_NEON;
#endif
    return features;
}

/* To ask again is to be told yes.  No, where a thread's signal stack is too small. */
bool tcv_cpu_permit_tiles(void)
{
#if defined(TCV_HAVE_AMX_KERNELS) && defined(__linux__)
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
    return false;
#endif
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
