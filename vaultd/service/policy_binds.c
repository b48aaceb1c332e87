/*
 * policy_binds: why an item has no stream to give, though the rules let it be
 * given.
 */
#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "service/policy_internal.h"

enum {
    NAMES = POLICY_RULES + POLICY_BUILTINS,
};

/* What keeps a stream. */
enum kept {
    DENIED,
    ASKED,
    UNBOUND, /* no permit binds it */
    WAITS,   /* nothing, but it is held */
    KEPT,
};

/* The streams of an item's category, counted. */
struct tally {
    const struct policy_giving *giving;
    const struct policy_atom *atom;
    bool by_rule;
    size_t own;    /* the grant's: bound, or held */
    size_t held;   /* of these */
    size_t ruled;  /* bound, and kept by a rule */
    size_t admits; /* of none yet: one that rules only ask about */
    bool any;      /* there is one at all */
    bool gives;    /* one is given */
    size_t count[KEPT];
    const struct stream *first[KEPT]; /* held */
    bool named[NAMES];                /* rules that keep one */
    uint16_t rules[POLICY_RULES];
};

/* ---- counting ---- */

static void
keep(struct tally *tally, enum kept kept, const struct stream *stream)
{
    if (tally->count[kept]++ == 0) {
        tally->first[kept] = stream_hold(stream);
    }
}

/* Does one of the permits that decided bind it? */
static bool
binds(const struct tally *tally, struct vlt_slice name)
{
    bool found = !tally->by_rule;

    for (size_t i = 0; !found && i < tally->atom->rule_count; i++) {
        const struct policy_rule *rule =
            policy_rule_at(tally->giving->set, tally->atom->rules[i]);

        found = rule->pattern_count == 0;
        for (size_t j = 0; !found && j < rule->pattern_count; j++) {
            found = vlt_pattern_matches(rule->patterns[j], name);
        }
    }
    return found;
}

/* What keeps it.  A grant by hand outlives an ask. */
static bool
take_kept(struct tally *tally, const struct stream *stream)
{
    const struct policy_giving *giving = tally->giving;
    struct vlt_slice name = vlt_slice_text(stream->name);
    bool of_effect[] = { false, false };
    size_t rules = policy_stream_rules(giving->set, giving->firm, tally->atom,
                                       name, tally->rules);

    if (!binds(tally, name)) {
        keep(tally, UNBOUND, stream);
        return true;
    }
    for (size_t i = 0; i < rules; i++) {
        bool denies = policy_rule_at(giving->set, tally->rules[i])->effect ==
                      POLICY_EFFECT_DENY;

        if (denies || tally->by_rule || giving->grant == NULL) {
            tally->named[tally->rules[i]] = true;
            of_effect[denies ? DENIED : ASKED] = true;
        }
    }
    for (int kept = DENIED; kept <= ASKED; kept++) {
        if (of_effect[kept]) {
            keep(tally, (enum kept)kept, stream);
        }
    }
    tally->admits += of_effect[ASKED] && !of_effect[DENIED];
    return of_effect[DENIED] || of_effect[ASKED];
}

static bool
is_of_item(const struct tally *tally, const struct stream *stream)
{
    const struct vocab_node *node = vocab_category(noun_category(stream));

    return node != NULL && vocab_mask_has(node->within, tally->atom->data);
}

/* Of a list of the grant.  One that was erased meanwhile is not there. */
static void
count_list(struct tally *tally, const struct grant_bound *list, size_t count,
           bool held)
{
    for (size_t i = 0; i < count && !tally->gives; i++) {
        const struct stream *stream =
            list[i].n == tally->atom->n
                ? series_by_id(tally->giving->service->series, list[i].stream)
                : NULL;

        if (stream != NULL && is_of_item(tally, stream)) {
            size_t unbound = tally->count[UNBOUND];
            bool kept = take_kept(tally, stream);

            tally->own++;
            tally->held += held;
            tally->ruled += !held && kept && tally->count[UNBOUND] == unbound;
            tally->gives = !held && !kept;
            if (held && !kept) {
                keep(tally, WAITS, stream);
            }
        }
        stream_release(stream);
    }
}

static bool
count_other(void *ctx, const struct stream *stream)
{
    struct tally *tally = ctx;

    if (is_of_item(tally, stream)) {
        bool kept = take_kept(tally, stream);

        tally->any = true;
        tally->gives = tally->giving->grant == NULL && !kept;
    }
    return !tally->gives;
}

/* Until one is found that is given.  Those that were never the grant's count
 * only where it has no other. */
static void
count_all(struct tally *tally)
{
    const struct grant *grant = tally->giving->grant;

    if (grant != NULL) {
        count_list(tally, grant->bound, grant->bound_count, false);
        count_list(tally, grant->held, grant->held_count, true);
    }
    tally->any = tally->own > 0;
    if (tally->own == 0) {
        series_each(tally->giving->service->series, count_other, tally);
    }
}

/* ---- in words ---- */

/* A pattern that is looked for among streams of a category. */
struct seeking {
    const struct vocab_node *data;
    struct vlt_slice pattern;
    bool found;
};

static bool
seek_one(void *ctx, const struct stream *stream)
{
    struct seeking *seeking = ctx;
    const struct vocab_node *node = vocab_category(noun_category(stream));

    seeking->found =
        node != NULL && vocab_mask_has(node->within, seeking->data->bit) &&
        vlt_pattern_matches(seeking->pattern, vlt_slice_text(stream->name));
    return !seeking->found;
}

/* The patterns of a rule that no stream of the category matches. */
static bool
put_patterns_of(struct vlt_buf *out, const struct tally *tally,
                const struct policy_rule *rule, bool any)
{
    for (size_t j = 0; rule != NULL && j < rule->pattern_count; j++) {
        struct seeking seeking = { vocab_category(tally->atom->data),
                                   rule->patterns[j], false };

        series_each(tally->giving->service->series, seek_one, &seeking);
        if (!seeking.found) {
            vlt_buf_put_text(out, any ? " or " : "no stream matches ");
            vlt_text_put_escaped(out, rule->patterns[j]);
            vlt_buf_printf(out, " (%s)", rule->name);
            any = true;
        }
    }
    return any;
}

/* The same of the rules that gave it, as they are now, or that would. */
static bool
put_patterns(struct vlt_buf *out, const struct tally *tally)
{
    const struct policy_set *set = tally->giving->set;
    const struct grant *grant = tally->giving->grant;
    bool any = false;

    for (size_t i = 0; grant != NULL && i < grant->rule_count; i++) {
        any = put_patterns_of(out, tally,
                              policy_rule_named(set, grant->rule[i].name), any);
    }
    for (size_t i = 0; grant == NULL && i < tally->atom->rule_count; i++) {
        any = put_patterns_of(out, tally,
                              policy_rule_at(set, tally->atom->rules[i]), any);
    }
    return any;
}

/* "home/boiler/pump", "its streams (2)" */
static void
put_streams(struct vlt_buf *out, const struct tally *tally, enum kept kept)
{
    if (tally->count[kept] == 1) {
        vlt_text_put_escaped(out, vlt_slice_text(tally->first[kept]->name));
    } else {
        vlt_buf_printf(out,
                       kept == WAITS ? "others (%zu)" : "its streams (%zu)",
                       tally->count[kept]);
    }
}

void
policy_put_rule(struct vlt_buf *out, const struct policy_rule *rule)
{
    vlt_buf_printf(out, "%s (", rule->name);
    vlt_text_put_escaped(out, vlt_slice_text(rule->file));
    vlt_buf_printf(out, ":%d:%d)", rule->line, rule->column);
}

static size_t
count_rules(const struct tally *tally, bool denies)
{
    size_t count = 0;

    for (size_t i = 0; i < policy_rule_count(tally->giving->set); i++) {
        count +=
            tally->named[i] && (policy_rule_at(tally->giving->set, i)->effect ==
                                POLICY_EFFECT_DENY) == denies;
    }
    return count;
}

/* "boiler (home.yaml:4:5) and attic (home.yaml:5:5) withhold home/pump" */
static void
put_kept(struct vlt_buf *out, const struct tally *tally, enum kept kept)
{
    const struct policy_set *set = tally->giving->set;
    size_t count = count_rules(tally, kept == DENIED);
    size_t at = 0;

    for (size_t i = 0; i < policy_rule_count(set); i++) {
        const struct policy_rule *rule = policy_rule_at(set, i);

        if (tally->named[i] &&
            (rule->effect == POLICY_EFFECT_DENY) == (kept == DENIED)) {
            vlt_buf_put_text(out, at == 0           ? ""
                                  : at + 1 == count ? " and "
                                                    : ", ");
            policy_put_rule(out, rule);
            at++;
        }
    }
    vlt_buf_put_text(out, kept == DENIED
                              ? (count > 1 ? " withhold " : " withholds ")
                              : (count > 1 ? " ask about " : " asks about "));
    put_streams(out, tally, kept);
}

static void
put_all_kept(struct vlt_buf *out, const struct tally *tally)
{
    const char *between = "";

    for (int kept = DENIED; kept < KEPT; kept++) {
        if (tally->count[kept] == 0) {
            continue;
        }
        vlt_buf_put_text(out, between);
        between = "; ";
        if (kept == UNBOUND) {
            vlt_buf_put_text(out, "no permit of today binds ");
            put_streams(out, tally, UNBOUND);
        } else if (kept == WAITS) {
            put_streams(out, tally, WAITS);
            vlt_buf_put_text(out, tally->count[WAITS] == 1
                                      ? " waits for you to admit it"
                                      : " wait for you to admit them");
        } else {
            put_kept(out, tally, (enum kept)kept);
        }
    }
}

static void
put_admit(struct vlt_buf *out, const struct grant *grant)
{
    char text[VLT_ULID_TEXT];

    vlt_buf_printf(out, ": `vaultctl grant admit %s STREAM`",
                   vlt_ulid_print(grant->id, text));
}

/* What would have to change for one to be given.  A stream that was the grant's
 * comes by itself, one that is held does not. */
static void
put_change(struct vlt_buf *out, const struct tally *tally)
{
    const struct grant *grant = tally->giving->grant;
    size_t bound = tally->own - tally->held;
    size_t rules = bound > 0 && tally->ruled == 0
                       ? 0
                       : count_rules(tally, true) + count_rules(tally, false);

    if (grant == NULL && tally->admits > 0) {
        vlt_buf_printf(out,
                       "; what a rule %s about waits for you to admit it to "
                       "the grant",
                       tally->count[DENIED] == 0 ? "asks" : "only asks");
        return;
    }
    if (bound == 0 && tally->count[WAITS] > 0) {
        put_admit(out, grant);
        return;
    }
    vlt_buf_put_text(out, rules > 1    ? "; for it to be given, take those "
                                         "rules away or narrow them"
                          : rules == 1 ? "; for it to be given, take that rule "
                                         "away or narrow it"
                                       : "; for it to be given, a permit has "
                                         "to bind it");
    if (tally->count[WAITS] > 0) {
        vlt_buf_put_text(out, ", or admit what waits");
        put_admit(out, grant);
    } else if (bound == 0 && tally->held > 0) {
        vlt_buf_put_text(out, ", and admit it");
        put_admit(out, grant);
    } else if (grant != NULL && tally->own == 0) {
        vlt_buf_put_text(out, ", and the firm has to ask anew, since no stream "
                              "of it is the grant's");
    }
}

static void
put_why(struct vlt_buf *out, const struct tally *tally)
{
    bool ruled = tally->count[DENIED] + tally->count[ASKED] > 0;
    const struct grant *grant = tally->giving->grant;

    if (!tally->any) {
        vlt_buf_put_text(out, "there is no such stream");
    } else if (!ruled && tally->own == 0 && put_patterns(out, tally)) {
        return;
    } else if (!ruled && tally->own > 0 && tally->count[UNBOUND] == 0) {
        vlt_buf_printf(out, "its streams (%zu) wait for you to admit them",
                       tally->held);
        put_admit(out, grant);
    } else if (!ruled && tally->own == 0 && grant != NULL) {
        vlt_buf_put_text(out, "no stream of it is the grant's, and the firm "
                              "has to ask anew");
    } else {
        put_all_kept(out, tally);
        put_change(out, tally);
    }
}

static void
put_nothing(struct vlt_buf *out, const struct policy_giving *giving,
            const struct policy_atom *atom, bool by_rule)
{
    struct tally tally = { .giving = giving, .atom = atom, .by_rule = by_rule };

    count_all(&tally);
    if (!tally.gives) {
        put_why(out, &tally);
    }
    for (int kept = DENIED; kept < KEPT; kept++) {
        stream_release(tally.first[kept]);
    }
}

/* ---- of a decision ---- */

/* Do the rules let the atom be given, alone or with the owner's yes? */
static bool
is_let(const struct policy_giving *giving, const struct policy_decision *said,
       const struct policy_atom *atom)
{
    if (atom->data == VOCAB_NONE) { /* of letters there is no stream */
        return false;
    }
    return giving->grant != NULL
               ? policy_atom_use(atom, policy_by_rule_then(giving->grant)) !=
                     POLICY_USE_NO
               : said->outcome != POLICY_DENY && atom->outcome != POLICY_DENY;
}

/* By the rules alone?  A part that they ask about is the owner's to give, and
 * so is a grant that they ask about. */
static bool
is_by_rule(const struct policy_giving *giving,
           const struct policy_decision *said, const struct policy_atom *atom)
{
    return giving->grant != NULL
               ? policy_by_rule_then(giving->grant) &&
                     policy_atom_use(atom, true) != POLICY_USE_ASK
               : said->outcome == POLICY_PERMIT ||
                     said->outcome == POLICY_OFFER;
}

enum vlt_status
policy_find_nothing(const struct policy_giving *giving,
                    const struct policy_decision *said,
                    struct policy_nothing *out)
{
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&out->words, 0);
    memset(out->at, 0, sizeof out->at);
    for (size_t i = 0; !said->no_policy && i < said->atom_count; i++) {
        const struct policy_atom *atom = &said->atoms[i];
        size_t begin = out->words.len;

        if (is_let(giving, said, atom)) {
            put_nothing(&out->words, giving, atom,
                        is_by_rule(giving, said, atom));
            out->at[atom->n].begin = begin;
            out->at[atom->n].len = out->words.len - begin;
        }
    }
    st = vlt_buf_status(&out->words);
    for (int n = 0; n <= TERMS_ITEMS; n++) {
        out->text.why[n] =
            st == VLT_OK && out->at[n].len > 0
                ? vlt_slice_of(vlt_buf_slice(&out->words).at + out->at[n].begin,
                               out->at[n].len)
                : (struct vlt_slice){ .len = 0 };
    }
    return st;
}

void
policy_nothing_free(struct policy_nothing *nothing)
{
    vlt_buf_free(&nothing->words);
}
