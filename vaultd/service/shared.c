#include "service/shared.h"

#include <stdlib.h>
#include <string.h>

#include "util/lock.h"

struct entry {
    uint8_t scope[VLT_HASH_LEN];
    bool making;   /* by somebody, for whom others wait */
    uint64_t born; /* the smallest is the oldest; 0: there is none */
    struct shared_page page;
    struct vlt_buf body;
};

struct shared {
    struct lock *lock;
    uint64_t births;
    size_t bytes; /* of all bodies */
    struct shared_counts counts;
    struct entry at[SHARED_PAGES];
};

enum vlt_status
shared_new(struct shared **out)
{
    struct shared *shared = calloc(1, sizeof *shared);
    enum vlt_status st = shared == NULL ? VLT_E_NOMEM : lock_new(&shared->lock);

    if (st != VLT_OK) {
        free(shared);
        return st;
    }
    *out = shared;
    return VLT_OK;
}

/* ---- under the lock ---- */

static void
drop(struct shared *shared, struct entry *entry)
{
    shared->bytes -= entry->body.len;
    vlt_buf_free(&entry->body);
    *entry = (struct entry){ .born = 0 };
}

static struct entry *
find(struct shared *shared, const uint8_t scope[VLT_HASH_LEN])
{
    for (size_t i = 0; i < SHARED_PAGES; i++) {
        if (shared->at[i].born != 0 &&
            memcmp(shared->at[i].scope, scope, VLT_HASH_LEN) == 0) {
            return &shared->at[i];
        }
    }
    return NULL;
}

/* The oldest that nobody makes; without `kept` a free place is older than all.
 * NULL: none. */
static struct entry *
oldest(struct shared *shared, bool kept)
{
    struct entry *found = NULL;

    for (size_t i = 0; i < SHARED_PAGES; i++) {
        struct entry *entry = &shared->at[i];

        if (!entry->making && (!kept || entry->born != 0) &&
            (found == NULL || entry->born < found->born)) {
            found = entry;
        }
    }
    return found;
}

/* Where as many as may are being made, one more is not for others. */
static void
begin(struct shared *shared, const uint8_t scope[VLT_HASH_LEN])
{
    struct entry *entry = oldest(shared, false);

    if (entry != NULL) {
        drop(shared, entry);
        entry->making = true;
        entry->born = ++shared->births;
        memcpy(entry->scope, scope, VLT_HASH_LEN);
    }
}

/* Keep a copy of the bytes, in the place of the oldest.  False: no memory. */
static bool
keep(struct shared *shared, struct entry *entry, struct vlt_slice body)
{
    struct entry *old;

    while (shared->bytes + body.len > SHARED_BYTES &&
           (old = oldest(shared, true)) != NULL) {
        drop(shared, old);
    }
    vlt_buf_init(&entry->body, 0);
    vlt_buf_put_slice(&entry->body, body);
    if (vlt_buf_failed(&entry->body)) {
        vlt_buf_free(&entry->body);
        return false;
    }
    shared->bytes += entry->body.len;
    return true;
}

/* ---- the rest ---- */

void
shared_free(struct shared *shared)
{
    if (shared == NULL) {
        return;
    }
    for (size_t i = 0; i < SHARED_PAGES; i++) {
        drop(shared, &shared->at[i]);
    }
    lock_free(shared->lock);
    free(shared);
}

void
shared_clear(struct shared *shared)
{
    lock_take(shared->lock);
    for (size_t i = 0; i < SHARED_PAGES; i++) {
        drop(shared, &shared->at[i]);
    }
    lock_wake_all(shared->lock);
    lock_drop(shared->lock);
}

enum shared_found
shared_begin(struct shared *shared, const uint8_t scope[VLT_HASH_LEN],
             struct shared_page *page, struct vlt_buf *body)
{
    enum shared_found found = SHARED_MAKE;
    struct entry *entry;

    lock_take(shared->lock);
    entry = find(shared, scope);
    while (entry != NULL && entry->making) {
        lock_wait(shared->lock);
        entry = find(shared, scope);
    }
    if (entry != NULL) {
        *page = entry->page;
        vlt_buf_put_slice(body, vlt_buf_slice(&entry->body));
        found = SHARED_TAKEN;
    } else {
        begin(shared, scope);
    }
    lock_drop(shared->lock);
    return found;
}

void
shared_made(struct shared *shared, const uint8_t scope[VLT_HASH_LEN],
            const struct shared_page *page, struct vlt_slice body)
{
    struct entry *entry;

    lock_take(shared->lock);
    entry = find(shared, scope);
    if (entry != NULL && page != NULL && keep(shared, entry, body)) {
        entry->page = *page;
        entry->making = false;
    } else if (entry != NULL) {
        drop(shared, entry);
    }
    lock_wake_all(shared->lock);
    lock_drop(shared->lock);
}

void
shared_count(struct shared *shared, bool encoded)
{
    lock_take(shared->lock);
    shared->counts.pages++;
    shared->counts.encoded += encoded;
    lock_drop(shared->lock);
}

struct shared_counts
shared_counts(struct shared *shared)
{
    struct shared_counts counts;

    lock_take(shared->lock);
    counts = shared->counts;
    lock_drop(shared->lock);
    return counts;
}
