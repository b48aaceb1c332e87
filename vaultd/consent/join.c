/*
 * join: streams that appear while a grant is in force (lifecycle.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/granting_internal.h"
#include "consent/lifecycle.h"

static const struct ending joined = { CONSENT_ACTIVE, CONSENT_EV_ADMITTED,
                                      CONSENT_BY_VAULT, ROW_ADMITTED };
static const struct ending admitted = { CONSENT_ACTIVE, CONSENT_EV_ADMITTED,
                                        CONSENT_BY_OWNER, ROW_ADMITTED };

static size_t
count_of(const struct grant_bound *bound, size_t count, int n)
{
    size_t of_item = 0;

    for (size_t i = 0; i < count; i++) {
        of_item += bound[i].n == n;
    }
    return of_item;
}

/* Put the row of a grant that stays as it is, but for its streams. */
static enum vlt_status
put_row(struct consent *consent, struct store_txn *txn, struct grant_box *copy,
        const struct ending *row, int64_t now, struct consent_changes *changes)
{
    struct ending how = *row;

    how.state = copy->grant.state;
    how.event = event_of(&copy->grant, row->event);
    copy->grant.bound = copy->bound;
    copy->grant.held = copy->held;
    return alter_grant(consent, txn, copy, &how, now, changes);
}

/* ---- admit ---- */

/* The place of a stream that waits; held_count: none does. */
static size_t
find_held(const struct grant *grant, const uint8_t stream[VLT_ID_LEN])
{
    size_t i = 0;

    while (i < grant->held_count &&
           memcmp(grant->held[i].stream, stream, VLT_ID_LEN) != 0) {
        i++;
    }
    return i;
}

/* Each item of its category that has it wait gives it. */
static enum vlt_status
give_held(struct grant_box *copy, const uint8_t stream[VLT_ID_LEN])
{
    struct grant *grant = &copy->grant;
    bool any = false;

    for (size_t i = find_held(grant, stream); i < grant->held_count;
         i = find_held(grant, stream)) {
        struct grant_bound bound = copy->held[i];
        enum vlt_status st;

        if (count_of(copy->bound, grant->bound_count, bound.n) ==
            CONSENT_BOUND) {
            return VLT_E_CONFLICT;
        }
        st = bind_add(&copy->bound, &grant->bound_count, &bound);
        if (st != VLT_OK) {
            return st;
        }
        memmove(&copy->held[i], &copy->held[i + 1],
                (--grant->held_count - i) * sizeof *copy->held);
        any = true;
    }
    return any ? VLT_OK : VLT_E_CONFLICT;
}

enum vlt_status
consent_admit(struct consent *consent, struct store_txn *txn,
              const struct consent_at *at, const uint8_t stream[VLT_ID_LEN],
              struct consent_changes *changes)
{
    struct grant_box *box = ledger_grant(consent, at->grant, true);
    struct grant_box *copy;
    enum vlt_status st = VLT_E_CONFLICT;

    if (box == NULL) {
        return VLT_E_NOT_FOUND;
    }
    copy = grant_box_copy(box);
    if (copy == NULL) {
        st = VLT_E_NOMEM;
    } else if (!grant_over(&box->grant) && at->now < box->grant.exp) {
        st = give_held(copy, stream);
    }
    if (st == VLT_OK) {
        st = put_row(consent, txn, copy, &admitted, at->now, changes);
    }
    grant_release(&box->grant);
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}

/* ---- a stream appears ---- */

struct arriving {
    const struct consent_arrival *arrival;
    const struct policy_set *set;
    struct policy_firm firm;
    struct policy_decision *decision; /* on the grant, as of now */
    struct grant_box *copy;
    bool gives; /* some item gives it */
    bool holds; /* some item has it wait */
    bool moves; /* it was there, in another category */
    bool loses; /* some item gave it, and does no more */
    bool left;  /* some item gave it or had it wait, and does no more */
};

static bool
in_list(const struct grant_bound *list, size_t count, int n,
        const uint8_t stream[VLT_ID_LEN])
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].n == n && memcmp(list[i].stream, stream, VLT_ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* Is it part of the item already, given or held? */
static bool
has_it(const struct grant_box *box, int n, const uint8_t stream[VLT_ID_LEN])
{
    return in_list(box->bound, box->grant.bound_count, n, stream) ||
           in_list(box->held, box->grant.held_count, n, stream);
}

/* What becomes of it under one item. */
static enum vlt_status
arrive_at(struct arriving *arriving, const struct policy_atom *atom)
{
    const struct consent_stream *stream = arriving->arrival->stream;
    struct grant_box *copy = arriving->copy;
    struct grant *grant = &copy->grant;
    struct grant_bound bound = { .n = atom->n };
    enum policy_fate fate = policy_stream_fate(
        arriving->set, &arriving->firm, atom, grant->by_rule, stream->name);

    if (fate == POLICY_WITHHOLD || has_it(copy, atom->n, stream->id)) {
        return VLT_OK;
    }
    memcpy(bound.stream, stream->id, VLT_ID_LEN);
    (void)snprintf(bound.alias, sizeof bound.alias, "%s/%zu",
                   vocab_category(atom->data)->id, ++copy->aliases);
    if (fate == POLICY_GIVE && grant->duties.join_new_streams &&
        count_of(copy->bound, grant->bound_count, atom->n) < CONSENT_BOUND) {
        arriving->gives = true;
        return bind_add(&copy->bound, &grant->bound_count, &bound);
    }
    if (grant->held_count == HELD_MAX) {
        return VLT_OK; /* beyond that a record could not name them all */
    }
    arriving->holds = true;
    return bind_add(&copy->held, &grant->held_count, &bound);
}

static enum vlt_status
arrive(struct arriving *arriving)
{
    struct grant *grant = &arriving->copy->grant;
    struct policy_grant what = grant_as_asked(grant);
    enum vlt_status st = VLT_OK;

    /* What it decides on the atoms is wanted, not whether it may be used. */
    (void)policy_decide_use(arriving->set, &arriving->firm, &what,
                            arriving->arrival->now, arriving->decision);
    for (size_t i = 0; st == VLT_OK && i < arriving->decision->atom_count;
         i++) {
        const struct policy_atom *atom = &arriving->decision->atoms[i];

        if (bind_covers(atom->data, arriving->arrival->stream->category)) {
            st = arrive_at(arriving, atom);
            grant->bound = arriving->copy->bound;
            grant->held = arriving->copy->held;
        }
    }
    return st;
}

static bool
concerns(const struct grant *grant, const struct consent_arrival *arrival)
{
    if (grant_over(grant) || arrival->now >= grant->exp) {
        return false;
    }
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        if (bind_covers(grant->terms.items[i].data,
                        arrival->stream->category)) {
            return true;
        }
    }
    return false;
}

/* Those of a list whose item does not cover the category go. */
static bool
leave_list(struct grant_bound *list, size_t *count, const struct terms *terms,
           const struct consent_stream *stream)
{
    size_t kept = 0;
    size_t before = *count;

    for (size_t i = 0; i < before; i++) {
        bool covers = false;

        for (size_t j = 0; j < terms->item_count; j++) {
            covers =
                covers || (terms->items[j].n == list[i].n &&
                           bind_covers(terms->items[j].data, stream->category));
        }
        if (covers || memcmp(list[i].stream, stream->id, VLT_ID_LEN) != 0) {
            list[kept++] = list[i];
        }
    }
    *count = kept;
    return kept < before;
}

/* It leaves the items that do not cover it any more. */
static void
leave(struct arriving *arriving)
{
    const struct consent_stream *stream = arriving->arrival->stream;
    struct grant_box *copy = arriving->copy;
    struct grant *grant = &copy->grant;

    arriving->loses =
        leave_list(copy->bound, &grant->bound_count, &grant->terms, stream);
    arriving->left =
        leave_list(copy->held, &grant->held_count, &grant->terms, stream) ||
        arriving->loses;
}

static enum vlt_status
arrive_in(struct consent *consent, struct store_txn *txn,
          const struct grant_box *box, struct arriving *arriving,
          struct consent_changes *changes)
{
    struct consent_firm firm;
    enum vlt_status st = VLT_OK;
    bool known = arriving->arrival->facts->firm(arriving->arrival->facts->ctx,
                                                box->grant.firm, &firm);

    arriving->gives = false;
    arriving->holds = false;
    arriving->copy = grant_box_copy(box);
    if (arriving->copy == NULL) {
        return VLT_E_NOMEM;
    }
    if (arriving->moves) {
        leave(arriving);
    }
    if (known && !grant_over(&box->grant) &&
        concerns(&box->grant, arriving->arrival)) {
        arriving->firm = firm_facts(&firm);
        st = arrive(arriving);
    }
    if (st == VLT_OK && arriving->gives) {
        st = put_row(consent, txn, arriving->copy, &joined,
                     arriving->arrival->now, changes);
    } else if (st == VLT_OK && (arriving->holds || arriving->left)) {
        st = ledger_put_grant(consent, txn, arriving->copy);
    }
    grant_release(&arriving->copy->grant);
    return st;
}

enum vlt_status
consent_stream_new(struct consent *consent, struct store_txn *txn,
                   const struct consent_arrival *arrival, size_t *held,
                   struct consent_changes *changes)
{
    struct arriving arriving = { .arrival = arrival,
                                 .set = ledger_set_now(consent)->owned,
                                 .decision = consent->decision };
    struct grant_box **list = NULL;
    size_t count = 0;
    enum vlt_status st;

    *held = 0;
    if (vocab_category(arrival->stream->category) == NULL) {
        return VLT_OK; /* of none, or of one that no firm gets */
    }
    st = ledger_all_grants(consent, true, &list, &count);
    for (size_t i = 0; i < count; i++) {
        if (st == VLT_OK && concerns(&list[i]->grant, arrival)) {
            st = arrive_in(consent, txn, list[i], &arriving, changes);
            *held += st == VLT_OK && arriving.holds;
        }
        grant_release(&list[i]->grant);
    }
    free(list);
    if (st == VLT_OK && *held > 0) {
        st = consent_moved(consent, txn);
    }
    return st;
}

static bool
is_part(const struct grant_box *box, const uint8_t stream[VLT_ID_LEN])
{
    for (size_t i = 0; i < box->grant.terms.item_count; i++) {
        if (has_it(box, box->grant.terms.items[i].n, stream)) {
            return true;
        }
    }
    return false;
}

enum vlt_status
consent_stream_moved(struct consent *consent, struct store_txn *txn,
                     const struct consent_arrival *arrival,
                     const struct consent_losing *lose, size_t *held,
                     struct consent_changes *changes)
{
    struct arriving arriving = { .arrival = arrival,
                                 .set = ledger_set_now(consent)->owned,
                                 .decision = consent->decision,
                                 .moves = true };
    struct grant_box **list = NULL;
    size_t count = 0;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    *held = 0;
    for (size_t i = 0; i < count; i++) {
        const struct grant *grant = &list[i]->grant;
        bool in_force = !grant_over(grant) && arrival->now < grant->exp;
        bool part = is_part(list[i], arrival->stream->id);

        /* What is left of a last use loses it as well. */
        if (st == VLT_OK && ((in_force && (part || concerns(grant, arrival))) ||
                             (part && consent_has_rest(grant, arrival->now)))) {
            st = arrive_in(consent, txn, list[i], &arriving, changes);
            *held += st == VLT_OK && arriving.holds;
            if (st == VLT_OK && arriving.loses) {
                (void)lose->fn(lose->ctx, grant);
            }
        }
        grant_release(grant);
    }
    free(list);
    return st == VLT_OK ? consent_moved(consent, txn) : st;
}
