#include "text/policy_warn.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "base/time.h"
#include "terms/value.h"
#include "text/warn_internal.h"

enum { LISTED = 8 }; /* nodes, streams that a warning names */

void
warn(struct warning *warning, const char *code, const struct policy_rule *rule,
     const char *format, ...)
{
    struct policy_fault *fault;
    va_list args;

    if (warning->count == POLICY_WARN_MAX) {
        return;
    }
    fault = &warning->at[warning->count++];
    *fault = (struct policy_fault){ .file = rule->file,
                                    .line = rule->line,
                                    .column = rule->column };
    (void)snprintf(fault->code, sizeof fault->code, "%s", code);
    va_start(args, format);
    (void)vsnprintf(fault->says, sizeof fault->says, format, args);
    va_end(args);
}

bool
warn_covers(const struct policy_rule *rule, bool has, struct vocab_mask mask,
            const struct vocab_node *node)
{
    bool named = has && vocab_mask_has(mask, node->bit);

    return (!has || vocab_mask_meets(mask, node->within)) &&
           (rule->effect != POLICY_EFFECT_PERMIT || named ||
            (node->flags & VOCAB_EXPLICIT) == 0);
}

/* A list that a warning ends with. */
struct listing {
    struct vlt_buf text;
    size_t count;
};

static void
list_one(struct listing *listing, const char *one)
{
    if (listing->count < LISTED) {
        vlt_buf_printf(&listing->text, "%s%s", listing->count > 0 ? ", " : "",
                       one);
    }
    listing->count++;
}

static const char *
list_end(struct listing *listing)
{
    if (listing->count > LISTED) {
        vlt_buf_printf(&listing->text, " and %zu more",
                       listing->count - LISTED);
    }
    return listing->text.len > 0 ? vlt_buf_text(&listing->text) : "";
}

/* ---- W1 to W5: a rule by itself ---- */

/* Of the rules that decide in a rule's place: those of the vault's own forbid
 * to a permit what it would not be written for, and are named where no other
 * is. */
static bool
is_named(const struct warning *warning, const struct policy_rule *rule,
         size_t other)
{
    const struct policy_set *set = warning->input->set;
    bool written = false;

    for (size_t i = 0; i < policy_rule_count(set); i++) {
        written = written || (warning->others[i] &&
                              !policy_rule_builtin(policy_rule_at(set, i)));
    }
    return warning->others[other] &&
           (rule->effect != POLICY_EFFECT_PERMIT || !written ||
            !policy_rule_builtin(policy_rule_at(set, other)));
}

/* A rule that can never matter, and is the same as no other. */
static void
warn_others(struct warning *warning, const struct policy_rule *rule,
            size_t number)
{
    const struct policy_set *set = warning->input->set;
    struct listing others = { .count = 0 };

    memset(warning->others, 0, policy_rule_count(set) * sizeof(bool));
    warn_find_others(warning, number, warning->others);
    for (size_t i = 0; i < policy_rule_count(set); i++) {
        char name[POLICY_NAME + 2];

        if (is_named(warning, rule, i)) {
            (void)snprintf(name, sizeof name, "'%s'",
                           policy_rule_at(set, i)->name);
            list_one(&others, name);
        }
    }
    if (others.count == 0) {
        warn(warning, "W1", rule,
             "rule '%s' can never matter: nobody can ask for it", rule->name);
    } else {
        warn(warning, "W1", rule,
             "rule '%s' can never matter: whatever it decides is decided "
             "without it, by %s",
             rule->name, list_end(&others));
    }
    vlt_buf_free(&others.text);
}

static void
warn_matter(struct warning *warning, const struct policy_rule *rule,
            size_t number)
{
    const struct policy_rule *twin = warn_twin(warning, number);

    if (warning->idle[number] && twin != NULL) {
        warn(warning, "W1", rule,
             "rule '%s' can never matter: '%s' says the same", rule->name,
             twin->name);
    } else if (warning->idle[number]) {
        warn_others(warning, rule, number);
    }
}

typedef const struct vocab_node *node_fn(int bit);

/* What is explicit-only below a node that the rule names, and not named. */
static void
warn_parent(struct warning *warning, const struct policy_rule *rule,
            struct vocab_mask mask, node_fn *node, int count)
{
    for (int named = 0; named < count; named++) {
        struct listing listing = { .count = 0 };

        for (int bit = 0; vocab_mask_has(mask, named) && bit < count; bit++) {
            const struct vocab_node *below = node(bit);

            if (bit != named && vocab_mask_has(below->within, named) &&
                (below->flags & (VOCAB_EXPLICIT | VOCAB_GROUP)) ==
                    VOCAB_EXPLICIT &&
                !vocab_mask_has(mask, bit)) {
                list_one(&listing, below->id);
            }
        }
        if (listing.count > 0) {
            warn(warning, "W2", rule,
                 "'%s' in permit '%s' does not cover what is permitted by name "
                 "only: %s",
                 node(named)->id, rule->name, list_end(&listing));
        }
        vlt_buf_free(&listing.text);
    }
}

static void
warn_passed(struct warning *warning, const struct policy_rule *rule)
{
    int64_t until = rule->caps.at[TERMS_UNTIL];
    struct vlt_buf date = { 0 };

    if (until > warning->input->now) {
        return;
    }
    terms_put_date(&date, until);
    warn(warning, "W4", rule, "permit '%s' is over: until %s has passed",
         rule->name, date.len > 0 ? vlt_buf_text(&date) : "its date");
    vlt_buf_free(&date);
}

static bool
is_raw(const struct policy_rule *rule)
{
    return rule->caps.at[TERMS_DETAIL] == 0;
}

static void
warn_permit(struct warning *warning, const struct policy_rule *rule)
{
    if (rule->has_purposes) {
        warn_parent(warning, rule, rule->purposes, vocab_purpose,
                    vocab_purposes());
    }
    if (rule->has_data) {
        warn_parent(warning, rule, rule->data, vocab_category,
                    vocab_categories());
    }
    if (rule->firm_count == 0) {
        warn(warning, "W3", rule,
             "permit '%s' names no firm: any that is confirmed may ask by it",
             rule->name);
    }
    warn_passed(warning, rule);
    if (is_raw(rule) && (rule->caps.at[TERMS_ACTION] & VOCAB_LIVE) != 0) {
        warn(warning, "W5", rule,
             "permit '%s' gives each reading as it comes: raw and live",
             rule->name);
    }
}

/* ---- W9: `home` ---- */

bool
policy_warn_home(const struct policy_set *set, const struct policy_rule *rule)
{
    return rule->effect == POLICY_EFFECT_PERMIT &&
           policy_settings(set)->home == VOCAB_NONE &&
           (rule->home || (rule->written >> TERMS_WHERES & 1) == 0);
}

static void
warn_home(struct warning *warning, const struct policy_rule *rule)
{
    static const struct terms_places nowhere;

    if (!policy_warn_home(warning->input->set, rule)) {
        return;
    }
    warn(warning, "W9", rule,
         "permit '%s' %s, and the vault has no home, so %s; set `home` in the "
         "configuration, or write countries",
         rule->name,
         rule->home ? "says `where: home`" : "says no `where`, which is home",
         memcmp(&rule->caps.where, &nowhere, sizeof nowhere) == 0
             ? "it permits nothing"
             : "that counts for nothing");
}

/* ---- W6, W7: the streams that there are ---- */

static void
warn_patterns(struct warning *warning, const struct policy_rule *rule)
{
    const struct policy_warn_input *input = warning->input;

    for (size_t i = 0; i < rule->pattern_count; i++) {
        bool any = false;

        for (size_t j = 0; !any && j < input->streams; j++) {
            any = vlt_pattern_matches(rule->patterns[i], input->stream[j].name);
        }
        if (!any) {
            warn(warning, "W6", rule, "'%.*s' in rule '%s' matches no stream",
                 (int)rule->patterns[i].len, (const char *)rule->patterns[i].at,
                 rule->name);
        }
    }
}

/* Does the permit bind the stream? */
static bool
binds(const struct policy_rule *rule, const struct policy_warn_stream *stream)
{
    bool bound = rule->pattern_count == 0;

    for (size_t i = 0; !bound && i < rule->pattern_count; i++) {
        bound = vlt_pattern_matches(rule->patterns[i], stream->name);
    }
    return bound && stream->category != VOCAB_NONE &&
           warn_covers(rule, rule->has_data, rule->data,
                       vocab_category(stream->category));
}

/* Have its buckets fewer readings than the permit wants?  On average, to the
 * nearest whole one: a clock that is a little late leaves nothing out. */
static bool
is_sparse(const struct policy_rule *rule,
          const struct policy_warn_stream *stream)
{
    int64_t bucket_ns = rule->caps.at[TERMS_DETAIL] * VLT_SECOND;

    return stream->every_ns > 0 &&
           (bucket_ns + stream->every_ns / 2) / stream->every_ns <
               rule->duties.min_readings;
}

static void
warn_empty(struct warning *warning, const struct policy_rule *rule)
{
    const struct policy_warn_input *input = warning->input;
    struct listing listing = { .count = 0 };
    struct vlt_buf detail = { 0 };

    for (size_t i = 0; !is_raw(rule) && i < input->streams; i++) {
        const struct policy_warn_stream *stream = &input->stream[i];

        if (binds(rule, stream) && is_sparse(rule, stream)) {
            struct vlt_buf name = { 0 };

            vlt_buf_put_slice(&name, stream->name);
            list_one(&listing, name.len > 0 ? vlt_buf_text(&name) : "");
            vlt_buf_free(&name);
        }
    }
    if (listing.count > 0) {
        terms_put_detail(&detail, rule->caps.stats,
                         rule->caps.at[TERMS_DETAIL]);
        warn(warning, "W7", rule,
             "permit '%s' gives no bucket of %s with fewer than %d readings, "
             "which on average leaves nothing of %s",
             rule->name, detail.len > 0 ? vlt_buf_text(&detail) : "its own",
             rule->duties.min_readings, list_end(&listing));
    }
    vlt_buf_free(&detail);
    vlt_buf_free(&listing.text);
}

/* ---- W8: two permits ---- */

bool
warn_meet(const struct policy_rule *a, const struct policy_rule *b)
{
    bool firms = a->firm_count == 0 || b->firm_count == 0;
    bool purposes = false;
    bool data = !a->has_data && !b->has_data;

    for (size_t i = 0; !firms && i < a->firm_count; i++) {
        for (size_t j = 0; j < b->firm_count; j++) {
            firms =
                firms || memcmp(a->firms[i], b->firms[j], POLICY_FIRM_LEN) == 0;
        }
    }
    for (int bit = 0; firms && !purposes && bit < vocab_purposes(); bit++) {
        const struct vocab_node *node = vocab_purpose(bit);

        purposes = (node->flags & VOCAB_GROUP) == 0 &&
                   warn_covers(a, a->has_purposes, a->purposes, node) &&
                   warn_covers(b, b->has_purposes, b->purposes, node);
    }
    for (int bit = 0; purposes && !data && bit < vocab_categories(); bit++) {
        const struct vocab_node *node = vocab_category(bit);

        data = (node->flags & VOCAB_GROUP) == 0 &&
               warn_covers(a, a->has_data, a->data, node) &&
               warn_covers(b, b->has_data, b->data, node);
    }
    return firms && purposes && data;
}

/* The obligations that differ, each by its stricter value; false: none. */
static bool
put_stricter(struct listing *out, const struct policy_duties *a,
             const struct policy_duties *b)
{
    struct policy_duties both = policy_duties_both(*a, *b);
    char text[32];

    if (a->notify != b->notify) {
        (void)snprintf(text, sizeof text, "notify %s",
                       policy_notify_word(both.notify));
        list_one(out, text);
    }
    if (a->ask_each != b->ask_each) {
        list_one(out, "ask_each yes");
    }
    if (a->min_readings != b->min_readings) {
        (void)snprintf(text, sizeof text, "min_readings %d", both.min_readings);
        list_one(out, text);
    }
    if (a->show_names != b->show_names) {
        list_one(out, "names hide");
    }
    if (a->join_new_streams != b->join_new_streams) {
        list_one(out, "new_streams hold");
    }
    return out->count > 0;
}

bool
warn_written(const struct policy_rule *rule)
{
    return !policy_rule_builtin(rule) && strncmp(rule->name, "cli-", 4) != 0;
}

/* The first other permit, by name, behind this one. */
static void
warn_pair(struct warning *warning, const struct policy_rule *rule,
          size_t number)
{
    const struct policy_set *set = warning->input->set;
    bool found = false;

    for (size_t i = number + 1; !found && i < policy_rule_count(set); i++) {
        const struct policy_rule *other = policy_rule_at(set, i);
        struct listing stricter = { .count = 0 };

        if (other->effect == POLICY_EFFECT_PERMIT && warn_written(other) &&
            put_stricter(&stricter, &rule->duties, &other->duties) &&
            warn_meet(rule, other)) {
            found = true;
            warn(warning, "W8", rule,
                 "permits '%s' and '%s' may be for the same and demand "
                 "different obligations, of which the stricter hold: %s",
                 rule->name, other->name, list_end(&stricter));
        }
        vlt_buf_free(&stricter.text);
    }
}

/* ---- all ---- */

static int
by_place(const void *a, const void *b)
{
    const struct policy_fault *left = a;
    const struct policy_fault *right = b;
    int order = strcmp(left->file, right->file);

    if (order == 0 && left->line != right->line) {
        order = left->line < right->line ? -1 : 1;
    }
    if (order == 0 && left->column != right->column) {
        order = left->column < right->column ? -1 : 1;
    }
    return order != 0 ? order : strcmp(left->code, right->code);
}

static void
warn_rule(struct warning *warning, size_t number)
{
    const struct policy_rule *rule =
        policy_rule_at(warning->input->set, number);

    warn_matter(warning, rule, number);
    warn_patterns(warning, rule);
    if (rule->effect == POLICY_EFFECT_PERMIT) {
        warn_permit(warning, rule);
        warn_empty(warning, rule);
        warn_home(warning, rule);
        warn_pair(warning, rule, number);
    }
}

enum vlt_status
policy_warn(const struct policy_warn_input *input, policy_fault_fn *fn,
            void *ctx)
{
    struct warning warning = { .input = input };

    warning.at = calloc(POLICY_WARN_MAX, sizeof *warning.at);
    warning.atom = calloc(1, sizeof *warning.atom);
    warning.idle = calloc(policy_rule_count(input->set) + 1, sizeof(bool));
    warning.others = calloc(policy_rule_count(input->set) + 1, sizeof(bool));
    if (warning.at == NULL || warning.atom == NULL || warning.idle == NULL ||
        warning.others == NULL) {
        free(warning.at);
        free(warning.atom);
        free(warning.idle);
        free(warning.others);
        return VLT_E_NOMEM;
    }
    warn_find_idle(&warning);
    for (size_t i = 0; i < policy_rule_count(input->set); i++) {
        if (warn_written(policy_rule_at(input->set, i))) {
            warn_rule(&warning, i);
        }
    }
    qsort(warning.at, warning.count, sizeof *warning.at, by_place);
    for (size_t i = 0; i < warning.count; i++) {
        fn(ctx, &warning.at[i]);
    }
    free(warning.others);
    free(warning.idle);
    free(warning.atom);
    free(warning.at);
    return VLT_OK;
}
