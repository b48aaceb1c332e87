/*
 * Looking: requests and grants as they are committed, and why.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/granting_internal.h"

const struct grant *
consent_grant_find(struct consent *consent, const uint8_t id[VLT_ID_LEN])
{
    struct grant_box *box = ledger_grant(consent, id, false);

    return box != NULL ? &box->grant : NULL;
}

const struct grant *
consent_grant_now(struct consent *consent, const uint8_t id[VLT_ID_LEN])
{
    struct grant_box *box = ledger_grant(consent, id, true);

    return box != NULL ? &box->grant : NULL;
}

/* Newest first: ids are ULIDs. */
static int
newer_grant(const void *a, const void *b)
{
    struct grant_box *const *x = a;
    struct grant_box *const *y = b;

    return memcmp((*y)->grant.id, (*x)->grant.id, VLT_ID_LEN);
}

static int
newer_request(const void *a, const void *b)
{
    struct kept_request *const *x = a;
    struct kept_request *const *y = b;

    if ((*x)->request.received != (*y)->request.received) {
        return (*x)->request.received < (*y)->request.received ? 1 : -1;
    }
    return memcmp((*y)->request.id, (*x)->request.id, VLT_ID_LEN);
}

void
consent_grants(struct consent *consent, consent_grant_fn *fn, void *ctx)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    bool go_on = true;

    if (ledger_all_grants(consent, false, &list, &count) != VLT_OK) {
        return;
    }
    qsort(list, count, sizeof *list, newer_grant);
    for (size_t i = 0; i < count; i++) {
        go_on = go_on && fn(ctx, &list[i]->grant);
        grant_release(&list[i]->grant);
    }
    free(list);
}

enum vlt_status
consent_grants_now(struct consent *consent, consent_grant_fn *fn, void *ctx)
{
    struct grant_box **list = NULL;
    size_t count = 0;
    bool go_on = true;
    enum vlt_status st = ledger_all_grants(consent, true, &list, &count);

    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < count; i++) {
        go_on = go_on && fn(ctx, &list[i]->grant);
        grant_release(&list[i]->grant);
    }
    free(list);
    return VLT_OK;
}

/* A part that became a grant has the grant's state. */
static void
give_request(struct consent *consent, const struct kept_request *kept, bool now,
             consent_request_fn *fn, void *ctx, bool *go_on)
{
    struct consent_request request = kept->request;

    for (size_t i = 0; i < request.parts; i++) {
        if (request.part[i].state == CONSENT_ACTIVE) {
            struct grant_box *box =
                ledger_grant(consent, request.part[i].grant, now);

            if (box != NULL) {
                request.part[i].state = box->grant.state;
                grant_release(&box->grant);
            }
        }
    }
    *go_on = fn(ctx, &request);
}

void
consent_requests(struct consent *consent, consent_request_fn *fn, void *ctx)
{
    struct kept_request **list = NULL;
    size_t count = 0;
    bool go_on = true;

    if (ledger_all_requests(consent, false, &list, &count) != VLT_OK) {
        return;
    }
    qsort(list, count, sizeof *list, newer_request);
    for (size_t i = 0; i < count; i++) {
        if (go_on) {
            give_request(consent, list[i], false, fn, ctx, &go_on);
        }
        request_release(list[i]);
    }
    free(list);
}

static enum vlt_status
give_one(struct consent *consent, const uint8_t id[VLT_ID_LEN], bool now,
         consent_request_fn *fn, void *ctx)
{
    struct kept_request *kept = ledger_request(consent, id, now);
    bool go_on;

    if (kept == NULL) {
        return VLT_E_NOT_FOUND;
    }
    give_request(consent, kept, now, fn, ctx, &go_on);
    request_release(kept);
    return VLT_OK;
}

enum vlt_status
consent_request_find(struct consent *consent, const uint8_t id[VLT_ID_LEN],
                     consent_request_fn *fn, void *ctx)
{
    return give_one(consent, id, false, fn, ctx);
}

enum vlt_status
consent_request_now(struct consent *consent, const uint8_t id[VLT_ID_LEN],
                    consent_request_fn *fn, void *ctx)
{
    return give_one(consent, id, true, fn, ctx);
}

enum vlt_status
consent_explain(struct consent *consent, const struct consent_anew *anew,
                consent_part_fn *fn, void *ctx)
{
    struct kept_request *kept = ledger_request(consent, anew->request, false);
    const struct consent_set *set;
    struct policy_decision *decision;
    struct policy_firm who = firm_facts(anew->firm);
    const int64_t now = anew->now;

    if (kept == NULL) {
        return VLT_E_NOT_FOUND;
    }
    struct past_of of = { .request = kept,
                          .now = now,
                          .again = parts_wait(kept, now) == 0,
                          .own = anew->own };
    struct past past = { .held = NULL };
    enum vlt_status st = past_take(consent, &of, &past);

    decision = st == VLT_OK ? malloc(sizeof *decision) : NULL;
    if (decision == NULL) {
        past_free(&past);
        request_release(kept);
        return VLT_E_NOMEM;
    }
    past_into(&past, &who);
    set = consent_set_hold(consent);
    /* defensive: a vault that is locked between two looks has no set. */
    for (size_t i = 0; set != NULL && i < kept->request.parts; i++) {
        struct terms terms;
        struct policy_asking asking = { &who, &terms, now, anew->firm->name };

        terms_part(&kept->terms, i, &terms);
        (void)policy_decide(set->set, &who, &terms, now, decision);
        fn(ctx, set->set, &asking, decision);
    }
    consent_set_release(set);
    request_release(kept);
    free(decision);
    past_free(&past);
    return VLT_OK;
}
