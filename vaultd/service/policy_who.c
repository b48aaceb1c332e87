/*
 * policy.who_could_see: whom a category or a stream is given to, and who could
 * have it without the owner being asked (LANGUAGE.md, 4).
 *
 * The second is found by corners: of each permit the requests that ask exactly
 * its caps, for each firm that it names or one that no rule names.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/sieve.h"
#include "engine/corner.h"
#include "service/policy_internal.h"
#include "terms/value.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum { TRIES = 1000000 }; /* decisions at most, in one answer */

struct who {
    char data[VOCAB_ID_MAX + 1];
    char name[VLT_NAME_MAX + 1]; /* "": a category is asked for */
    uint8_t stream[VLT_ID_LEN];
    int category;
    struct call *call;
    const struct policy_set *set; /* borrowed */
    int64_t now;
    struct policy_atom *atom; /* owned, for the time of the call */
    struct terms_recipient recipients[TERMS_NAMES];
    struct vlt_json_out json;
    size_t told;
    size_t tries;
    bool more;
};

enum vlt_status
policy_who_check(struct call *call, struct vlt_walk *params)
{
    struct who *who = call_state(call, sizeof *who);
    struct vlt_slice none = vlt_slice_text("");

    if (who == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(who->data, sizeof who->data,
              vlt_walk_text_or(params, "data", 1, VOCAB_ID_MAX, none));
    noun_copy(who->name, sizeof who->name,
              vlt_walk_text_or(params, "stream", 1, VLT_NAME_MAX, none));
    if ((who->data[0] == '\0') == (who->name[0] == '\0')) {
        vlt_walk_fault(params, "data",
                       "or stream must be there, and one of them alone");
    }
    return VLT_OK;
}

/* What it is: a category of the vocabulary, or a stream with its category. */
static enum vlt_status
find(struct call *call, struct who *who)
{
    const struct stream *stream;

    if (who->name[0] == '\0') {
        who->category = vocab_category_find(who->data, strlen(who->data));
        return who->category != VOCAB_NONE
                   ? VLT_OK
                   : call_not_found(call, "data", "data category", who->data);
    }
    stream = series_by_name(call->service->series, vlt_slice_text(who->name));
    if (stream == NULL) {
        return call_not_found(call, "stream", "stream", who->name);
    }
    memcpy(who->stream, stream->id, sizeof who->stream);
    who->category = noun_category(stream);
    stream_release(stream);
    return VLT_OK;
}

/* Is there room to tell of one more? */
static bool
has_room(struct who *who)
{
    who->more = who->more || who->told == VLT_LIMIT_LIST ||
                who->json.buf->len > NOUN_ROOM || who->tries > TRIES;
    who->told += !who->more;
    return !who->more;
}

/* ---- grants ---- */

static void
put_axis(struct vlt_json_out *json, enum terms_axis axis,
         const struct terms_limits *limits)
{
    struct vlt_buf text;

    vlt_buf_init(&text, 0);
    terms_put_axis(&text, axis, limits);
    vlt_put_slice(json, terms_axis_key(axis)->name, vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

static bool
gives_stream(const struct who *who, const struct grant *grant, int n,
             const struct consent_sieve *sieve)
{
    for (size_t i = 0; i < grant->bound_count; i++) {
        if (grant->bound[i].n == n &&
            memcmp(grant->bound[i].stream, who->stream, VLT_ID_LEN) == 0) {
            return consent_gives(sieve, n, vlt_slice_text(who->name));
        }
    }
    return false;
}

/* Of a category: one of the two stands above the other, or they are equal. */
static bool
gives(const struct who *who, const struct grant *grant,
      const struct terms_item *item, const struct consent_sieve *sieve)
{
    if (who->name[0] != '\0') {
        return gives_stream(who, grant, item->n, sieve);
    }
    return vocab_mask_has(vocab_category(item->data)->within, who->category) ||
           vocab_mask_has(vocab_category(who->category)->within, item->data);
}

static void
put_grant(struct who *who, const struct grant *grant, const struct firm *firm,
          const struct terms_item *item)
{
    struct vlt_json_out *json = &who->json;
    struct terms_limits limits;

    terms_atom(&grant->terms, item, who->now, &limits);
    vlt_put_object(json, NULL);
    vlt_put_ulid(json, "grant", grant->id);
    vlt_put_text(json, "firm", firm->name);
    vlt_put_text(json, "purpose", vocab_purpose(grant->terms.purpose)->id);
    vlt_put_text(json, "data", vocab_category(item->data)->id);
    put_axis(json, TERMS_DETAIL, &limits);
    put_axis(json, TERMS_WINDOW, &limits);
    vlt_put_time(json, "until", grant->exp);
    vlt_put_end(json);
}

static void
look_at(struct who *who, const struct grant *grant, const struct firm *firm,
        const struct consent_sieve *sieve)
{
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        const struct terms_item *item = &grant->terms.items[i];

        if (gives(who, grant, item, sieve) && has_room(who)) {
            put_grant(who, grant, firm, item);
        }
    }
}

/* A use of now would not be refused, but for a while, or until the owner says
 * yes to it. */
static bool
take_grant(void *ctx, const struct grant *grant)
{
    struct who *who = ctx;
    struct service *service = who->call->service;
    const struct firm *firm =
        identity_firm_by_id(service->identity, grant->firm);
    struct consent_sieve *sieve = NULL;
    struct consent_firm facts;
    struct consent_use may;
    struct consent_asking asking = { .firm = &facts,
                                     .now = who->now,
                                     .sure = service_sure(service) };

    if (firm == NULL || grant_over(grant)) {
        firm_release(firm);
        return true;
    }
    facts = guard_firm(firm);
    memcpy(asking.grant, grant->id, sizeof asking.grant);
    consent_may(service->consent, &asking, &may);
    if ((may.no == CONSENT_YES || may.no == CONSENT_NO_RATE ||
         may.no == CONSENT_NO_PENDING || may.no == CONSENT_NO_AGREEMENT) &&
        consent_sieve_new(service->consent, &asking, grant, false, &sieve) ==
            VLT_OK) {
        look_at(who, grant, firm, sieve);
        consent_sieve_free(sieve);
    }
    grant_release(may.grant);
    firm_release(firm);
    return !who->more;
}

/* ---- rules ---- */

/* The owner's name for a firm, else its id; null of any that is confirmed. */
static void
put_firm(struct who *who, const uint8_t *id)
{
    char text[POLICY_FIRM_TEXT];
    const struct firm *firm;

    if (id == NULL) {
        vlt_put_null(&who->json, "firm");
        return;
    }
    policy_firm_print(id, text);
    firm = noun_firm(who->call->service, text);
    vlt_put_text(&who->json, "firm", firm != NULL ? firm->name : text);
    firm_release(firm);
}

static void
put_rule(struct who *who, const struct policy_rule *rule, const uint8_t *id)
{
    struct vlt_json_out *json = &who->json;
    const struct policy_atom *atom = who->atom;

    vlt_put_object(json, NULL);
    vlt_put_text(json, "rule", rule->name);
    vlt_put_text(json, "file", rule->file);
    vlt_put_int(json, "line", rule->line);
    put_firm(who, id);
    vlt_put_text(json, "purpose", vocab_purpose(atom->purpose)->id);
    vlt_put_text(json, "data", vocab_category(atom->data)->id);
    put_axis(json, TERMS_ACTION, &atom->asked);
    put_axis(json, TERMS_DETAIL, &atom->asked);
    put_axis(json, TERMS_WINDOW, &atom->asked);
    put_axis(json, TERMS_DELAY, &atom->asked);
    put_axis(json, TERMS_RATE, &atom->asked);
    put_axis(json, TERMS_LIFE, &atom->asked);
    vlt_put_end(json);
}

/* Would the corner on this basis be permitted, and give the stream? */
static bool
permits(struct who *who, const struct policy_firm *firm,
        const struct terms_limits *caps, int64_t basis)
{
    struct policy_corner corner = { policy_greatest(caps->at[TERMS_ACTION]),
                                    basis, who->now };

    who->tries++;
    if (corner.action == 0 ||
        !policy_corner(caps, &corner, who->recipients, &who->atom->asked)) {
        return false;
    }
    policy_decide_atom(who->set, firm, who->atom);
    return who->atom->outcome == POLICY_PERMIT &&
           (who->name[0] == '\0' ||
            policy_stream_fate(who->set, firm, who->atom, true,
                               vlt_slice_text(who->name)) == POLICY_GIVE);
}

/* id NULL: a firm that no rule names. */
static void
try_atom(struct who *who, const struct policy_rule *rule, const uint8_t *id,
         int purpose, int data)
{
    struct policy_firm firm = { .confirmed = true };
    const struct vocab_value *basis;
    struct terms_limits caps;

    if (id != NULL) {
        memcpy(firm.id, id, sizeof firm.id);
    }
    policy_rule_caps(rule, purpose, data, &caps);
    who->atom->purpose = purpose;
    who->atom->data = data;
    for (size_t i = 0; (basis = vocab_value_at(VOCAB_BASIS, i)) != NULL; i++) {
        if ((caps.at[TERMS_BASIS] & basis->value) != 0 &&
            permits(who, &firm, &caps, basis->value)) {
            if (has_room(who)) {
                put_rule(who, rule, id);
            }
            return;
        }
    }
}

/* Is this category asked for: that of the stream, or one at or below it? */
static bool
is_asked(const struct who *who, int data)
{
    return who->name[0] != '\0'
               ? vocab_mask_has(vocab_category(who->category)->within, data)
               : vocab_mask_has(vocab_category(data)->within, who->category);
}

static void
try_firm(struct who *who, const struct policy_rule *rule, const uint8_t *id)
{
    for (int p = 0; !who->more && p < vocab_purposes(); p++) {
        if (!policy_names(rule->has_purposes, rule->purposes,
                          vocab_purpose(p))) {
            continue;
        }
        for (int c = 0; !who->more && c < vocab_categories(); c++) {
            if (is_asked(who, c) &&
                policy_names(rule->has_data, rule->data, vocab_category(c))) {
                try_atom(who, rule, id, p, c);
            }
        }
    }
}

static void
try_rules(struct who *who)
{
    for (size_t i = 0; i < policy_rule_count(who->set); i++) {
        const struct policy_rule *rule = policy_rule_at(who->set, i);

        if (rule->effect != POLICY_EFFECT_PERMIT) {
            continue;
        }
        if (rule->firm_count == 0) {
            try_firm(who, rule, NULL);
        }
        for (size_t f = 0; f < rule->firm_count; f++) {
            try_firm(who, rule, rule->firms[f]);
        }
    }
}

/* ---- the whole ---- */

static enum vlt_status
tell(struct call *call, struct who *who)
{
    who->call = call;
    who->now = service_effective(call->service);
    who->told = 0;
    who->tries = 0;
    who->more = false;
    who->atom = calloc(1, sizeof *who->atom);
    if (who->atom == NULL) {
        return VLT_E_NOMEM;
    }
    who->json = call_result(call);
    vlt_put_list(&who->json, "grants");
    /* What is of no category, or of one that is never given, nobody sees. */
    if (who->category != VOCAB_NONE) {
        consent_grants(call->service->consent, take_grant, who);
    }
    vlt_put_end(&who->json);
    vlt_put_list(&who->json, "rules");
    if (who->category != VOCAB_NONE) {
        try_rules(who);
    }
    vlt_put_end(&who->json);
    vlt_put_bool(&who->json, "more", who->more);
    vlt_put_end(&who->json);
    free(who->atom);
    who->atom = NULL;
    return vlt_buf_status(&call->result);
}

enum vlt_status
policy_who_prepare(struct call *call)
{
    struct who *who = call->state;
    const struct consent_set *held;
    enum vlt_status st = find(call, who);

    if (st != VLT_OK) {
        return st;
    }
    held = consent_set_hold(call->service->consent);
    if (held == NULL) {
        return VLT_E_LOCKED;
    }
    who->set = held->set;
    st = tell(call, who);
    consent_set_release(held);
    return st;
}
