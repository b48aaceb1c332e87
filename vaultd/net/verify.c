#include "verify.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 1024, /* a power of two */
    CORNER = 8,    /* places that one address may take */
    BURST_S = 4,
    WAIT_FIRST_MS = 1000,
    WAIT_MOST_MS = 600000,
    FORGIVEN_MS = 2 * WAIT_MOST_MS, /* without a wrong one since */
    KNOWN_MS = 86400000,            /* for so long an address is known */
    KNOWN_PART = 4,                 /* of the total, for known ones alone */
};

/* Thousandths of a check, refilled as time goes. */
struct bucket {
    int64_t left;
    int64_t at_ms;
};

struct place {
    struct gate_address address; /* family 0: free */
    struct bucket bucket;
    int64_t wrong_ms; /* the last wrong one */
    int64_t wait_ms;  /* 0: none was wrong */
    int64_t good_ms;  /* somebody was let in; 0: nobody */
};

struct verify {
    struct verify_limits limits;
    struct bucket all;
    struct bucket known; /* of known addresses, once there is none in all */
    struct place places[PLACES];
};

static unsigned
known_rate(const struct verify *verify)
{
    return (verify->limits.total + KNOWN_PART - 1) / KNOWN_PART;
}

enum vlt_status
verify_new(const struct verify_limits *limits, struct verify **out)
{
    struct verify *verify = calloc(1, sizeof *verify);

    if (verify == NULL) {
        return VLT_E_NOMEM;
    }
    verify->limits = *limits;
    verify->all.left = (int64_t)limits->total * BURST_S * 1000;
    verify->known.left = (int64_t)known_rate(verify) * BURST_S * 1000;
    *out = verify;
    return VLT_OK;
}

void
verify_free(struct verify *verify)
{
    free(verify);
}

static void
refill(struct bucket *bucket, unsigned per_second, int64_t now_ms)
{
    int64_t most = (int64_t)per_second * BURST_S * 1000;
    int64_t gone = now_ms - bucket->at_ms;

    /* What is longer than the burst fills it; and nothing overflows. */
    if (gone > (int64_t)BURST_S * 1000) {
        gone = (int64_t)BURST_S * 1000;
    }
    bucket->at_ms = now_ms;
    bucket->left += gone * per_second;
    if (bucket->left > most) {
        bucket->left = most;
    }
}

/* FNV-1a over the address, begun at the seed. */
static size_t
corner_of(const struct verify *verify, const struct gate_address *address)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ verify->limits.seed;

    hash = (hash ^ address->family) * UINT64_C(1099511628211);
    for (size_t i = 0; i < sizeof address->at; i++) {
        hash = (hash ^ address->at[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash >> 32) & (PLACES - 1);
}

/* When this place was last of use: what is older is forgotten first. */
static int64_t
last_use(const struct place *place)
{
    if (place->address.family == 0) {
        return INT64_MIN;
    }
    int64_t until =
        place->wait_ms > 0 ? place->wrong_ms + place->wait_ms : INT64_MIN;

    if (place->good_ms > 0 && place->good_ms + KNOWN_MS > until) {
        until = place->good_ms + KNOWN_MS;
    }
    return until > place->bucket.at_ms ? until : place->bucket.at_ms;
}

/* The place of an address: its own, else a fresh one. */
static struct place *
place_of(struct verify *verify, const struct gate_address *address,
         int64_t now_ms)
{
    size_t corner = corner_of(verify, address);
    struct place *oldest = &verify->places[corner];

    for (size_t i = 0; i < CORNER; i++) {
        struct place *place = &verify->places[(corner + i) & (PLACES - 1)];

        if (place->address.family == address->family &&
            memcmp(place->address.at, address->at, sizeof address->at) == 0) {
            return place;
        }
        if (last_use(place) < last_use(oldest)) {
            oldest = place;
        }
    }
    *oldest = (struct place){
        .address = *address,
        .bucket = { .left =
                        (int64_t)verify->limits.per_address * BURST_S * 1000,
                    .at_ms = now_ms },
    };
    return oldest;
}

bool
verify_allowed(struct verify *verify, const struct gate_address *address,
               int64_t now_ms)
{
    struct place *place = place_of(verify, address, now_ms);
    bool known = place->good_ms > 0 && now_ms < place->good_ms + KNOWN_MS;
    struct bucket *from = &verify->all;

    refill(&verify->all, verify->limits.total, now_ms);
    refill(&verify->known, known_rate(verify), now_ms);
    refill(&place->bucket, verify->limits.per_address, now_ms);
    if (place->wait_ms > 0 && now_ms < place->wrong_ms + place->wait_ms) {
        return false;
    }
    if (from->left < 1000 && known) {
        from = &verify->known;
    }
    if (from->left < 1000 || place->bucket.left < 1000) {
        return false;
    }
    from->left -= 1000;
    place->bucket.left -= 1000;
    return true;
}

void
verify_good(struct verify *verify, const struct gate_address *address,
            int64_t now_ms)
{
    place_of(verify, address, now_ms)->good_ms = now_ms;
}

void
verify_wrong(struct verify *verify, const struct gate_address *address,
             int64_t now_ms)
{
    struct place *place = place_of(verify, address, now_ms);

    if (place->wait_ms == 0 || now_ms - place->wrong_ms > FORGIVEN_MS) {
        place->wait_ms = WAIT_FIRST_MS;
    } else if (place->wait_ms < WAIT_MOST_MS / 2) {
        place->wait_ms *= 2;
    } else {
        place->wait_ms = WAIT_MOST_MS;
    }
    place->wrong_ms = now_ms;
}
