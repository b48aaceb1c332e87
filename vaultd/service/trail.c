/*
 * trail: what the pages of a reading moved, so that it can be gone on with
 * behind any of them in a later session (loop).
 *
 * A cursor is random from its first byte, so its beginning names its trail.
 */
#include <stdlib.h>
#include <string.h>

#include "service/page_internal.h"

enum {
    TRAIL_NAME = 32,   /* characters of the cursor */
    TRAIL_PAGES = 256, /* newest, that a trail knows apart */
    TRAILS = 256,      /* of each kind, over all sessions, ended ones too */
};

struct move {
    uint64_t seq;
    struct series_at at;
    struct series_mark late;
    uint32_t index; /* of the stream */
};

struct trail {
    struct trail *next; /* newest first */
    unsigned refs;      /* the list and its reading */
    bool live;          /* a subscription's; else a query's */
    char name[TRAIL_NAME];
    size_t count;
    struct position *base; /* owned; after page `folded` */
    uint64_t folded;
    uint64_t last; /* newest page */
    struct move move[TRAIL_PAGES];
};

static void
drop(struct trail *trail)
{
    if (trail != NULL && --trail->refs == 0) {
        free(trail->base);
        free(trail);
    }
}

void
trail_release(struct trail *trail)
{
    drop(trail);
}

/* The list keeps the newest TRAILS of a kind: queries do not push out what
 * subscriptions go on by. */
static void
keep_newest(struct service *service, bool live)
{
    struct trail **at = &service->trails;
    size_t kept = 0;

    while (*at != NULL) {
        struct trail *old = *at;

        kept += old->live == live;
        if (old->live == live && kept > TRAILS) {
            *at = old->next;
            old->next = NULL;
            drop(old);
        } else {
            at = &old->next;
        }
    }
}

void
trail_begin(struct reading *reading, struct vlt_slice cursor,
            const struct position *positions)
{
    struct trail *trail;

    if (cursor.len < TRAIL_NAME) {
        return;
    }
    trail = calloc(1, sizeof *trail);
    if (trail == NULL) {
        return; /* its pages' cursors are then unknown */
    }
    trail->base = calloc(reading->count + 1, sizeof *trail->base);
    if (trail->base == NULL) {
        free(trail);
        return;
    }
    trail->count = reading->count;
    memcpy(trail->base, positions, trail->count * sizeof *trail->base);
    memcpy(trail->name, cursor.at, TRAIL_NAME);
    trail->refs = 2;
    trail->live = reading->live;
    trail->next = reading->service->trails;
    reading->service->trails = trail;
    reading->trail = trail;
    keep_newest(reading->service, reading->live);
}

static void
apply(struct position *positions, const struct move *move)
{
    positions[move->index].at = move->at;
    positions[move->index].late = move->late;
}

void
trail_add(struct trail *trail, const struct page *page)
{
    struct move *move;

    if (trail == NULL || page->index >= trail->count) {
        return;
    }
    move = &trail->move[page->seq % TRAIL_PAGES];
    if (page->seq > TRAIL_PAGES) {
        apply(trail->base, move);
        trail->folded = move->seq;
    }
    *move = (struct move){ .seq = page->seq,
                           .at = page->at,
                           .late = page->late_at,
                           .index = (uint32_t)page->index };
    trail->last = page->seq;
}

uint64_t
trail_last(const struct trail *trail)
{
    return trail != NULL ? trail->last : 0;
}

enum vlt_status
trail_at(const struct trail *trail, uint64_t seq, struct position *positions)
{
    if (trail == NULL || seq < trail->folded || seq > trail->last) {
        return VLT_E_NOT_FOUND;
    }
    memcpy(positions, trail->base, trail->count * sizeof *positions);
    for (uint64_t i = trail->folded + 1; i <= seq; i++) {
        apply(positions, &trail->move[i % TRAIL_PAGES]);
    }
    return VLT_OK;
}

enum vlt_status
trail_follow(struct service *service, struct vlt_slice cursor, uint64_t seq,
             struct position *positions, size_t count)
{
    const struct trail *at = service->trails;

    while (at != NULL && (cursor.len < TRAIL_NAME ||
                          memcmp(at->name, cursor.at, TRAIL_NAME) != 0)) {
        at = at->next;
    }
    if (at == NULL || at->count != count ||
        trail_at(at, seq, positions) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

void
trail_forget_all(struct service *service)
{
    while (service->trails != NULL) {
        struct trail *old = service->trails;

        service->trails = old->next;
        drop(old);
    }
}
