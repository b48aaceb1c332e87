#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "consent/consent_internal.h"
#include "json/json_write.h"

const char *const grant_states[] = { "active",    "suspended", "expired",
                                     "exhausted", "withdrawn", "revoked",
                                     "ended",     "invalid",   "replaced",
                                     NULL };

void *
grant_room_for(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size);
}

enum vlt_status
grant_recent_room(struct grant_box *box, size_t count)
{
    int64_t *room = realloc(box->recent, (count + 1) * sizeof *room);

    if (room == NULL) {
        return VLT_E_NOMEM;
    }
    box->recent = room;
    return VLT_OK;
}

struct grant_box *
grant_box_new(struct pool *pool, struct kept_request *request, int part)
{
    struct grant_box *box = pool_take(pool);

    if (box == NULL) {
        return NULL;
    }
    ref_init(&box->ref);
    box->request = request_hold(request);
    box->agreement = request->terms.has_agreement;
    box->part = part;
    box->live_hour = INT64_MIN;
    return box;
}

/* The members of a box that point to memory of its own. */
static bool
copy_lists(struct grant_box *to, const struct grant_box *from)
{
    to->bound = grant_room_for(from->grant.bound_count, sizeof *to->bound);
    to->held = grant_room_for(from->grant.held_count, sizeof *to->held);
    to->rule = grant_room_for(from->grant.rule_count, sizeof *to->rule);
    to->recent = grant_room_for(from->recent_count + 1, sizeof *to->recent);
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
    if (from->grant.gap_count > 0) {
        to->gap = calloc(CONSENT_GAPS, sizeof *to->gap);
        if (to->gap == NULL) {
            return false;
        }
        memcpy(to->gap, from->gap, from->grant.gap_count * sizeof *to->gap);
    }
    if (from->grant.kept_count > 0) {
        to->kept = calloc(CONSENT_KEPT, sizeof *to->kept);
        if (to->kept == NULL) {
            return false;
        }
        memcpy(to->kept, from->kept, from->grant.kept_count * sizeof *to->kept);
    }
    if (from->grant.exception_count > 0) {
        to->exception =
            calloc(from->grant.exception_count, sizeof *to->exception);
        if (to->exception == NULL) {
            return false;
        }
        memcpy(to->exception, from->exception,
               from->grant.exception_count * sizeof *to->exception);
    }
    if (from->ruled != NULL &&
        grant_note_ruled(to, vlt_slice_text(from->ruled)) != VLT_OK) {
        return false;
    }
    to->grant.kept = to->kept;
    to->grant.exception = to->exception;
    to->grant.bound = to->bound;
    to->grant.held = to->held;
    to->grant.rule = to->rule;
    to->grant.gap = to->gap;
    return true;
}

struct grant_box *
grant_box_copy(const struct grant_box *from)
{
    struct grant_box *copy =
        grant_box_new(pool_of(from), from->request, from->part);

    if (copy == NULL) {
        return NULL;
    }
    copy->grant = from->grant;
    copy->grant.ruled = (struct vlt_slice){ .len = 0 };
    copy->recent_count = from->recent_count;
    copy->live_hour = from->live_hour;
    copy->aliases = from->aliases;
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
        vlt_put_bool(json, "round_length", item->round.length);
        vlt_put_int(json, "round_nano", item->round.nano);
        vlt_put_int(json, "stats", item->stats);
        vlt_put_int(json, "window_s", item->window_s);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* What a grant has only once it was suspended or renews another. */
static void
put_turns(struct vlt_json_out *json, const struct grant *grant)
{
    if (grant->gap_count > 0) {
        vlt_put_list(json, "gaps");
        for (size_t i = 0; i < grant->gap_count; i++) {
            vlt_put_object(json, NULL);
            vlt_put_int(json, "from", grant->gap[i].from);
            if (grant->gap[i].hidden) {
                vlt_put_bool(json, "hidden", true);
            }
            vlt_put_int(json, "to", grant->gap[i].to);
            vlt_put_end(json);
        }
        vlt_put_end(json);
    }
    if (grant->hidden) {
        vlt_put_bool(json, "hidden", true);
    }
    if (grant->pause_from != 0) {
        vlt_put_int(json, "pause_from", grant->pause_from);
    }
    if (grant->pause_until != 0) {
        vlt_put_int(json, "pause_until", grant->pause_until);
    }
    if (grant->renews) {
        vlt_put_ulid(json, "prev", grant->prev);
    }
    if (grant->ruled.len > 0) {
        vlt_put_slice(json, "ruled", grant->ruled);
    }
    if (grant->suspended != 0) {
        vlt_put_int(json, "suspended", grant->suspended);
    }
}

/* What the firm holds, once there was a use. */
static void
put_kept(struct vlt_json_out *json, const struct grant *grant)
{
    vlt_put_object(json, "held_by_firm");
    vlt_put_int(json, "asked", grant->asked);
    vlt_put_int(json, "asked_by", grant->asked_by);
    vlt_put_uint(json, "demanded", grant->demanded);
    vlt_put_int(json, "demanded_at", grant->demanded_at);
    vlt_put_int(json, "demanded_by", grant->demanded_by);
    vlt_put_uint(json, "demanded_first", grant->demanded_first);
    vlt_put_list(json, "exceptions");
    for (size_t i = 0; i < grant->exception_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_uint(json, "from", grant->exception[i].from);
        vlt_put_text(json, "law", grant->exception[i].law);
        vlt_put_uint(json, "to", grant->exception[i].to);
        vlt_put_int(json, "until", grant->exception[i].until);
        vlt_put_end(json);
    }
    vlt_put_end(json);
    vlt_put_list(json, "kept");
    for (size_t i = 0; i < grant->kept_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_int(json, "delivered", grant->kept[i].delivered);
        vlt_put_uint(json, "to", grant->kept[i].to);
        vlt_put_end(json);
    }
    vlt_put_end(json);
    vlt_put_bool(json, "overdue_told", grant->overdue_told);
    vlt_put_uint(json, "stated", grant->stated);
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
    vlt_put_text(json, "state", grant_states[grant->state - CONSENT_ACTIVE]);
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
    if (grant->acks > 0) {
        vlt_put_int(&json, "acked", grant->acked);
        vlt_put_uint(&json, "acks", grant->acks);
    }
    vlt_put_uint(&json, "aliases", box->aliases);
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
    vlt_put_int(&json, "told", grant->told);
    vlt_put_uint(&json, "told_seq", grant->told_seq);
    put_counters(&json, box);
    put_turns(&json, grant);
    if (grant->use_seq > 0) {
        put_kept(&json, grant);
    }
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
}
