/*
 * direct_types.h - both element types of the kernels of direct for one ISA
 *
 * Included by one file per instruction set with TCV_ISA (its name), TCV_BYTES
 * (of a vector) and TCV_REGISTERS (vector registers) defined.
 */
#include <stddef.h>

#include "kernels/direct.h"

#define TCV_JOIN_(name, type, isa) name##_##type##_##isa
#define TCV_JOIN(name, type, isa) TCV_JOIN_(name, type, isa)
#define TCV_UNROLL _Pragma("GCC unroll 16")

/* Holds a vector in a register: for few rows GCC would load it anew in each multiply-add. */
#if defined(__x86_64__)
#define TCV_KEEP(vector) __asm__("" : "+v"(vector))
#elif defined(__aarch64__)
#define TCV_KEEP(vector) __asm__("" : "+w"(vector))
#else
#define TCV_KEEP(vector) ((void)0)
#endif

/* A product is rounded before anything is added to it, whatever the compiler may contract. */
#if defined(__x86_64__) || defined(__aarch64__)
#define TCV_ROUND(vector) TCV_KEEP(vector)
#else
#define TCV_ROUND(vector) __asm__("" : "+m"(vector))
#endif

/*
 * AVX-512 multiplies by an element of memory in one instruction.  Half of the weights are read so,
 * once for each vector: all of them would be more loads than units for them.  GCC joins the two
 * where a value is used once, so the pointers must not look alike.
 */
#if TCV_BYTES == 64
#define TCV_EMBEDS(R, V) ((R) > 6 && (V) > 1)
#define TCV_APART(pointer) __asm__("" : "+r"(pointer))
#else
#define TCV_EMBEDS(R, V) false
#define TCV_APART(pointer) ((void)0)
#endif

/* Where in a row asking is; what is left from that row on, and after it; how much every time. */
struct tcv_asking {
    uintptr_t at, end;
    struct tcv_ask rest;
    const struct tcv_ask *then, *last;
    int64_t bytes, channels;
};

static inline void tcv_ask_begin(struct tcv_asking *k)
{
    while (k->rest.rows == 0 && k->then < k->last)
        k->rest = *k->then++;
    k->at = (uintptr_t)k->rest.from;
    k->end = k->at + (uintptr_t)k->rest.row_bytes;
    if (k->rest.rows == 0) {
        k->bytes = 0;
        k->end = UINTPTR_MAX; /* where asking for nothing does not come */
    }
}

/* The rest of a row and the beginning of the next ones, `left` bytes in all. */
__attribute__((noinline)) static void tcv_ask_across(struct tcv_asking *k, int64_t left)
{
    while (left > 0 && k->bytes > 0) {
        const int64_t row = (int64_t)(k->end - k->at), bytes = left < row ? left : row;

        for (int64_t byte = 0; byte < bytes; byte += 64)
            __builtin_prefetch((const void *)(k->at + (uintptr_t)byte), 0, 2);
        k->at += (uintptr_t)bytes;
        left -= bytes;
        if (k->at < k->end)
            return;
        k->rest.from = (const void *)((uintptr_t)k->rest.from + (uintptr_t)k->rest.row_step);
        k->rest.rows--;
        tcv_ask_begin(k);
    }
}

static inline void tcv_ask_more(struct tcv_asking *k)
{
    const uintptr_t end = k->at + (uintptr_t)k->bytes;

    if (end >= k->end) {
        tcv_ask_across(k, k->bytes);
        return;
    }
    for (uintptr_t at = k->at; at < end; at += 64)
        __builtin_prefetch((const void *)at, 0, 2);
    k->at = end;
}

#define TCV_REAL float
#define TCV_WIDTH (TCV_BYTES / 4)
#define TCV_KERNEL(name) TCV_JOIN(name, f32, TCV_ISA)
#include "kernels/direct_template.h"
#undef TCV_REAL
#undef TCV_WIDTH
#undef TCV_KERNEL

#define TCV_REAL double
#define TCV_WIDTH (TCV_BYTES / 8)
#define TCV_KERNEL(name) TCV_JOIN(name, f64, TCV_ISA)
#include "kernels/direct_template.h"
