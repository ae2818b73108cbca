/*
 * progress.h - a bar on stderr, for a person who waits
 *
 * It appears when stderr is a terminal and the work has taken a second, and is
 * wiped out when the work ends or fails: what is written next finds a clean
 * line.  There is one bar, as there is one stderr.
 */
#ifndef TCV_CLI_PROGRESS_H
#define TCV_CLI_PROGRESS_H

#include <stdint.h>

/* Work of total steps begins. */
void tcv_progress_begin(int64_t total);

/* Draws the bar if it is due, at most ten times a second. */
void tcv_progress_advance(int64_t done);

/* Wipes the bar out, if there is one; none is drawn after that. */
void tcv_progress_end(void);

#endif
