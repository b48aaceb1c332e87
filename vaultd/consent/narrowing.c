/*
 * narrowing: a grant gets less, by its owner alone (lifecycle.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/granting_internal.h"
#include "consent/lifecycle.h"

struct dropping {
    const struct consent_narrow *narrow;
    struct grant_box *copy;
};

static void
drop(struct grant_bound *list, size_t *count, const uint8_t stream[VLT_ID_LEN])
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        if (memcmp(list[i].stream, stream, VLT_ID_LEN) != 0) {
            list[kept++] = list[i];
        }
    }
    *count = kept;
}

static bool
drop_one(void *ctx, const struct consent_stream *stream)
{
    struct dropping *dropping = ctx;
    struct grant_box *copy = dropping->copy;

    if (!narrow_lets(dropping->narrow, stream->name)) {
        drop(copy->bound, &copy->grant.bound_count, stream->id);
        drop(copy->held, &copy->grant.held_count, stream->id);
    }
    return true;
}

/* Those that the owner did not name go, and what comes waits.  False: there is
 * none that was named. */
static bool
drop_streams(struct grant_box *copy, const struct consent_narrowing *narrowing)
{
    struct dropping dropping = { narrowing->narrow, copy };
    struct grant *grant = &copy->grant;

    if (narrowing->narrow->streams == 0) {
        return true;
    }
    narrowing->world->each(narrowing->world->ctx, drop_one, &dropping);
    grant->duties.join_new_streams = false;
    return grant->bound_count + grant->held_count > 0;
}

/* Uses are in all: what was taken counts. */
static enum vlt_status
narrow_uses(struct grant *grant, struct vlt_buf *why)
{
    int64_t taken = (int64_t)grant->use_seq;

    if (grant->terms.common.uses == TERMS_UNLIMITED) {
        return VLT_OK;
    }
    if (grant->terms.common.uses <= taken) {
        vlt_buf_printf(why,
                       "It was used %lld times already; end it by revoking "
                       "it.",
                       (long long)taken);
        return VLT_E_CONFLICT;
    }
    grant->uses_left = grant->terms.common.uses - taken;
    return VLT_OK;
}

/* Streams by which nothing would be left cannot be got back. */
static enum vlt_status
narrow_streams(const struct consent_narrowing *narrowing,
               const struct grant *grant, struct vlt_buf *why)
{
    struct consent_asked asked = { .items = grant->terms.item_count };

    for (size_t i = 0; i < asked.items; i++) {
        asked.data[i] = grant->terms.items[i].data;
    }
    return narrow_names(narrowing->narrow, &asked, narrowing->world, why);
}

/* Of uses before the window that was until now only the number is known, and
 * how late they can have been: that is taken for their time. */
static enum vlt_status
assume_uses(struct grant_box *copy, const struct terms_rate *before)
{
    const struct grant *grant = &copy->grant;
    const struct terms_rate *rate = &grant->terms.common.rate;
    int64_t window = before->n > 0 ? before->per_s : 0;
    int64_t last = grant->last_use - window * VLT_SECOND;

    if (rate->n == 0 || (before->n > 0 && rate->per_s <= before->per_s)) {
        return VLT_OK;
    }
    size_t most = (size_t)rate->n > copy->recent_count ? (size_t)rate->n
                                                       : copy->recent_count;
    enum vlt_status st = grant_recent_room(copy, most);

    while (st == VLT_OK && copy->recent_count < most &&
           copy->recent_count < grant->use_seq) {
        copy->recent[copy->recent_count++] = last;
    }
    return st;
}

static enum vlt_status
narrow_copy(struct grant_box *copy, const struct consent_narrowing *narrowing,
            struct vlt_buf *why)
{
    const struct consent_narrow *narrow = narrowing->narrow;
    struct grant *grant = &copy->grant;
    struct terms_rate rate = grant->terms.common.rate;
    enum vlt_status st = narrow_terms(narrow, grant->nbf, &grant->terms, why);

    if (st == VLT_OK) {
        st = narrow_uses(grant, why);
    }
    if (st == VLT_OK) {
        st = narrow_streams(narrowing, grant, why);
    }
    if (st == VLT_OK) {
        st = assume_uses(copy, &rate);
    }
    if (st != VLT_OK) {
        return st;
    }
    grant->exp = grant->nbf + grant->terms.common.life_s * VLT_SECOND;
    if (grant->exp <= narrowing->at.now) {
        vlt_buf_printf(why, "It would have ended already; end it by revoking "
                            "it.");
        return VLT_E_CONFLICT;
    }
    if (!drop_streams(copy, narrowing)) {
        vlt_buf_printf(why, "No stream of it has such a name; end it by "
                            "revoking it.");
        return VLT_E_CONFLICT;
    }
    if (narrow->names != NULL && strcmp(narrow->names, "hide") == 0) {
        grant->duties.show_names = false;
    }
    if (narrow->notify >= 0) {
        grant->duties.notify = (enum policy_notify)narrow->notify;
    }
    if (narrow->ask_each > 0) {
        grant->duties.ask_each = true;
    }
    if (narrow->new_streams != NULL &&
        strcmp(narrow->new_streams, "hold") == 0) {
        grant->duties.join_new_streams = false;
    }
    grant->terms_version++;
    return VLT_OK;
}

/* Obligations of the vault that would become looser. */
static bool
loosens(const struct consent_narrow *narrow, const struct grant *grant)
{
    return (narrow->names != NULL && strcmp(narrow->names, "show") == 0 &&
            !grant->duties.show_names) ||
           (narrow->ask_each == 0 && grant->duties.ask_each) ||
           narrow->notify > (int)grant->duties.notify ||
           (narrow->new_streams != NULL &&
            strcmp(narrow->new_streams, "include") == 0 &&
            (!grant->duties.join_new_streams || narrow->streams > 0));
}

enum vlt_status
consent_narrow(struct consent *consent, struct store_txn *txn,
               const struct consent_narrowing *narrowing, struct vlt_buf *why,
               struct consent_changes *changes)
{
    struct ending how = { CONSENT_ACTIVE, CONSENT_EV_NARROWED, CONSENT_BY_OWNER,
                          ROW_NARROWED };
    struct grant_box *box = ledger_grant(consent, narrowing->at.grant, true);
    struct grant_box *copy = NULL;
    enum vlt_status st = VLT_E_CONFLICT;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (grant_over(&box->grant) || narrowing->at.now >= box->grant.exp) {
        vlt_buf_printf(why, "That grant has ended already.");
    } else if (loosens(narrowing->narrow, &box->grant)) {
        vlt_buf_printf(why, "That would widen it; widening takes a new "
                            "request.");
    } else {
        copy = grant_box_copy(box);
        st = copy == NULL ? VLT_E_NOMEM : narrow_copy(copy, narrowing, why);
    }
    if (st == VLT_OK) {
        how.state = copy->grant.state;
        how.event = event_of(&copy->grant, CONSENT_EV_NARROWED);
        st = alter_grant(consent, txn, copy, &how, narrowing->at.now, changes);
    }
    grant_release(&box->grant);
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}
