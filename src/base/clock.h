/* clock.h - time that only goes forward */
#ifndef TCV_BASE_CLOCK_H
#define TCV_BASE_CLOCK_H

/* Seconds since some moment. */
double tcv_seconds(void);

#endif
