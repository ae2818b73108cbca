#include "support/guard.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/check.h"

static const unsigned char beside = 0x5c;

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void guard_create(struct guard *guard, size_t bytes, enum guard_edge edge)
{
    const size_t page = page_size();
    const size_t inside = (bytes + page - 1) / page * page;
    unsigned char *all = mmap(NULL, inside + 2 * page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (all == MAP_FAILED)
        fail_msg("no memory for a test buffer of %zu bytes", bytes);
    if (mprotect(all, page, PROT_NONE) != 0 ||
        mprotect(all + page + inside, page, PROT_NONE) != 0)
        fail_msg("no guard pages around a test buffer of %zu bytes", bytes);

    guard->bytes = bytes;
    guard->pages = all + page;
    guard->pages_bytes = inside;
    guard->data = edge == GUARD_END ? guard->pages + inside - bytes : guard->pages;
    memset(guard->pages, beside, inside);
    memset(guard->data, 0xa5, bytes);
}

/* A buffer one larger without its first byte, which joins what is beside. */
void guard_create_odd(struct guard *guard, size_t bytes)
{
    guard_create(guard, bytes + 1, GUARD_BEGIN);
    *guard->data++ = beside;
    guard->bytes = bytes;
}

void guard_destroy(struct guard *guard)
{
    const size_t page = page_size();

    if (guard->pages != NULL)
        munmap(guard->pages - page, guard->pages_bytes + 2 * page);
    memset(guard, 0, sizeof *guard);
}

static bool all_beside(const unsigned char *from, const unsigned char *to)
{
    while (from < to && *from == beside)
        from++;
    return from == to;
}

bool guard_intact(const struct guard *guard)
{
    return all_beside(guard->pages, guard->data) &&
           all_beside(guard->data + guard->bytes, guard->pages + guard->pages_bytes);
}

/* FNV-1a, taken by words of eight bytes: a changed byte changes the product. */
uint64_t guard_hash(const struct guard *guard)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < guard->bytes; i += 8) {
        uint64_t word = 0;

        memcpy(&word, guard->data + i, guard->bytes - i < 8 ? guard->bytes - i : 8);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
    }
    return hash;
}
