/*
 * terms: what is asked, permitted and granted, as one type.
 *
 * `struct terms_request` is a whole request, as its bytes were read;
 * `struct terms` is one part of it (one purpose), and so also the terms of a
 * grant; `struct terms_limits` is one atom (one purpose, one item) or the caps
 * of one permit, laid out for the one containment test (contain.c).
 *
 * All are plain values.  Text in them is borrowed: who fills a struct says how
 * long it stays.  Purposes and categories are bits of vocab.h; words (an
 * action, a basis, statistics) are its values.  Times are int64 nanoseconds
 * UTC, durations whole seconds.  Nothing here allocates or reads a clock.
 *
 * Threads: any.
 */
#ifndef POLICIES_TERMS_H
#define POLICIES_TERMS_H

#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"
#include "vocab/vocab.h"

enum {
    TERMS_PURPOSES = 4,
    TERMS_ITEMS = 8,
    TERMS_ONWARD = 8,
    TERMS_WHERE = 8,
    TERMS_NAMES = 64,         /* legal names that one `onward` cap may list */
    TERMS_NAME_LEN = 120 * 4, /* bytes of a legal name: 120 characters */
    TERMS_SHA256 = 32,
    TERMS_WINDOW_NEW = -1, /* window_s: only data from the start on */
    TERMS_LIFE_UNSAID = 0, /* life_s of a request that does not say it */
};

/* No limit, where a value is `none` or null. */
#define TERMS_UNLIMITED INT64_MAX

/* A rounding step: nano is in 10^-9 of the stream's unit, or of a metre when
 * it is a length; 0: no step. */
struct terms_step {
    int64_t nano;
    bool length;
};

/* At most n uses in any per_s seconds; n 0: no limit. */
struct terms_rate {
    int64_t n;
    int64_t per_s;
};

/* Some countries: bit i is country i of vocab.h. */
struct terms_places {
    uint64_t bits[VOCAB_PLACES];
};

/* What is asked of one category. */
struct terms_item {
    int n;            /* 1 to 8: its number in the request */
    int data;         /* category; VOCAB_NONE only in the atom `contact` */
    unsigned stats;   /* statistics, or'ed */
    bool raw;         /* then stats and bucket_s are 0 */
    bool needed;      /* needed_why says what for */
    int64_t bucket_s; /* one of the vocabulary's buckets */
    struct terms_step round;
    int64_t window_s; /* or TERMS_WINDOW_NEW */
    int64_t delay_s;
    int64_t every_s;   /* with `live`; else 0 */
    unsigned purposes; /* of a request: bit i is purposes[i]; 0 is all */
    struct vlt_slice needed_why;
};

/* To whom the firm passes it on. */
struct terms_recipient {
    struct vlt_slice name;
    int country;
    bool controller; /* else a processor */
};

/* What holds for all items and purposes of a request alike.  What is seldom
 * there comes first, as the items of `struct terms` come last: what each
 * decision reads, with all of its first item but whose it is and why, lies
 * between them in one piece of 192 bytes, three lines of the processor's
 * cache. */
struct terms_common {
    struct terms_recipient onward[TERMS_ONWARD];
    unsigned onward_count;
    unsigned where_count;
    int64_t action;   /* one of the vocabulary's */
    int64_t channels; /* or'ed, with `contact`; else 0 */
    struct terms_rate rate;
    int64_t uses;   /* or TERMS_UNLIMITED */
    int64_t life_s; /* of a request: or TERMS_LIFE_UNSAID */
    int64_t keep_s;
    int where[TERMS_WHERE]; /* countries */
    int64_t profiling;
    bool automated;
    bool training;
    bool gatekeeper;
};

/* One part of a request, or the terms of a grant.  With the action `contact`
 * it has no items. */
struct terms {
    struct terms_common common;
    int64_t basis;
    int purpose;
    unsigned item_count;
    struct terms_item items[TERMS_ITEMS];
};

struct terms_purpose {
    int id;
    int64_t basis;
    struct vlt_slice text; /* the firm's words */
    struct vlt_slice lang;
    struct vlt_slice if_denied;
    struct vlt_slice benefit; /* may be empty */
};

/* Text that is absent is empty.  `has_…` says whether a member was there. */
struct terms_request {
    int64_t v;
    uint8_t jti[VLT_ID_LEN];
    struct vlt_slice iss; /* "vf1:…" */
    struct vlt_slice aud; /* "vr1:…" */
    int64_t iat;          /* seconds since 1970 */
    int64_t reply_by_s;   /* 604800 when absent */

    struct vlt_slice controller_name;
    struct vlt_slice controller_contact;
    struct vlt_slice controller_address;
    int controller_country;
    bool has_behalf;
    struct vlt_slice behalf_name;
    int behalf_country;

    struct vlt_slice notice_uri;
    uint8_t notice_sha256[TERMS_SHA256];
    struct vlt_slice notice_lang;
    struct vlt_slice authority;
    struct vlt_slice rights;

    size_t purpose_count;
    struct terms_purpose purposes[TERMS_PURPOSES];
    size_t item_count;
    struct terms_item items[TERMS_ITEMS];
    struct terms_common common;

    bool has_agreement;
    struct vlt_slice agreement_id;
    uint8_t agreement_sha256[TERMS_SHA256];
    bool has_replaces;
    uint8_t replaces[VLT_ID_LEN];
};

/* Set what an absent member means: reply time, no limits, no country, no
 * purpose.  A parser begins with it. */
void terms_request_init(struct terms_request *request);

/* The item of this number; NULL: there is none. */
const struct terms_item *terms_item_of(const struct terms *terms, int n);

/* Is item i for purpose p (an index)?  Both below their counts. */
bool terms_item_for(const struct terms_request *request, size_t i, size_t p);

/* Is the atom explicit-only: its purpose or its category (may be VOCAB_NONE)
 * flagged X? */
bool terms_explicit(int purpose, int data);

/* Has any part of it an explicit-only atom? */
bool terms_request_explicit(const struct terms_request *request);

/* Seconds that a grant of this request lives: as asked, or 90 days, or 30 with
 * an explicit-only atom anywhere in it. */
int64_t terms_request_life(const struct terms_request *request);

/* The part of purpose p (an index) of a request that lint let through: its
 * items alone, its life filled in.  Borrows the request's texts. */
void terms_part(const struct terms_request *request, size_t p,
                struct terms *out);

/* ---- containment ---- */

/* The axes, in the order of the caps of caps.tsv. */
enum terms_axis {
    TERMS_ACTION,
    TERMS_CHANNELS,
    TERMS_DETAIL,
    TERMS_ROUND,
    TERMS_WINDOW,
    TERMS_DELAY,
    TERMS_EVERY,
    TERMS_RATE,
    TERMS_USES,
    TERMS_LIFE,
    TERMS_FROM,
    TERMS_UNTIL,
    TERMS_KEEP,
    TERMS_ONWARDS,
    TERMS_WHERES,
    TERMS_BASIS,
    TERMS_PROFILING,
    TERMS_AUTOMATED,
    TERMS_TRAINING,
    TERMS_GATEKEEPER,
    TERMS_AXES,
};

enum terms_onward_cap {
    TERMS_ONWARD_NO,
    TERMS_ONWARD_PROCESSORS,
    TERMS_ONWARD_NAMES,
};

/*
 * One atom, or the caps of one permit: a value on each axis.
 *
 *     axis        at[axis] of an atom         of a permit
 *     ACTION      one bit                     bits, not yet closed downwards
 *     CHANNELS    bits                        bits
 *     DETAIL      bucket in seconds, 0 raw    the same; stats beside
 *     ROUND       step in nano, 0 none        the same, 0 any; length beside
 *     WINDOW      seconds, -1 new             the same
 *     DELAY, EVERY, LIFE, KEEP  seconds       the same
 *     RATE        uses, 0 no limit            the same; per_s beside
 *     USES        uses or TERMS_UNLIMITED     the same
 *     FROM        now                         time, INT64_MIN none
 *     UNTIL       the grant's end             time, INT64_MAX none
 *     ONWARDS     -, recipients beside        enum terms_onward_cap, names
 *     WHERES      -, places beside            -, places beside
 *     BASIS       one bit                     bits
 *     PROFILING … value or yes (1), no (0)    the same
 *
 * EVERY of an atom that is not `live` is TERMS_UNLIMITED: it has no frames.
 * An atom `contact` asks for no data: bucket and window as of the narrowest.
 */
struct terms_limits {
    int64_t at[TERMS_AXES];
    unsigned stats;
    bool length; /* the step is a length */
    int64_t per_s;
    struct terms_places where;
    const struct terms_recipient *onward; /* borrowed */
    size_t onward_count;
    const struct vlt_slice *names; /* borrowed */
    size_t name_count;
};

/* The key of an axis in the policy file, with name, default and words. */
const struct vocab_key *terms_axis_key(enum terms_axis axis);

/* The axis of a key; TERMS_AXES when it is none. */
enum terms_axis terms_axis_of(const struct vocab_key *key);

/*
 * The atom of an item (NULL: `contact`) of a part at time now: the grant would
 * begin at now, cut to the whole second, and live as asked.  Borrows terms.
 */
void terms_atom(const struct terms *terms, const struct terms_item *item,
                int64_t now, struct terms_limits *out);

/* The caps of a permit that writes none: the defaults of caps.tsv.  home is
 * the configured country; VOCAB_NONE: none is. */
void terms_caps_unsaid(int home, struct terms_limits *out);

/* Does what is asked satisfy the cap on this axis? */
bool terms_axis_holds(enum terms_axis axis, const struct terms_limits *asked,
                      const struct terms_limits *cap);

/* The axes on which it does not: bit 1 << axis each. */
uint32_t terms_failed_axes(const struct terms_limits *asked,
                           const struct terms_limits *cap);

/*
 * The first axis on which `asked` is more than `held`, item by item of the
 * same number and category (an item that `held` has not is DETAIL, another
 * purpose BASIS); TERMS_AXES when it asks no more.  So a narrowing is told
 * from a widening.  FROM and UNTIL are not looked at.
 */
enum terms_axis terms_asks_more(const struct terms *asked,
                                const struct terms *held);

/*
 * Lower item n of a part (0: `contact`), and what all items have in common,
 * on the axes that a permit's caps fail (bit 1 << axis each), to the most that
 * both allow; the grant would begin at now.
 * False: nothing satisfies both, or what fails cannot be asked less of (from,
 * basis, gatekeeper); *part is then of no use.
 */
bool terms_lower(struct terms *part, int n, const struct terms_limits *caps,
                 uint32_t axes, int64_t now);

/* ---- places ---- */

void terms_places_add(struct terms_places *places, int country);
bool terms_places_within(struct terms_places inner, struct terms_places outer);

/* `home`: the country, and the whole EEA when it belongs to it. */
void terms_places_add_home(struct terms_places *places, int home);
void terms_places_add_eea(struct terms_places *places);
void terms_places_add_all(struct terms_places *places);

#endif
