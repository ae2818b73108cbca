#include <tconv/tconv.h>

/*
 * No default case on purpose: -Wswitch names a status that was added to the
 * enum and forgotten here.
 */
const char *tconv_status_string(tconv_status status)
{
    switch (status) {
    case TCONV_OK: return "success";
    case TCONV_ERR_NULL_POINTER: return "a required pointer is NULL";
    case TCONV_ERR_INVALID_ARGUMENT: return "a documented rule is broken";
    case TCONV_ERR_UNSUPPORTED: return "what was asked for does not handle this problem";
    case TCONV_ERR_TOO_LARGE: return "a size does not fit in the address space";
    case TCONV_ERR_OUT_OF_MEMORY: return "out of memory";
    case TCONV_ERR_WORKSPACE_TOO_SMALL: return "the workspace or its limit is too small";
    }
    return "unknown tconv status";
}

#define TEXT(x) #x
#define VERSION(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *tconv_version(void)
{
    return VERSION(TCONV_VERSION_MAJOR, TCONV_VERSION_MINOR, TCONV_VERSION_PATCH);
}
