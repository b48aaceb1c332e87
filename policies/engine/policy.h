/*
 * policy: rules to decisions (LANGUAGE.md, 3).
 *
 * A policy set is the owner's rules, the built-in ones and the setting
 * `default`.  It is built once, compiled to integers, and never changed after;
 * deciding allocates nothing, reads no clock and no stream, and depends on
 * nothing but its arguments: the set, what is asked, the state of the firm and
 * the effective time.  Order of rules, files and file names never change a
 * decision; explanations name rules in the order of their names.
 *
 * A firm is 32 bytes, its id (vf1:…), which stands for its key.
 * A set that is NULL is no set in force: every decision is then deny.
 *
 * Threads: a set may be read by several at once, and freed by one.
 */
#ifndef POLICIES_POLICY_H
#define POLICIES_POLICY_H

#include "terms/terms.h"

enum {
    POLICY_FIRM_LEN = 32,
    POLICY_RULES = 1000,    /* written rules in a set */
    POLICY_BUILTINS = 5,    /* rules beside the written, at most */
    POLICY_FIRMS = 64,      /* firms that one rule may name */
    POLICY_PATTERNS = 32,   /* patterns of streams that one rule may have */
    POLICY_NAME = 63 + 1,   /* bytes of a rule's name and the zero */
    POLICY_NOTE = 800,      /* bytes of a note: 200 characters */
    POLICY_FILE = 255,      /* bytes of a file's name */
    POLICY_QUIET_DAYS = 90, /* that what was denied is not asked for again */
};

enum policy_effect {
    POLICY_EFFECT_PERMIT,
    POLICY_EFFECT_ASK,
    POLICY_EFFECT_DENY,
};

/* Growing worse.  A value that is none of these is deny. */
enum policy_outcome {
    POLICY_PERMIT,
    POLICY_OFFER,
    POLICY_ASK,
    POLICY_DENY,
};

/* "permit", "offer", "ask", "deny". */
const char *policy_outcome_word(enum policy_outcome outcome);
const char *policy_effect_word(enum policy_effect effect);

/* ---- obligations of the vault ---- */

/* When the owner hears of uses; growing looser. */
enum policy_notify {
    POLICY_NOTIFY_EACH,
    POLICY_NOTIFY_FIRST,
    POLICY_NOTIFY_DAILY,
    POLICY_NOTIFY_WEEKLY,
};

/* "each", "first", "daily", "weekly". */
const char *policy_notify_word(enum policy_notify notify);

struct policy_duties {
    enum policy_notify notify;
    bool ask_each;         /* the owner says yes to each use */
    int min_readings;      /* 1 to 1000 */
    bool show_names;       /* else the firm sees aliases */
    bool join_new_streams; /* else new streams are held */
};

/* What a permit that writes nothing demands: weekly, no, 2, hide, hold. */
struct policy_duties policy_duties_unsaid(void);

/* Nothing demanded: the loosest value of each. */
struct policy_duties policy_duties_none(void);

/* Of each the stricter. */
struct policy_duties policy_duties_both(struct policy_duties a,
                                        struct policy_duties b);

/* ---- rules ---- */

/* A rule as written.  What it points to is borrowed; a set copies it. */
struct policy_rule {
    const char *name;
    enum policy_effect effect;
    const char *file; /* where it stands; "" for a built-in one */
    int line;         /* from 1; 0 for a built-in one */
    int column;
    struct vlt_slice note; /* may be empty */

    /* Selectors: absent is every one. */
    size_t firm_count; /* 0: absent */
    const uint8_t (*firms)[POLICY_FIRM_LEN];
    bool has_purposes;
    struct vocab_mask purposes;
    bool has_data;
    struct vocab_mask data;
    size_t pattern_count; /* 0: absent; valid patterns (base/name.h) */
    const struct vlt_slice *patterns;

    /* Of permits: the caps that are written (bit 1 << axis); the others have
     * their defaults, which the set fills in.  caps.names is for an `onward`
     * that lists some. */
    uint32_t written;
    struct terms_limits caps;
    bool home; /* its places were written with `home` among them */
    struct policy_duties duties;
    bool offer; /* where only caps fail, offer what they allow */
};

struct policy_set;
struct policy_builder;

/* Where something is written; line 0: nowhere. */
struct policy_place {
    char file[POLICY_FILE + 1];
    int line; /* from 1 */
    int column;
};

/* Settings of a set. */
struct policy_settings {
    bool default_deny;              /* what no rule decides: deny, else ask */
    struct policy_place default_at; /* the first file that says so */
    bool gpc_off;                   /* builtin.gpc takes no part */
    bool overdue_deny; /* what builtin.overdue says: deny, else ask */
    int home;          /* configured country; VOCAB_NONE: none */
};

/*
 * Begin a set.  The caller owns *out, and ends it with policy_build() or
 * policy_builder_free().  VLT_E_NOMEM.  Its rules are copied into the set, so
 * what a rule points to may go as soon as it was added.
 */
VLT_MUST_USE enum vlt_status
policy_builder_new(const struct policy_settings *settings,
                   struct policy_builder **out);

/*
 * Add a rule, copied whole.
 * VLT_E_CONFLICT  its name is there already
 * VLT_E_LIMIT     POLICY_RULES are there already, or a name, file, note or
 *                 list of firms, patterns or recipients is too long
 * VLT_E_NOMEM
 * On failure the builder is as it was.
 */
VLT_MUST_USE enum vlt_status policy_builder_add(struct policy_builder *builder,
                                                const struct policy_rule *rule);

/* Settings in place of those that it began with.  `home` must be the same,
 * since rules were added by it. */
void policy_builder_settle(struct policy_builder *builder,
                           const struct policy_settings *settings);

/* A rule added already, by name: borrowed until the next add; NULL: none. */
const struct policy_rule *
policy_builder_find(const struct policy_builder *builder, const char *name);

/*
 * Compile.  Takes the builder, also on failure: the caller forgets it.
 * The caller owns *out and frees it with policy_set_free().  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status policy_build(struct policy_builder *builder,
                                          struct policy_set **out);

/* NULL is allowed, in both. */
void policy_builder_free(struct policy_builder *builder);
void policy_set_free(struct policy_set *set);

const struct policy_settings *policy_settings(const struct policy_set *set);

/* The caps that a permit of the set has which writes none: borrowed, valid
 * while the set is. */
const struct terms_limits *policy_caps_unsaid(const struct policy_set *set);

/* All rules in the order of their names, built-in ones with them: borrowed,
 * valid while the set is.  Defaults of caps are filled in. */
size_t policy_rule_count(const struct policy_set *set);
const struct policy_rule *policy_rule_at(const struct policy_set *set,
                                         size_t i);

/* The rule of this name, likewise; NULL: there is none. */
const struct policy_rule *policy_rule_named(const struct policy_set *set,
                                            const char *name);

/* The caps that a permit sets for an atom of this purpose and category: its
 * own, but for the life of what is explicit-only, which unless written is 30
 * days, and never over 180. */
void policy_rule_caps(const struct policy_rule *rule, int purpose, int data,
                      struct terms_limits *out);

/* Is it one of the vault's own ("builtin.…")? */
bool policy_rule_builtin(const struct policy_rule *rule);

/* ---- deciding ---- */

/* May a grant still be used? */
enum policy_use {
    POLICY_USE_YES,
    POLICY_USE_ASK, /* born of a rule, and an ask rule matches now */
    POLICY_USE_NO,  /* a deny matches, or no rule permits it any more */
};

/* An item of a grant that the firm has. */
struct policy_held {
    int data;         /* category; never VOCAB_NONE */
    unsigned stats;   /* 0: raw, as is bucket_s */
    int64_t bucket_s; /* seconds */
    struct terms_step round;
    uint8_t grant[VLT_ID_LEN]; /* decides nothing: only to say which it is */
};

/* An atom that the owner denied to the firm not long ago. */
struct policy_quiet {
    int purpose;
    int data;      /* category; VOCAB_NONE: `contact` */
    int64_t until; /* ns: from then on it may be asked for again */
    /* It was offered this and did not take it: no more than that it may ask for
     * all the same.  Caps; NULL: there was no offer, or the owner denied it. */
    const struct terms_limits *offered;
};

/* What the vault knows of the firm. */
struct policy_firm {
    uint8_t id[POLICY_FIRM_LEN];
    bool confirmed;
    bool blocked;   /* or forgotten */
    bool forgotten; /* decides nothing: only to say which of the two */
    /* For a request, the items of its grants in force but for the one that the
     * request replaces (builtin.two-details); borrowed.  Uses do not look. */
    size_t held_count;
    const struct policy_held *held;
    /* Likewise, what it asked for in vain (builtin.quiet). */
    size_t quiet_count;
    const struct policy_quiet *quiet;
    /* Likewise: a statement that it deleted what it had is overdue
     * (builtin.overdue). */
    bool overdue;
};

/* A permit that would have let an atom through but for these caps. */
struct policy_failed {
    uint16_t rule; /* for policy_rule_at() */
    uint32_t axes; /* bit 1 << axis for each cap that failed */
};

/* What a decision depends on beside the set; borrowed. */
struct policy_asking {
    const struct policy_firm *firm;
    const struct terms *part;
    int64_t now;      /* effective time, ns */
    const char *name; /* of the firm, for words; decides nothing; NULL: its id
                         is said */
};

/* The decision on one atom, with all its reasons. */
struct policy_atom {
    int purpose;
    int n;    /* number of the item; 0: `contact` */
    int data; /* category; VOCAB_NONE: `contact` */
    bool needed;
    bool left_out;   /* denied, while the part is not */
    bool by_default; /* no rule decided */
    enum policy_outcome outcome;
    struct terms_limits asked;
    /* Of all permits that match it, the strictest of each; when none does,
     * policy_duties_none(). */
    struct policy_duties duties;
    /* The rules that made the outcome, in the order of names. */
    size_t rule_count;
    uint16_t rules[POLICY_RULES + POLICY_BUILTINS];
    /* Permits that name this firm or category, or the purpose of a `contact`,
     * match, and failed. */
    size_t failed_count;
    struct policy_failed failed[POLICY_RULES];
    /* Permits with a selector that match, and cover nothing here, since what is
     * explicit-only they do not name itself. */
    size_t unnamed_count;
    uint16_t unnamed[POLICY_RULES];
};

/* The decision on a part.  A large value (about 106 KiB): keep one and use it
 * again. */
struct policy_decision {
    enum policy_outcome outcome;
    bool no_policy; /* there was no set: nothing else is filled in */
    size_t atom_count;
    struct policy_atom atoms[TERMS_ITEMS];
};

/*
 * Decide one part of a request at effective time now (nanoseconds UTC): each
 * atom alone, then the part (sentence 4).  part comes from terms_part(); it is
 * borrowed by the decision, as is the set.
 * Gives out->outcome.
 */
enum policy_outcome policy_decide(const struct policy_set *set,
                                  const struct policy_firm *firm,
                                  const struct terms *part, int64_t now,
                                  struct policy_decision *out);

/*
 * An atom of a decision of policy_decide(), decided by the same set, of the
 * same part, as if the rules that made its outcome were not there: for saying
 * what would come then.
 */
void policy_decide_without(const struct policy_set *set,
                           const struct policy_asking *asking,
                           const struct policy_atom *atom,
                           struct policy_atom *out);

/* The same, as if it asked for this in place of what it does, and all rules
 * were there.  asking may be at a later time. */
void policy_decide_as(const struct policy_set *set,
                      const struct policy_asking *asking,
                      const struct policy_atom *atom,
                      const struct terms_limits *asked,
                      struct policy_atom *out);

/* May an atom of policy_decide_use() be used?  by_rule: of its grant. */
enum policy_use policy_atom_use(const struct policy_atom *atom, bool by_rule);

/* Of what the firm asked for in vain, what keeps it from this atom
 * (builtin.quiet): the one that lasts longest; NULL: nothing does. */
const struct policy_quiet *policy_quiet_of(const struct policy_asking *asking,
                                           const struct policy_atom *atom);

/*
 * What a part is offered whose decision, by the same set at the same time, is
 * POLICY_OFFER: the part less what was left out, lowered to the caps of the
 * rules that offer.  *out borrows what part does.  False, which is never after
 * policy_decide(): the rules of its atoms have nothing in common.
 */
bool policy_offer(const struct policy_set *set,
                  const struct policy_decision *decision,
                  const struct terms *part, int64_t now, struct terms *out);

/*
 * Decide one atom alone, in no part: its purpose, data and asked are filled in
 * by the caller; what comes out is the rest.  For trying what a set permits,
 * whatever the firm holds or was denied.  Nothing is offered: what would be is
 * by default.  NULL sets deny.
 */
void policy_decide_atom(const struct policy_set *set,
                        const struct policy_firm *firm,
                        struct policy_atom *atom);

/* ---- streams ---- */

/* What becomes of a stream of an atom's category. */
enum policy_fate {
    POLICY_GIVE,
    POLICY_HOLD,     /* an ask rule has it wait for the owner */
    POLICY_WITHHOLD, /* a deny rule forbids it, or no permit binds it */
};

/* Has the set a rule with `streams` at all? */
bool policy_has_streams(const struct policy_set *set);

/*
 * The fate of the stream of this name under an atom that was decided by the
 * set for the firm.  by_rule: the grant is born of a rule, and binds only what
 * the permits that decided it bind.  A NULL set withholds.
 */
enum policy_fate policy_stream_fate(const struct policy_set *set,
                                    const struct policy_firm *firm,
                                    const struct policy_atom *atom,
                                    bool by_rule, struct vlt_slice name);

/* The deny and ask rules with `streams` that name it under the atom, in the
 * order of names: why it is not given.  Returns how many. */
size_t policy_stream_rules(const struct policy_set *set,
                           const struct policy_firm *firm,
                           const struct policy_atom *atom,
                           struct vlt_slice name, uint16_t out[POLICY_RULES]);

/*
 * Does the second set give each stream that the first one gives, under atoms
 * that both permit?  May say no where it is yes, in rare mixes of patterns;
 * never the other way.
 */
bool policy_streams_within(const struct policy_set *set,
                           const struct policy_atom *atom,
                           const struct policy_set *outer,
                           const struct policy_atom *outer_atom,
                           const struct policy_firm *firm);

/* ---- use ---- */

/* What a grant is, for sentence 14. */
struct policy_grant {
    const struct terms *terms;
    int64_t start; /* nbf and exp, nanoseconds */
    int64_t end;
    bool by_rule; /* born of a rule, and not since resumed by the owner */
};

/*
 * Decide a grant again at effective time now.  Its state, times and counters
 * are the caller's to check.  *out has the decision on each atom as of a
 * request for it now; its duties bind the use beside the grant's own, but for
 * show_names and join_new_streams, which are settled at birth.
 */
enum policy_use policy_decide_use(const struct policy_set *set,
                                  const struct policy_firm *firm,
                                  const struct policy_grant *grant, int64_t now,
                                  struct policy_decision *out);

#endif
