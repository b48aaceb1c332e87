/*
 * submit: a request comes in, is decided part by part, and parts that are
 * permitted become grants (consent.md, 4 and 8, rows 2 to 4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/consent_internal.h"
#include "crypto/random.h"

struct policy_firm
firm_facts(const struct consent_firm *firm)
{
    struct policy_firm out = { .confirmed = firm->confirmed,
                               .blocked = firm->blocked };

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
    enum vlt_status st = ledger_all_requests(consent, true, &list, &count);

    *out = (struct counts){ .oldest_of_day = now };
    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        const struct consent_request *request = &list[i]->request;
        bool own = memcmp(request->firm, firm, VLT_ID_LEN) == 0;
        bool pending = consent_request_state(request) == CONSENT_PENDING_STATE;

        out->pending_all += pending;
        out->pending_firm += pending && own;
        if (own && request->received > now - VLT_DAY) {
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
        *retry_ms = VLT_HOUR / 1000000;
        return VLT_E_QUOTA;
    }
    return VLT_OK;
}

/* Active grants of a firm and in all: is there room for more? */
enum vlt_status
grant_room(struct consent *consent, const uint8_t firm[VLT_ID_LEN], size_t more)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    size_t of_firm = 0;
    size_t all = 0;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        if (!grant_over(&list[i]->grant)) {
            all++;
            of_firm += memcmp(list[i]->grant.firm, firm, VLT_ID_LEN) == 0;
        }
        grant_release(&list[i]->grant);
    }
    free(list);
    if (st == VLT_OK &&
        (of_firm + more > CONSENT_GRANTS_FIRM || all + more > CONSENT_GRANTS)) {
        st = VLT_E_QUOTA;
    }
    return st;
}

/* ---- a grant is born ---- */

static void
take_items(struct terms *terms, unsigned items)
{
    size_t kept = 0;

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

/* The rules that decided it, by name. */
static enum vlt_status
name_rules(struct grant_box *box, const struct consent *consent, bool by_rule)
{
    const struct policy_decision *decision = consent->decision;
    const struct policy_set *set = ledger_set_now(consent)->owned;

    box->rule = calloc(CONSENT_RULES, sizeof *box->rule);
    if (box->rule == NULL) {
        return VLT_E_NOMEM;
    }
    box->grant.rule = box->rule;
    if (!by_rule || decision->atom_count == 0) {
        return VLT_OK;
    }
    const struct policy_atom *atom = &decision->atoms[0];

    for (size_t i = 0; i < atom->rule_count && i < CONSENT_RULES; i++) {
        const struct policy_rule *rule = policy_rule_at(set, atom->rules[i]);
        size_t len = strlen(rule->name);

        if (len < CONSENT_RULE) {
            memcpy(box->rule[box->grant.rule_count++].name, rule->name,
                   len + 1);
        }
    }
    return VLT_OK;
}

static enum vlt_status
fill_grant(struct grant_box *box, const struct granting *granting)
{
    const struct set_box *set = ledger_set_now(granting->consent);
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
    st = name_rules(box, granting->consent, granting->by_rule);
    if (st == VLT_OK) {
        st = bind_streams(box, granting->world);
    }
    box->recent = calloc(RECENT_MAX, sizeof *box->recent);
    return box->recent != NULL ? st : VLT_E_NOMEM;
}

enum vlt_status
grant_make(const struct granting *granting, struct consent_changes *changes)
{
    struct kept_request *request = granting->request;
    struct consent_part *part = &request->request.part[granting->part];
    struct grant_box *box;
    struct terms asked;
    enum vlt_status st = grant_room(granting->consent, granting->firm->id, 1);

    if (st != VLT_OK) {
        return st;
    }
    box = grant_box_new(request, granting->part);
    if (box == NULL) {
        return VLT_E_NOMEM;
    }
    st = fill_grant(box, granting);
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
            .event = CONSENT_GIVEN,
            .by = box->grant.state_by,
            .part = granting->part,
            .state = CONSENT_ACTIVE,
            .grant = &box->grant,
            .left_out = part->left_out,
            .decision = granting->consent->decision,
        };

        memcpy(change.request, request->request.id, VLT_ID_LEN);
        st = change_add(changes, &change);
    }

done:
    grant_release(&box->grant);
    return st;
}

/* ---- deciding the parts ---- */

/* The items that were not denied, and the strictest duties of their rules. */
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

static struct policy_duties
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

static enum vlt_status
add_change(struct kept_request *request, int part, int row,
           enum consent_event event, const struct consent *consent,
           struct consent_changes *changes)
{
    struct consent_change change = {
        .row = row,
        .event = event,
        .by = CONSENT_BY_VAULT,
        .part = part,
        .state = request->request.part[part].state,
        .left_out = request->request.part[part].left_out,
        .decision = consent->decision,
    };

    memcpy(change.request, request->request.id, VLT_ID_LEN);
    return change_add(changes, &change);
}

static enum vlt_status
decide_part(struct consent *consent, struct store_txn *txn,
            const struct consent_submission *sub, struct kept_request *request,
            int part, struct consent_changes *changes)
{
    struct policy_firm firm = firm_facts(sub->firm);
    struct consent_part *kept = &request->request.part[part];
    struct granting granting = {
        .consent = consent,
        .txn = txn,
        .request = request,
        .part = part,
        .firm = sub->firm,
        .world = sub->world,
        .by_rule = true,
        .row = 4,
        .now = sub->now,
    };
    struct terms terms;

    terms_part(&request->terms, (size_t)part, &terms);
    switch (policy_decide(ledger_set_now(consent)->owned, &firm, &terms,
                          sub->now, consent->decision)) {
    case POLICY_PERMIT:
        granting.items = allowed_items(consent->decision);
        granting.duties = duties_of(consent->decision);
        return grant_make(&granting, changes);
    case POLICY_OFFER: /* no rule can offer yet: the owner is asked */
    case POLICY_ASK:
        kept->state = CONSENT_PENDING_STATE;
        kept->left_out = items_of(&terms) & ~allowed_items(consent->decision);
        return add_change(request, part, 3, CONSENT_NO_RECEIPT, consent,
                          changes);
    case POLICY_DENY:
        break;
    }
    kept->state = CONSENT_DENIED;
    kept->left_out = items_of(&terms);
    return add_change(request, part, 2, CONSENT_REFUSED, consent, changes);
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
        st = grant_room(consent, sub->firm->id, sub->request->purpose_count);
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
    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        st = decide_part(consent, txn, sub, request, (int)i, changes);
    }
    if (st == VLT_OK) {
        st = ledger_put_request(consent, txn, request);
    }
    if (st == VLT_OK) {
        st = consent_moved(consent, txn);
    }
    request_release(request);
    return st;
}
