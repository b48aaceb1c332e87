/*
 * past: what a firm has already and in which detail, and what the owner denied
 * it not long ago.  The vault's own rules about requests look at both.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/consent_internal.h"
#include "consent/deletion.h"

enum {
    QUIET_DAYS = POLICY_QUIET_DAYS,
    /* Pairs of a purpose and a category, or `contact`, of which none stands
     * twice; and the items of offers that were left, of 20 requests a day. */
    QUIET_MAX =
        VOCAB_BITS * (VOCAB_BITS + 1) +
        QUIET_DAYS * CONSENT_REQUESTS_DAY * TERMS_PURPOSES * TERMS_ITEMS,
};

/* An offer that it did not take, of one item, as caps. */
struct past_spurned {
    struct past_spurned *next;
    struct kept_request *request; /* held: names lie there */
    struct terms_limits caps;
    struct vlt_slice name[TERMS_ONWARD];
};

/* ---- what it has ---- */

/* In force, and neither of this request, unless that counts, nor replaced by
 * it? */
static bool
counts(const struct grant *grant, const struct past_of *of)
{
    const struct kept_request *request = of->request;

    return !grant_over(grant) && of->now < grant->exp &&
           (of->own ||
            memcmp(grant->request, request->request.id, VLT_ID_LEN) != 0) &&
           !(request->terms.has_replaces &&
             memcmp(grant->id, request->terms.replaces, VLT_ID_LEN) == 0);
}

static size_t
put_items(const struct grant *grant, struct policy_held *out)
{
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        const struct terms_item *item = &grant->terms.items[i];

        out[i] = (struct policy_held){
            .data = item->data,
            .stats = item->raw ? 0 : item->stats,
            .bucket_s = item->raw ? 0 : item->bucket_s,
            .round = item->round,
        };
        memcpy(out[i].grant, grant->id, sizeof out[i].grant);
    }
    return grant->terms.item_count;
}

static enum vlt_status
take_held(struct consent *consent, const struct past_of *of, struct past *out)
{
    struct grant_box **list = NULL;
    size_t grants = 0;
    size_t taken = 0;
    enum vlt_status st;

    out->held =
        calloc((size_t)CONSENT_GRANTS_FIRM * TERMS_ITEMS, sizeof *out->held);
    st = out->held == NULL
             ? VLT_E_NOMEM
             : ledger_firm_grants(consent, of->request->request.firm,
                                  of->in_turn, &list, &grants);
    for (size_t i = 0; st == VLT_OK && i < grants; i++) {
        out->overdue =
            out->overdue || consent_overdue(&list[i]->grant, of->now);
        /* defensive: a firm has no more grants in force than there is room
         * for. */
        if (taken < CONSENT_GRANTS_FIRM && counts(&list[i]->grant, of)) {
            out->held_count +=
                put_items(&list[i]->grant, out->held + out->held_count);
            taken++;
        }
        grant_release(&list[i]->grant);
    }
    free(list);
    return st;
}

/* ---- what it was denied ---- */

/* Once each, till the later time. */
static enum vlt_status
add_quiet(struct past *out, struct policy_quiet quiet)
{
    struct policy_quiet *more;

    for (size_t i = 0; i < out->quiet_count; i++) {
        struct policy_quiet *at = &out->quiet[i];

        if (at->purpose == quiet.purpose && at->data == quiet.data &&
            at->offered == NULL && quiet.offered == NULL) {
            at->until = at->until > quiet.until ? at->until : quiet.until;
            return VLT_OK;
        }
    }
    /* defensive: there are no more than so many. */
    if (out->quiet_count == QUIET_MAX) {
        return VLT_E_LIMIT;
    }
    more = realloc(out->quiet, (out->quiet_count + 1) * sizeof *more);
    if (more == NULL) {
        return VLT_E_NOMEM;
    }
    out->quiet = more;
    more[out->quiet_count++] = quiet;
    return VLT_OK;
}

/* What was offered of an item (NULL: `contact`), as what it may ask for. */
static enum vlt_status
spurn(struct kept_request *kept, size_t part, const struct terms_item *item,
      struct past *out, const struct terms_limits **caps)
{
    const struct terms *terms = &kept->offer[part]->terms;
    struct past_spurned *spurned = calloc(1, sizeof *spurned);

    if (spurned == NULL) {
        return VLT_E_NOMEM;
    }
    terms_atom(terms, item, 0, &spurned->caps);
    spurned->caps.at[TERMS_FROM] = INT64_MIN;
    spurned->caps.at[TERMS_UNTIL] = INT64_MAX;
    spurned->caps.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    spurned->caps.names = spurned->name;
    spurned->caps.name_count = terms->common.onward_count;
    for (size_t i = 0; i < terms->common.onward_count; i++) {
        spurned->name[i] = terms->common.onward[i].name;
    }
    spurned->request = request_hold(kept);
    spurned->next = out->spurned;
    out->spurned = spurned;
    *caps = &spurned->caps;
    return VLT_OK;
}

/* The items of an offer that the firm did not take. */
static enum vlt_status
take_spurned(struct kept_request *kept, size_t i, struct past *out)
{
    const struct consent_part *part = &kept->request.part[i];
    const struct terms *terms = &kept->offer[i]->terms;
    size_t count = terms->item_count > 0 ? terms->item_count : 1;
    enum vlt_status st = VLT_OK;

    for (size_t j = 0; st == VLT_OK && j < count; j++) {
        const struct terms_item *item =
            terms->item_count > 0 ? &terms->items[j] : NULL;
        struct policy_quiet quiet = {
            .purpose = part->purpose,
            .data = item != NULL ? item->data : VOCAB_NONE,
            .until = part->denied + QUIET_DAYS * VLT_DAY,
        };

        st = spurn(kept, i, item, out, &quiet.offered);
        if (st == VLT_OK) {
            st = add_quiet(out, quiet);
        }
    }
    return st;
}

static enum vlt_status
take_part(struct kept_request *kept, size_t i, struct past *out)
{
    const struct consent_part *part = &kept->request.part[i];
    struct policy_quiet quiet = { .purpose = part->purpose,
                                  .data = VOCAB_NONE,
                                  .until =
                                      part->denied + QUIET_DAYS * VLT_DAY };
    struct terms terms;
    enum vlt_status st = VLT_OK;

    if (kept->offer[i] != NULL && part->state != CONSENT_DENIED) {
        return take_spurned(kept, i, out);
    }
    if (kept->terms.item_count == 0) {
        return add_quiet(out, quiet);
    }
    terms_part(&kept->terms, i, &terms);
    for (size_t j = 0; st == VLT_OK && j < terms.item_count; j++) {
        if ((part->denied_items & 1U << (terms.items[j].n - 1)) != 0) {
            quiet.data = terms.items[j].data;
            st = add_quiet(out, quiet);
        }
    }
    return st;
}

/* Denials that came before the request did: it knew of them. */
static enum vlt_status
take_denied(struct kept_request *kept, const struct past_of *of,
            struct past *out)
{
    int64_t by = of->again ? of->now : of->request->request.received;
    enum vlt_status st = VLT_OK;

    if (!of->again &&
        memcmp(kept->request.id, of->request->request.id, VLT_ID_LEN) == 0) {
        return VLT_OK;
    }
    for (size_t i = 0; st == VLT_OK && i < kept->request.parts; i++) {
        int64_t denied = kept->request.part[i].denied;

        if (denied != 0 && denied <= by &&
            of->now - denied < QUIET_DAYS * VLT_DAY) {
            st = take_part(kept, i, out);
        }
    }
    return st;
}

static enum vlt_status
take_quiet(struct consent *consent, const struct past_of *of, struct past *out)
{
    struct kept_request **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_firm_requests(
        consent, of->request->request.firm, of->in_turn, &list, &count);

    for (size_t i = 0; i < count; i++) {
        if (st == VLT_OK) {
            st = take_denied(list[i], of, out);
        }
        request_release(list[i]);
    }
    free(list);
    return st;
}

/* ---- both ---- */

enum vlt_status
past_take(struct consent *consent, const struct past_of *of, struct past *out)
{
    struct past past = { .held = NULL };
    enum vlt_status st = take_held(consent, of, &past);

    if (st == VLT_OK) {
        st = take_quiet(consent, of, &past);
    }
    if (st != VLT_OK) {
        past_free(&past);
        return st;
    }
    *out = past;
    return VLT_OK;
}

void
past_into(const struct past *past, struct policy_firm *firm)
{
    firm->held = past->held;
    firm->held_count = past->held_count;
    firm->quiet = past->quiet;
    firm->quiet_count = past->quiet_count;
    firm->overdue = past->overdue;
}

void
past_free(struct past *past)
{
    while (past->spurned != NULL) {
        struct past_spurned *next = past->spurned->next;

        request_release(past->spurned->request);
        free(past->spurned);
        past->spurned = next;
    }
    free(past->held);
    free(past->quiet);
    *past = (struct past){ .held = NULL };
}

/* ---- lifting ---- */

static bool
was_denied(const struct kept_request *kept)
{
    for (size_t i = 0; i < kept->request.parts; i++) {
        if (kept->request.part[i].denied != 0) {
            return true;
        }
    }
    return false;
}

static enum vlt_status
lift(struct consent *consent, struct store_txn *txn,
     const struct kept_request *kept)
{
    struct kept_request *copy = request_copy(kept);
    enum vlt_status st;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < copy->request.parts; i++) {
        copy->request.part[i].denied = 0;
        copy->request.part[i].denied_items = 0;
    }
    st = ledger_put_request(consent, txn, copy);
    request_release(copy);
    return st;
}

enum vlt_status
consent_lift_quiet(struct consent *consent, struct store_txn *txn,
                   const uint8_t firm[VLT_ID_LEN])
{
    struct kept_request **list = NULL;
    size_t count = 0;
    enum vlt_status st =
        ledger_firm_requests(consent, firm, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        if (st == VLT_OK && was_denied(list[i])) {
            st = lift(consent, txn, list[i]);
        }
        request_release(list[i]);
    }
    free(list);
    return st;
}
