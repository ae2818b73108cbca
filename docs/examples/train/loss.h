/*
 * loss.h - losses and their gradients
 *
 * Each returns the mean loss and adds its gradient to y->gradient.  Fields are dense, y[n][c][h][w].
 */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include <stdint.h>

#include "network.h"

/* Mean over all elements of (y - target)^2. */
double loss_squared(const struct field *y, const float *target);

/* Mean over all elements of |y - target|. */
double loss_absolute(const struct field *y, const float *target);

/*
 * Cross-entropy: the mean over n, h, w of -log softmax(y over c)[label[n][h][w]];
 * each label is below c.
 */
double loss_cross_entropy(const struct field *y, const uint8_t *label);

/*
 * Binary cross-entropy with one target in [0, 1] for all elements: the mean of
 * -target log s - (1 - target) log(1 - s), s = sigmoid(y).
 */
double loss_binary(const struct field *y, double target);

#endif
