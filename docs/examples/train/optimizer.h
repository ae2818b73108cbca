/*
 * optimizer.h - how parameters follow their gradients
 */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include <stdint.h>

#include "network.h"

enum optimizer_kind {
    OPTIMIZER_SGD, /* m = momentum m + g;  p -= rate m */
    OPTIMIZER_ADAM /* Kingma, Ba: Adam, 2015, algorithm 1 */
};

struct optimizer {
    enum optimizer_kind kind;
    double rate;
    double momentum; /* Adam's beta1 */
    double memory;   /* Adam's beta2, of the squares */
    int64_t steps;   /* taken so far */
};

/* Moves the parameters by one step and sets their gradients to 0. */
void optimizer_step(struct optimizer *optimizer, struct parameters *parameters);

#endif
