/*
 * vocab: the words of consent: purposes, data categories, keys and values.
 *
 * The tables come from the *.tsv files beside this header, and from nowhere
 * else: generate.py turns them into C when the house is built.  A purpose and a
 * category is a bit, from 0 to 127; a bit never changes its meaning and an id
 * is never used again.  Each node has a mask of its ancestors and itself, so
 * that "equals or is below" is one AND.
 *
 * All that comes out is constant and lives for ever.  Nothing here allocates.
 * Text that comes in is bytes and a length, and need not end in a zero.
 *
 * Threads: any.
 */
#ifndef POLICIES_VOCAB_H
#define POLICIES_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VOCAB_NONE = -1,   /* no such bit; as a category: `contact`, no data */
    VOCAB_BITS = 128,  /* bits are below this */
    VOCAB_ID_MAX = 64, /* bytes of the longest id, its zero included */
    VOCAB_IRIS = 2,
    VOCAB_HASH_LEN = 32,
    VOCAB_PLACES = 4, /* words of a mask of countries */
};

/* What a node is, or'ed. */
enum vocab_flag {
    VOCAB_EXPLICIT = 1, /* X: a permit covers it only when it names it */
    VOCAB_GROUP = 2,    /* G: may stand in a rule, not in a request */
    VOCAB_SPECIAL = 4,  /* a special category under GDPR, article 9 */
    VOCAB_LENGTH = 8,   /* its steps are lengths (m, km), as of places */
};

/* Some bits. */
struct vocab_mask {
    uint64_t bits[2];
};

/* A purpose or a category. */
struct vocab_node {
    int bit;
    unsigned flags;              /* of enum vocab_flag */
    int parent;                  /* its id without the last segment; or NONE */
    struct vocab_mask within;    /* its ancestors and itself */
    const char *id;              /* "service.billing" */
    const char *words;           /* of the owner: "work out my bill" */
    const char *to_owner;        /* to the owner: "work out your bill" */
    const char *iri[VOCAB_IRIS]; /* nearest classes of DPV; NULL: none more */
};

/* "vocab/1", and the SHA-256 of all tables. */
const char *vocab_version(void);
const uint8_t *vocab_hash(void);

/* How many purposes (categories) there are: bits 0 to that less one. */
int vocab_purposes(void);
int vocab_categories(void);

/* The node of a bit; NULL when there is none. */
const struct vocab_node *vocab_purpose(int bit);
const struct vocab_node *vocab_category(int bit);

/* The bit of an id, whole; VOCAB_NONE: there is none. */
int vocab_purpose_find(const char *id, size_t len);
int vocab_category_find(const char *id, size_t len);

/* The id that a mistyped one probably means; NULL: none is near. */
const char *vocab_purpose_near(const char *id, size_t len);
const char *vocab_category_near(const char *id, size_t len);

/* Does the id, or one above it, stand on the list of what no firm ever has? */
bool vocab_never(const char *id, size_t len);

/* Name entry i of that list; NULL behind its end. */
const char *vocab_never_id(size_t i);

/* ---- masks ---- */

/* The mask with one bit; a bit that is no bit gives the empty mask. */
struct vocab_mask vocab_mask_of(int bit);
void vocab_mask_add(struct vocab_mask *mask, int bit);
bool vocab_mask_has(struct vocab_mask mask, int bit);
bool vocab_mask_empty(struct vocab_mask mask);

/* Have they a bit in common?  A node with a mask of ids: does one of these ids
 * equal it or stand above it. */
bool vocab_mask_meets(struct vocab_mask a, struct vocab_mask b);

/* The least bit, which is taken out; VOCAB_NONE: the mask is empty. */
int vocab_mask_next(struct vocab_mask *mask);

/* ---- floors: limits that nothing loosens ---- */

struct vocab_floor {
    int category;
    struct vocab_mask purposes; /* exactly these are allowed; empty: any */
    unsigned stats;             /* only these statistics; 0: any */
    bool raw;                   /* raw, and nothing else */
    bool once;                  /* the action is once, and nothing else */
    int64_t bucket_s;           /* at least, and a whole multiple; 0: any */
    int64_t window_s;           /* at most; 0: any */
    int64_t delay_s;            /* at least */
    int64_t life_s;             /* at most; 0: any */
    int64_t rate_n;             /* at most so many … */
    int64_t rate_s;             /* … in at least so long; 0: any */
};

/* The floor of a category's very node; NULL: none. */
const struct vocab_floor *vocab_floor(int category);

/* Most that a grant with an explicit-only node may live, and what it lives
 * when nothing is said; the same for others.  Seconds. */
enum {
    VOCAB_LIFE_MOST = 365 * 86400,
    VOCAB_LIFE_UNSAID = 90 * 86400,
    VOCAB_LIFE_EXPLICIT_MOST = 180 * 86400,
    VOCAB_LIFE_EXPLICIT_UNSAID = 30 * 86400,
};

/* ---- keys of the policy file ---- */

enum vocab_place {
    VOCAB_TOP,    /* beside version */
    VOCAB_RULE,   /* in every rule */
    VOCAB_CAP,    /* in permit rules: what may be asked at most */
    VOCAB_OBLIGE, /* in permit rules: what the vault does besides */
};

enum vocab_since {
    VOCAB_NOW,
    VOCAB_LATER,       /* specified, in a coming release */
    VOCAB_SECOND_WAVE, /* not in version 1 */
};

/* The order of an axis: when a request's value satisfies a cap's. */
enum vocab_direction {
    VOCAB_NO_DIRECTION,
    VOCAB_AT_MOST,    /* asked ≤ cap */
    VOCAB_AT_LEAST,   /* asked ≥ cap */
    VOCAB_WITHIN,     /* asked ⊆ cap */
    VOCAB_MULTIPLE,   /* asked is a whole multiple of cap, or cap is absent */
    VOCAB_DETAIL,     /* statistics within, bucket a multiple; raw above all */
    VOCAB_RATE,       /* n at most, period at least */
    VOCAB_FROM,       /* now ≥ cap */
    VOCAB_UNTIL,      /* end ≤ cap and now < cap */
    VOCAB_RECIPIENTS, /* each by role or name */
    VOCAB_LEAST,      /* of an obligation: the first of its words is stricter */
    VOCAB_MOST,       /* of an obligation: the greater is stricter */
};

struct vocab_key {
    enum vocab_place place;
    enum vocab_since since;
    enum vocab_direction direction;
    const char *name;    /* "window" */
    const char *type;    /* "duration-or-new"; "choice:ask+deny" */
    const char *unsaid;  /* the default as written in a file; "" if none */
    const char *words;   /* "this far back" */
    int64_t least, most; /* range; 0, 0 where it has none */
};

/* How many keys there are, and key i of them in the order of the canonical
 * print; NULL behind the end. */
size_t vocab_keys(void);
const struct vocab_key *vocab_key(size_t i);

/* Cap i among those of version 1, in the same order; NULL behind the end.  Cap
 * i + 1 lies right behind cap i. */
const struct vocab_key *vocab_cap(size_t i);

/* A key by its name, at the top of a file or in a rule; NULL: no such key. */
const struct vocab_key *vocab_key_find(bool top, const char *name, size_t len);

/* The usable key that a mistyped one probably means; NULL: none is near. */
const char *vocab_key_near(bool top, const char *name, size_t len);

/* ---- values that are words ---- */

enum vocab_kind {
    VOCAB_STAT,      /* bits */
    VOCAB_BUCKET,    /* seconds, growing */
    VOCAB_ACTION,    /* bits, growing; contact stands apart */
    VOCAB_CHANNEL,   /* bits */
    VOCAB_BASIS,     /* bits */
    VOCAB_PROFILING, /* 0 none, 1 service, 2 any */
    VOCAB_ROLE,      /* 0 processor, 1 controller */
    VOCAB_KINDS,
};

/* The values of enum vocab_kind that code must name. */
enum {
    VOCAB_STATS_ALL = 127,
    VOCAB_STATS_COUNT = 16,
    VOCAB_ONCE = 1,
    VOCAB_READ = 2,
    VOCAB_LIVE = 4,
    VOCAB_CONTACT = 8,
    VOCAB_CHANNELS_ALL = 1023,
    VOCAB_BY_CONSENT = 1,
    VOCAB_BY_CONTRACT = 2,
    VOCAB_BY_PRECONTRACT = 4,
    VOCAB_BASES_ALL = 127,
    VOCAB_PROFILING_NONE = 0,
    VOCAB_PROFILING_SERVICE = 1,
    VOCAB_PROFILING_ANY = 2,
};

struct vocab_value {
    enum vocab_kind kind;
    int64_t value;
    const char *id;    /* "15min" */
    const char *words; /* "quarter-hour" */
    const char *iri;   /* NULL: none */
};

/* The value of a word of that kind; NULL: there is none. */
const struct vocab_value *vocab_value_find(enum vocab_kind kind, const char *id,
                                           size_t len);

/* The word of a value (one bit, where values are bits); NULL: none. */
const struct vocab_value *vocab_value(enum vocab_kind kind, int64_t value);

/* Word i of that kind, in the order of values; NULL behind the end. */
const struct vocab_value *vocab_value_at(enum vocab_kind kind, size_t i);

/* ---- countries: ISO 3166-1 alpha-2 ---- */

/* A number below 256 for a code in upper case; VOCAB_NONE: no such code. */
int vocab_country_find(const char *code, size_t len);

/* The code of such a number; NULL: none. */
const char *vocab_country(int country);

/* Is it in the European Economic Area? */
bool vocab_country_eea(int country);

/* ---- risks ---- */

enum vocab_when {
    VOCAB_ALWAYS,
    VOCAB_WHEN_FINER, /* raw, or a bucket below an hour */
    VOCAB_WHEN_RAW,
    VOCAB_WHEN_UNROUNDED, /* no step, or one below a kilometre */
};

/* What data of these categories may show. */
struct vocab_risk {
    enum vocab_when when;
    struct vocab_mask categories; /* these and what is below them */
    const char *words;
};

/* Risk i; NULL behind the end. */
const struct vocab_risk *vocab_risk(size_t i);

#endif
