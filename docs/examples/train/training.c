/*
 * training.c - the course of a training: what is seen of it
 */
#include "training.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "checkpoint.h"

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void training_begin(struct training *t)
{
    if (t->checkpoint != NULL && checkpoint_read(t, t->checkpoint))
        fprintf(stderr, "going on from %s after %lld epochs\n", t->checkpoint, (long long)t->epoch);
    t->started = seconds_now();
    t->epochs_then = t->epoch;
}

/* On a terminal one line that changes ten times an epoch or more, else one line an epoch. */
void training_progress(const struct training *t, int64_t step, double mean_loss)
{
    const int terminal = isatty(fileno(stderr));
    const int last = step == t->steps_per_epoch;
    const int64_t done = (t->epoch - t->epochs_then) * t->steps_per_epoch + step;
    const int64_t all = (t->epochs - t->epochs_then) * t->steps_per_epoch;
    const int64_t often = t->steps_per_epoch / 50 + 1;
    double left;

    if (!last && (!terminal || step % often != 0))
        return;
    left = (seconds_now() - t->started) * (double)(all - done) / (double)done;
    fprintf(stderr, "%sepoch %lld/%lld  %3d %%  loss %.6f  %d:%02d left %s", terminal ? "\r" : "",
            (long long)t->epoch + 1, (long long)t->epochs, (int)(100 * step / t->steps_per_epoch),
            mean_loss, (int)(left / 60.0), (int)left % 60, terminal ? "  " : "\n");
    if (terminal && last)
        fputc('\n', stderr);
}

void training_epoch_done(struct training *t)
{
    t->epoch++;
    if (t->checkpoint != NULL)
        checkpoint_write(t, t->checkpoint);
}

void training_report(const struct training *t, int threads)
{
    const int64_t steps = (t->epoch - t->epochs_then) * t->steps_per_epoch;
    const double seconds = seconds_now() - t->started;

    if (steps > 0)
        printf("speed: %.2f steps/s with %d threads (%lld steps in %.1f s)\n",
               (double)steps / seconds, threads, (long long)steps, seconds);
}
