/* Breaks the rules of docs.cmake. */
typedef enum tconv_status {
    TCONV_OK = 0,
    TCONV_ERR_NULL_POINTER = 1,
    TCONV_ERR_NOBODY = 2 /* no function documents it */
} tconv_status;

TCONV_API void tconv_bare(void);

/**
 * Half documented.
 *
 * @param first  There.
 */
TCONV_API int tconv_half(int first, const int *second);

/**
 * A status that is not in the enumeration, and not the one that it needs.
 *
 * @param desc  Not NULL.
 * @return TCONV_OK.
 *         TCONV_ERR_INVENTED: never.
 *
 * Threads: safe.
 * Cost:    none.
 * Since:   0.1.0
 */
TCONV_API tconv_status tconv_statuses(const int *desc, tconv_error *error);

static inline int tconv_inline(void)
{
    return 0;
}
