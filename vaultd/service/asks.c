#include "service/asks.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/random.h"
#include "util/lock.h"

struct ask {
    struct asks_entry entry;
    uint8_t digest[ASKS_DIGEST];
};

struct asks {
    struct lock *lock;
    size_t count;
    struct ask at[ASKS_MOST]; /* oldest first */
};

enum vlt_status
asks_new(struct asks **out)
{
    struct asks *asks = calloc(1, sizeof *asks);
    enum vlt_status st = asks == NULL ? VLT_E_NOMEM : lock_new(&asks->lock);

    if (st != VLT_OK) {
        free(asks);
        return st;
    }
    *out = asks;
    return VLT_OK;
}

void
asks_free(struct asks *asks)
{
    if (asks != NULL) {
        lock_free(asks->lock);
        free(asks);
    }
}

void
asks_clear(struct asks *asks)
{
    lock_take(asks->lock);
    memset(asks->at, 0, sizeof asks->at);
    asks->count = 0;
    lock_drop(asks->lock);
}

/* ---- under the lock ---- */

static void
take_out(struct asks *asks, size_t i)
{
    memmove(&asks->at[i], &asks->at[i + 1],
            (--asks->count - i) * sizeof asks->at[0]);
}

/* What is over is forgotten: an open one after a day, a yes after an hour. */
static void
sweep(struct asks *asks, int64_t now)
{
    for (size_t i = asks->count; i-- > 0;) {
        const struct asks_entry *entry = &asks->at[i].entry;
        int64_t most = entry->state == ASKS_YES ? ASKS_YES_S : ASKS_WAIT_S;

        if (now - entry->since >= most * VLT_SECOND) {
            take_out(asks, i);
        }
    }
}

static struct ask *
find(struct asks *asks, const struct asks_what *what)
{
    for (size_t i = 0; i < asks->count; i++) {
        struct ask *ask = &asks->at[i];

        if (memcmp(ask->entry.grant, what->grant, VLT_ID_LEN) == 0 &&
            memcmp(ask->digest, what->digest, ASKS_DIGEST) == 0) {
            return ask;
        }
    }
    return NULL;
}

static size_t
waiting(const struct asks *asks, const uint8_t grant[VLT_ID_LEN])
{
    size_t count = 0;

    for (size_t i = 0; i < asks->count; i++) {
        count += asks->at[i].entry.state == ASKS_WAITS &&
                 memcmp(asks->at[i].entry.grant, grant, VLT_ID_LEN) == 0;
    }
    return count;
}

/* ---- the rest ---- */

enum asks_state
asks_state_of(struct asks *asks, const struct asks_what *what)
{
    enum asks_state state = ASKS_NONE;
    const struct ask *ask;

    lock_take(asks->lock);
    sweep(asks, what->now);
    ask = find(asks, what);
    if (ask != NULL) {
        state = ask->entry.state;
    }
    lock_drop(asks->lock);
    return state;
}

/* One more that waits; NULL: there is no room. */
static struct ask *
add(struct asks *asks, const struct asks_what *what, const char *says)
{
    struct ask *ask;

    if (asks->count == ASKS_MOST || waiting(asks, what->grant) == ASKS_OPEN) {
        return NULL;
    }
    ask = &asks->at[asks->count++];
    *ask = (struct ask){ .entry.state = ASKS_WAITS, .entry.since = what->now };
    vlt_ulid_new(what->now, ask->entry.id);
    memcpy(ask->entry.grant, what->grant, VLT_ID_LEN);
    memcpy(ask->digest, what->digest, ASKS_DIGEST);
    (void)strncpy(ask->entry.says, says, sizeof ask->entry.says - 1);
    return ask;
}

bool
asks_wait(struct asks *asks, const struct asks_what *what, const char *says,
          uint8_t id[VLT_ID_LEN], bool *fresh)
{
    struct ask *ask;

    *fresh = false;
    lock_take(asks->lock);
    sweep(asks, what->now);
    ask = find(asks, what);
    if (ask == NULL) {
        ask = add(asks, what, says);
        *fresh = ask != NULL;
    }
    if (ask != NULL) {
        memcpy(id, ask->entry.id, VLT_ID_LEN);
    }
    lock_drop(asks->lock);
    return ask != NULL;
}

void
asks_spend(struct asks *asks, const struct asks_what *what)
{
    const struct ask *ask;

    lock_take(asks->lock);
    ask = find(asks, what);
    if (ask != NULL && ask->entry.state == ASKS_YES) {
        take_out(asks, (size_t)(ask - asks->at));
    }
    lock_drop(asks->lock);
}

bool
asks_answer(struct asks *asks, const uint8_t id[VLT_ID_LEN], bool yes,
            int64_t now, struct asks_entry *out)
{
    bool found = false;

    lock_take(asks->lock);
    sweep(asks, now);
    for (size_t i = 0; !found && i < asks->count; i++) {
        struct asks_entry *entry = &asks->at[i].entry;

        if (entry->state == ASKS_WAITS &&
            memcmp(entry->id, id, VLT_ID_LEN) == 0) {
            entry->state = yes ? ASKS_YES : ASKS_REFUSED;
            entry->since = now;
            *out = *entry;
            found = true;
        }
    }
    lock_drop(asks->lock);
    return found;
}

void
asks_each(struct asks *asks, int64_t now, asks_fn *fn, void *ctx)
{
    bool go_on = true;

    lock_take(asks->lock);
    sweep(asks, now);
    for (size_t i = 0; go_on && i < asks->count; i++) {
        if (asks->at[i].entry.state == ASKS_WAITS) {
            go_on = fn(ctx, &asks->at[i].entry);
        }
    }
    lock_drop(asks->lock);
}
