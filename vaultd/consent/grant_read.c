/*
 * grant_read: a grant from its record.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/consent_internal.h"

enum {
    RECORD_MAX = 1 << 20,
    RECORD_DEPTH = 6,
    TERMS_VERSIONS = 1 << 20,
};

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
    assert(from.len < size);
    memset(to, 0, size);
    if (from.len > 0) {
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
    struct grant_bound *bound = grant_room_for(items, sizeof *bound);

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
        (void)!vlt_walk_end(&item);
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
                terms->item_count = (unsigned)i + 1;
            }
        }
        item->bucket_s = walk_number(&at, "bucket_s");
        item->delay_s = walk_number(&at, "delay_s");
        item->every_s = walk_number(&at, "every_s");
        item->round.length =
            vlt_walk_bool_or(&at, "round_length", item->round.length);
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
    box->rule = grant_room_for(box->grant.rule_count, sizeof *box->rule);
    if (box->rule == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < box->grant.rule_count; i++) {
        struct vlt_slice name = vlt_json_text_of(vlt_json_item(list, i));

        if (name.len == 0 || name.len >= sizeof box->rule[i].name) {
            return VLT_E_FORMAT;
        }
        copy_text(box->rule[i].name, sizeof box->rule[i].name, name);
    }
    box->grant.rule = box->rule;
    return VLT_OK;
}

/* Grants of before have none of it. */
static enum vlt_status
walk_turns(struct vlt_walk *walk, struct grant_box *box)
{
    struct grant *grant = &box->grant;
    const struct vlt_json *list = NULL;

    grant->suspended = vlt_walk_int_or(walk, "suspended", 0, INT64_MAX, 0);
    grant->hidden = vlt_walk_bool_or(walk, "hidden", false);
    grant->pause_from = vlt_walk_int_or(walk, "pause_from", 0, INT64_MAX, 0);
    grant->pause_until = vlt_walk_int_or(walk, "pause_until", 0, INT64_MAX, 0);
    grant->renews = vlt_walk_has(walk, "prev");
    if (grant->renews) {
        vlt_walk_ulid(walk, "prev", grant->prev);
    }
    if (vlt_walk_has(walk, "ruled") &&
        grant_note_ruled(box, vlt_walk_text(walk, "ruled", 1,
                                            POLICY_TEXT_DECIDED)) != VLT_OK) {
        return VLT_E_NOMEM;
    }
    if (!vlt_walk_has(walk, "gaps")) {
        return VLT_OK;
    }
    list = vlt_walk_list(walk, "gaps", 1, CONSENT_GAPS);
    box->gap = calloc(CONSENT_GAPS, sizeof *box->gap);
    if (box->gap == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "gaps", list, i);
        box->gap[i].from = walk_number(&item, "from");
        box->gap[i].hidden = vlt_walk_bool_or(&item, "hidden", false);
        box->gap[i].to = walk_number(&item, "to");
        if (vlt_walk_end(&item) != VLT_OK) {
            return VLT_E_FORMAT;
        }
    }
    grant->gap = box->gap;
    grant->gap_count = vlt_json_count(list);
    return VLT_OK;
}

static enum vlt_status
walk_exceptions(struct vlt_walk *walk, struct grant_box *box)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "exceptions", 0, CONSENT_EXCEPTIONS);
    size_t count = vlt_json_count(list);

    box->exception = count > 0 ? calloc(count, sizeof *box->exception) : NULL;
    if (count > 0 && box->exception == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        struct grant_exception *exception = &box->exception[i];
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "exceptions", list, i);
        exception->from = (uint64_t)vlt_walk_int(&item, "from", 1, INT64_MAX);
        copy_text(exception->law, sizeof exception->law,
                  vlt_walk_text(&item, "law", 1, CONSENT_LAW));
        exception->to = (uint64_t)vlt_walk_int(&item, "to", 1, INT64_MAX);
        exception->until = walk_number(&item, "until");
        if (vlt_walk_end(&item) != VLT_OK) {
            return VLT_E_FORMAT;
        }
    }
    box->grant.exception = box->exception;
    box->grant.exception_count = count;
    return VLT_OK;
}

static enum vlt_status
walk_deliveries(struct vlt_walk *walk, struct grant_box *box)
{
    const struct vlt_json *list = vlt_walk_list(walk, "kept", 0, CONSENT_KEPT);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "kept", list, i);
        box->kept[i].delivered = walk_number(&item, "delivered");
        box->kept[i].to = (uint64_t)vlt_walk_int(&item, "to", 1, INT64_MAX);
        if (vlt_walk_end(&item) != VLT_OK) {
            return VLT_E_FORMAT;
        }
    }
    box->grant.kept_count = vlt_json_count(list);
    return VLT_OK;
}

/* Of grants of before only the last delivery is known: it counts for all. */
static enum vlt_status
walk_kept(struct vlt_walk *walk, struct grant_box *box)
{
    struct grant *grant = &box->grant;
    struct vlt_walk held;
    enum vlt_status st;

    if (grant->use_seq == 0) {
        return VLT_OK;
    }
    box->kept = calloc(CONSENT_KEPT, sizeof *box->kept);
    if (box->kept == NULL) {
        return VLT_E_NOMEM;
    }
    grant->kept = box->kept;
    if (!vlt_walk_has(walk, "held_by_firm")) {
        box->kept[0] = (struct grant_kept){ grant->use_seq, grant->last_use };
        grant->kept_count = 1;
        return VLT_OK;
    }
    vlt_walk_into(&held, walk, "held_by_firm");
    grant->asked = walk_number(&held, "asked");
    grant->demanded = (uint64_t)vlt_walk_int(&held, "demanded", 0, INT64_MAX);
    grant->demanded_at = walk_number(&held, "demanded_at");
    grant->demanded_by = walk_number(&held, "demanded_by");
    /* Vaults of before had one time for all askings. */
    grant->asked_by =
        vlt_walk_int_or(&held, "asked_by", 0, INT64_MAX, grant->demanded_by);
    grant->demanded_first = (uint64_t)vlt_walk_int_or(
        &held, "demanded_first", 0, INT64_MAX, (int64_t)grant->demanded);
    grant->overdue_told = vlt_walk_bool(&held, "overdue_told");
    grant->stated = (uint64_t)vlt_walk_int(&held, "stated", 0, INT64_MAX);
    st = walk_exceptions(&held, box);
    if (st == VLT_OK) {
        st = walk_deliveries(&held, box);
    }
    return st == VLT_OK ? vlt_walk_end(&held) : st;
}

static enum vlt_status
walk_recent(struct vlt_walk *walk, struct grant_box *box)
{
    const struct vlt_json *list = vlt_walk_list(walk, "recent", 0, RECENT_MAX);

    box->recent = grant_room_for(vlt_json_count(list) + 1, sizeof *box->recent);
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

static size_t
highest_alias(const struct grant_bound *bound, size_t count, size_t least)
{
    for (size_t i = 0; i < count; i++) {
        size_t number = alias_number(bound[i].alias);

        least = number > least ? number : least;
    }
    return least;
}

/* Grants of before have only those that are in use. */
static void
walk_aliases(struct vlt_walk *walk, struct grant_box *box)
{
    const struct grant *grant = &box->grant;

    box->aliases = (size_t)vlt_walk_int_or(walk, "aliases", 0, UINT32_MAX, 0);
    box->aliases = highest_alias(box->bound, grant->bound_count, box->aliases);
    box->aliases = highest_alias(box->held, grant->held_count, box->aliases);
}

static void
walk_plain(struct vlt_walk *walk, struct grant_box *box)
{
    struct grant *grant = &box->grant;

    (void)vlt_walk_int(walk, "v", 1, 1);
    grant->acked = vlt_walk_int_or(walk, "acked", 0, INT64_MAX, 0);
    grant->acks = (uint64_t)vlt_walk_int_or(walk, "acks", 0, INT64_MAX, 0);
    walk_aliases(walk, box);
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
    grant->state = (enum consent_state)(
        vlt_walk_word(walk, "state", grant_states) + CONSENT_ACTIVE);
    grant->state_by = (enum consent_by)vlt_walk_int(
        walk, "state_by", CONSENT_BY_OWNER, CONSENT_BY_CLOCK);
    grant->terms_version =
        (uint32_t)vlt_walk_int(walk, "terms_version", 1, TERMS_VERSIONS);
    grant->use_seq = (uint64_t)vlt_walk_int(walk, "use_seq", 0, INT64_MAX);
    /* Of grants of before nothing is told any more. */
    grant->told = vlt_walk_int_or(walk, "told", 0, INT64_MAX, 0);
    grant->told_seq = (uint64_t)vlt_walk_int_or(walk, "told_seq", 0, INT64_MAX,
                                                (int64_t)grant->use_seq);
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
    if (st == VLT_OK) {
        st = walk_turns(walk, box);
    }
    if (st != VLT_OK) {
        return st;
    }
    grant->bound = box->bound;
    grant->held = box->held;
    walk_plain(walk, box);
    st = walk_kept(walk, box);
    return st == VLT_OK ? vlt_walk_end(walk) : st;
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
        box = grant_box_new(consent->pool, request, (int)part);
        st = box != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    if (st == VLT_OK) {
        memcpy(box->grant.id, id, VLT_ID_LEN);
        memcpy(box->grant.request_sha256, request->request.sha256, 32);
        terms_part(&request->terms, (size_t)part, &box->grant.terms);
        /* One that had an offer became a grant by accepting it. */
        if (request->offer[part] != NULL) {
            box->grant.terms = request->offer[part]->terms;
        }
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
