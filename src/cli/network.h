/*
 * network.h - the network of `tconv upscale`: what an enlargement by 2 lacks
 */
#ifndef TCV_CLI_NETWORK_H
#define TCV_CLI_NETWORK_H

#include <stdint.h>

/* The planes it is given reach this many pixels further on each side than what it enlarges. */
#define TCV_NETWORK_HALO 8

struct tcv_network;

/* Prepares to enlarge planes[height][width], halo and all. */
int tcv_network_create(struct tcv_network **network_out, int64_t height, int64_t width,
                       int32_t threads);

/*
 * residual[2 (height - 2 halo)][2 (width - 2 halo)] from plane[height][width], luminance from 0
 * to 1: what is to be added to the bicubic enlargement.
 */
int tcv_network_run(struct tcv_network *network, const float *plane, float *residual);

/* Accepts NULL. */
void tcv_network_free(struct tcv_network *network);

#endif
