/*
 * onnx_rule.h - what a ConvTranspose node means, in tconv's terms
 */
#ifndef TESTS_ONNX_ONNX_RULE_H
#define TESTS_ONNX_ONNX_RULE_H

#include "onnx/onnx_reader.h"
#include "support/problem.h"

/**
 * Translates a vector's attributes and checks its shapes against each other.
 *
 * @return true with *problem_out filled, or false with vector->reason set.
 */
bool onnx_rule(struct onnx_vector *vector, struct problem *problem_out);

#endif
