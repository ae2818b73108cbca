/*
 * plane.h - planes halved and doubled the classical way
 *
 * Both are the same eight taps per axis, Keys' cubic at twice its width (Keys 1981, a = -1/2):
 * as a transposed convolution of stride 2 they double a plane, and the convolution of the same
 * weights, its adjoint, halves one without aliasing.  Planes are continued by their border.
 */
#ifndef TRAIN_PLANE_H
#define TRAIN_PLANE_H

#include "picture.h"

/* Of the plane's own rows and columns but for a last odd one. */
struct picture plane_halved(const struct picture *plane, int32_t threads);

struct picture plane_doubled(const struct picture *plane, int32_t threads);

/* The plane with `border` more rows and columns on each side, copies of its edge. */
struct picture plane_extended(const struct picture *plane, int64_t border);

/* 10 log10(1 / mean of (a - b)^2) over what lies at least `border` inside; same sizes. */
double plane_psnr(const struct picture *a, const struct picture *b, int64_t border);

#endif
