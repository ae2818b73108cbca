/*
 * peak.c - the machine's rate of multiply-adds, by loops that do nothing else
 *
 * The source is one template (peak_loop.h); each instruction set compiles it for its own vectors.
 * This file is always compiled with -O2 -ffp-contract=fast, whatever the build type: the product
 * and the sum of a step are then one instruction where the machine has it.
 */
#include "peak.h"

#include <stddef.h>

#include "clock.h"
#include "gang.h"
#include "isa.h"
#include "stats.h"

#define TWELVE(STEP)                                                                             \
    STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10)     \
    STEP(11)
#define TWENTY_FOUR(STEP)                                                                        \
    TWELVE(STEP) STEP(12) STEP(13) STEP(14) STEP(15) STEP(16) STEP(17) STEP(18) STEP(19)         \
    STEP(20) STEP(21) STEP(22) STEP(23)

/* Declared as the loops define them; they have linkage so that a disassembly names them. */
double peak_f32_base(long steps, double factor, double term);
double peak_f64_base(long steps, double factor, double term);
double peak_f32_avx2(long steps, double factor, double term);
double peak_f64_avx2(long steps, double factor, double term);
double peak_f32_avx512(long steps, double factor, double term);
double peak_f64_avx512(long steps, double factor, double term);

/* 16 registers of 16 bytes: what x86-64 and AArch64 have at least. */
#define LOOP_TARGET TARGET_BASE
#define LOOP_BYTES 16
#define LOOP_CHAINS TWELVE
#define LOOP_NAME peak_f32_base
#define LOOP_ELEMENT float
#include "peak_loop.h"
#define LOOP_NAME peak_f64_base
#define LOOP_ELEMENT double
#include "peak_loop.h"
#undef LOOP_TARGET
#undef LOOP_BYTES
#undef LOOP_CHAINS

#if BENCH_X86
/* 16 registers of 32 bytes. */
#define LOOP_TARGET TARGET_AVX2
#define LOOP_BYTES 32
#define LOOP_CHAINS TWELVE
#define LOOP_NAME peak_f32_avx2
#define LOOP_ELEMENT float
#include "peak_loop.h"
#define LOOP_NAME peak_f64_avx2
#define LOOP_ELEMENT double
#include "peak_loop.h"
#undef LOOP_TARGET
#undef LOOP_BYTES
#undef LOOP_CHAINS

/* 32 registers of 64 bytes. */
#define LOOP_TARGET TARGET_AVX512
#define LOOP_BYTES 64
#define LOOP_CHAINS TWENTY_FOUR
#define LOOP_NAME peak_f32_avx512
#define LOOP_ELEMENT float
#include "peak_loop.h"
#define LOOP_NAME peak_f64_avx512
#define LOOP_ELEMENT double
#include "peak_loop.h"
#endif

struct loop {
    const char *isa;
    double (*run_f32)(long steps, double factor, double term);
    double (*run_f64)(long steps, double factor, double term);
    int chains;
    int bytes; /* of a vector */
};

static const struct loop loops[] = {
    [ISA_BASE] = {"baseline", peak_f32_base, peak_f64_base, 12, 16},
#if BENCH_X86
    [ISA_AVX2] = {"avx2+fma", peak_f32_avx2, peak_f64_avx2, 12, 32},
    [ISA_AVX512] = {"avx512f", peak_f32_avx512, peak_f64_avx512, 24, 64},
#endif
};

const char *peak_isa(void)
{
    return loops[isa_of_machine()].isa;
}

/*
 * The median of many short pieces: one that another process interrupted does not count, and
 * neither does a lucky one.  A piece of 20000 steps takes 0.1 ms, long against the clock's call.
 */
static double rate_of_one_thread(void *context, int index)
{
    const struct loop *loop = &loops[isa_of_machine()];
    const tconv_dtype dtype = *(const tconv_dtype *)context;
    const long steps = 20000;
    const int element_bytes = dtype == TCONV_F64 ? 8 : 4;
    const double flops =
        2.0 * (double)steps * (double)loop->chains * (double)(loop->bytes / element_bytes);
    const double end = now_seconds() + 0.010;
    struct samples rates = {0};
    double sum = 0.0, rate;

    for (double begin = now_seconds(); begin < end;) {
        double done;

        sum += dtype == TCONV_F64 ? loop->run_f64(steps, 0.5, 0.25)
                                  : loop->run_f32(steps, 0.5, 0.25);
        done = now_seconds();
        samples_add(&rates, flops / (done - begin));
        begin = done;
    }
    rate = samples_median(&rates);
    samples_free(&rates);
    (void)index;
    return sum > 0.0 ? rate : -1.0; /* the loop's result is used, so the loop is run */
}

double peak_measure(tconv_dtype dtype, int threads)
{
    return gang_sum(threads, rate_of_one_thread, &dtype);
}
