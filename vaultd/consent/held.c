/*
 * held: what a firm has already, and in which detail.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"

/* In force, of this firm, and neither of this request nor replaced by it? */
static bool
counts(const struct grant *grant, const struct kept_request *request,
       int64_t now)
{
    return !grant_over(grant) && now < grant->exp &&
           memcmp(grant->firm, request->request.firm, VLT_ID_LEN) == 0 &&
           memcmp(grant->request, request->request.id, VLT_ID_LEN) != 0 &&
           !(request->terms.has_replaces &&
             memcmp(grant->id, request->terms.replaces, VLT_ID_LEN) == 0);
}

static size_t
put_items(const struct grant *grant, struct policy_held *out)
{
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        const struct terms_item *item = &grant->terms.items[i];

        out[i] = (struct policy_held){
            .data = item->data,
            .stats = item->raw ? 0 : item->stats,
            .bucket_s = item->raw ? 0 : item->bucket_s,
            .round = item->round,
        };
    }
    return grant->terms.item_count;
}

enum vlt_status
held_by(struct consent *consent, const struct kept_request *request,
        int64_t now, bool in_turn, struct held *out)
{
    struct policy_held *held =
        calloc((size_t)CONSENT_GRANTS_FIRM * TERMS_ITEMS, sizeof *held);
    struct grant_box **list = NULL;
    size_t grants = 0;
    size_t taken = 0;
    size_t used = 0;
    enum vlt_status st =
        held == NULL ? VLT_E_NOMEM
                     : ledger_all_grants(consent, in_turn, &list, &grants);

    for (size_t i = 0; st == VLT_OK && i < grants; i++) {
        /* A firm has no more grants in force than there is room for. */
        if (taken < CONSENT_GRANTS_FIRM &&
            counts(&list[i]->grant, request, now)) {
            used += put_items(&list[i]->grant, held + used);
            taken++;
        }
        grant_release(&list[i]->grant);
    }
    free(list);
    if (st != VLT_OK) {
        free(held);
        return st;
    }
    *out = (struct held){ .count = used, .at = held };
    return VLT_OK;
}
