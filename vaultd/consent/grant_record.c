#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/consent_internal.h"
#include "json/json_write.h"

enum {
    RECORD_MAX = 1 << 20,
    RECORD_DEPTH = 6,
    TERMS_VERSIONS = 1 << 20,
};

static const char *const states[] = { "active",    "suspended", "expired",
                                      "exhausted", "withdrawn", "revoked",
                                      "ended",     "invalid",   "replaced",
                                      NULL };

/* Room for `count` of a thing, at least one; NULL: no memory. */
static void *
room(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size);
}

struct grant_box *
grant_box_new(struct kept_request *request, int part)
{
    struct grant_box *box = calloc(1, sizeof *box);

    if (box == NULL) {
        return NULL;
    }
    ref_init(&box->ref);
    box->request = request_hold(request);
    box->part = part;
    box->live_hour = INT64_MIN;
    return box;
}

/* The members of a box that point to memory of its own. */
static bool
copy_lists(struct grant_box *to, const struct grant_box *from)
{
    to->bound = room(from->grant.bound_count, sizeof *to->bound);
    to->held = room(from->grant.held_count, sizeof *to->held);
    to->rule = room(from->grant.rule_count, sizeof *to->rule);
    to->recent = room(RECENT_MAX, sizeof *to->recent);
    if (to->bound == NULL || to->held == NULL || to->rule == NULL ||
        to->recent == NULL) {
        return false;
    }
    if (from->grant.bound_count > 0) {
        memcpy(to->bound, from->bound,
               from->grant.bound_count * sizeof *to->bound);
    }
    if (from->grant.held_count > 0) {
        memcpy(to->held, from->held, from->grant.held_count * sizeof *to->held);
    }
    if (from->grant.rule_count > 0) {
        memcpy(to->rule, from->rule, from->grant.rule_count * sizeof *to->rule);
    }
    if (from->recent_count > 0) {
        memcpy(to->recent, from->recent,
               from->recent_count * sizeof *to->recent);
    }
    to->grant.bound = to->bound;
    to->grant.held = to->held;
    to->grant.rule = to->rule;
    return true;
}

struct grant_box *
grant_box_copy(const struct grant_box *from)
{
    struct grant_box *copy = grant_box_new(from->request, from->part);

    if (copy == NULL) {
        return NULL;
    }
    copy->grant = from->grant;
    copy->recent_count = from->recent_count;
    copy->live_hour = from->live_hour;
    if (!copy_lists(copy, from)) {
        grant_release(&copy->grant);
        return NULL;
    }
    return copy;
}

/* ---- printing ---- */

static void
put_bound(struct vlt_json_out *json, const char *name,
          const struct grant_bound *bound, size_t count)
{
    vlt_put_list(json, name);
    for (size_t i = 0; i < count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_text(json, "alias", bound[i].alias);
        vlt_put_int(json, "n", bound[i].n);
        vlt_put_hex(json, "stream", bound[i].stream, VLT_ID_LEN);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_items(struct vlt_json_out *json, const struct terms *terms)
{
    vlt_put_list(json, "items");
    for (size_t i = 0; i < terms->item_count; i++) {
        const struct terms_item *item = &terms->items[i];

        vlt_put_object(json, NULL);
        vlt_put_int(json, "bucket_s", item->bucket_s);
        vlt_put_int(json, "delay_s", item->delay_s);
        vlt_put_int(json, "every_s", item->every_s);
        vlt_put_int(json, "n", item->n);
        vlt_put_int(json, "round_nano", item->round.nano);
        vlt_put_int(json, "stats", item->stats);
        vlt_put_int(json, "window_s", item->window_s);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_duties(struct vlt_json_out *json, const struct policy_duties *duties)
{
    vlt_put_object(json, "duties");
    vlt_put_bool(json, "ask_each", duties->ask_each);
    vlt_put_bool(json, "join", duties->join_new_streams);
    vlt_put_int(json, "min_readings", duties->min_readings);
    vlt_put_int(json, "notify", duties->notify);
    vlt_put_bool(json, "show", duties->show_names);
    vlt_put_end(json);
}

/* A number, or null for the value that stands for none. */
static void
put_or_null(struct vlt_json_out *json, const char *name, int64_t value,
            int64_t none)
{
    if (value == none) {
        vlt_put_null(json, name);
    } else {
        vlt_put_int(json, name, value);
    }
}

static void
put_counters(struct vlt_json_out *json, const struct grant_box *box)
{
    const struct grant *grant = &box->grant;

    vlt_put_uint(json, "receipt_seq", grant->receipt_seq);
    vlt_put_list(json, "recent");
    for (size_t i = 0; i < box->recent_count; i++) {
        vlt_put_int(json, NULL, box->recent[i]);
    }
    vlt_put_end(json);
    vlt_put_ulid(json, "request", grant->request);
    vlt_put_list(json, "rules");
    for (size_t i = 0; i < grant->rule_count; i++) {
        vlt_put_text(json, NULL, grant->rule[i].name);
    }
    vlt_put_end(json);
    vlt_put_text(json, "state", states[grant->state - CONSENT_ACTIVE]);
    vlt_put_int(json, "state_by", grant->state_by);
    vlt_put_int(json, "terms_version", grant->terms_version);
    vlt_put_uint(json, "use_seq", grant->use_seq);
    put_or_null(json, "uses", grant->terms.common.uses, TERMS_UNLIMITED);
    put_or_null(json, "uses_left", grant->uses_left, TERMS_UNLIMITED);
}

void
grant_record_put(struct vlt_buf *out, const struct grant_box *box)
{
    const struct grant *grant = &box->grant;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    put_bound(&json, "bound", grant->bound, grant->bound_count);
    vlt_put_bool(&json, "by_rule", grant->by_rule);
    vlt_put_int(&json, "changed", grant->changed);
    vlt_put_int(&json, "countersigned", grant->countersigned);
    if (grant->cut) {
        vlt_put_bool(&json, "cut", true);
    }
    put_duties(&json, &grant->duties);
    vlt_put_uint(&json, "event_seq", grant->event_seq);
    vlt_put_int(&json, "exp", grant->exp);
    vlt_put_bool(&json, "explicit", grant->explicit_only);
    vlt_put_hex(&json, "firm", grant->firm, VLT_ID_LEN);
    vlt_put_hex(&json, "firm_key", grant->firm_key, 32);
    vlt_put_hex(&json, "firm_kid", grant->firm_kid, STORE_KID_LEN);
    put_bound(&json, "held", grant->held, grant->held_count);
    put_items(&json, &grant->terms);
    vlt_put_hex(&json, "last_receipt", grant->last_receipt, 32);
    vlt_put_int(&json, "last_use", grant->last_use);
    vlt_put_hex(&json, "last_use_id", grant->last_use_id, VLT_ID_LEN);
    vlt_put_int(&json, "life_s", grant->terms.common.life_s);
    put_or_null(&json, "live_hour", box->live_hour, INT64_MIN);
    vlt_put_int(&json, "nbf", grant->nbf);
    vlt_put_int(&json, "part", box->part);
    vlt_put_hex(&json, "policy_hash", grant->policy_hash, 32);
    vlt_put_hex(&json, "policy_salt", grant->policy_salt, 32);
    vlt_put_uint(&json, "policy_version", grant->policy_version);
    vlt_put_int(&json, "rate_n", grant->terms.common.rate.n);
    vlt_put_int(&json, "rate_s", grant->terms.common.rate.per_s);
    put_counters(&json, box);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
}

/* ---- reading ---- */

static void
walk_hex(struct vlt_walk *walk, const char *name, void *out, size_t len)
{
    struct vlt_slice text = vlt_walk_text(walk, name, 2 * len, 2 * len);

    if (!vlt_walk_failed(walk) && vlt_hex_parse(text, out, len) != VLT_OK) {
        vlt_walk_fault(walk, name, "is not hex");
    }
}

static int64_t
walk_number(struct vlt_walk *walk, const char *name)
{
    return vlt_walk_int(walk, name, INT64_MIN, INT64_MAX);
}

static int64_t
walk_or(struct vlt_walk *walk, const char *name, int64_t none)
{
    if (vlt_walk_has(walk, name)) {
        return walk_number(walk, name);
    }
    vlt_walk_null(walk, name);
    return none;
}

static void
copy_text(char *to, size_t size, struct vlt_slice from)
{
    memset(to, 0, size);
    if (from.len > 0 && from.len < size) {
        memcpy(to, from.at, from.len);
    }
}

static enum vlt_status
walk_bound(struct vlt_walk *walk, const char *name, struct grant_bound **out,
           size_t *count)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, name, 0, CONSENT_BOUND * TERMS_ITEMS);
    size_t items = vlt_json_count(list);
    struct grant_bound *bound = room(items, sizeof *bound);

    if (bound == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < items; i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, walk, name, list, i);
        copy_text(bound[i].alias, sizeof bound[i].alias,
                  vlt_walk_text(&item, "alias", 1, CONSENT_ALIAS - 1));
        bound[i].n = (int)vlt_walk_int(&item, "n", 1, TERMS_ITEMS);
        walk_hex(&item, "stream", bound[i].stream, VLT_ID_LEN);
        if (vlt_walk_end(&item) != VLT_OK) {
            break;
        }
    }
    *out = bound;
    *count = items;
    return VLT_OK;
}

/* What was granted of each item; its category and the rest are the
 * request's. */
static void
walk_items(struct vlt_walk *walk, struct terms *terms)
{
    const struct vlt_json *list = vlt_walk_list(walk, "items", 0, TERMS_ITEMS);
    struct terms asked = *terms;

    terms->item_count = 0;
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct terms_item *item = &terms->items[terms->item_count];
        struct vlt_walk at;

        vlt_walk_item(&at, walk, "items", list, i);

        int n = (int)vlt_walk_int(&at, "n", 1, TERMS_ITEMS);

        for (size_t j = 0; j < asked.item_count; j++) {
            if (asked.items[j].n == n) {
                *item = asked.items[j];
                terms->item_count = i + 1;
            }
        }
        item->bucket_s = walk_number(&at, "bucket_s");
        item->delay_s = walk_number(&at, "delay_s");
        item->every_s = walk_number(&at, "every_s");
        item->round.nano = walk_number(&at, "round_nano");
        item->stats = (unsigned)vlt_walk_int(&at, "stats", 0, UINT32_MAX);
        item->raw = item->stats == 0;
        item->window_s = walk_number(&at, "window_s");
        if (vlt_walk_end(&at) != VLT_OK || terms->item_count != i + 1) {
            vlt_walk_fault(walk, "items", "names an item that was not asked");
            return;
        }
    }
}

static void
walk_duties(struct vlt_walk *walk, struct policy_duties *duties)
{
    struct vlt_walk at;

    vlt_walk_into(&at, walk, "duties");
    duties->ask_each = vlt_walk_bool(&at, "ask_each");
    duties->join_new_streams = vlt_walk_bool(&at, "join");
    duties->min_readings = (int)vlt_walk_int(&at, "min_readings", 1, 1000);
    duties->notify = (enum policy_notify)vlt_walk_int(
        &at, "notify", POLICY_NOTIFY_EACH, POLICY_NOTIFY_WEEKLY);
    duties->show_names = vlt_walk_bool(&at, "show");
    (void)!vlt_walk_end(&at);
}

static enum vlt_status
walk_rules(struct vlt_walk *walk, struct grant_box *box)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "rules", 0, CONSENT_RULES);

    box->grant.rule_count = vlt_json_count(list);
    box->rule = room(box->grant.rule_count, sizeof *box->rule);
    if (box->rule == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < box->grant.rule_count; i++) {
        copy_text(box->rule[i].name, sizeof box->rule[i].name,
                  vlt_json_text_of(vlt_json_item(list, i)));
    }
    box->grant.rule = box->rule;
    return VLT_OK;
}

static enum vlt_status
walk_recent(struct vlt_walk *walk, struct grant_box *box)
{
    const struct vlt_json *list = vlt_walk_list(walk, "recent", 0, RECENT_MAX);

    box->recent = room(RECENT_MAX, sizeof *box->recent);
    if (box->recent == NULL) {
        return VLT_E_NOMEM;
    }
    box->recent_count = vlt_json_count(list);
    for (size_t i = 0; i < box->recent_count; i++) {
        const struct vlt_json *at = vlt_json_item(list, i);

        /* Numbers beyond 2^53 are written as text. */
        if (vlt_json_kind(at) == VLT_JSON_TEXT) {
            if (vlt_int_parse(vlt_json_text_of(at), &box->recent[i]) !=
                VLT_OK) {
                return VLT_E_FORMAT;
            }
        } else {
            box->recent[i] = vlt_json_int_of(at);
        }
    }
    return VLT_OK;
}

static void
walk_plain(struct vlt_walk *walk, struct grant_box *box)
{
    struct grant *grant = &box->grant;

    (void)vlt_walk_int(walk, "v", 1, 1);
    grant->by_rule = vlt_walk_bool(walk, "by_rule");
    grant->changed = walk_number(walk, "changed");
    grant->countersigned = walk_number(walk, "countersigned");
    grant->cut = vlt_walk_bool_or(walk, "cut", false);
    walk_duties(walk, &grant->duties);
    grant->event_seq = (uint64_t)vlt_walk_int(walk, "event_seq", 0, INT64_MAX);
    grant->exp = walk_number(walk, "exp");
    grant->explicit_only = vlt_walk_bool(walk, "explicit");
    walk_hex(walk, "firm", grant->firm, VLT_ID_LEN);
    walk_hex(walk, "firm_key", grant->firm_key, 32);
    walk_hex(walk, "firm_kid", grant->firm_kid, STORE_KID_LEN);
    walk_items(walk, &grant->terms);
    walk_hex(walk, "last_receipt", grant->last_receipt, 32);
    grant->last_use = walk_number(walk, "last_use");
    walk_hex(walk, "last_use_id", grant->last_use_id, VLT_ID_LEN);
    grant->terms.common.life_s = vlt_walk_int(walk, "life_s", 1, INT64_MAX);
    box->live_hour = walk_or(walk, "live_hour", INT64_MIN);
    grant->nbf = walk_number(walk, "nbf");
    (void)walk_number(walk, "part");
    walk_hex(walk, "policy_hash", grant->policy_hash, 32);
    walk_hex(walk, "policy_salt", grant->policy_salt, 32);
    grant->policy_version =
        (uint64_t)vlt_walk_int(walk, "policy_version", 0, INT64_MAX);
    grant->terms.common.rate.n = vlt_walk_int(walk, "rate_n", 0, 1000);
    grant->terms.common.rate.per_s = walk_number(walk, "rate_s");
    grant->receipt_seq =
        (uint64_t)vlt_walk_int(walk, "receipt_seq", 0, INT64_MAX);
    vlt_walk_ulid(walk, "request", grant->request);
    grant->state = (enum consent_state)(vlt_walk_word(walk, "state", states) +
                                        CONSENT_ACTIVE);
    grant->state_by = (enum consent_by)vlt_walk_int(
        walk, "state_by", CONSENT_BY_OWNER, CONSENT_BY_CLOCK);
    grant->terms_version =
        (uint32_t)vlt_walk_int(walk, "terms_version", 1, TERMS_VERSIONS);
    grant->use_seq = (uint64_t)vlt_walk_int(walk, "use_seq", 0, INT64_MAX);
    grant->terms.common.uses = walk_or(walk, "uses", TERMS_UNLIMITED);
    grant->uses_left = walk_or(walk, "uses_left", TERMS_UNLIMITED);
}

static enum vlt_status
fill(struct vlt_walk *walk, struct grant_box *box)
{
    struct grant *grant = &box->grant;
    enum vlt_status st;

    st = walk_bound(walk, "bound", &box->bound, &grant->bound_count);
    if (st == VLT_OK) {
        st = walk_bound(walk, "held", &box->held, &grant->held_count);
    }
    if (st == VLT_OK) {
        st = walk_rules(walk, box);
    }
    if (st == VLT_OK) {
        st = walk_recent(walk, box);
    }
    if (st != VLT_OK) {
        return st;
    }
    grant->bound = box->bound;
    grant->held = box->held;
    walk_plain(walk, box);
    return vlt_walk_end(walk);
}

enum vlt_status
grant_record_get(struct consent *consent, const uint8_t id[VLT_ID_LEN],
                 struct vlt_slice json, struct grant_box **out)
{
    struct kept_request *request = NULL;
    struct grant_box *box = NULL;
    struct vlt_json *document = NULL;
    uint8_t request_id[VLT_ID_LEN];
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(json, RECORD_MAX, RECORD_DEPTH, NULL, &document);

    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, document);

    int64_t part = vlt_json_int_of(vlt_json_get(document, "part"));

    st = vlt_ulid_parse(vlt_json_text_of(vlt_json_get(document, "request")),
                        request_id);
    if (st == VLT_OK) {
        request = ledger_request(consent, request_id, false);
        st = request != NULL && part >= 0 &&
                     (size_t)part < request->request.parts
                 ? VLT_OK
                 : VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        box = grant_box_new(request, (int)part);
        st = box != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    if (st == VLT_OK) {
        memcpy(box->grant.id, id, VLT_ID_LEN);
        memcpy(box->grant.request_sha256, request->request.sha256, 32);
        terms_part(&request->terms, (size_t)part, &box->grant.terms);
        st = fill(&walk, box);
    }
    request_release(request);
    vlt_json_free(document);
    if (st != VLT_OK) {
        grant_release(box != NULL ? &box->grant : NULL);
        return st;
    }
    *out = box;
    return VLT_OK;
}
