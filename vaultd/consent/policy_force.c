/*
 * policy_force: the set in force, and what comes of putting another in its
 * place (LANGUAGE.md, 1).
 */
#include <stdlib.h>
#include <string.h>

#include "consent/force_internal.h"
#include "consent/granting_internal.h"

void
force_release(struct set_box *box)
{
    if (box == NULL || !ref_drop(&box->ref)) {
        return;
    }
    for (size_t i = 0; i < box->set.files; i++) {
        free((void *)(uintptr_t)box->file[i].name.at);
        free((void *)(uintptr_t)box->file[i].text.at);
    }
    free(box->file);
    free(box->named);
    policy_set_free(box->owned);
    free(box);
}

const struct consent_set *
consent_set_hold(struct consent *consent)
{
    struct set_box *box;

    lock_take(consent->lock);
    box = consent->set;
    if (box != NULL) {
        ref_hold(&box->ref);
    }
    lock_drop(consent->lock);
    return box != NULL ? &box->set : NULL;
}

void
consent_set_release(const struct consent_set *set)
{
    force_release((struct set_box *)(uintptr_t)set);
}

const struct consent_set *
consent_set_now(const struct consent *consent)
{
    return &ledger_set_now(consent)->set;
}

void
force_turn_end(struct consent *consent, bool committed)
{
    struct set_box *turn = consent->turn_set;
    struct set_box *old;

    consent->turn_set = NULL;
    if (turn == NULL) {
        return;
    }
    if (!committed) {
        force_release(turn);
        return;
    }
    lock_take(consent->lock);
    old = consent->set;
    consent->set = turn;
    lock_drop(consent->lock);
    force_release(old);
}

/* ---- applying ---- */

/* What the new set says to a grant in force. */
static enum policy_use
says_to(const struct consent *consent, const struct policy_set *set,
        const struct consent_facts *facts, const struct grant *grant,
        int64_t now)
{
    struct consent_firm firm;

    /* One that is over by time alone expires, and is not revoked. */
    if (grant_over(grant) || now >= grant->exp ||
        !facts->firm(facts->ctx, grant->firm, &firm)) {
        return POLICY_USE_YES;
    }
    struct policy_firm who = firm_facts(&firm);
    struct policy_grant what = grant_as_asked(grant);

    return policy_decide_use(set, &who, &what, now, consent->decision);
}

enum vlt_status
consent_policy_would(struct consent *consent,
                     const struct consent_policy *policy,
                     const struct consent_facts *facts, int64_t now,
                     const struct consent_would *would)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    bool go_on = true;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < count; i++) {
        const struct grant *grant = &list[i]->grant;

        /* What is suspended already is not suspended. */
        if (go_on &&
            (would->use != POLICY_USE_ASK || grant_shown_active(grant)) &&
            says_to(consent, policy->box->owned, facts, grant, now) ==
                would->use) {
            go_on = would->fn(would->ctx, grant);
        }
        grant_release(grant);
    }
    free(list);
    return VLT_OK;
}

/* Grants that the new set ends: a deny matches, or no rule permits them.  Those
 * born of a rule that an ask matches wait for the owner. */
static enum vlt_status
end_grants(struct consent *consent, struct store_txn *txn,
           const struct consent_facts *facts, int64_t now,
           struct consent_changes *changes)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        const struct grant *grant = &list[i]->grant;

        struct ruling ruling = {
            .use =
                says_to(consent, consent->turn_set->owned, facts, grant, now),
            .decision = consent->decision,
        };

        if (st == VLT_OK &&
            (ruling.use == POLICY_USE_NO ||
             (ruling.use == POLICY_USE_ASK && grant_shown_active(grant)))) {
            st = rule_grant(consent, txn, list[i], &ruling, now, changes);
        }
        grant_release(grant);
    }
    free(list);
    return st;
}

/* Do deny rules take all of the part, or what it needs?  What only the default
 * denies goes on waiting, though it cannot be approved while that is so: most
 * of it waits by a rule of the vault's own, which looks at more than is looked
 * at here. */
static bool
denied_by_rules(const struct policy_decision *decision)
{
    size_t denied = 0;

    if (decision->outcome != POLICY_DENY) {
        return false;
    }
    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        if (atom->outcome == POLICY_DENY && !atom->by_default) {
            denied++;
            if (atom->needed) {
                return true;
            }
        }
    }
    return denied == decision->atom_count;
}

/* Does part i wait, and the set rule it out (row 9)? */
static bool
rules_out(struct consent *consent, const struct policy_set *set,
          const struct kept_request *kept, size_t i,
          const struct consent_firm *firm, int64_t now)
{
    struct policy_firm who = firm_facts(firm);
    struct terms terms;

    terms_part(&kept->terms, i, &terms);
    if (kept->offer[i] != NULL) {
        terms = kept->offer[i]->terms;
    }
    if (!part_waits(kept, i, now)) {
        return false;
    }
    (void)policy_decide(set, &who, &terms, now, consent->decision);
    return denied_by_rules(consent->decision);
}

enum vlt_status
consent_policy_denies(struct consent *consent,
                      const struct consent_policy *policy,
                      const struct consent_facts *facts, int64_t now,
                      const struct consent_denies *denies)
{
    struct kept_request **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_requests(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        struct consent_firm firm;
        bool any = false;

        if (parts_wait(list[i], now) > 0 &&
            facts->firm(facts->ctx, list[i]->request.firm, &firm)) {
            for (size_t k = 0; !any && k < list[i]->request.parts; k++) {
                any = rules_out(consent, policy->box->owned, list[i], k, &firm,
                                now);
            }
        }
        if (any) {
            denies->fn(denies->ctx, list[i]->request.id);
        }
        request_release(list[i]);
    }
    free(list);
    return st;
}

/* Parts that wait and that the new set denies. */
static enum vlt_status
deny_parts(struct consent *consent, struct store_txn *txn,
           struct kept_request *kept, const struct consent_firm *firm,
           int64_t now, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DENIED, CONSENT_REFUSED,
                                       CONSENT_BY_VAULT, ROW_RULED_OUT };
    struct kept_request *copy = request_copy(kept);
    bool any = false;
    enum vlt_status st = copy != NULL ? VLT_OK : VLT_E_NOMEM;

    for (size_t i = 0; st == VLT_OK && i < copy->request.parts; i++) {
        if (rules_out(consent, ledger_set_now(consent)->owned, copy, i, firm,
                      now)) {
            any = true;
            part_note_end(copy, i, how.by, now);
            st = part_note_decided(copy, i, ledger_set_now(consent)->owned,
                                   consent->decision);
            if (st == VLT_OK) {
                st = end_part(consent, txn, copy, (int)i, &how, changes);
            }
        }
    }
    if (st == VLT_OK && any) {
        st = ledger_put_request(consent, txn, copy);
    }
    request_release(copy);
    return st;
}

enum vlt_status
consent_review(struct consent *consent, struct store_txn *txn,
               const struct consent_facts *facts, int64_t now,
               struct consent_changes *changes)
{
    struct kept_request **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_requests(consent, true, &list, &count);

    for (size_t i = 0; i < count; i++) {
        struct consent_firm firm;

        if (st == VLT_OK && parts_wait(list[i], now) > 0 &&
            facts->firm(facts->ctx, list[i]->request.firm, &firm)) {
            st = deny_parts(consent, txn, list[i], &firm, now, changes);
        }
        request_release(list[i]);
    }
    free(list);
    return st;
}

enum vlt_status
consent_policy_apply(struct consent *consent, struct store_txn *txn,
                     struct consent_policy *policy,
                     const struct consent_facts *facts, int64_t now,
                     struct consent_changes *changes)
{
    struct set_box *box = policy->box;
    enum vlt_status st;

    box->set.version = ledger_set_now(consent)->set.version + 1;
    box->set.applied = now;
    st = force_put(txn, box);
    if (st != VLT_OK) {
        return st; /* the old set stays, also for the rest of the turn */
    }
    ref_hold(&box->ref);
    force_release(consent->turn_set);
    consent->turn_set = box;
    st = consent_moved(consent, txn);
    if (st == VLT_OK) {
        st = end_grants(consent, txn, facts, now, changes);
    }
    if (st == VLT_OK) {
        st = consent_review(consent, txn, facts, now, changes);
    }
    return st;
}
