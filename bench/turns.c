/*
 * turns.c - A B A B ... within one run
 *
 * Machines drift: the clock changes with heat, neighbours come and go.  Contestants that are timed
 * one after the other for long are measured on different machines, so each has TURNS short turns
 * and everybody meets the same drift.  Between any two turns the peak rate and the bandwidth are
 * measured; they stand before the one turn and after the other.
 *
 * Of the rates before and after a turn the larger counts.  What disturbs a measurement of a peak
 * can only lower it, and a peak read too low would flatter everybody's share of the limit.
 */
#include "turns.h"

#include <math.h>

#include "clock.h"
#include "peak.h"

/* A sample lasts at least this long, so that reading the clock (50 ns) does not show. */
#define SHORTEST_SAMPLE 20e-6

struct rates {
    double peak, bandwidth;
};

/*
 * Worker threads go on spinning when their work is done: OpenBLAS's for 2^26 ticks of the time
 * stamp counter (about 26 ms at 2.6 GHz), libgomp's for some milliseconds.  Until then they would
 * take a core from whoever comes next.
 */
static void let_pools_fall_asleep(int threads)
{
    const struct timespec pause = {.tv_nsec = 40 * 1000 * 1000};

    if (threads > 1)
        nanosleep(&pause, NULL);
}

static bool measure(const struct turns *turns, const struct workload *workload,
                    struct rates *rates, struct reason *why)
{
    let_pools_fall_asleep(workload->threads);
    rates->bandwidth = bandwidth_measure(turns->bandwidth, workload->compulsory_bytes);
    rates->peak = peak_measure(workload->dtype, workload->threads);
    if (rates->peak <= 0.0 || rates->bandwidth <= 0.0)
        return deny(why, "cannot start %d threads to measure the machine", workload->threads);
    return true;
}

/* Seconds of one run, measured over `runs` of them; negative, and why, if one fails. */
static double time_runs(const struct contestant *c, int runs, struct reason *why)
{
    const double begin = now_seconds();

    for (int i = 0; i < runs; i++)
        if (!c->run(c->state, why))
            return -1.0;
    return (now_seconds() - begin) / (double)runs;
}

/*
 * One untimed run first: it wakes the threads and fetches the buffers that others displaced from
 * the caches.  A run longer than its whole slice does not notice the few milliseconds that take.
 */
static bool take_turn(struct contestant *c, double slice, struct reason *why)
{
    const bool first = c->timing.estimate <= 0.0;
    double seconds, end;
    int runs = 1;

    if (first || c->timing.estimate < slice) {
        seconds = time_runs(c, 1, why);
        if (seconds < 0.0)
            return false;
        if (first)
            c->timing.estimate = seconds;
    }
    if (c->timing.estimate < SHORTEST_SAMPLE)
        runs = (int)ceil(SHORTEST_SAMPLE / (c->timing.estimate + 1e-9));
    end = now_seconds() + slice;
    do {
        seconds = time_runs(c, runs, why);
        if (seconds < 0.0)
            return false;
        samples_add(&c->timing.seconds, seconds);
    } while (now_seconds() < end);
    return true;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

bool turns_take(const struct turns *turns, const struct workload *workload,
                struct contestant *contestants, size_t count, struct reason *why)
{
    struct rates before, after;

    if (!measure(turns, workload, &before, why))
        return false;
    for (size_t i = 0; i < TURNS * count; i++) {
        struct contestant *c = &contestants[i % count];

        if (!c->present)
            continue;
        progress_show(turns->progress, c->name);
        if (!take_turn(c, turns->min_time / TURNS, why) ||
            !measure(turns, workload, &after, why))
            return false;
        samples_add(&c->timing.peak, larger(before.peak, after.peak));
        samples_add(&c->timing.bandwidth, larger(before.bandwidth, after.bandwidth));
        before = after;
    }
    return true;
}
