/*
 * peer: what one firm or source may still do, over all its sessions (loop).
 *
 * Buckets that fill with time: requests, bytes of text (charged before they are
 * parsed), refusals, each of which costs an entry of the log, bytes of rows
 * that it is given or brings, and of what it brings over HTTP also those of a
 * second, so that others come through between, and records that its questions
 * open.  A peer is remembered until the daemon ends, so that a new connection
 * fills nothing.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/status.h"

enum {
    PEER_TEXT_S = 64 << 10,       /* bytes of text, a second */
    PEER_TEXT_BURST = 1 << 20,    /* and at once */
    PEER_BROKEN = 64 << 10,       /* bytes that a text which is none costs */
    PEER_DENIED_MIN = 30,         /* refusals that are logged, a minute */
    PEER_DENIED_BURST = 300,      /* and at once */
    PEER_PUSHED_S = 8 << 20,      /* bytes of bodies, inflated, a second */
    PEER_PUSHED_BURST = 64 << 20, /* and at once */
    PEER_BODIES = 16,             /* of a source, under way at once */
    PEER_CHUNKS_S = 10,           /* seconds' worth of records opened at once */
    PEER_WAIT_DAYS = 365,         /* the most that is told of a wait */
};

/* A bucket: what is in it, in thousandths, and when it was filled, ns. */
struct peer_bucket {
    int64_t has;
    int64_t filled;
};

/* So many bytes of rows in so many seconds: 3,600 to 2^40, and at least one
 * byte a second; and so many records opened in one, PEER_CHUNKS_S times as many
 * at once: 1 to 2^20.  Of a source also so many rows in a day, up to 10^10, or
 * 0: as many as its bytes are. */
struct peer_share {
    uint64_t bytes;
    unsigned seconds;
    unsigned chunks;
    uint64_t rows;
};

struct peer {
    uint8_t id[VLT_ID_LEN];
    unsigned sessions; /* open now */
    unsigned bodies;   /* under way now */
    struct peer_bucket requests;
    struct peer_bucket text;
    struct peer_bucket denied;
    struct peer_bucket rows;
    struct peer_bucket counted;
    struct peer_bucket pushed;
    struct peer_bucket chunks;
    struct peer_share share;
};

/* A peer whose buckets are full; share: what a firm may be given, or a source
 * may bring. */
struct peer *peer_new(const uint8_t id[VLT_ID_LEN], struct peer_share share,
                      int64_t boot);

/* Its share is another from now on, if it is: what was taken of the one before
 * is taken of this one, and costs at most a day more; what was owed is owed. */
void peer_set_share(struct peer *peer, struct peer_share share, int64_t boot);

/* Take one request: 0, or ms until one is there. */
int64_t peer_take_request(struct peer *peer, int64_t boot);

/* Take bytes of text: false when they are not there. */
bool peer_take_text(struct peer *peer, size_t bytes, int64_t boot);

/* A refusal was logged.  From then on peer_denied_ms() may tell to wait. */
void peer_note_denied(struct peer *peer, int64_t boot);

/* ms until the next refusal may be logged; 0: now. */
int64_t peer_denied_ms(struct peer *peer, int64_t boot);

/* It was given rows, or brought some: a page, or body, goes whole, and more
 * than is there is owed. */
void peer_note_rows(struct peer *peer, size_t bytes, int64_t boot);

/* So many bytes that it was charged of its share are not counted after all. */
void peer_give_back(struct peer *peer, size_t bytes, int64_t boot);

/* ms until the next page or body may go; 0: now. */
int64_t peer_rows_ms(struct peer *peer, int64_t boot);

/* The same of rows by their number; 0 where its share has none of them.  What
 * goes beyond a day's share is owed, of however many days it is. */
void peer_note_count(struct peer *peer, uint64_t rows, int64_t boot);
int64_t peer_count_ms(struct peer *peer, int64_t boot);

/* ms until a source may bring more of either; 0: now. */
int64_t peer_day_ms(struct peer *peer, int64_t boot);

/* The same of bodies alone, by the second: a body goes whole. */
void peer_note_pushed(struct peer *peer, size_t bytes, int64_t boot);
int64_t peer_pushed_ms(struct peer *peer, int64_t boot);

/* The same of records that were opened for it. */
void peer_note_chunks(struct peer *peer, size_t count, int64_t boot);
int64_t peer_chunks_ms(struct peer *peer, int64_t boot);

#endif
