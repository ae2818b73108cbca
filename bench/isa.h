/*
 * isa.h - the instruction sets that the measuring loops are compiled for
 */
#ifndef BENCH_ISA_H
#define BENCH_ISA_H

enum isa { ISA_BASE, ISA_AVX2, ISA_AVX512 };

#if defined(__x86_64__)
#define BENCH_X86 1
#define TARGET_AVX2 __attribute__((target("avx2,fma")))
#define TARGET_AVX512 __attribute__((target("avx512f")))
#else
#define BENCH_X86 0
#endif
#define TARGET_BASE

/* The widest of them that this machine has. */
static inline enum isa isa_of_machine(void)
{
#if BENCH_X86
    if (__builtin_cpu_supports("avx512f"))
        return ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return ISA_AVX2;
#endif
    return ISA_BASE;
}

#endif
