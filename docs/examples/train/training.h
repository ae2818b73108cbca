/*
 * training.h - the course of a training: epochs, what is seen of them, and checkpoints
 *
 * A checkpoint holds everything that the next step depends on, so a training that was
 * interrupted ends with the same bits as one that was not.
 */
#ifndef TRAIN_TRAINING_H
#define TRAIN_TRAINING_H

#include <stdint.h>

#include "network.h"
#include "optimizer.h"
#include "random.h"

enum { MOST_PARTS = 2 };

struct training {
    const char *name;       /* of the program, kept in its checkpoints */
    const char *checkpoint; /* a path, or NULL to keep none */
    int64_t epochs, steps_per_epoch;

    int parts; /* networks that learn, each with its optimiser */
    struct {
        struct parameters *parameters;
        struct optimizer optimizer;
    } part[MOST_PARTS];
    struct random random;
    int64_t epoch; /* epochs done */

    double started; /* seconds, and what had been done then */
    int64_t epochs_then;
};

/*
 * Goes on from the checkpoint, if there is one, and says so.  A file that is damaged or of
 * another program or network ends the program.
 */
void training_begin(struct training *training);

/* After each step of an epoch, counted from 1: shows epoch, mean loss and time left. */
void training_progress(const struct training *training, int64_t step, double mean_loss);

/* After the last step of an epoch: counts it and writes the checkpoint. */
void training_epoch_done(struct training *training);

/* After the last epoch: prints how many steps were done in a second, if any were. */
void training_report(const struct training *training, int threads);

#endif
