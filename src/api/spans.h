/* spans.h - which bytes the buffers of a call take, and whether they lie apart */
#ifndef TCV_API_SPANS_H
#define TCV_API_SPANS_H

#include <stdint.h>

#include <tconv/tconv.h>

/* Bytes [first, last], relative to a buffer's pointer; empty if last < first. */
struct tcv_span {
    const char *name;
    const void *data;
    int64_t first, last;
};

/*
 * Every span with bytes has a pointer, and the first `written` of them overlap
 * neither each other nor the rest.
 */
tconv_status tcv_check_spans(const struct tcv_span *spans, int count, int written,
                             tconv_error *error);

#endif
