/*
 * Grants and requests as objects (WIRE.md, 6.5 and 6.6).
 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "consent/deletion.h"
#include "service/asks.h"
#include "service/noun_internal.h"
#include "terms/say.h"
#include "terms/value.h"
#include "json/json_write.h"

enum {
    WORDS = 1024, /* bytes of WORDS */
};

/* ---- terms ---- */

static void
put_words(struct vlt_json_out *json, const char *name, enum vocab_kind kind,
          int64_t bits)
{
    const struct vocab_value *value;

    vlt_put_list(json, name);
    for (size_t i = 0; (value = vocab_value_at(kind, i)) != NULL; i++) {
        if ((bits & value->value) != 0) {
            vlt_put_text(json, NULL, value->id);
        }
    }
    vlt_put_end(json);
}

static void
put_word(struct vlt_json_out *json, const char *name, enum vocab_kind kind,
         int64_t value)
{
    const struct vocab_value *found = vocab_value(kind, value);

    vlt_put_text(json, name, found != NULL ? found->id : NULL);
}

static void
put_round(struct vlt_json_out *json, struct terms_step step)
{
    struct vlt_buf text;

    if (step.nano == 0) {
        vlt_put_null(json, "round");
        return;
    }
    vlt_buf_init(&text, 64);
    terms_put_step(&text, step);
    vlt_put_slice(json, "round", vlt_buf_slice(&text));
    vlt_buf_free(&text);
}

static void
put_item(struct vlt_json_out *json, const struct terms_item *item)
{
    vlt_put_object(json, NULL);
    vlt_put_int(json, "n", item->n);
    vlt_put_text(json, "data", vocab_category(item->data)->id);
    if (item->raw) {
        vlt_put_text(json, "stats", "raw");
        vlt_put_null(json, "bucket_s");
    } else {
        put_words(json, "stats", VOCAB_STAT, item->stats);
        vlt_put_int(json, "bucket_s", item->bucket_s);
    }
    put_round(json, item->round);
    if (item->window_s == TERMS_WINDOW_NEW) {
        vlt_put_text(json, "window_s", "new");
    } else {
        vlt_put_int(json, "window_s", item->window_s);
    }
    vlt_put_int(json, "delay_s", item->delay_s);
    if (item->every_s != 0) {
        vlt_put_int(json, "every_s", item->every_s);
    } else {
        vlt_put_null(json, "every_s");
    }
    vlt_put_end(json);
}

static void
put_rate(struct vlt_json_out *json, struct terms_rate rate)
{
    if (rate.n == 0) {
        vlt_put_null(json, "rate");
        return;
    }
    vlt_put_object(json, "rate");
    vlt_put_int(json, "n", rate.n);
    vlt_put_int(json, "per_s", rate.per_s);
    vlt_put_end(json);
}

/* ---- grants ---- */

static void
put_streams(struct vlt_json_out *json, const char *name, struct series *series,
            const struct grant_bound *bound, size_t count, bool names)
{
    vlt_put_list(json, name);
    for (size_t i = 0; i < count; i++) {
        const struct stream *stream =
            names ? series_by_id(series, bound[i].stream) : NULL;

        if (!names) {
            vlt_put_text(json, NULL, bound[i].alias);
        } else if (stream != NULL) {
            vlt_put_text(json, NULL, stream->name);
        }
        stream_release(stream);
    }
    vlt_put_end(json);
}

static void
put_duties(struct vlt_json_out *json, const struct policy_duties *duties)
{
    vlt_put_object(json, "obligations");
    vlt_put_text(json, "notify", policy_notify_word(duties->notify));
    vlt_put_bool(json, "ask_each", duties->ask_each);
    vlt_put_int(json, "min_readings", duties->min_readings);
    vlt_put_text(json, "names", duties->show_names ? "show" : "hide");
    vlt_put_text(json, "new_streams",
                 duties->join_new_streams ? "include" : "hold");
    vlt_put_end(json);
}

/* The suspension that it is in, or that is to come; null: neither. */
static void
put_suspension(struct vlt_json_out *json, const struct grant *grant)
{
    int64_t from = grant->suspended != 0 ? grant->suspended : grant->pause_from;

    if (from == 0) {
        vlt_put_null(json, "suspension");
        return;
    }
    vlt_put_object(json, "suspension");
    vlt_put_time(json, "from", from);
    if (grant->pause_until != 0) {
        vlt_put_time(json, "until", grant->pause_until);
    } else {
        vlt_put_null(json, "until");
    }
    vlt_put_bool(json, "hidden", grant->hidden);
    vlt_put_end(json);
}

static void
put_gaps(struct vlt_json_out *json, const struct grant *grant)
{
    vlt_put_list(json, "gaps");
    for (size_t i = 0; i < grant->gap_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_time(json, "from", grant->gap[i].from);
        vlt_put_time(json, "to", grant->gap[i].to);
        vlt_put_bool(json, "hidden", grant->gap[i].hidden);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* When it ended, and who ended it. */
static void
put_ended(struct vlt_json_out *json, const struct grant *grant)
{
    static const char *const by[] = { "", "owner", "firm", "vault", "clock" };

    if (!grant_over(grant)) {
        vlt_put_null(json, "ended");
        return;
    }
    vlt_put_object(json, "ended");
    vlt_put_time(json, "at", grant->changed);
    vlt_put_text(json, "by", by[grant->state_by]);
    vlt_put_end(json);
}

struct counting {
    const struct grant *grant;
    struct noun_waiting *out;
};

static bool
count_waiting(void *ctx, const struct asks_entry *entry)
{
    struct counting *counting = ctx;

    if (memcmp(entry->grant, counting->grant->id, VLT_ID_LEN) == 0) {
        counting->out->since =
            counting->out->count == 0 ? entry->since : counting->out->since;
        counting->out->count++;
    }
    return true;
}

struct noun_waiting
noun_waiting_uses(struct service *service, const struct grant *grant)
{
    struct noun_waiting out = { 0 };
    struct counting counting = { grant, &out };

    asks_each(service->asks, service_running(service), count_waiting,
              &counting);
    return out;
}

static void
put_waiting(struct vlt_json_out *json, struct service *service,
            const struct grant *grant)
{
    struct noun_waiting waiting = noun_waiting_uses(service, grant);

    if (waiting.count == 0) {
        vlt_put_null(json, "uses_waiting");
        return;
    }
    vlt_put_object(json, "uses_waiting");
    vlt_put_uint(json, "count", waiting.count);
    vlt_put_time(json, "since", waiting.since);
    vlt_put_end(json);
}

/* What the owner alone is told. */
static void
put_own(struct vlt_json_out *json, struct service *service,
        const struct grant *grant)
{
    put_word(json, "basis", VOCAB_BASIS, grant->terms.basis);
    vlt_put_bool(json, "explicit", grant->explicit_only);
    vlt_put_text(json, "born", grant->by_rule ? "rule" : "hand");
    vlt_put_list(json, "rules");
    for (size_t i = 0; i < grant->rule_count; i++) {
        vlt_put_text(json, NULL, grant->rule[i].name);
    }
    vlt_put_end(json);
    put_streams(json, "held", service->series, grant->held, grant->held_count,
                true);
    put_duties(json, &grant->duties);
    put_waiting(json, service, grant);
    if (grant->suspended != 0) {
        vlt_put_time(json, "suspended", grant->suspended);
    } else {
        vlt_put_null(json, "suspended");
    }
    put_suspension(json, grant);
    put_gaps(json, grant);
    put_ended(json, grant);
    if (grant->renews) {
        vlt_put_ulid(json, "renews", grant->prev);
    } else {
        vlt_put_null(json, "renews");
    }
}

static void
put_firm_name(struct vlt_json_out *json, struct service *service,
              const uint8_t id[VLT_ID_LEN])
{
    const struct firm *firm = identity_firm_by_id(service->identity, id);

    vlt_put_text(json, "firm", firm != NULL ? firm->name : NULL);
    firm_release(firm);
}

/* What is granted, and how much of it is left. */
static void
put_granted(struct vlt_json_out *json, const struct grant *grant)
{
    const struct terms_common *common = &grant->terms.common;

    vlt_put_text(json, "purpose", vocab_purpose(grant->terms.purpose)->id);
    put_word(json, "action", VOCAB_ACTION, common->action);
    vlt_put_uint(json, "terms", grant->terms_version);
    vlt_put_list(json, "items");
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        put_item(json, &grant->terms.items[i]);
    }
    vlt_put_end(json);
    put_words(json, "channels", VOCAB_CHANNEL, common->channels);
    put_rate(json, common->rate);
    if (grant->uses_left == TERMS_UNLIMITED) {
        vlt_put_null(json, "uses_left");
    } else {
        vlt_put_int(json, "uses_left", grant->uses_left);
    }
    vlt_put_time(json, "nbf", grant->nbf);
    vlt_put_time(json, "exp", grant->exp);
    vlt_put_int(json, "keep_s", common->keep_s);
}

void
noun_put_acknowledged(struct vlt_json_out *json, const struct grant *grant)
{
    if (grant->acks == 0) {
        vlt_put_null(json, "acknowledged");
        return;
    }
    vlt_put_object(json, "acknowledged");
    vlt_put_uint(json, "count", grant->acks);
    vlt_put_time(json, "last", grant->acked);
    vlt_put_end(json);
}

void
noun_put_held(struct vlt_json_out *json, const struct grant *grant)
{
    struct consent_held held[CONSENT_HELD];
    size_t count = consent_held(grant, held);

    vlt_put_list(json, "held_by_firm");
    for (size_t i = 0; i < count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_list(json, "uses");
        vlt_put_uint(json, NULL, held[i].from);
        vlt_put_uint(json, NULL, held[i].to);
        vlt_put_end(json);
        vlt_put_time(json, "delete_by", held[i].delete_by);
        if (held[i].demanded != 0) {
            vlt_put_time(json, "demanded", held[i].demanded);
            vlt_put_time(json, "due", held[i].due);
        }
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* To its firm what is hidden is not so. */
static bool
is_paused(const struct service *service, const struct grant *grant, bool owner)
{
    int64_t now = service_effective(service);
    int64_t sure = service_sure(service);

    return owner ? grant_paused(grant, now, sure)
                 : grant_silent(grant, now, sure);
}

enum consent_state
noun_grant_state(const struct service *service, const struct grant *grant,
                 bool owner)
{
    int64_t now = service_effective(service);
    enum consent_state state = grant->state;

    if (!grant_over(grant)) {
        state = now >= grant->exp                  ? CONSENT_EXPIRED
                : is_paused(service, grant, owner) ? CONSENT_SUSPENDED
                                                   : CONSENT_ACTIVE;
    }
    return state;
}

void
noun_put_grant(struct vlt_json_out *json, const char *name,
               struct service *service, const struct grant *grant, bool owner)
{
    vlt_put_object(json, name);
    vlt_put_ulid(json, "id", grant->id);
    if (owner) {
        put_firm_name(json, service, grant->firm);
    }
    vlt_put_text(json, "state",
                 consent_state_word(noun_grant_state(service, grant, owner)));
    put_granted(json, grant);
    put_streams(json, "streams", service->series, grant->bound,
                grant->bound_count, owner || grant->duties.show_names);
    if (grant->last_use != 0) {
        vlt_put_time(json, "last_use", grant->last_use);
    } else {
        vlt_put_null(json, "last_use");
    }
    vlt_put_bool(json, "countersigned", grant->countersigned != 0);
    noun_put_acknowledged(json, grant);
    if (owner) {
        put_own(json, service, grant);
    }
    vlt_put_end(json);
}

/* ---- requests ---- */

const char *
noun_state(enum consent_state state)
{
    return state >= CONSENT_ACTIVE ? "granted" : consent_state_word(state);
}

const char *
noun_request_state(const struct consent_request *request)
{
    return noun_state(consent_request_state(request));
}

/* The receipt that a part has: of its grant the first, else of its refusal. */
static enum vlt_status
put_receipt(struct vlt_json_out *json, struct service *service,
            const struct store_view *view,
            const struct consent_request *request, size_t i)
{
    const struct consent_part *part = &request->part[i];
    struct vlt_buf countersignature;
    struct vlt_buf jws;
    uint64_t index;
    enum vlt_status st;

    vlt_buf_init(&jws, 0);
    vlt_buf_init(&countersignature, 0);
    st = part->state >= CONSENT_ACTIVE
             ? consent_receipt_get(service->consent, view, part->grant, 1, &jws,
                                   &countersignature, &index)
             : consent_refusal_get(service->consent, view, request->id, (int)i,
                                   &jws, &index);
    if (st == VLT_OK) {
        vlt_put_slice(json, "receipt", vlt_buf_slice(&jws));
    }
    vlt_buf_free(&jws);
    vlt_buf_free(&countersignature);
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

static enum vlt_status
put_part(struct vlt_json_out *json, struct service *service,
         const struct store_view *view, const struct consent_request *request,
         size_t i)
{
    const struct consent_part *part = &request->part[i];
    enum vlt_status st;

    vlt_put_object(json, NULL);
    vlt_put_text(json, "purpose", vocab_purpose(part->purpose)->id);
    vlt_put_text(json, "state", noun_state(part->state));
    vlt_put_list(json, "left_out");
    for (int n = 1; n <= TERMS_ITEMS; n++) {
        if ((part->left_out & (1U << (n - 1))) != 0) {
            vlt_put_int(json, NULL, n);
        }
    }
    vlt_put_end(json);
    if (part->state >= CONSENT_ACTIVE) {
        vlt_put_ulid(json, "grant", part->grant);
    }
    if (part->offer.len > 0) {
        vlt_put_slice(json, "offer", part->offer);
    }
    st = put_receipt(json, service, view, request, i);
    if (part->reason.len > 0) {
        vlt_put_slice(json, "reason", part->reason);
    }
    vlt_put_end(json);
    return st;
}

static enum vlt_status
put_parts(struct vlt_json_out *json, struct service *service,
          const struct store_view *view, const struct consent_request *request)
{
    enum vlt_status st = VLT_OK;

    vlt_put_list(json, "parts");
    for (size_t i = 0; st == VLT_OK && i < request->parts; i++) {
        st = put_part(json, service, view, request, i);
    }
    vlt_put_end(json);
    return st;
}

enum vlt_status
noun_put_outcome(struct vlt_json_out *json, struct service *service,
                 const struct store_view *view,
                 const struct consent_request *request)
{
    vlt_put_ulid(json, "request", request->id);
    vlt_put_text(json, "state", noun_request_state(request));
    for (size_t i = 0; i < request->parts; i++) {
        if (request->part[i].state >= CONSENT_ACTIVE) {
            vlt_put_ulid(json, "grant", request->part[i].grant);
            break;
        }
    }
    return put_parts(json, service, view, request);
}

/* Cut to WORDS, never within a character. */
static struct vlt_slice
cut_words(const struct vlt_buf *words)
{
    struct vlt_slice text = vlt_buf_slice(words);

    if (text.len > WORDS) {
        text.len = WORDS;
        while (text.len > 0 && (text.at[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }
    return text;
}

/* One line: what is asked, of each part. */
static void
put_line(struct vlt_json_out *json, const struct consent_request *request)
{
    struct vlt_buf line;

    vlt_buf_init(&line, 0);
    for (size_t i = 0; i < request->parts; i++) {
        struct terms part;

        terms_part(request->terms, i, &part);
        vlt_buf_put_text(&line, i > 0 ? "; and " : "");
        terms_say_data(&line, &part);
    }
    vlt_put_slice(json, "line", cut_words(&line));
    vlt_buf_free(&line);
}

enum vlt_status
noun_put_request(struct vlt_json_out *json, const char *name,
                 struct service *service, const struct store_view *view,
                 const struct consent_request *request)
{
    const struct terms_request *terms = request->terms;
    enum vlt_status st;

    vlt_put_object(json, name);
    vlt_put_ulid(json, "id", request->id);
    put_firm_name(json, service, request->firm);
    vlt_put_text(json, "state", noun_request_state(request));
    vlt_put_time(json, "received", request->received);
    vlt_put_time(json, "reply_by", request->reply_by);
    vlt_put_list(json, "purposes");
    for (size_t i = 0; i < terms->purpose_count; i++) {
        vlt_put_text(json, NULL, vocab_purpose(terms->purposes[i].id)->id);
    }
    vlt_put_end(json);
    vlt_put_list(json, "data");
    for (size_t i = 0; i < terms->item_count; i++) {
        vlt_put_text(json, NULL, vocab_category(terms->items[i].data)->id);
    }
    vlt_put_end(json);
    put_word(json, "action", VOCAB_ACTION, terms->common.action);
    vlt_put_bool(json, "explicit", terms_request_explicit(terms));
    put_line(json, request);
    st = put_parts(json, service, view, request);
    vlt_put_end(json);
    return st;
}
