/* explain.h - what a plan will do, as data and in words */
#ifndef TCV_PLAN_EXPLAIN_H
#define TCV_PLAN_EXPLAIN_H

#include "plan/plan.h"

void tcv_plan_explain(const struct tconv_plan *plan, tconv_explanation *out);

/* As snprintf(): cuts short, always terminates, returns the whole length. */
size_t tcv_plan_describe(const struct tconv_plan *plan, char *text, size_t text_bytes);

#endif
