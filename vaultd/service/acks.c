#include "service/acks.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "util/lock.h"
#include "util/map.h"

struct entry {
    struct vlt_ack what;
    int64_t when;   /* acknowledged, ns; 0: not */
    const void *by; /* who is about to; NULL: nobody */
};

/* The newest of one firm, the oldest overwritten. */
struct ring {
    size_t count, next;
    struct entry at[ACKS_FIRM];
};

struct acks {
    struct lock *lock;
    struct map *firms; /* to rings, owned */
};

enum vlt_status
acks_new(struct acks **out)
{
    struct acks *acks = calloc(1, sizeof *acks);
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st = acks == NULL ? VLT_E_NOMEM : lock_new(&acks->lock);

    if (st == VLT_OK) {
        vlt_random(seed, sizeof seed);
        st = map_new(VLT_ID_LEN, seed, &acks->firms);
    }
    if (st != VLT_OK) {
        acks_free(acks);
        return st;
    }
    *out = acks;
    return VLT_OK;
}

static void
forget(struct acks *acks)
{
    size_t at = 0;
    void *ring;

    while (acks->firms != NULL && map_next(acks->firms, &at, NULL, &ring)) {
        free(ring);
    }
}

void
acks_free(struct acks *acks)
{
    if (acks != NULL) {
        forget(acks);
        map_free(acks->firms);
        lock_free(acks->lock);
        free(acks);
    }
}

void
acks_clear(struct acks *acks)
{
    lock_take(acks->lock);
    forget(acks);
    map_clear(acks->firms);
    lock_drop(acks->lock);
}

/* ---- under the lock ---- */

/* The firm's ring, made when it is new; NULL: no memory. */
static struct ring *
ring_of(struct acks *acks, const uint8_t firm[VLT_ID_LEN])
{
    struct ring *ring = map_get(acks->firms, firm);

    if (ring != NULL) {
        return ring;
    }
    ring = calloc(1, sizeof *ring);
    if (ring != NULL && map_put(acks->firms, firm, ring) != VLT_OK) {
        free(ring);
        ring = NULL;
    }
    return ring;
}

/* Of the same grant, and the same use or span? */
static bool
is_of(const struct vlt_ack *a, const struct vlt_ack *b)
{
    return a->span == b->span && memcmp(a->id, b->id, VLT_ID_LEN) == 0 &&
           memcmp(a->grant, b->grant, VLT_ID_LEN) == 0;
}

/* One use may have several answers, by the cursor of the first: the one that
 * left so, else any. */
static struct entry *
find(struct ring *ring, const struct vlt_ack *what, bool *same)
{
    struct entry *found = NULL;

    *same = false;
    for (size_t i = 0; i < ring->count && !*same; i++) {
        struct entry *entry = &ring->at[i];

        if (is_of(&entry->what, what)) {
            found = entry;
            *same = entry->what.last_seq == what->last_seq &&
                    memcmp(entry->what.sha256, what->sha256,
                           sizeof what->sha256) == 0;
        }
    }
    return found;
}

static enum acks_found
claim(struct ring *ring, const struct vlt_ack *what, const void *by,
      int64_t *when)
{
    bool same;
    struct entry *entry = find(ring, what, &same);

    if (entry == NULL || !same) {
        return entry == NULL ? ACKS_NONE : ACKS_OTHER;
    }
    if (entry->when != 0) {
        *when = entry->when;
        return ACKS_AGAIN;
    }
    if (entry->by != NULL && entry->by != by) {
        return ACKS_BUSY;
    }
    entry->by = by;
    return ACKS_FRESH;
}

/* ---- the rest ---- */

void
acks_left(struct acks *acks, const uint8_t firm[VLT_ID_LEN],
          const struct vlt_ack *what)
{
    struct ring *ring;
    bool same = false;

    lock_take(acks->lock);
    ring = ring_of(acks, firm);
    if (ring != NULL) {
        /* What left in the same way twice is acknowledged once. */
        (void)find(ring, what, &same);
    }
    if (ring != NULL && !same) {
        ring->at[ring->next] = (struct entry){ .what = *what };
        ring->next = (ring->next + 1) % ACKS_FIRM;
        ring->count += ring->count < ACKS_FIRM;
    }
    lock_drop(acks->lock);
}

enum acks_found
acks_claim(struct acks *acks, const uint8_t firm[VLT_ID_LEN],
           const struct vlt_ack *what, const void *by, int64_t *when)
{
    enum acks_found found = ACKS_NONE;
    struct ring *ring;

    lock_take(acks->lock);
    ring = map_get(acks->firms, firm);
    if (ring != NULL) {
        found = claim(ring, what, by, when);
    }
    lock_drop(acks->lock);
    return found;
}

void
acks_settle(struct acks *acks, const uint8_t firm[VLT_ID_LEN], const void *by,
            int64_t when)
{
    struct ring *ring;

    lock_take(acks->lock);
    ring = map_get(acks->firms, firm);
    for (size_t i = 0; ring != NULL && i < ring->count; i++) {
        if (ring->at[i].by == by) {
            ring->at[i].by = NULL;
            ring->at[i].when = when;
        }
    }
    lock_drop(acks->lock);
}
