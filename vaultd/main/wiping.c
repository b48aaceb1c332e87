/*
 * wiping: memory that is given back is overwritten before it is.
 *
 * What the owner keeps in the vault passes through thousands of short-lived
 * pieces of the heap: rows, names, texts, nodes of parsers, buffers of
 * libraries.  The C library leaves them as they are until somebody gets the
 * same piece.  So the program has a free() and a realloc() of its own, in front
 * of the C library's, for all of it, libraries too.  What lies in pieces that
 * are still in use when the vault is locked is the business of those who have
 * them.
 *
 * Its price: each byte that was asked for is written once more.
 *
 * It is no part of the room's library, so that tests have the heap that they
 * choose.  Sanitizers have one of their own.
 */
#define _DEFAULT_SOURCE /* explicit_bzero(), madvise() */

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Pieces from here on are given to the kernel, which hands out zeros. */
#define LARGE ((size_t)16 << 20)
#define PAGE ((size_t)4096)

/* What free() stands in front of; of glibc since 2.2.5. */
extern void __libc_free(void *at);

/* Its whole pages go, the rest is overwritten. */
static void
drop_pages(uint8_t *at, size_t len)
{
    size_t head = (PAGE - (uintptr_t)at % PAGE) % PAGE;
    size_t whole = (len - head) / PAGE * PAGE;

    explicit_bzero(at, head);
    if (madvise(at + head, whole, MADV_DONTNEED) != 0) {
        explicit_bzero(at + head, whole);
    }
    explicit_bzero(at + head + whole, len - head - whole);
}

/* free() leaves errno alone. */
__attribute__((visibility("default"))) void
free(void *at)
{
    if (at == NULL) {
        return;
    }
    int error = errno;
    size_t len = malloc_usable_size(at);

    if (len >= LARGE) {
        drop_pages(at, len);
    } else {
        explicit_bzero(at, len);
    }
    __libc_free(at);
    errno = error;
}

/* The C library's own moves pieces without looking back. */
__attribute__((visibility("default"))) void *
realloc(void *at, size_t len)
{
    if (at == NULL) {
        return malloc(len);
    }
    if (len == 0) {
        free(at);
        return NULL;
    }
    size_t had = malloc_usable_size(at);

    if (len <= had && len >= had / 2) {
        return at;
    }
    void *to = malloc(len);

    if (to == NULL) {
        return len <= had ? at : NULL;
    }
    memcpy(to, at, len < had ? len : had);
    free(at);
    return to;
}
