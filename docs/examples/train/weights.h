/*
 * weights.h - a network in a file, for others to use
 *
 * Little-endian, the same on every machine:
 *
 *     char magic[8] = "tconvnet"; int32_t layers
 *     per layer: int32_t op, inputs, channels, kernel, stride, padding, activation; float slope;
 *                float weights[], bias[channels]
 *
 * op and activation count as in <tconv/tconv.h>.
 */
#ifndef TRAIN_WEIGHTS_H
#define TRAIN_WEIGHTS_H

#include "network.h"

/* Fails unless the file holds a network of exactly this shape. */
void weights_read(struct network *net, const char *path);

/* Writes folder/name; fails if it cannot. */
void weights_write(const struct network *net, const char *folder, const char *name);

#endif
