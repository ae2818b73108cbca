/*
 * peak.h - the rate of multiply-adds that the machine reaches now
 */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include <tconv/tconv.h>

/*
 * FLOP per second (a multiply-add is two) of `threads` threads running at once, out of registers
 * alone.  Takes about 10 ms.  Returns -1 if the threads cannot be had.
 */
double peak_measure(tconv_dtype dtype, int threads);

/* "avx512f", "avx2+fma" or "baseline": what it was measured with. */
const char *peak_isa(void);

#endif
