/*
 * gang.h - one measurement on several threads at once
 */
#ifndef BENCH_GANG_H
#define BENCH_GANG_H

/* A measurement by thread number index; returns a rate. */
typedef double gang_measure(void *context, int index);

/*
 * Runs measure on `threads` threads that start together and returns the sum of their rates, or -1
 * if the threads cannot be had.  The threads end with the call: nothing is left behind that spins
 * while a contestant is timed.
 */
double gang_sum(int threads, gang_measure *measure, void *context);

#endif
