#include "consent/counter.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "consent/granting_internal.h"

/* What binds the firm alone once it has it. */
static const unsigned promises = 1U << TERMS_KEEP | 1U << TERMS_ONWARDS |
                                 1U << TERMS_WHERES | 1U << TERMS_PROFILING |
                                 1U << TERMS_AUTOMATED | 1U << TERMS_TRAINING;

/* ---- the owner offers ---- */

static size_t
find_part(const struct kept_request *request, int purpose)
{
    size_t i = 0;

    while (i < request->request.parts &&
           request->request.part[i].purpose != purpose) {
        i++;
    }
    return i;
}

static enum vlt_status
no(struct vlt_buf *why, enum vlt_status st, const char *says)
{
    vlt_buf_put_text(why, says);
    return st;
}

static enum vlt_status
check_part(const struct kept_request *request, size_t part,
           const struct consent_countering *countering, struct vlt_buf *why)
{
    if (part == request->request.parts) {
        return no(why, VLT_E_FORMAT, "The request has no such purpose.");
    }
    if (request->request.part[part].offer.len > 0) {
        return no(why, VLT_E_CONFLICT,
                  "It had a counter-offer; there is one for a part, ever.");
    }
    if (!is_pending(request, part) ||
        countering->now >= request->request.reply_by) {
        return no(why, VLT_E_CONFLICT, "It does not wait for an answer.");
    }
    return VLT_OK;
}

/* Of several items that are not named, none may be explicit-only: what is, is
 * never given with others unsaid. */
static enum vlt_status
check_explicit(const struct terms *terms, unsigned items, struct vlt_buf *why)
{
    for (size_t i = 0; i < terms->item_count && terms->item_count > 1; i++) {
        const struct terms_item *item = &terms->items[i];

        if ((items & 1U << (item->n - 1)) != 0 &&
            terms_explicit(terms->purpose, item->data)) {
            vlt_buf_printf(why,
                           "Item %d, %s, must be named: say which items are "
                           "offered.",
                           item->n, vocab_category(item->data)->id);
            return VLT_E_FORMAT;
        }
    }
    return VLT_OK;
}

/* The items that are offered: those named, or all that no rule denies. */
static enum vlt_status
pick_items(const struct kept_request *request, size_t part, unsigned named,
           struct terms *terms, struct vlt_buf *why)
{
    unsigned left_out = request->request.part[part].left_out;
    unsigned items = named != 0 ? named : items_of(terms) & ~left_out;

    if (named == 0 && check_explicit(terms, items, why) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    if ((items & ~items_of(terms)) != 0) {
        return no(why, VLT_E_FORMAT, "The part has no such item.");
    }
    if ((items & left_out) != 0) {
        return no(why, VLT_E_CONFLICT, "A deny rule forbids that item.");
    }
    take_items(terms, items);
    return VLT_OK;
}

static enum vlt_status
lower_terms(const struct consent_countering *countering, struct terms *terms,
            struct vlt_buf *why)
{
    struct consent_narrow enforced;
    enum vlt_status st;

    if (countering->narrow == NULL) {
        return VLT_OK;
    }
    enforced = *countering->narrow;
    enforced.axes &= ~promises;
    st = narrow_terms(&enforced,
                      vlt_floor_div(countering->now, VLT_SECOND) * VLT_SECOND,
                      terms, why);
    if (st == VLT_OK &&
        !terms_lower(terms, 0, &countering->narrow->limits,
                     countering->narrow->axes & promises, countering->now)) {
        st = no(why, VLT_E_FORMAT,
                "No place would be left where the firm may process it.");
    }
    return st;
}

/* The very terms that were asked are approved, and not offered. */
static bool
same_as_asked(const struct terms *asked, const struct terms *offered)
{
    return asked->item_count == offered->item_count &&
           terms_asks_more(asked, offered) == TERMS_AXES;
}

static enum vlt_status
check_rules(struct consent *consent, const struct consent_countering *by,
            const struct terms *terms, struct vlt_buf *why)
{
    struct policy_firm firm = firm_facts(by->firm);
    struct policy_decision *decision = consent->decision;

    (void)policy_decide(ledger_set_now(consent)->owned, &firm, terms, by->now,
                        decision);
    for (size_t i = 0; i < decision->atom_count; i++) {
        if (decision->atoms[i].outcome == POLICY_DENY) {
            return no(why, VLT_E_CONFLICT, "A rule in force denies it.");
        }
    }
    return VLT_OK;
}

static enum vlt_status
offer_part(struct consent *consent, const struct consent_countering *countering,
           struct kept_request *request, size_t part, struct vlt_buf *why)
{
    struct terms *terms = &consent->offered[part];
    struct terms asked;
    enum vlt_status st;

    terms_part(&request->terms, part, &asked);
    *terms = asked;
    st = pick_items(request, part, countering->items, terms, why);
    if (st == VLT_OK) {
        st = lower_terms(countering, terms, why);
    }
    if (st == VLT_OK && same_as_asked(&asked, terms)) {
        st = no(why, VLT_E_LIMIT,
                "That is what was asked; approve it, or say what is less.");
    }
    if (st == VLT_OK) {
        st = check_rules(consent, countering, terms, why);
    }
    if (st == VLT_OK) {
        request->request.part[part].left_out =
            items_of(&asked) & ~items_of(terms);
    }
    return st;
}

enum vlt_status
consent_counter(struct consent *consent, struct store_txn *txn,
                const struct consent_countering *countering,
                struct vlt_buf *why, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_COUNTERED, CONSENT_NO_RECEIPT,
                                       CONSENT_BY_OWNER, ROW_COUNTERED };
    struct kept_request *request = NULL;
    size_t part = 0;
    enum vlt_status st = answer_begin(consent, countering->request, &request);

    if (st != VLT_OK) {
        return st;
    }
    part = find_part(request, countering->purpose);
    st = check_part(request, part, countering, why);
    if (st == VLT_OK) {
        st = offer_part(consent, countering, request, part, why);
    }
    if (st == VLT_OK) {
        st = end_part(consent, txn, request, (int)part, &how, changes);
    }
    if (st == VLT_OK) {
        ledger_offering(consent, request);
        changes->at[changes->count - 1].offer = &consent->offered[part];
        st = ledger_put_request(consent, txn, request);
    }
    request_release(request);
    return st;
}

/* ---- the firm answers ---- */

static enum vlt_status
leave(struct consent *consent, struct store_txn *txn,
      struct kept_request *request, size_t part, int64_t now,
      struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DROPPED, CONSENT_NO_RECEIPT,
                                       CONSENT_BY_FIRM, ROW_LEFT };

    offer_missed(request, part, now);
    part_note_end(request, part, how.by, now);
    return end_part(consent, txn, request, (int)part, &how, changes);
}

static enum vlt_status
rule_out(struct consent *consent, struct store_txn *txn,
         struct kept_request *request, size_t part, int64_t now,
         struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_DENIED, CONSENT_REFUSED,
                                       CONSENT_BY_VAULT, ROW_RULED_OUT };

    part_note_end(request, part, how.by, now);
    return end_part(consent, txn, request, (int)part, &how, changes);
}

/* For how long a rule offers these terms by now (s); 0: none offers them. */
static int64_t
life_offered(struct consent *consent, const struct granting *granting,
             const struct policy_firm *firm)
{
    const struct policy_set *set = ledger_set_now(consent)->owned;
    struct policy_decision *decision = &consent->of_part[granting->part];
    struct terms *less = &consent->offered[granting->part];

    if (policy_decide(set, firm, granting->terms, granting->now, decision) !=
        POLICY_OFFER) {
        return 0;
    }
    /* That there is one is what was decided. */
    bool offers =
        policy_offer(set, decision, granting->terms, granting->now, less);

    assert(offers);
    return less->common.life_s;
}

/* Where a rule that ends soon gives the very terms that were accepted, but for
 * less time by now, that is what the firm gets.  Nothing else of a newer offer
 * is taken: what was accepted is what was signed. */
static void
decide_again(struct consent *consent, struct granting *granting,
             const struct policy_firm *firm)
{
    const struct policy_set *set = ledger_set_now(consent)->owned;
    struct policy_decision *decision = &consent->of_part[granting->part];
    struct terms *sooner = &consent->offered[granting->part];
    int64_t life_s = life_offered(consent, granting, firm);

    if (life_s == 0 || !granting->by_rule) {
        return;
    }
    *sooner = *granting->terms;
    sooner->common.life_s = life_s;
    if (policy_decide(set, firm, sooner, granting->now, decision) ==
        POLICY_PERMIT) {
        granting->terms = sooner;
        return;
    }
    (void)policy_decide(set, firm, granting->terms, granting->now, decision);
}

/* What the permits that match demand, and, where none permits it by now, no
 * less than one that says nothing: it ends, or waits for the owner, at once or
 * at its first use. */
static struct policy_duties
duties_by_rule(const struct policy_decision *decision)
{
    struct policy_duties duties = duties_of(decision);

    return decision->outcome == POLICY_PERMIT
               ? duties
               : policy_duties_both(duties, policy_duties_unsaid());
}

/* Does a deny match (row 12)?  The default denies only what a rule offered: the
 * owner's hand needs no permit. */
static bool
denies(const struct policy_atom *atom, bool by_rule)
{
    return atom->outcome == POLICY_DENY && (by_rule || !atom->by_default);
}

static bool
is_denied(const struct policy_decision *decision, bool by_rule)
{
    for (size_t i = 0; i < decision->atom_count; i++) {
        if (denies(&decision->atoms[i], by_rule)) {
            return true;
        }
    }
    return false;
}

/* One denied item denies the offer, whatever became of the part as a whole: of
 * the decision only what denies is why. */
static void
keep_denials(const struct granting *granting, struct policy_decision *out)
{
    *out = *granting->decision;
    out->outcome = POLICY_DENY;
    for (size_t i = 0; i < out->atom_count; i++) {
        out->atoms[i].left_out = !denies(&out->atoms[i], granting->by_rule);
    }
}

/* By a rule: where none decides any more, the grant ends at its first use. */
static bool
is_asked(const struct policy_decision *decision)
{
    for (size_t i = 0; i < decision->atom_count; i++) {
        if (decision->atoms[i].outcome == POLICY_ASK &&
            !decision->atoms[i].by_default) {
            return true;
        }
    }
    return false;
}

/* A rule asks by now, one of the vault's own with them: what it would have had
 * the owner asked about is not given without (rows 12 and 20). */
static enum vlt_status
hold_up(const struct granting *granting, struct consent_changes *changes)
{
    struct ruling ruling = { POLICY_USE_ASK, granting->decision };
    const struct consent_part *part =
        &granting->request->request.part[granting->part];
    struct grant_box *box = ledger_grant(granting->consent, part->grant, true);
    enum vlt_status st = VLT_OK;

    /* It is suspended already where it takes the place of one that was. */
    if (grant_shown_active(&box->grant)) {
        st = rule_grant(granting->consent, granting->txn, box, &ruling,
                        granting->now, changes);
    }
    grant_release(&box->grant);
    if (st == VLT_OK) {
        changes->at[changes->count - 1].decision = granting->decision;
    }
    return st;
}

static enum vlt_status
give(struct granting *granting, const struct consent_answering *answering,
     struct consent_changes *changes)
{
    struct consent *consent = granting->consent;
    const struct policy_decision *decision = granting->decision;
    struct policy_firm firm = firm_facts(answering->firm);
    enum vlt_status st;

    /* Who made the offer by hand has answered what the vault would ask. */
    if (granting->by_rule) {
        past_into(&granting->past, &firm);
    }
    decide_again(consent, granting, &firm);
    if (is_denied(decision, granting->by_rule)) {
        keep_denials(granting, consent->decision);
        st = part_note_decided(granting->request, (size_t)granting->part,
                               granting->set->owned, consent->decision);
        return st != VLT_OK
                   ? st
                   : rule_out(consent, granting->txn, granting->request,
                              (size_t)granting->part, granting->now, changes);
    }
    granting->duties = granting->by_rule
                           ? duties_by_rule(decision)
                           : duties_by_hand(decision, granting->items, NULL);
    st = grant_make(granting, changes);
    return st == VLT_OK && granting->by_rule && is_asked(decision)
               ? hold_up(granting, changes)
               : st;
}

static enum vlt_status
accept(struct consent *consent, struct store_txn *txn,
       const struct consent_answering *answering, struct kept_request *request,
       size_t part, struct consent_changes *changes)
{
    const struct kept_offer *offer = request->offer[part];
    struct past_of of = { .request = request,
                          .now = answering->now,
                          .in_turn = true };
    struct granting granting = { .consent = consent,
                                 .txn = txn,
                                 .request = request,
                                 .part = (int)part,
                                 .items = items_of(&offer->terms),
                                 .terms = &offer->terms,
                                 .firm = answering->firm,
                                 .world = answering->world,
                                 .decision = &consent->of_part[part],
                                 .set = ledger_set_now(consent),
                                 .by_rule = !offer->by_hand,
                                 .row = ROW_ACCEPTED,
                                 .now = answering->now };
    enum vlt_status st = past_take(consent, &of, &granting.past);

    if (st == VLT_OK) {
        st = give(&granting, answering, changes);
    }
    past_free(&granting.past);
    return st;
}

enum vlt_status
consent_answer(struct consent *consent, struct store_txn *txn,
               const struct consent_answering *answering,
               struct consent_changes *changes)
{
    struct kept_request *request = NULL;
    size_t part = 0;
    enum vlt_status st = answer_begin(consent, answering->request, &request);

    if (st != VLT_OK) {
        return st;
    }
    part = find_part(request, answering->purpose);
    if (part == request->request.parts ||
        memcmp(request->request.firm, answering->firm->id, VLT_ID_LEN) != 0) {
        st = VLT_E_NOT_FOUND;
    } else if (request->request.part[part].state != CONSENT_COUNTERED ||
               !part_waits(request, part, answering->now)) {
        st = VLT_E_CONFLICT;
    } else {
        st = answering->accepts
                 ? accept(consent, txn, answering, request, part, changes)
                 : leave(consent, txn, request, part, answering->now, changes);
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
