/*
 * checkpoint.h - a training in a file
 */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include <stdbool.h>

#include "training.h"

/* False if there is no such file; fails if it is not a checkpoint of this training. */
bool checkpoint_read(struct training *training, const char *path);

/* Writes it beside the old one and then takes its place, so that one of them is always whole. */
void checkpoint_write(const struct training *training, const char *path);

#endif
