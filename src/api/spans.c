#include "api/spans.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

static bool spans_meet(const struct tcv_span *a, const struct tcv_span *b)
{
    const uintptr_t a0 = (uintptr_t)a->data + (uintptr_t)a->first;
    const uintptr_t a1 = (uintptr_t)a->data + (uintptr_t)a->last;
    const uintptr_t b0 = (uintptr_t)b->data + (uintptr_t)b->first;
    const uintptr_t b1 = (uintptr_t)b->data + (uintptr_t)b->last;

    return a->data != NULL && b->data != NULL && a->first <= a->last && b->first <= b->last &&
           a0 <= b1 && b0 <= a1;
}

tconv_status tcv_check_spans(const struct tcv_span *spans, int count, int written,
                             tconv_error *error)
{
    for (int i = 0; i < count; i++)
        if (spans[i].data == NULL && spans[i].first <= spans[i].last)
            return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL", spans[i].name);
    for (int w = 0; w < written; w++)
        for (int i = w + 1; i < count; i++)
            if (spans_meet(&spans[w], &spans[i]))
                return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                                "%s is at %p and overlaps %s at %p; they must lie apart",
                                spans[w].name, spans[w].data, spans[i].name, spans[i].data);
    return TCONV_OK;
}
