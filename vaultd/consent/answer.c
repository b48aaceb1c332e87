/*
 * answer: the owner approves or denies, the firm takes back (consent.md, 6).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "consent/consent_internal.h"

/* ---- what is approved ---- */

/* The items of each pending part that the owner picked. */
struct picked {
    unsigned items[TERMS_PURPOSES];
    bool contact[TERMS_PURPOSES];
};

static bool
is_pending(const struct kept_request *request, size_t part)
{
    return request->request.part[part].state == CONSENT_PENDING_STATE;
}

static size_t
atoms_of(const struct kept_request *request)
{
    size_t atoms = 0;

    for (size_t i = 0; i < request->request.parts; i++) {
        struct terms terms;

        terms_part(&request->terms, i, &terms);
        atoms += terms.item_count > 0 ? terms.item_count : 1;
    }
    return atoms;
}

/* All atoms that a rule did not deny, of parts that wait; explicit-only ones
 * must be named. */
static enum vlt_status
pick_all(const struct kept_request *request, struct picked *out,
         struct vlt_buf *why)
{
    for (size_t i = 0; i < request->request.parts; i++) {
        struct terms terms;

        if (!is_pending(request, i)) {
            continue;
        }
        terms_part(&request->terms, i, &terms);
        for (size_t j = 0; j < terms.item_count; j++) {
            if (terms_explicit(terms.purpose, terms.items[j].data)) {
                vlt_buf_printf(why, "%s for %s must be named: --only %s:%d.",
                               vocab_category(terms.items[j].data)->id,
                               vocab_purpose(terms.purpose)->id,
                               vocab_purpose(terms.purpose)->id,
                               terms.items[j].n);
                return VLT_E_LIMIT;
            }
        }
        out->items[i] = items_of(&terms) & ~request->request.part[i].left_out;
        out->contact[i] = terms.item_count == 0;
    }
    return VLT_OK;
}

/* What was named must be there, wait, and not be denied by a rule. */
static enum vlt_status
pick_named(const struct kept_request *request, const struct consent_pick *pick,
           struct picked *out, struct vlt_buf *why)
{
    const unsigned contact = 1U << 31;
    bool any = false;

    for (size_t i = 0; i < TERMS_PURPOSES; i++) {
        struct terms terms;
        unsigned items = pick->items[i] & ~contact;

        if (pick->items[i] == 0) {
            continue;
        }
        if (i >= request->request.parts || !is_pending(request, i)) {
            vlt_buf_printf(why, "That part does not wait for an answer.");
            return VLT_E_CONFLICT;
        }
        terms_part(&request->terms, i, &terms);
        if ((items & ~items_of(&terms)) != 0 ||
            ((pick->items[i] & contact) != 0 && terms.item_count > 0)) {
            vlt_buf_printf(why, "%s has no such item.",
                           vocab_purpose(terms.purpose)->id);
            return VLT_E_FORMAT;
        }
        if ((items & request->request.part[i].left_out) != 0) {
            vlt_buf_printf(why, "A deny rule forbids that item.");
            return VLT_E_CONFLICT;
        }
        out->items[i] = items;
        out->contact[i] = (pick->items[i] & contact) != 0;
        any = true;
    }
    if (!any) {
        vlt_buf_printf(why, "Say what is approved: --only PURPOSE:N or "
                            "--all.");
        return VLT_E_LIMIT;
    }
    return VLT_OK;
}

static bool
picks_nothing(const struct consent_pick *pick)
{
    for (size_t i = 0; i < TERMS_PURPOSES; i++) {
        if (pick->items[i] != 0) {
            return false;
        }
    }
    return !pick->all;
}

static enum vlt_status
pick_atoms(const struct kept_request *request, const struct consent_pick *pick,
           struct picked *out, struct vlt_buf *why)
{
    *out = (struct picked){ .items = { 0 } };
    if (picks_nothing(pick) && atoms_of(request) == 1) {
        /* The one atom is named by the request itself, explicit or not. */
        struct terms terms;

        if (!is_pending(request, 0)) {
            vlt_buf_printf(why, "It does not wait for an answer.");
            return VLT_E_CONFLICT;
        }
        terms_part(&request->terms, 0, &terms);
        out->items[0] = items_of(&terms);
        out->contact[0] = terms.item_count == 0;
        return VLT_OK;
    }
    return pick->all ? pick_all(request, out, why)
                     : pick_named(request, pick, out, why);
}

/* ---- narrowing ---- */

/* Axes that the owner can lower alone in this release. */
static const unsigned narrowable = 1U << TERMS_WINDOW | 1U << TERMS_DELAY |
                                   1U << TERMS_EVERY | 1U << TERMS_RATE |
                                   1U << TERMS_USES | 1U << TERMS_LIFE;

static void
narrow_items(const struct consent_narrow *narrow, struct terms *terms)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        struct terms_item *item = &terms->items[i];

        if ((narrow->axes & 1U << TERMS_WINDOW) != 0) {
            item->window_s = narrow->limits.at[TERMS_WINDOW];
        }
        if ((narrow->axes & 1U << TERMS_DELAY) != 0) {
            item->delay_s = narrow->limits.at[TERMS_DELAY];
        }
        if ((narrow->axes & 1U << TERMS_EVERY) != 0 && item->every_s != 0) {
            item->every_s = narrow->limits.at[TERMS_EVERY];
        }
    }
}

static enum vlt_status
apply_narrow(const struct consent_approval *approval, struct terms *terms,
             struct vlt_buf *why)
{
    const struct consent_narrow *narrow = approval->narrow;
    struct terms asked = *terms;

    if (narrow == NULL) {
        return VLT_OK;
    }
    if ((narrow->axes & ~narrowable) != 0 || narrow->streams > 0 ||
        narrow->ask_each > 0) {
        vlt_buf_printf(why, "Detail, rounding, streams and asking each time "
                            "cannot be narrowed yet.");
        return VLT_E_FORMAT;
    }
    narrow_items(narrow, terms);
    if ((narrow->axes & 1U << TERMS_RATE) != 0) {
        terms->common.rate.n = narrow->limits.at[TERMS_RATE];
        terms->common.rate.per_s = narrow->limits.per_s;
    }
    if ((narrow->axes & 1U << TERMS_USES) != 0) {
        terms->common.uses = narrow->limits.at[TERMS_USES];
    }
    if ((narrow->axes & 1U << TERMS_LIFE) != 0) {
        terms->common.life_s = narrow->limits.at[TERMS_LIFE];
    }
    if (narrow->until != INT64_MAX) {
        int64_t nbf = vlt_floor_div(approval->now, VLT_SECOND);
        int64_t life = vlt_floor_div(narrow->until, VLT_SECOND) - nbf;

        if (life < terms->common.life_s) {
            terms->common.life_s = life;
        }
    }
    if (terms->common.life_s < 60) {
        vlt_buf_printf(why, "It would end within a minute.");
        return VLT_E_FORMAT;
    }
    enum terms_axis wider = terms_asks_more(terms, &asked);

    if (wider != TERMS_AXES) {
        vlt_buf_printf(why,
                       "%s would be wider than asked; widening takes a new "
                       "request.",
                       terms_axis_key(wider)->name);
        return VLT_E_CONFLICT;
    }
    return VLT_OK;
}

/* The vault's own obligations of a grant by hand: what permits that match
 * demand, and names shown, since the owner saw them. */
static struct policy_duties
duties_by_hand(const struct consent *consent,
               const struct consent_narrow *narrow)
{
    struct policy_duties duties = policy_duties_unsaid();

    duties.show_names = true;
    for (size_t i = 0; i < consent->decision->atom_count; i++) {
        duties = policy_duties_both(duties, consent->decision->atoms[i].duties);
    }
    if (narrow != NULL && narrow->names != NULL) {
        duties.show_names =
            duties.show_names && strcmp(narrow->names, "show") == 0;
    }
    return duties;
}

/* An item that the firm marked needed cannot be left out by the owner alone. */
static bool
leaves_needed(const struct terms *terms, unsigned items)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms->items[i].needed &&
            (items & (1U << (terms->items[i].n - 1))) == 0) {
            return true;
        }
    }
    return false;
}

/* Decided again: a deny rule that matches now forbids it. */
static enum vlt_status
check_denied(struct consent *consent, const struct consent_approval *approval,
             const struct terms *terms, struct vlt_buf *why)
{
    struct policy_firm firm = firm_facts(approval->firm);
    const struct policy_set *set = ledger_set_now(consent)->owned;

    if (policy_decide(set, &firm, terms, approval->now, consent->decision) !=
        POLICY_DENY) {
        return VLT_OK;
    }
    const struct policy_atom *atom = &consent->decision->atoms[0];

    if (atom->rule_count > 0) {
        const struct policy_rule *rule = policy_rule_at(set, atom->rules[0]);

        vlt_buf_printf(why, "The deny rule '%s' (%s:%d) forbids it.",
                       rule->name, rule->file, rule->line);
    } else {
        vlt_buf_printf(why, "No rule in force allows it.");
    }
    return VLT_E_CONFLICT;
}

/* May this part be given so?  Nothing is put: an answer is checked whole
 * before the first grant of it is made. */
static enum vlt_status
check_part(struct consent *consent, const struct consent_approval *approval,
           const struct kept_request *request, size_t part, unsigned items,
           struct terms *terms, struct vlt_buf *why)
{
    enum vlt_status st;

    terms_part(&request->terms, part, terms);
    if (leaves_needed(terms, items)) {
        vlt_buf_printf(why, "The firm marked an item as needed; leaving it "
                            "out takes a counter-offer, which is not yet "
                            "available.");
        return VLT_E_CONFLICT;
    }
    st = apply_narrow(approval, terms, why);
    return st == VLT_OK ? check_denied(consent, approval, terms, why) : st;
}

static bool
is_picked(const struct picked *picked, size_t part)
{
    return picked->items[part] != 0 || picked->contact[part];
}

static enum vlt_status
check_parts(struct consent *consent, const struct consent_approval *approval,
            const struct kept_request *request, const struct picked *picked,
            struct vlt_buf *why)
{
    enum vlt_status st = VLT_OK;
    size_t count = 0;

    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (is_picked(picked, i)) {
            struct terms terms;

            count++;
            st = check_part(consent, approval, request, i, picked->items[i],
                            &terms, why);
        }
    }
    if (st == VLT_OK) {
        st = grant_room(consent, approval->firm->id, count);
    }
    if (st == VLT_E_QUOTA) {
        vlt_buf_printf(why,
                       "The firm has %d grants already, or the vault "
                       "%d; end some first.",
                       CONSENT_GRANTS_FIRM, CONSENT_GRANTS);
        st = VLT_E_CONFLICT;
    }
    return st;
}

static enum vlt_status
approve_part(struct consent *consent, struct store_txn *txn,
             const struct consent_approval *approval,
             struct kept_request *request, size_t part, unsigned items,
             struct vlt_buf *why, struct consent_changes *changes)
{
    struct granting granting = {
        .consent = consent,
        .txn = txn,
        .request = request,
        .part = (int)part,
        .items = items,
        .firm = approval->firm,
        .world = approval->world,
        .row = 6,
        .now = approval->now,
    };
    struct terms terms;
    enum vlt_status st =
        check_part(consent, approval, request, part, items, &terms, why);

    if (st != VLT_OK) {
        return st;
    }
    granting.terms = &terms;
    granting.duties = duties_by_hand(consent, approval->narrow);
    return grant_make(&granting, changes);
}

/* A copy that this turn may change: held; NULL: no such request. */
static enum vlt_status
begin_answer(struct consent *consent, const uint8_t id[VLT_ID_LEN],
             struct kept_request **out)
{
    struct kept_request *kept = ledger_request(consent, id, true);
    struct kept_request *copy;

    if (kept == NULL) {
        return VLT_E_NOT_FOUND;
    }
    copy = request_copy(kept);
    request_release(kept);
    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    *out = copy;
    return VLT_OK;
}

enum vlt_status
consent_approve(struct consent *consent, struct store_txn *txn,
                const struct consent_approval *approval, struct vlt_buf *why,
                struct consent_changes *changes)
{
    struct kept_request *request = NULL;
    struct picked picked;
    enum vlt_status st = begin_answer(consent, approval->request, &request);

    if (st != VLT_OK) {
        return st;
    }
    if (approval->now >= request->request.reply_by) {
        vlt_buf_printf(why, "Its time to be answered is over.");
        st = VLT_E_CONFLICT;
    } else if (consent_request_state(&request->request) !=
                   CONSENT_PENDING_STATE &&
               consent_request_state(&request->request) != CONSENT_ACTIVE) {
        vlt_buf_printf(why, "It does not wait for an answer.");
        st = VLT_E_CONFLICT;
    } else {
        st = pick_atoms(request, &approval->pick, &picked, why);
    }
    if (st == VLT_OK) {
        st = check_parts(consent, approval, request, &picked, why);
    }
    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (is_picked(&picked, i)) {
            st = approve_part(consent, txn, approval, request, i,
                              picked.items[i], why, changes);
        }
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

/* ---- deny, withdraw ---- */

static enum vlt_status
end_pending(struct consent *consent, struct store_txn *txn,
            struct kept_request *request, const struct ending *how,
            struct consent_changes *changes)
{
    bool any = false;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (is_pending(request, i)) {
            any = true;
            st = end_part(consent, txn, request, (int)i, how, changes);
        }
    }
    if (st == VLT_OK && !any) {
        return VLT_E_CONFLICT;
    }
    return st == VLT_OK ? ledger_put_request(consent, txn, request) : st;
}

enum vlt_status
consent_deny(struct consent *consent, struct store_txn *txn,
             const uint8_t id[VLT_ID_LEN], struct vlt_slice reason, int64_t now,
             struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DENIED, CONSENT_REFUSED,
                                       CONSENT_BY_OWNER, 8 };
    struct kept_request *request = NULL;
    enum vlt_status st = begin_answer(consent, id, &request);

    (void)now;
    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0;
         st == VLT_OK && reason.len > 0 && i < request->request.parts; i++) {
        if (is_pending(request, i)) {
            free(request->reason[i]);
            request->reason[i] = vlt_text_copy(reason);
            st = request->reason[i] != NULL ? VLT_OK : VLT_E_NOMEM;
            request->request.part[i].reason = reason;
        }
    }
    if (st == VLT_OK) {
        st = end_pending(consent, txn, request, &how, changes);
    }
    for (size_t i = 0; i < request->request.parts; i++) {
        if (request->reason[i] != NULL) {
            request->request.part[i].reason =
                vlt_slice_text(request->reason[i]);
        }
    }
    request_release(request);
    return st;
}

enum vlt_status
consent_withdraw(struct consent *consent, struct store_txn *txn,
                 const uint8_t id[VLT_ID_LEN], const uint8_t firm[VLT_ID_LEN],
                 int64_t now, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DROPPED, CONSENT_NO_RECEIPT,
                                       CONSENT_BY_FIRM, 10 };
    struct kept_request *request = NULL;
    enum vlt_status st = begin_answer(consent, id, &request);

    (void)now;
    if (st != VLT_OK) {
        return st;
    }
    st = memcmp(request->request.firm, firm, VLT_ID_LEN) == 0
             ? end_pending(consent, txn, request, &how, changes)
             : VLT_E_NOT_FOUND;
    request_release(request);
    return st;
}
