/*
 * policy_streams: what the rules of now make of each stream of a grant.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "service/guard_internal.h"
#include "service/policy_internal.h"
#include "json/json_write.h"

struct policy_firm
policy_firm_of(const struct firm *firm)
{
    struct policy_firm out = {
        .confirmed = firm->state == IDENTITY_CONFIRMED,
        .blocked = firm->state == IDENTITY_BLOCKED ||
                   firm->state == IDENTITY_FORGOTTEN,
    };

    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, out.id);
    return out;
}

/* ---- who keeps it ---- */

struct keeping {
    const struct policy_set *set;
    struct policy_firm firm;
    bool by_rule;
    uint16_t rules[POLICY_RULES];
};

/* Does a rule keep it from one of the items that it waits for? */
static bool
keeps(struct keeping *keeping, const struct policy_atom *atom,
      struct vlt_slice name, char rule[POLICY_NAME])
{
    switch (policy_stream_fate(keeping->set, &keeping->firm, atom,
                               keeping->by_rule, name)) {
    case POLICY_GIVE:
        return false;
    case POLICY_HOLD:
        if (!keeping->by_rule) {
            return false;
        }
        break;
    case POLICY_WITHHOLD:
        break;
    }
    rule[0] = '\0';
    if (policy_stream_rules(keeping->set, &keeping->firm, atom, name,
                            keeping->rules) > 0) {
        noun_copy(rule, POLICY_NAME,
                  vlt_slice_text(
                      policy_rule_at(keeping->set, keeping->rules[0])->name));
    }
    return true;
}

static bool
waits_for(const struct grant *grant, const struct stream *stream, int n)
{
    for (size_t i = 0; i < grant->held_count; i++) {
        if (grant->held[i].n == n &&
            memcmp(grant->held[i].stream, stream->id, VLT_ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

enum vlt_status
policy_keeps(struct turn *turn, const struct grant *grant,
             const struct stream *stream, char rule[POLICY_NAME], bool *out)
{
    struct service *service = turn->service;
    const struct firm *firm = identity_firm_now(service->identity, grant->firm);
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_grant what = grant_as_asked(grant);
    struct keeping keeping = { .set = consent_set_now(service->consent)->set,
                               .by_rule = policy_by_rule_then(grant) };
    enum vlt_status st = VLT_E_NOMEM;

    *out = false;
    if (firm != NULL && decision != NULL) {
        keeping.firm = policy_firm_of(firm);
        (void)policy_decide_use(keeping.set, &keeping.firm, &what, turn->now,
                                decision);
        for (size_t i = 0; !*out && i < decision->atom_count; i++) {
            const struct policy_atom *atom = &decision->atoms[i];

            *out = waits_for(grant, stream, atom->n) &&
                   keeps(&keeping, atom, vlt_slice_text(stream->name), rule);
        }
        st = VLT_OK;
    }
    free(decision);
    firm_release(firm);
    return st;
}

/* ---- what becomes of each ---- */

enum {
    LEFT_TOLD = 64, /* streams that were never the grant's and are told of */
};

/* What a stream is to a grant. */
enum standing {
    BOUND,
    HELD,
    LEFT, /* of its category, and not the grant's */
};

struct telling {
    struct vlt_json_out *json;
    struct service *service;
    const struct grant *grant;
    const struct policy_set *set;
    struct policy_firm firm;
    struct policy_decision *decision; /* on a use of now */
    size_t left;                      /* told of already */
    size_t count;                     /* rules that name the stream */
    uint16_t rules[POLICY_RULES];
};

static const struct policy_atom *
atom_of(const struct telling *telling, int n)
{
    for (size_t i = 0; i < telling->decision->atom_count; i++) {
        if (telling->decision->atoms[i].n == n) {
            return &telling->decision->atoms[i];
        }
    }
    return NULL;
}

/* One that a rule asks about is by hand once the owner resumes it: that is what
 * is told. */
static bool
is_by_rule(const struct telling *telling, const struct policy_atom *atom)
{
    return policy_by_rule_then(telling->grant) &&
           policy_atom_use(atom, true) != POLICY_USE_ASK;
}

/* A grant by hand outlives an ask; what waits goes on waiting. */
static const char *
word_of(const struct telling *telling, const struct policy_atom *atom,
        struct vlt_slice name, enum standing standing)
{
    bool by_rule = is_by_rule(telling, atom);

    if (standing == LEFT) {
        return "withheld";
    }
    switch (
        policy_stream_fate(telling->set, &telling->firm, atom, by_rule, name)) {
    case POLICY_GIVE:
        return standing == HELD ? "held" : "given";
    case POLICY_HOLD:
        return standing == HELD || by_rule ? "held" : "given";
    case POLICY_WITHHOLD:
        break;
    }
    return "withheld";
}

/* The rules that name the stream and forbid it, or that ask about it. */
static size_t
count_naming(const struct telling *telling, bool denies)
{
    size_t count = 0;

    for (size_t i = 0; i < telling->count; i++) {
        count += (policy_rule_at(telling->set, telling->rules[i])->effect ==
                  POLICY_EFFECT_DENY) == denies;
    }
    return count;
}

static bool
is_denied(const struct telling *telling)
{
    return count_naming(telling, true) > 0;
}

/* "boiler (home.yaml:4:5) withholds it", "wait (home.yaml:5:5) asks about it".
 */
static void
put_naming(const struct telling *telling, struct vlt_buf *why, bool denies)
{
    for (size_t i = 0; i < telling->count; i++) {
        const struct policy_rule *rule =
            policy_rule_at(telling->set, telling->rules[i]);

        if ((rule->effect == POLICY_EFFECT_DENY) == denies) {
            vlt_buf_put_text(why, why->len > 0 ? ", " : "");
            policy_put_rule(why, rule);
            vlt_buf_put_text(why, denies ? " withholds it" : " asks about it");
        }
    }
}

/* ", `vaultctl grant admit …`": what waits does not come by itself. */
static void
put_admit(const struct telling *telling, struct vlt_buf *why,
          const struct stream *stream)
{
    char text[VLT_ULID_TEXT];

    vlt_buf_printf(why, "waits for you to admit it: `vaultctl grant admit %s ",
                   vlt_ulid_print(telling->grant->id, text));
    vlt_text_put_escaped(why, vlt_slice_text(stream->name));
    vlt_buf_put_text(why, "`");
}

/* Behind the rules that keep it, for as long as they do. */
static void
put_gone(struct vlt_buf *why, size_t rules)
{
    vlt_buf_put_text(why, rules > 1 ? "; once those rules are gone it "
                                    : "; once that rule is gone it ");
}

/* A rule that asks about it keeps it from a grant by rule. */
static void
put_held(const struct telling *telling, struct vlt_buf *why,
         const struct policy_atom *atom, const struct stream *stream,
         enum standing standing)
{
    size_t asks = count_naming(telling, false);
    bool kept = is_by_rule(telling, atom) && asks > 0;

    put_naming(telling, why, false);
    if (standing == HELD && kept) {
        put_gone(why, asks);
        put_admit(telling, why, stream);
    } else if (kept) {
        vlt_buf_put_text(why, asks > 1 ? "; it comes when those rules go"
                                       : "; it comes when that rule goes");
    } else {
        vlt_buf_put_text(why, why->len > 0 ? "; " : "");
        put_admit(telling, why, stream);
    }
}

/* Why it is not given: a rule that names it, or what gave it may bind it no
 * more. */
static void
put_why(const struct telling *telling, const struct policy_atom *atom,
        const struct stream *stream, enum standing standing)
{
    const struct grant *grant = telling->grant;
    const char *word =
        word_of(telling, atom, vlt_slice_text(stream->name), standing);
    struct vlt_buf why = { 0 };

    if (strcmp(word, "held") == 0) {
        put_held(telling, &why, atom, stream, standing);
    } else if (is_denied(telling)) {
        put_naming(telling, &why, true);
        if (standing == HELD) {
            put_gone(&why, count_naming(telling, true));
            put_admit(telling, &why, stream);
        }
    } else if (strcmp(word, "withheld") == 0) {
        vlt_buf_put_text(&why, "no permit of today binds it");
        for (size_t i = 0; i < grant->rule_count; i++) {
            vlt_buf_printf(&why, "%s%s", i > 0 ? ", " : "; given by ",
                           grant->rule[i].name);
        }
    } else if (strcmp(word, "given") == 0 &&
               noun_grant_state(telling->service, grant, true) ==
                   CONSENT_SUSPENDED) {
        vlt_buf_put_text(&why, "once the grant is active again");
    }
    if (why.len > 0) {
        vlt_put_slice(telling->json, "why", vlt_buf_slice(&why));
    } else {
        vlt_put_null(telling->json, "why");
    }
    vlt_buf_free(&why);
}

/* The rules that name it under the atom must have been found. */
static void
put_stream(const struct telling *telling, const struct policy_atom *atom,
           const struct stream *stream, enum standing standing)
{
    struct vlt_json_out *json = telling->json;
    const char *word =
        word_of(telling, atom, vlt_slice_text(stream->name), standing);

    vlt_put_object(json, NULL);
    vlt_put_int(json, "n", atom->n);
    vlt_put_text(json, "stream", stream->name);
    vlt_put_text(json, "fate", word);
    vlt_put_list(json, "rules");
    for (size_t i = 0; i < telling->count; i++) {
        vlt_put_text(json, NULL,
                     policy_rule_at(telling->set, telling->rules[i])->name);
    }
    vlt_put_end(json);
    put_why(telling, atom, stream, standing);
    vlt_put_end(json);
}

static void
find_rules(struct telling *telling, const struct policy_atom *atom,
           const struct stream *stream)
{
    telling->count =
        policy_stream_rules(telling->set, &telling->firm, atom,
                            vlt_slice_text(stream->name), telling->rules);
}

static void
put_bound(struct telling *telling, const struct grant_bound *bound,
          enum standing standing)
{
    const struct policy_atom *atom = atom_of(telling, bound->n);
    const struct stream *stream =
        series_by_id(telling->service->series, bound->stream);

    if (stream != NULL && atom != NULL) { /* else it is erased */
        find_rules(telling, atom, stream);
        put_stream(telling, atom, stream, standing);
    }
    stream_release(stream);
}

static bool
is_among(const struct grant_bound *list, size_t count, int n,
         const struct stream *stream)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].n == n &&
            memcmp(list[i].stream, stream->id, VLT_ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* A stream that the grant would have, did no deny take it. */
static bool
put_left(void *ctx, const struct stream *stream)
{
    struct telling *telling = ctx;
    const struct grant *grant = telling->grant;
    const struct vocab_node *node = vocab_category(noun_category(stream));

    for (size_t i = 0; node != NULL && i < telling->decision->atom_count; i++) {
        const struct policy_atom *atom = &telling->decision->atoms[i];

        if (atom->data == VOCAB_NONE ||
            !vocab_mask_has(node->within, atom->data) ||
            is_among(grant->bound, grant->bound_count, atom->n, stream) ||
            is_among(grant->held, grant->held_count, atom->n, stream)) {
            continue;
        }
        find_rules(telling, atom, stream);
        if (is_denied(telling)) {
            telling->left++;
            put_stream(telling, atom, stream, LEFT);
        }
    }
    return telling->left < LEFT_TOLD && telling->json->buf->len < NOUN_ROOM;
}

/* Of a grant that is over nothing is given. */
static void
put_all(struct telling *telling)
{
    const struct grant *grant = telling->grant;
    const struct vlt_buf *out = telling->json->buf;

    if (grant_over(grant)) {
        return;
    }
    for (size_t i = 0; i < grant->bound_count && out->len < NOUN_ROOM; i++) {
        put_bound(telling, &grant->bound[i], BOUND);
    }
    for (size_t i = 0; i < grant->held_count && out->len < NOUN_ROOM; i++) {
        put_bound(telling, &grant->held[i], HELD);
    }
    series_each(telling->service->series, put_left, telling);
}

enum vlt_status
policy_put_streams(struct vlt_json_out *json, struct service *service,
                   const struct grant *grant)
{
    const struct consent_set *set = consent_set_hold(service->consent);
    const struct firm *firm =
        identity_firm_by_id(service->identity, grant->firm);
    struct telling *telling = calloc(1, sizeof *telling);
    struct policy_decision *decision = malloc(sizeof *decision);
    struct policy_grant what = grant_as_asked(grant);
    enum vlt_status st = VLT_E_NOMEM;

    if (set == NULL || firm == NULL) {
        st = set == NULL ? VLT_E_LOCKED : VLT_E_STORAGE;
    } else if (telling != NULL && decision != NULL) {
        *telling = (struct telling){ .json = json,
                                     .service = service,
                                     .grant = grant,
                                     .set = set->set,
                                     .firm = policy_firm_of(firm),
                                     .decision = decision };
        (void)policy_decide_use(set->set, &telling->firm, &what,
                                service_effective(service), decision);
        vlt_put_list(json, "streams");
        put_all(telling);
        vlt_put_end(json);
        st = VLT_OK;
    }
    free(telling);
    free(decision);
    firm_release(firm);
    consent_set_release(set);
    return st;
}
