#include "consent/draft.h"

#include <stdlib.h>
#include <string.h>

#include "consent/granting_internal.h"

struct drafting {
    struct consent *consent;
    const struct consent_approval *approval;
    struct kept_request *request; /* held */
    const struct set_box *set;    /* held */
    struct policy_decision *decision;
    struct vlt_buf *why;
    consent_draft_fn *fn;
    void *ctx;
    bool go_on;
};

/* What would be decided on its first use. */
static void
tell(struct drafting *drafting, struct grant_box *box)
{
    const struct consent_approval *approval = drafting->approval;
    struct consent_asking asking = { .firm = approval->firm,
                                     .said_yes = true,
                                     .now = approval->now,
                                     .running = approval->now };
    struct consent_use may;

    memset(box->grant.id, 0, sizeof box->grant.id);
    /* What decided on the grant is in it by now. */
    use_ask(drafting->set->owned, box, &asking, drafting->decision, &may);
    grant_release(may.grant);
    may.grant = NULL;
    drafting->go_on = drafting->fn(drafting->ctx, &box->grant, &may);
}

static enum vlt_status
draft_part(struct drafting *drafting, const struct picked *picked, size_t part)
{
    const struct consent_approval *approval = drafting->approval;
    struct granting granting = granting_of_part(
        drafting->consent, approval, drafting->request, picked, part);
    struct grant_box *box = NULL;
    struct terms terms;
    enum vlt_status st;

    granting.set = drafting->set;
    st = granting_check(approval, &granting, drafting->decision, &terms,
                        drafting->why);
    if (st != VLT_OK) {
        return st;
    }
    granting.terms = &terms;
    granting.decision = drafting->decision;
    granting.duties =
        duties_by_hand(drafting->decision, granting.items, approval->narrow);
    st = grant_draft(&granting, &box);
    if (st == VLT_OK) {
        st = replace_draft(&granting, box);
    }
    if (st == VLT_OK) {
        tell(drafting, box);
    }
    grant_release(box != NULL ? &box->grant : NULL);
    return st;
}

static enum vlt_status
draft_parts(struct drafting *drafting)
{
    const struct consent_approval *approval = drafting->approval;
    struct kept_request *request = drafting->request;
    struct picked picked;
    enum vlt_status st;

    if (approval->now >= request->request.reply_by) {
        vlt_buf_printf(drafting->why, "Its time to be answered is over.");
        return VLT_E_CONFLICT;
    }
    st = pick_to_look(request, &approval->pick, &picked, drafting->why);
    if (st == VLT_OK) {
        struct consent_asked asked = granting_asked(request, &picked);

        st = narrow_names(approval->narrow, &asked, approval->world,
                          drafting->why);
    }
    for (size_t i = 0;
         st == VLT_OK && drafting->go_on && i < request->request.parts; i++) {
        if (is_picked(&picked, i)) {
            st = draft_part(drafting, &picked, i);
        }
    }
    return st;
}

enum vlt_status
consent_draft(struct consent *consent, const struct consent_approval *approval,
              struct vlt_buf *why, consent_draft_fn *fn, void *ctx)
{
    const struct consent_set *set = consent_set_hold(consent);
    struct drafting drafting = {
        .consent = consent,
        .approval = approval,
        .request = ledger_request(consent, approval->request, false),
        .set = (const struct set_box *)set,
        .decision = malloc(sizeof *drafting.decision),
        .why = why,
        .fn = fn,
        .ctx = ctx,
        .go_on = true,
    };
    enum vlt_status st = VLT_E_NOT_FOUND;

    if (set == NULL) {
        st = VLT_E_LOCKED;
    } else if (drafting.decision == NULL) {
        st = VLT_E_NOMEM;
    } else if (drafting.request != NULL) {
        st = draft_parts(&drafting);
    }
    if (drafting.request != NULL) {
        request_release(drafting.request);
    }
    free(drafting.decision);
    consent_set_release(set);
    return st;
}
