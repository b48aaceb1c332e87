#include "service/release.h"

#include <stdlib.h>
#include <string.h>

#include "service/acks.h"
#include "service/hold.h"
#include "service/owed.h"
#include "service/page_internal.h"

struct release *
release_new(struct reading *reading, uint64_t epoch)
{
    struct release *leave = calloc(1, sizeof *leave);

    if (leave == NULL) {
        return NULL;
    }
    leave->consent = reading->service->consent;
    leave->reading = reading;
    memcpy(leave->grant, reading->grant, sizeof leave->grant);
    leave->epoch = epoch;
    leave->live = reading->live;
    return leave;
}

void
release_arm(struct release *leave, uint64_t seq, size_t bytes)
{
    struct reading *reading = leave->reading;

    leave->armed = true;
    leave->seq = seq;
    leave->bytes = bytes;
    leave->round = reading->round;
    reading_hold(reading);
    reading->outstanding++;
    reading->flying += bytes;
}

void
release_back(struct release *leave)
{
    struct reading *reading = leave->reading;

    if (leave->round == reading->round) {
        reading->round++;
    }
    leave->round = reading->round;
}

enum release_now
release_check(const struct release *leave)
{
    if (owed_holds(leave->reading->service->owed, leave->grant)) {
        return RELEASE_DROP;
    }
    if (reading_broken(leave->reading)) {
        return leave->counted ? RELEASE_SEND : RELEASE_DROP;
    }
    if (hold_on(leave->reading->service)) {
        return RELEASE_AGAIN; /* the guard refuses it, and says so */
    }
    if (leave->round != leave->reading->round) {
        return RELEASE_AGAIN; /* one before it is decided anew */
    }
    return consent_epoch(leave->consent) == leave->epoch &&
                   service_effective(leave->reading->service) < leave->until
               ? RELEASE_SEND
               : RELEASE_AGAIN;
}

void
release_begun(struct release *leave)
{
    leave->reading->begun = leave;
}

const uint8_t *
release_grant(const struct release *leave)
{
    return leave->grant;
}

/* The whole answer has left: its firm may sign for it. */
static void
note_whole(const struct release *leave)
{
    const struct reading *reading = leave->reading;
    struct vlt_sha256 hash = reading->delivered.hash;
    struct vlt_ack what = { .last_seq = leave->seq };

    memcpy(what.grant, leave->grant, sizeof what.grant);
    memcpy(what.id, reading->use, sizeof what.id);
    vlt_sha256_end(&hash, what.sha256);
    acks_left(reading->service->acks, reading->who.id, &what);
}

/* Its rows have left. */
static void
count(struct release *leave)
{
    struct delivered *delivered = &leave->reading->delivered;

    if (leave->counted) {
        return;
    }
    leave->counted = true;
    if (leave->fresh) {
        vlt_sha256_begin(&delivered->hash);
    }
    delivered->rows += leave->rows;
    delivered->span_rows += leave->rows;
    if (leave->seq > delivered->last_seq) {
        delivered->last_seq = leave->seq;
    }
    vlt_sha256_add(&delivered->hash,
                   vlt_slice_of(leave->sha256, sizeof leave->sha256));
    if (leave->final) {
        note_whole(leave);
    }
}

void
release_finish(struct reading *reading)
{
    if (reading->begun != NULL) {
        count(reading->begun);
    }
}

void
release_sent(struct release *leave)
{
    count(leave);
    release_free(leave);
}

void
release_free(struct release *leave)
{
    if (leave == NULL) {
        return;
    }
    struct reading *reading = leave->armed ? leave->reading : NULL;
    size_t bytes = leave->bytes;

    if (reading != NULL && reading->begun == leave) {
        reading->begun = NULL;
    }
    free(leave);
    if (reading != NULL) {
        reading->outstanding--;
        reading->flying -= bytes;
        if (reading->whole && reading->outstanding == 0) {
            reading_left(reading);
        }
        reading_go_on(reading);
        reading_release(reading);
    }
}
