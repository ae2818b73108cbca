/* runs_here.h - which algorithms this machine can run at all */
#ifndef SUPPORT_RUNS_HERE_H
#define SUPPORT_RUNS_HERE_H

#include <stdbool.h>

#include <tconv/tconv.h>

/* False for one whose instructions the processor lacks, which refuses every problem. */
bool runs_here(tconv_algorithm algorithm);

#endif
