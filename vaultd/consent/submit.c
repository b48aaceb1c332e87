/*
 * submit: a request comes in, is decided part by part, and parts that are
 * permitted become grants (LANGUAGE.md, 3).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/granting_internal.h"
#include "crypto/random.h"

struct policy_firm
firm_facts(const struct consent_firm *firm)
{
    struct policy_firm out = { .confirmed = firm->confirmed,
                               .blocked = firm->blocked,
                               .forgotten = firm->forgotten };

    memcpy(out.id, firm->vf1, sizeof out.id);
    return out;
}

unsigned
items_of(const struct terms *terms)
{
    unsigned items = 0;

    for (size_t i = 0; i < terms->item_count; i++) {
        items |= 1U << (terms->items[i].n - 1);
    }
    return items;
}

bool
atom_given(const struct policy_atom *atom, unsigned items)
{
    return atom->n == 0 || (items & 1U << (atom->n - 1)) != 0;
}

/* ---- limits ---- */

struct counts {
    size_t pending_firm, pending_all, day;
    int64_t oldest_of_day;
};

static enum vlt_status
count_requests(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
               int64_t now, struct counts *out)
{
    struct kept_request **list = NULL;
    size_t count = 0;
    enum vlt_status st =
        ledger_firm_requests(consent, firm, true, &list, &count);

    *out =
        (struct counts){ .oldest_of_day = now,
                         .pending_all = ledger_waiting(consent, now).requests };
    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        const struct consent_request *request = &list[i]->request;

        out->pending_firm += parts_wait(list[i], now) > 0;
        if (request->received > now - VLT_DAY) {
            out->day++;
            if (request->received < out->oldest_of_day) {
                out->oldest_of_day = request->received;
            }
        }
        request_release(list[i]);
    }
    free(list);
    return st;
}

static enum vlt_status
check_counts(struct consent *consent, const struct consent_submission *sub,
             int64_t *retry_ms)
{
    struct counts counts;
    enum vlt_status st =
        count_requests(consent, sub->firm->id, sub->now, &counts);

    if (st != VLT_OK) {
        return st;
    }
    if (counts.day >= CONSENT_REQUESTS_DAY) {
        *retry_ms = (counts.oldest_of_day + VLT_DAY - sub->now) / 1000000 + 1;
        return VLT_E_QUOTA;
    }
    if (counts.pending_firm >= CONSENT_PENDING_FIRM ||
        counts.pending_all >= CONSENT_PENDING) {
        return VLT_E_QUOTA;
    }
    return VLT_OK;
}

size_t
consent_waiting(struct consent *consent, int64_t now)
{
    return ledger_waiting(consent, now).parts;
}

/* Active grants of a firm and in all: is there room for more? */
enum vlt_status
grant_room(struct consent *consent, const struct replacing *replacing,
           size_t more)
{
    size_t of_firm;
    size_t all;

    ledger_in_force(consent, replacing->firm, &of_firm, &all);
    more -= replaces_one(consent, replacing);
    return of_firm + more > CONSENT_GRANTS_FIRM || all + more > CONSENT_GRANTS
               ? VLT_E_QUOTA
               : VLT_OK;
}

struct replacing
replacing_of(const struct granting *granting)
{
    return (struct replacing){ &granting->request->terms, granting->firm->id,
                               granting->now };
}

/* ---- a grant is born ---- */

void
take_items(struct terms *terms, unsigned items)
{
    unsigned kept = 0;

    for (size_t i = 0; i < terms->item_count; i++) {
        if ((items & (1U << (terms->items[i].n - 1))) != 0) {
            terms->items[kept++] = terms->items[i];
        }
    }
    terms->item_count = kept;
}

static bool
any_explicit(const struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms_explicit(terms->purpose, terms->items[i].data)) {
            return true;
        }
    }
    return terms_explicit(terms->purpose, VOCAB_NONE);
}

static bool
names_rule(const struct grant *grant, const char *name)
{
    for (size_t i = 0; i < grant->rule_count; i++) {
        if (strcmp(grant->rule[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The rules that decided it, by name, each once; those beyond CONSENT_RULES
 * are in the audit entry alone. */
static enum vlt_status
name_rules(struct grant_box *box, const struct granting *granting)
{
    const struct policy_decision *decision = granting->decision;
    const struct policy_set *set = granting->set->owned;
    struct grant *grant = &box->grant;

    box->rule = calloc(CONSENT_RULES, sizeof *box->rule);
    if (box->rule == NULL) {
        return VLT_E_NOMEM;
    }
    grant->rule = box->rule;
    for (size_t i = 0; granting->by_rule && i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];
        size_t rules = atom_given(atom, granting->items) ? atom->rule_count : 0;

        for (size_t j = 0; j < rules && grant->rule_count < CONSENT_RULES;
             j++) {
            const char *name = policy_rule_at(set, atom->rules[j])->name;

            _Static_assert((int)POLICY_NAME <= (int)CONSENT_RULE,
                           "there is room for the name of any rule");
            if (!names_rule(grant, name)) {
                memcpy(box->rule[grant->rule_count++].name, name,
                       strlen(name) + 1);
            }
        }
    }
    return VLT_OK;
}

static enum vlt_status
fill_grant(struct grant_box *box, const struct granting *granting)
{
    const struct set_box *set = granting->set;
    struct grant *grant = &box->grant;
    enum vlt_status st;

    vlt_ulid_new(granting->now, grant->id);
    memcpy(grant->request, granting->request->request.id, VLT_ID_LEN);
    memcpy(grant->request_sha256, granting->request->request.sha256, 32);
    memcpy(grant->firm, granting->firm->id, VLT_ID_LEN);
    memcpy(grant->firm_key, granting->firm->key, 32);
    memcpy(grant->firm_kid, granting->firm->kid, sizeof grant->firm_kid);
    if (granting->terms != NULL) {
        grant->terms = *granting->terms;
    } else {
        terms_part(&granting->request->terms, (size_t)granting->part,
                   &grant->terms);
    }
    take_items(&grant->terms, granting->items);
    grant->terms_version = 1;
    grant->explicit_only = any_explicit(&grant->terms);
    grant->nbf = vlt_floor_div(granting->now, VLT_SECOND) * VLT_SECOND;
    grant->exp = grant->nbf + grant->terms.common.life_s * VLT_SECOND;
    grant->uses_left = grant->terms.common.uses;
    grant->duties = granting->duties;
    grant->by_rule = granting->by_rule;
    grant->state = CONSENT_ACTIVE;
    grant->state_by = granting->by_rule ? CONSENT_BY_VAULT : CONSENT_BY_OWNER;
    grant->changed = granting->now;
    grant->policy_version = set->set.version;
    memcpy(grant->policy_hash, set->set.hash, 32);
    vlt_random(grant->policy_salt, 32);
    st = name_rules(box, granting);
    if (st == VLT_OK) {
        st = bind_streams(box, granting);
    }
    box->recent = grant_room_for(1, sizeof *box->recent);
    return box->recent != NULL ? st : VLT_E_NOMEM;
}

enum vlt_status
grant_draft(const struct granting *granting, struct grant_box **out)
{
    struct grant_box *box = grant_box_new(granting->consent->pool,
                                          granting->request, granting->part);
    enum vlt_status st = box != NULL ? fill_grant(box, granting) : VLT_E_NOMEM;

    if (st == VLT_OK) {
        *out = box;
    } else {
        grant_release(box != NULL ? &box->grant : NULL);
    }
    return st;
}

enum vlt_status
grant_make(const struct granting *granting, struct consent_changes *changes)
{
    struct kept_request *request = granting->request;
    struct consent_part *part = &request->request.part[granting->part];
    struct replacing replacing = replacing_of(granting);
    struct grant_box *old = NULL;
    struct grant_box *box = NULL;
    struct terms asked;
    enum vlt_status st = grant_room(granting->consent, &replacing, 1);

    if (st == VLT_OK) {
        st = grant_draft(granting, &box);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = replace_grant(granting, box, changes, &old);
    if (st != VLT_OK) {
        goto done;
    }
    terms_part(&request->terms, (size_t)granting->part, &asked);
    part->state = CONSENT_ACTIVE;
    part->left_out = items_of(&asked) & ~granting->items;
    memcpy(part->grant, box->grant.id, VLT_ID_LEN);
    st = ledger_put_grant(granting->consent, granting->txn, box);
    if (st == VLT_OK) {
        struct consent_change change = {
            .row = granting->row,
            .event = box->grant.renews ? CONSENT_EV_RENEWED : CONSENT_GIVEN,
            .by = box->grant.state_by,
            .part = granting->part,
            .state = CONSENT_ACTIVE,
            .grant = &box->grant,
            .left_out = part->left_out,
            .decision = granting->decision,
        };

        memcpy(change.request, request->request.id, VLT_ID_LEN);
        st = change_add(changes, &change);
    }
    if (st == VLT_OK && !replace_resumes(granting) && old != NULL &&
        old->grant.state == CONSENT_SUSPENDED) {
        st = suspend_successor(granting->consent, granting->txn, box,
                               &old->grant, granting->now, changes);
    }

done:
    grant_release(old != NULL ? &old->grant : NULL);
    grant_release(&box->grant);
    return st;
}

/* ---- deciding the parts ---- */

/* The items that were not denied. */
static unsigned
allowed_items(const struct policy_decision *decision)
{
    unsigned items = 0;

    for (size_t i = 0; i < decision->atom_count; i++) {
        if (!decision->atoms[i].left_out && decision->atoms[i].n > 0) {
            items |= 1U << (decision->atoms[i].n - 1);
        }
    }
    return items;
}

struct policy_duties
duties_of(const struct policy_decision *decision)
{
    struct policy_duties duties = policy_duties_none();

    for (size_t i = 0; i < decision->atom_count; i++) {
        if (!decision->atoms[i].left_out) {
            duties = policy_duties_both(duties, decision->atoms[i].duties);
        }
    }
    return duties;
}

/* A part that is no grant (yet), with its row. */
static enum vlt_status
add_part(const struct granting *granting, const struct ending *how,
         struct consent_changes *changes)
{
    struct consent_part *part =
        &granting->request->request.part[granting->part];
    struct consent_change change = {
        .row = how->row,
        .event = how->event,
        .by = how->by,
        .part = granting->part,
        .state = how->state,
        .left_out = part->left_out,
        .decision = granting->decision,
    };

    part->state = how->state;
    memcpy(change.request, granting->request->request.id, VLT_ID_LEN);
    return change_add(changes, &change);
}

/* A rule offers less. */
static enum vlt_status
offer_part(const struct granting *granting, const struct terms *asked,
           struct consent_changes *changes)
{
    static const struct ending offered = { CONSENT_COUNTERED,
                                           CONSENT_NO_RECEIPT, CONSENT_BY_VAULT,
                                           ROW_OFFERED };
    struct consent *consent = granting->consent;
    struct terms *terms = &consent->offered[granting->part];
    enum vlt_status st = add_part(granting, &offered, changes);

    if (st != VLT_OK) {
        return st;
    }
    /* That there is one is what was decided. */
    bool offers = policy_offer(ledger_set_now(consent)->owned,
                               granting->decision, asked, granting->now, terms);

    assert(offers);
    ledger_offering(consent, granting->request);
    changes->at[changes->count - 1].offer = terms;
    return VLT_OK;
}

/* By rules. */
static void
leave_out(struct consent_part *part, unsigned items)
{
    part->left_out = items;
    part->ruled_out = items;
}

static enum vlt_status
decide_part(const struct consent_submission *sub, struct granting *granting,
            struct consent_changes *changes)
{
    static const struct ending asked = { CONSENT_PENDING_STATE,
                                         CONSENT_NO_RECEIPT, CONSENT_BY_VAULT,
                                         ROW_ASKED };
    static const struct ending denied = { CONSENT_DENIED, CONSENT_REFUSED,
                                          CONSENT_BY_VAULT, ROW_REFUSED };
    struct consent *consent = granting->consent;
    struct policy_decision *decision = &consent->of_part[granting->part];
    struct policy_firm firm = firm_facts(sub->firm);
    struct consent_part *kept =
        &granting->request->request.part[granting->part];
    struct terms terms;

    terms_part(&granting->request->terms, (size_t)granting->part, &terms);
    granting->decision = decision;
    past_into(&granting->past, &firm);
    (void)policy_decide(ledger_set_now(consent)->owned, &firm, &terms, sub->now,
                        decision);
    enum vlt_status st =
        part_note_decided(granting->request, (size_t)granting->part,
                          ledger_set_now(consent)->owned, decision);

    if (st != VLT_OK) {
        return st;
    }
    switch (decision->outcome) {
    case POLICY_PERMIT:
        granting->items = allowed_items(decision);
        granting->duties = duties_of(decision);
        return grant_make(granting, changes);
    case POLICY_OFFER:
        leave_out(kept, items_of(&terms) & ~allowed_items(decision));
        return offer_part(granting, &terms, changes);
    case POLICY_ASK:
        leave_out(kept, items_of(&terms) & ~allowed_items(decision));
        return add_part(granting, &asked, changes);
    case POLICY_DENY:
        break;
    }
    leave_out(kept, items_of(&terms));
    part_note_end(granting->request, (size_t)granting->part, denied.by,
                  sub->now);
    return add_part(granting, &denied, changes);
}

static enum vlt_status
decide_parts(struct consent *consent, struct store_txn *txn,
             const struct consent_submission *sub, struct kept_request *request,
             struct consent_changes *changes)
{
    struct past_of of = { .request = request,
                          .now = sub->now,
                          .in_turn = true };
    struct past past = { .held = NULL };
    enum vlt_status st = past_take(consent, &of, &past);

    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        struct granting granting = {
            .past = past,
            .consent = consent,
            .txn = txn,
            .request = request,
            .part = (int)i,
            .firm = sub->firm,
            .world = sub->world,
            .set = ledger_set_now(consent),
            .by_rule = true,
            .row = ROW_PERMITTED,
            .now = sub->now,
        };

        st = decide_part(sub, &granting, changes);
    }
    past_free(&past);
    return st;
}

enum vlt_status
consent_submit(struct consent *consent, struct store_txn *txn,
               const struct consent_submission *sub,
               struct consent_changes *changes, int64_t *retry_ms)
{
    struct kept_request *request =
        ledger_request(consent, sub->request->jti, true);
    enum vlt_status st;

    *retry_ms = 0;
    if (request != NULL) {
        st = vlt_slice_equal(request->request.jws, sub->jws) ? VLT_OK
                                                             : VLT_E_CONFLICT;
        request_release(request);
        return st;
    }
    st = check_counts(consent, sub, retry_ms);
    /* Room for all its parts, before the first of them is granted. */
    if (st == VLT_OK) {
        struct replacing replacing = { sub->request, sub->firm->id, sub->now };

        st = grant_room(consent, &replacing, sub->request->purpose_count);
    }
    if (st == VLT_E_QUOTA && *retry_ms == 0) {
        *retry_ms = VLT_HOUR / 1000000;
    }
    if (st == VLT_OK) {
        st = request_make(sub->jws, &request);
    }
    if (st != VLT_OK) {
        return st;
    }
    memcpy(request->kid, sub->firm->kid, sizeof request->kid);
    memcpy(request->request.firm, sub->firm->id, VLT_ID_LEN);
    request->request.received = sub->now;
    request->request.reply_by =
        sub->now + request->terms.reply_by_s * VLT_SECOND;
    st = decide_parts(consent, txn, sub, request, changes);
    if (st == VLT_OK) {
        st = ledger_put_request(consent, txn, request);
    }
    if (st == VLT_OK) {
        st = consent_moved(consent, txn);
    }
    request_release(request);
    return st;
}
