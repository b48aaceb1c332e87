/*
 * answer: the owner approves, as asked or narrower (WIRE.md, 6.5).
 *
 * An answer is checked whole before the first grant of it is made.
 */
#include <string.h>

#include "base/time.h"
#include "consent/granting_internal.h"

/* The vault's own obligations of a grant by hand: what permits that match
 * demand, and names shown, since the owner saw them.  New streams wait, unless
 * the owner says otherwise and no rule does. */
struct policy_duties
duties_by_hand(const struct policy_decision *decision, unsigned items,
               const struct consent_narrow *narrow)
{
    struct policy_duties duties = policy_duties_unsaid();
    bool rules_join = true;

    duties.show_names = true;
    for (size_t i = 0; i < decision->atom_count; i++) {
        if (atom_given(&decision->atoms[i], items)) {
            duties = policy_duties_both(duties, decision->atoms[i].duties);
            rules_join =
                rules_join && decision->atoms[i].duties.join_new_streams;
        }
    }
    if (narrow != NULL && narrow->names != NULL) {
        duties.show_names =
            duties.show_names && strcmp(narrow->names, "show") == 0;
    }
    if (narrow != NULL && narrow->notify >= 0 &&
        narrow->notify < (int)duties.notify) {
        duties.notify = (enum policy_notify)narrow->notify;
    }
    if (narrow != NULL && narrow->ask_each > 0) {
        duties.ask_each = true;
    }
    if (narrow != NULL && narrow->new_streams != NULL) {
        duties.join_new_streams = rules_join && narrow->streams == 0 &&
                                  strcmp(narrow->new_streams, "include") == 0;
    }
    return duties;
}

/* Streams that the owner named are all that is given. */
static enum vlt_status
check_streams(const struct consent_narrow *narrow, struct vlt_buf *why)
{
    if (narrow == NULL || narrow->streams == 0 || narrow->new_streams == NULL ||
        strcmp(narrow->new_streams, "include") != 0) {
        return VLT_OK;
    }
    vlt_buf_printf(why, "Where streams are named, new ones wait for you; "
                        "new_streams: include has to go.");
    return VLT_E_FORMAT;
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

static enum vlt_status
say_denied(const struct policy_set *set, const struct policy_atom *atom,
           struct vlt_buf *why)
{
    if (atom->rule_count > 0) {
        const struct policy_rule *rule = policy_rule_at(set, atom->rules[0]);

        vlt_buf_printf(why, "The deny rule '%s' (%s:%d) forbids it.",
                       rule->name, rule->file, rule->line);
    } else {
        vlt_buf_printf(why, "No rule in force allows it.");
    }
    return VLT_E_CONFLICT;
}

/* Decided again: a deny rule that matches now forbids what it matches, also
 * where the rest of the part could be given. */
static enum vlt_status
check_denied(const struct consent_approval *approval,
             const struct granting *granting, struct policy_decision *decision,
             const struct terms *terms, struct vlt_buf *why)
{
    struct policy_firm firm = firm_facts(approval->firm);
    const struct policy_set *set = granting->set->owned;
    enum policy_outcome outcome =
        policy_decide(set, &firm, terms, approval->now, decision);

    for (size_t i = 0; i < decision->atom_count; i++) {
        const struct policy_atom *atom = &decision->atoms[i];

        if (atom_given(atom, granting->items) && atom->outcome == POLICY_DENY) {
            return say_denied(set, atom, why);
        }
    }
    /* defensive: what is needed is given, so a part is denied with an atom of
     * it; without a set in force there would be no atom. */
    if (outcome == POLICY_DENY) {
        vlt_buf_printf(why, "A rule in force denies it.");
        return VLT_E_CONFLICT;
    }
    return VLT_OK;
}

enum vlt_status
granting_check(const struct consent_approval *approval,
               const struct granting *granting,
               struct policy_decision *decision, struct terms *terms,
               struct vlt_buf *why)
{
    enum vlt_status st;

    terms_part(&granting->request->terms, (size_t)granting->part, terms);
    if (leaves_needed(terms, granting->items)) {
        vlt_buf_printf(why, "The firm marked an item as needed; leaving it "
                            "out takes a counter-offer (request counter).");
        return VLT_E_CONFLICT;
    }
    st = narrow_terms(approval->narrow,
                      vlt_floor_div(approval->now, VLT_SECOND) * VLT_SECOND,
                      terms, why);
    if (st == VLT_OK) {
        st = check_streams(approval->narrow, why);
    }
    return st == VLT_OK ? check_denied(approval, granting, decision, terms, why)
                        : st;
}

struct granting
granting_of_part(struct consent *consent,
                 const struct consent_approval *approval,
                 struct kept_request *request, const struct picked *picked,
                 size_t part)
{
    return (struct granting){
        .consent = consent,
        .request = request,
        .part = (int)part,
        .items = picked->items[part],
        .firm = approval->firm,
        .world = approval->world,
        .narrow = approval->narrow,
        .row = ROW_APPROVED,
        .now = approval->now,
    };
}

/* The same, by what the turn under way sees. */
static struct granting
granting_of(struct consent *consent, const struct consent_approval *approval,
            struct kept_request *request, const struct picked *picked,
            size_t part)
{
    struct granting granting =
        granting_of_part(consent, approval, request, picked, part);

    granting.set = ledger_set_now(consent);
    return granting;
}

static enum vlt_status
check_parts(struct consent *consent, const struct consent_approval *approval,
            struct kept_request *request, const struct picked *picked,
            struct vlt_buf *why)
{
    enum vlt_status st = VLT_OK;
    size_t count = 0;

    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (is_picked(picked, i)) {
            struct granting granting =
                granting_of(consent, approval, request, picked, i);
            struct terms terms;

            count++;
            st = granting_check(approval, &granting, consent->decision, &terms,
                                why);
        }
    }
    if (st == VLT_OK) {
        struct replacing replacing = { &request->terms, approval->firm->id,
                                       approval->now };

        st = grant_room(consent, &replacing, count);
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

struct consent_asked
granting_asked(const struct kept_request *request, const struct picked *picked)
{
    const struct terms_request *terms = &request->terms;
    struct consent_asked asked = { .items = 0 };
    unsigned items = 0;

    for (size_t i = 0; i < request->request.parts; i++) {
        items |= picked->items[i];
    }
    for (size_t i = 0; i < terms->item_count; i++) {
        if ((items & (1U << (terms->items[i].n - 1))) != 0) {
            asked.data[asked.items++] = terms->items[i].data;
        }
    }
    return asked;
}

static enum vlt_status
approve_part(const struct consent_approval *approval, struct granting *granting,
             struct vlt_buf *why, struct consent_changes *changes)
{
    struct consent *consent = granting->consent;
    struct policy_decision *decision = &consent->of_part[granting->part];
    struct terms terms;
    enum vlt_status st =
        granting_check(approval, granting, decision, &terms, why);

    /* defensive: all parts were checked before the first was given. */
    if (st != VLT_OK) {
        return st;
    }
    granting->terms = &terms;
    granting->decision = decision;
    granting->duties =
        duties_by_hand(decision, granting->items, approval->narrow);
    return grant_make(granting, changes);
}

static enum vlt_status
approve_parts(struct consent *consent, struct store_txn *txn,
              const struct consent_approval *approval,
              struct kept_request *request, struct vlt_buf *why,
              struct consent_changes *changes)
{
    struct picked picked;
    enum vlt_status st = pick_atoms(request, &approval->pick, &picked, why);

    if (st == VLT_OK) {
        st = check_parts(consent, approval, request, &picked, why);
    }
    if (st == VLT_OK) {
        struct consent_asked asked = granting_asked(request, &picked);

        st = narrow_names(approval->narrow, &asked, approval->world, why);
    }
    for (size_t i = 0; st == VLT_OK && i < request->request.parts; i++) {
        if (is_picked(&picked, i)) {
            struct granting granting =
                granting_of(consent, approval, request, &picked, i);

            granting.txn = txn;
            st = approve_part(approval, &granting, why, changes);
        }
    }
    if (st == VLT_OK) {
        st = ledger_put_request(consent, txn, request);
    }
    return st == VLT_OK ? consent_moved(consent, txn) : st;
}

enum vlt_status
consent_approve(struct consent *consent, struct store_txn *txn,
                const struct consent_approval *approval, struct vlt_buf *why,
                struct consent_changes *changes)
{
    struct kept_request *request = NULL;
    enum vlt_status st = answer_begin(consent, approval->request, &request);

    if (st != VLT_OK) {
        return st;
    }
    if (approval->now >= request->request.reply_by) {
        vlt_buf_printf(why, "Its time to be answered is over.");
        st = VLT_E_CONFLICT;
    } else {
        st = approve_parts(consent, txn, approval, request, why, changes);
    }
    request_release(request);
    return st;
}
