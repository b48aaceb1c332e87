/*
 * The memory of documents.  jansson takes a piece for each node, name and text
 * and gives each back by itself, which is most of what reading a short message
 * costs.  Here the pieces of a document lie one behind the other in a few
 * chunks, and these go together.
 *
 * Before each piece stands the chunk that it is of.  The chunks of a document
 * are a ring; its first one holds what is of the whole document.  A large piece
 * has a chunk of its own, which can go before the others: the tables and texts
 * that jansson grows out of.  Small ones that are given back are lost until the
 * document goes, but for the newest.
 */
#define _DEFAULT_SOURCE /* explicit_bzero() */

#include "json/json_memory_internal.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

#if defined __SANITIZE_ADDRESS__
#define POISONS 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif

#ifdef POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at))
#endif

enum {
    ALIGN = 8,         /* what jansson keeps wants */
    SMALL = 4096,      /* the chunk that short documents have */
    CHUNK = 64 * 1024, /* the largest that is shared */
    ALONE = 16 * 1024, /* pieces from here on have a chunk of their own */
    TREE = 12,         /* bytes of a tree by those of its text, about */
    SPARES = 32,       /* documents of calls that wait for one commit, in a busy
                          turn */
};

struct chunk {
    struct chunk *first; /* of the document; NULL: of none */
    struct chunk *next;  /* in the ring */
    struct chunk *prev;
    struct chunk *open; /* of the first: where pieces are taken from */
    size_t len;         /* bytes for pieces */
    size_t used;
    size_t most;   /* that were used at a time before */
    size_t newest; /* where the newest piece begins */
    bool alone;    /* has one piece */
};

/* One text that is being read, by one thread. */
struct reading {
    struct chunk *first; /* of its document */
    jmp_buf missing;     /* where to go on when there is no memory */
};

/* Before each piece. */
union head {
    struct chunk *chunk;
    uint64_t align;
};

static bool own;
static _Thread_local struct reading *reading;
/* Chunks of SMALL bytes, wiped, for the next documents.  Of all threads, since
 * one may free what another has read. */
static _Atomic(struct chunk *) spares[SPARES];

static uint8_t *
bytes_of(struct chunk *chunk)
{
    return (uint8_t *)(chunk + 1);
}

static struct chunk *
spare_take(void)
{
    for (size_t i = 0; i < SPARES; i++) {
        if (atomic_load_explicit(&spares[i], memory_order_relaxed) != NULL) {
            struct chunk *chunk = atomic_exchange(&spares[i], NULL);

            if (chunk != NULL) {
                return chunk;
            }
        }
    }
    return NULL;
}

static bool
spare_put(struct chunk *chunk)
{
    for (size_t i = 0; i < SPARES; i++) {
        struct chunk *none = NULL;

        if (atomic_load_explicit(&spares[i], memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong(&spares[i], &none, chunk)) {
            return true;
        }
    }
    return false;
}

/* Of len bytes, with what stands before them; a ring of itself. */
static struct chunk *
chunk_new(size_t len, bool alone)
{
    struct chunk *chunk = len == SMALL && !alone ? spare_take() : NULL;

    if (chunk == NULL) {
        chunk = malloc(len);
    }
    if (chunk != NULL) {
        *chunk = (struct chunk){ .next = chunk,
                                 .prev = chunk,
                                 .len = len - sizeof *chunk,
                                 .alone = alone };
        ASAN_POISON_MEMORY_REGION(bytes_of(chunk), chunk->len);
    }
    return chunk;
}

/* Under AddressSanitizer none is kept, so that it knows what is gone. */
static void
chunk_free(struct chunk *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(bytes_of(chunk), chunk->len);
#ifndef POISONS
    if (!chunk->alone && chunk->len == SMALL - sizeof *chunk) {
        size_t most = chunk->used > chunk->most ? chunk->used : chunk->most;

        explicit_bzero(chunk, sizeof *chunk + most);
        if (spare_put(chunk)) {
            return;
        }
    }
#else
    (void)spare_put;
#endif
    free(chunk);
}

static void
chunk_join(struct chunk *chunk, struct chunk *first)
{
    chunk->first = first;
    chunk->next = first;
    chunk->prev = first->prev;
    chunk->prev->next = chunk;
    first->prev = chunk;
}

/* A piece of the chunk, which has room for it: len with its head. */
static void *
cut(struct chunk *chunk, size_t len, size_t asked)
{
    uint8_t *at = bytes_of(chunk) + chunk->used;
    union head head = { .chunk = chunk };

    ASAN_UNPOISON_MEMORY_REGION(at, sizeof head + asked);
    memcpy(at, &head, sizeof head);
    ASAN_POISON_MEMORY_REGION(at, sizeof head);
    (void)asked;
    chunk->newest = chunk->used;
    chunk->used += len;
    return at + sizeof head;
}

/* Where a piece is of. */
static struct chunk *
chunk_of(const void *piece)
{
    const uint8_t *at = (const uint8_t *)piece - sizeof(union head);
    union head head;

    ASAN_UNPOISON_MEMORY_REGION(at, sizeof head);
    memcpy(&head, at, sizeof head);
    ASAN_POISON_MEMORY_REGION(at, sizeof head);
    return head.chunk;
}

/* Another chunk of the document, with room for so many bytes; NULL: no
 * memory. */
static struct chunk *
chunk_more(struct chunk *first, size_t len)
{
    bool alone = len > ALONE;
    size_t size = alone ? len + sizeof *first : CHUNK;
    struct chunk *chunk = chunk_new(size, alone);

    if (chunk != NULL) {
        chunk_join(chunk, first);
        first->open = alone ? first->open : chunk;
    }
    return chunk;
}

/*
 * A piece for jansson.  When there is none, reading ends here and now, and the
 * document goes: jansson itself would go on without a character of a long word,
 * and past the end of the word when that was its quote.
 */
static void *
take(size_t asked)
{
    if (reading == NULL || asked > SIZE_MAX / 2) {
        return NULL;
    }
    size_t len = sizeof(union head) + (asked + ALIGN - 1) / ALIGN * ALIGN;
    struct chunk *chunk = reading->first->open;

    if (chunk->len - chunk->used < len) {
        chunk = chunk_more(reading->first, len);
    }
    if (chunk == NULL) {
        longjmp(reading->missing, 1);
    }
    return cut(chunk, len, asked);
}

static void
give(void *piece)
{
    if (piece == NULL) {
        return;
    }
    struct chunk *chunk = chunk_of(piece);
    uint8_t *at = (uint8_t *)piece - sizeof(union head);

    if (chunk->alone) {
        chunk->prev->next = chunk->next;
        chunk->next->prev = chunk->prev;
        chunk_free(chunk);
        return;
    }
    if (at == bytes_of(chunk) + chunk->newest) {
        chunk->most = chunk->used > chunk->most ? chunk->used : chunk->most;
        ASAN_POISON_MEMORY_REGION(at, chunk->used - chunk->newest);
        chunk->used = chunk->newest;
    }
}

static void
free_all(struct chunk *first)
{
    while (first->next != first) {
        struct chunk *chunk = first->next;

        first->next = chunk->next;
        chunk_free(chunk);
    }
    chunk_free(first);
}

void
vlt_json_own_memory(void)
{
    own = true;
    json_set_alloc_funcs(take, give);
}

bool
vlt_json_memory_is_own(void)
{
    return own;
}

/* The first chunk of a document; NULL: no memory. */
static struct chunk *
first_new(size_t text_len)
{
    size_t size = text_len < CHUNK / TREE ? text_len * TREE : CHUNK;
    struct chunk *first =
        chunk_new(size > SMALL ? size / ALIGN * ALIGN : SMALL, false);

    if (first != NULL) {
        first->first = first;
        first->open = first;
    }
    return first;
}

static enum vlt_status
load(struct reading *here, struct vlt_slice text, size_t flags,
     json_error_t *error, json_t **root)
{
    if (setjmp(here->missing) != 0) {
        return VLT_E_NOMEM;
    }
    *root = json_loadb((const char *)text.at, text.len, flags, error);
    return VLT_OK;
}

enum vlt_status
vlt_json_memory_load(struct vlt_slice text, size_t flags, json_error_t *error,
                     json_t **root)
{
    struct reading here = { .first = first_new(text.len) };

    if (here.first == NULL) {
        return VLT_E_NOMEM;
    }
    reading = &here;
    *root = NULL;
    enum vlt_status st = load(&here, text, flags, error, root);

    reading = NULL;
    /* jansson's one true is of no document. */
    if (*root == NULL || (*root)->refcount == SIZE_MAX) {
        free_all(here.first);
    }
    return st;
}

void
vlt_json_memory_free(const json_t *root)
{
    free_all(chunk_of(root)->first);
}
