/*
 * granting_internal: what an answer picks, how it is narrowed, and the grant
 * that comes of it.
 */
#ifndef CONSENT_GRANTING_INTERNAL_H
#define CONSENT_GRANTING_INTERNAL_H

#include "consent/consent_internal.h"

/* ---- what is given ---- */

/* The categories of the items that are to be given. */
struct consent_asked {
    size_t items;
    int data[TERMS_ITEMS];
};

/* The atoms of each pending part that the owner picked. */
struct picked {
    unsigned items[TERMS_PURPOSES];
    bool contact[TERMS_PURPOSES];
};

/* A request of a firm, which may name a grant of its own (replace.c). */
struct replacing {
    const struct terms_request *request;
    const uint8_t *firm; /* VLT_ID_LEN */
    int64_t now;
};

/* ---- submit.c ---- */

/* Make a grant of a part: terms, binding, record, change.  items: bit n-1 of
 * those that are granted. */
struct granting {
    struct consent *consent;
    struct store_txn *txn;
    struct kept_request *request; /* the turn's copy */
    int part;
    unsigned items;
    const struct terms *terms; /* narrowed; NULL: as asked */
    const struct consent_firm *firm;
    const struct consent_world *world;
    struct policy_duties duties;
    const struct policy_decision *decision;
    struct past past; /* of the firm, before this request; borrowed */
    const struct consent_narrow *narrow; /* of the owner; NULL: none */
    const struct set_box *set;           /* that decided */
    bool by_rule;
    enum consent_row row;
    int64_t now;
};
VLT_MUST_USE enum vlt_status grant_make(const struct granting *granting,
                                        struct consent_changes *changes);
struct replacing replacing_of(const struct granting *granting);

/* The grant alone, which nobody knows yet; the caller releases *out.  Pure, but
 * for its id and salt: any thread. */
VLT_MUST_USE enum vlt_status grant_draft(const struct granting *granting,
                                         struct grant_box **out);

/* ---- answer.c ---- */

/* May this part be given so, as the set decides now?  Its terms, as they would
 * be given, and the decision come out.  As consent_approve(); any thread. */
VLT_MUST_USE enum vlt_status granting_check(
    const struct consent_approval *approval, const struct granting *granting,
    struct policy_decision *decision, struct terms *terms, struct vlt_buf *why);

/* The items that were picked, of all parts. */
struct consent_asked granting_asked(const struct kept_request *request,
                                    const struct picked *picked);

/* What is granted of a part: consent, request, part, items, firm, world, narrow
 * and now. */
struct granting granting_of_part(struct consent *consent,
                                 const struct consent_approval *approval,
                                 struct kept_request *request,
                                 const struct picked *picked, size_t part);

/* ---- use.c ---- */

/* Decide a use of a grant, by a decision of the caller's, without taking it;
 * with a yes *out holds the grant. */
void use_ask(const struct policy_set *set, struct grant_box *box,
             const struct consent_asking *asking,
             struct policy_decision *decision, struct consent_use *out);

/* Is there room for so many more grants by a request of this firm, which may
 * name one that gives way?  VLT_E_QUOTA: no. */
VLT_MUST_USE enum vlt_status grant_room(struct consent *consent,
                                        const struct replacing *replacing,
                                        size_t more);

struct policy_firm firm_facts(const struct consent_firm *firm);

/* Leave these of its items, bit n-1. */
void take_items(struct terms *terms, unsigned items);

/* What the permits that match all atoms of a part demand. */
struct policy_duties duties_of(const struct policy_decision *decision);

/* The vault's own obligations of a grant by hand. */
struct policy_duties duties_by_hand(const struct policy_decision *decision,
                                    unsigned items,
                                    const struct consent_narrow *narrow);

/* The items of a part, as bits. */
unsigned items_of(const struct terms *terms);

/* Is it among the items that are granted?  `contact` always is. */
bool atom_given(const struct policy_atom *atom, unsigned items);

/* ---- replace.c ---- */

/* Does the request name a grant in force, which its own then takes the place
 * of? */
bool replaces_one(struct consent *consent, const struct replacing *replacing);

/* Does who makes this grant end the suspension of the one that it replaces?
 * The owner who approves does; not a rule, nor the firm that accepts what the
 * owner once offered. */
bool replace_resumes(const struct granting *granting);

/* What the grant that a request names, as committed, hands on to a draft: its
 * gaps, and what its rate has seen. */
VLT_MUST_USE enum vlt_status replace_draft(const struct granting *granting,
                                           struct grant_box *box);

/* Where the request names a grant that is in force, end that, and make the new
 * one, which is filled in and not put yet, its successor.  *out is the old one
 * as it was, also on failure, which the caller releases; untouched: there is
 * none. */
VLT_MUST_USE enum vlt_status replace_grant(const struct granting *granting,
                                           struct grant_box *box,
                                           struct consent_changes *changes,
                                           struct grant_box **out);

/* ---- narrow.c ---- */

/* Lower the terms of a grant that starts then (ns) as the owner said.
 * VLT_E_CONFLICT: it would widen; VLT_E_FORMAT: not in this release, or out of
 * range; why says which. */
VLT_MUST_USE enum vlt_status narrow_terms(const struct consent_narrow *narrow,
                                          int64_t start, struct terms *terms,
                                          struct vlt_buf *why);

/* Does the owner let the stream of this name be given? */
bool narrow_lets(const struct consent_narrow *narrow, struct vlt_slice name);

/* ---- naming.c ---- */

/* Does each of the owner's patterns name a stream there is?  A grant of none
 * would look like one.  VLT_E_FORMAT: one does not; why says which, and what
 * streams there are. */
VLT_MUST_USE enum vlt_status narrow_names(const struct consent_narrow *narrow,
                                          const struct consent_asked *asked,
                                          const struct consent_world *world,
                                          struct vlt_buf *why);

/* ---- pick.c ---- */

/* VLT_E_LIMIT, VLT_E_FORMAT, VLT_E_CONFLICT as consent_approve(). */
VLT_MUST_USE enum vlt_status pick_atoms(const struct kept_request *request,
                                        const struct consent_pick *pick,
                                        struct picked *out,
                                        struct vlt_buf *why);

/* The same for who only looks: where nothing is named, all that waits, whether
 * it would have to be named or not. */
VLT_MUST_USE enum vlt_status pick_to_look(const struct kept_request *request,
                                          const struct consent_pick *pick,
                                          struct picked *out,
                                          struct vlt_buf *why);

bool is_picked(const struct picked *picked, size_t part);
bool is_pending(const struct kept_request *request, size_t part);

#endif
