#include "base/alloc.h"

void *tcv_alloc(size_t bytes)
{
    return malloc(bytes); /* here it may */
}
