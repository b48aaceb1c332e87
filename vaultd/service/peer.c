#include "service/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "wire/limits.h"

enum {
    THOUSAND = 1000,
    MINUTE_S = 60,
};

/* What fills a bucket, in thousandths a ms, and how much it holds. */
struct filling {
    int64_t per_ms;
    int64_t most;
};

static const struct filling requests = {
    .per_ms = VLT_LIMIT_REQUESTS_S,
    .most = INT64_C(1) * THOUSAND * VLT_LIMIT_REQUESTS_BURST,
};
static const struct filling text = {
    .per_ms = PEER_TEXT_S,
    .most = INT64_C(1) * THOUSAND * PEER_TEXT_BURST,
};
/* 30 a minute are a half a second. */
static const struct filling denied = {
    .per_ms = 1,
    .most =
        INT64_C(1) * THOUSAND * PEER_DENIED_BURST * MINUTE_S / PEER_DENIED_MIN,
};
static const struct filling pushed = {
    .per_ms = PEER_PUSHED_S,
    .most = INT64_C(1) * THOUSAND * PEER_PUSHED_BURST,
};

static void
fill(struct peer_bucket *bucket, const struct filling *filling, int64_t boot)
{
    int64_t ms = (boot - bucket->filled) / 1000000;
    int64_t full = (filling->most - bucket->has) / filling->per_ms + 1;

    if (ms > full) {
        ms = full;
        bucket->filled = boot;
    } else {
        bucket->filled += ms * 1000000;
    }
    bucket->has += ms * filling->per_ms;
    if (bucket->has > filling->most) {
        bucket->has = filling->most;
    }
}

/* Take so much if it is there: 0, or ms until it is. */
static int64_t
take(struct peer_bucket *bucket, const struct filling *filling, int64_t much,
     int64_t boot)
{
    fill(bucket, filling, boot);
    if (bucket->has < much) {
        return (much - bucket->has) / filling->per_ms + 1;
    }
    bucket->has -= much;
    return 0;
}

/* Take so much, whether it is there or not. */
static void
owe(struct peer_bucket *bucket, const struct filling *filling, size_t much,
    int64_t boot)
{
    fill(bucket, filling, boot);
    bucket->has -= (int64_t)much * THOUSAND;
}

#define WAIT_MOST (PEER_WAIT_DAYS * (VLT_DAY / 1000000))

/* ms until anything is there. */
static int64_t
owed_ms(struct peer_bucket *bucket, const struct filling *filling, int64_t boot)
{
    int64_t ms;

    fill(bucket, filling, boot);
    if (bucket->has > 0) {
        return 0;
    }
    ms = -bucket->has / filling->per_ms + 1;
    return ms < WAIT_MOST ? ms : WAIT_MOST;
}

/* All of its share at once, too, after so long without any. */
static struct filling
rows_of(const struct peer *peer)
{
    int64_t bytes = (int64_t)peer->share.bytes;

    return (struct filling){ .per_ms = bytes / peer->share.seconds,
                             .most = bytes * THOUSAND };
}

/* Of few rows a day less than a thousandth comes in a ms: they are counted in
 * as many parts as a day has ms. */
#define ROW INT64_C(86400000)

#define ROWS_MOST UINT64_C(10000000000) /* of a share, and of one note */
#define OWED_MOST (INT64_MIN / 2)       /* less would overflow one day */

static struct filling
counted_of(const struct peer *peer)
{
    int64_t rows = (int64_t)peer->share.rows;

    return (struct filling){ .per_ms = rows, .most = rows * ROW };
}

static struct filling
chunks_of(const struct peer *peer)
{
    return (struct filling){ .per_ms = peer->share.chunks,
                             .most = INT64_C(1) * THOUSAND * PEER_CHUNKS_S *
                                     peer->share.chunks };
}

struct peer *
peer_new(const uint8_t id[VLT_ID_LEN], struct peer_share share, int64_t boot)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL) {
        return NULL;
    }
    memcpy(peer->id, id, sizeof peer->id);
    peer->requests = (struct peer_bucket){ requests.most, boot };
    peer->text = (struct peer_bucket){ text.most, boot };
    peer->denied = (struct peer_bucket){ denied.most, boot };
    peer->pushed = (struct peer_bucket){ pushed.most, boot };
    peer->share = share;
    peer->rows = (struct peer_bucket){ rows_of(peer).most, boot };
    peer->counted = (struct peer_bucket){ counted_of(peer).most, boot };
    peer->chunks = (struct peer_bucket){ chunks_of(peer).most, boot };
    return peer;
}

/* What is gone of one filling is gone of the other: at most all of it twice,
 * or what was owed before. */
static void
pour_over(struct peer_bucket *bucket, const struct filling *from,
          const struct filling *to, int64_t boot)
{
    int64_t gone = 0;
    int64_t least = -to->most;

    if (from->per_ms > 0) {
        fill(bucket, from, boot);
        gone = from->most - bucket->has;
        least = bucket->has < least ? bucket->has : least;
    }
    *bucket = (struct peer_bucket){ to->most - gone, boot };
    if (bucket->has < least) {
        bucket->has = least;
    }
}

void
peer_set_share(struct peer *peer, struct peer_share share, int64_t boot)
{
    struct filling rows = rows_of(peer);
    struct filling counted = counted_of(peer);
    struct peer_share *now = &peer->share;

    if (now->bytes == share.bytes && now->rows == share.rows) {
        return;
    }
    now->bytes = share.bytes;
    now->rows = share.rows;

    struct filling new_rows = rows_of(peer);
    struct filling new_counted = counted_of(peer);

    pour_over(&peer->rows, &rows, &new_rows, boot);
    pour_over(&peer->counted, &counted, &new_counted, boot);
}

int64_t
peer_take_request(struct peer *peer, int64_t boot)
{
    return take(&peer->requests, &requests, THOUSAND, boot);
}

bool
peer_take_text(struct peer *peer, size_t bytes, int64_t boot)
{
    return take(&peer->text, &text, (int64_t)bytes * THOUSAND, boot) == 0;
}

/* One refusal, in thousandths of what fills in a ms. */
#define DENIED (INT64_C(1) * THOUSAND * MINUTE_S / PEER_DENIED_MIN)

void
peer_note_denied(struct peer *peer, int64_t boot)
{
    fill(&peer->denied, &denied, boot);
    peer->denied.has -= DENIED;
}

int64_t
peer_denied_ms(struct peer *peer, int64_t boot)
{
    fill(&peer->denied, &denied, boot);
    return peer->denied.has >= DENIED
               ? 0
               : (DENIED - peer->denied.has) / denied.per_ms + 1;
}

void
peer_note_rows(struct peer *peer, size_t bytes, int64_t boot)
{
    struct filling rows = rows_of(peer);

    owe(&peer->rows, &rows, bytes, boot);
}

void
peer_give_back(struct peer *peer, size_t bytes, int64_t boot)
{
    struct filling rows = rows_of(peer);

    fill(&peer->rows, &rows, boot);
    peer->rows.has += (int64_t)bytes * THOUSAND;
    if (peer->rows.has > rows.most) {
        peer->rows.has = rows.most;
    }
}

int64_t
peer_rows_ms(struct peer *peer, int64_t boot)
{
    struct filling rows = rows_of(peer);

    return owed_ms(&peer->rows, &rows, boot);
}

void
peer_note_count(struct peer *peer, uint64_t rows, int64_t boot)
{
    struct filling counted = counted_of(peer);

    if (peer->share.rows == 0) {
        return;
    }
    if (rows > ROWS_MOST) {
        rows = ROWS_MOST;
    }
    fill(&peer->counted, &counted, boot);
    peer->counted.has -= (int64_t)rows * ROW;
    if (peer->counted.has < OWED_MOST) {
        peer->counted.has = OWED_MOST;
    }
}

int64_t
peer_count_ms(struct peer *peer, int64_t boot)
{
    struct filling counted = counted_of(peer);

    return peer->share.rows == 0 ? 0 : owed_ms(&peer->counted, &counted, boot);
}

int64_t
peer_day_ms(struct peer *peer, int64_t boot)
{
    int64_t bytes = peer_rows_ms(peer, boot);
    int64_t rows = peer_count_ms(peer, boot);

    return bytes > rows ? bytes : rows;
}

void
peer_note_pushed(struct peer *peer, size_t bytes, int64_t boot)
{
    owe(&peer->pushed, &pushed, bytes, boot);
}

int64_t
peer_pushed_ms(struct peer *peer, int64_t boot)
{
    return owed_ms(&peer->pushed, &pushed, boot);
}

void
peer_note_chunks(struct peer *peer, size_t count, int64_t boot)
{
    struct filling chunks = chunks_of(peer);

    owe(&peer->chunks, &chunks, count, boot);
}

int64_t
peer_chunks_ms(struct peer *peer, int64_t boot)
{
    struct filling chunks = chunks_of(peer);

    return owed_ms(&peer->chunks, &chunks, boot);
}
