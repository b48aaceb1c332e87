/*
 * replace: a request that names a grant, and becomes its successor (row 31).
 *
 * It is of the grant's purpose alone: of several parts one could be granted
 * while the others still wait, and there would be two where the firm said one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/granting_internal.h"
#include "terms/lint.h"

/* The grant of this firm that is named, while it is in force: box, or NULL. */
static struct grant_box *
in_force(struct grant_box *box, const uint8_t firm[VLT_ID_LEN], int64_t now)
{
    if (box != NULL && (grant_over(&box->grant) || now >= box->grant.exp ||
                        memcmp(box->grant.firm, firm, VLT_ID_LEN) != 0)) {
        grant_release(&box->grant);
        return NULL;
    }
    return box;
}

/* The grant that a request of this firm names, while it is in force, as the
 * turn sees it: held. */
static struct grant_box *
find(struct consent *consent, const struct replacing *replacing)
{
    const struct terms_request *request = replacing->request;

    return request->has_replaces
               ? in_force(ledger_grant(consent, request->replaces, true),
                          replacing->firm, replacing->now)
               : NULL;
}

bool
replaces_one(struct consent *consent, const struct replacing *replacing)
{
    struct grant_box *box = find(consent, replacing);
    bool one = box != NULL;

    grant_release(one ? &box->grant : NULL);
    return one;
}

static enum vlt_status
refuse(struct terms_fault *out, const char *says)
{
    *out = (struct terms_fault){ .at = "replaces" };
    (void)snprintf(out->says, sizeof out->says, "%s", says);
    return VLT_E_FORMAT;
}

enum vlt_status
consent_check_replaces(struct consent *consent,
                       const struct consent_submission *submission,
                       struct terms_fault *out)
{
    const struct terms_request *request = submission->request;
    struct replacing replacing = { request, submission->firm->id,
                                   submission->now };
    struct grant_box *old;
    struct terms part;
    enum vlt_status st;

    if (!request->has_replaces) {
        return VLT_OK;
    }
    old = find(consent, &replacing);
    if (old == NULL) {
        return refuse(out, "is no grant of this firm that is in force");
    }
    if (request->purpose_count != 1 ||
        request->purposes[0].id != old->grant.terms.purpose) {
        st = refuse(out, "takes a request for one purpose, that of the grant");
    } else {
        terms_part(request, 0, &part);
        st = terms_lint_replaces(&part, &old->grant.terms, submission->now,
                                 old->grant.exp, out);
    }
    grant_release(&old->grant);
    return st;
}

bool
replace_resumes(const struct granting *granting)
{
    return !granting->by_rule && granting->row != ROW_ACCEPTED;
}

/* What the old grant's rate has seen, and what is withheld of it.  While it was
 * suspended that goes on: only the owner's own yes ends it, and what it was
 * then is withheld. */
static enum vlt_status
hand_on(const struct granting *granting, const struct grant_box *old,
        struct grant_box *box)
{
    int64_t now = granting->now;
    enum vlt_status st = grant_recent_room(box, old->recent_count);

    if (st != VLT_OK) {
        return st;
    }
    box->grant.renews = true;
    memcpy(box->grant.prev, old->grant.id, VLT_ID_LEN);
    memcpy(box->recent, old->recent, old->recent_count * sizeof *box->recent);
    box->recent_count = old->recent_count;
    if (old->grant.state == CONSENT_ACTIVE) { /* what is to come comes */
        box->grant.pause_from = old->grant.pause_from;
        box->grant.pause_until = old->grant.pause_until;
        box->grant.hidden = old->grant.hidden;
    }
    for (size_t i = 0; st == VLT_OK && i < old->grant.gap_count; i++) {
        st = grant_add_gap(box, old->gap[i]);
    }
    if (st == VLT_OK && old->grant.suspended != 0 &&
        replace_resumes(granting)) {
        st = grant_add_gap(box, (struct grant_gap){ old->grant.suspended, now,
                                                    old->grant.hidden });
    }
    return st;
}

enum vlt_status
replace_draft(const struct granting *granting, struct grant_box *box)
{
    const struct terms_request *request = &granting->request->terms;
    struct grant_box *old =
        request->has_replaces ? in_force(ledger_grant(granting->consent,
                                                      request->replaces, false),
                                         granting->firm->id, granting->now)
                              : NULL;
    enum vlt_status st = old != NULL ? hand_on(granting, old, box) : VLT_OK;

    grant_release(old != NULL ? &old->grant : NULL);
    return st;
}

enum vlt_status
replace_grant(const struct granting *granting, struct grant_box *box,
              struct consent_changes *changes, struct grant_box **out)
{
    struct ending how = { CONSENT_REPLACED, CONSENT_EV_REPLACED,
                          box->grant.state_by, ROW_REPLACED };
    struct replacing replacing = replacing_of(granting);
    struct grant_box *old = find(granting->consent, &replacing);
    enum vlt_status st;

    if (old == NULL) {
        return VLT_OK;
    }
    st = hand_on(granting, old, box);
    if (st == VLT_OK) {
        st = end_grant(granting->consent, granting->txn, old, &how,
                       granting->now, changes);
    }
    *out = old;
    return st;
}
