#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"

struct kept_request *
request_hold(struct kept_request *request)
{
    ref_hold(&request->ref);
    return request;
}

void
request_release(struct kept_request *request)
{
    if (request == NULL || !ref_drop(&request->ref)) {
        return;
    }
    for (size_t i = 0; i < TERMS_PURPOSES; i++) {
        free(request->reason[i]);
    }
    vlt_json_free(request->document);
    free(request->jws);
    free(request);
}

struct grant_box *
box_of(const struct grant *grant)
{
    return (struct grant_box *)(uintptr_t)grant;
}

const struct grant *
grant_hold(const struct grant *grant)
{
    ref_hold(&box_of(grant)->ref);
    return grant;
}

void
grant_release(const struct grant *grant)
{
    if (grant == NULL || !ref_drop(&box_of(grant)->ref)) {
        return;
    }
    struct grant_box *box = box_of(grant);

    request_release(box->request);
    free(box->bound);
    free(box->held);
    free(box->rule);
    free(box->recent);
    free(box);
}

/* ---- finding ---- */

struct kept_request *
ledger_request(struct consent *consent, const uint8_t id[VLT_ID_LEN], bool now)
{
    struct kept_request *found = NULL;

    for (struct dirty_request *at = now ? consent->dirty_requests : NULL;
         at != NULL; at = at->next) {
        if (memcmp(at->request->request.id, id, VLT_ID_LEN) == 0) {
            return request_hold(at->request);
        }
    }
    lock_take(consent->lock);
    found = map_get(consent->requests, id);
    if (found != NULL) {
        request_hold(found);
    }
    lock_drop(consent->lock);
    return found;
}

struct grant_box *
ledger_grant(struct consent *consent, const uint8_t id[VLT_ID_LEN], bool now)
{
    struct grant_box *found = NULL;

    for (struct dirty_grant *at = now ? consent->dirty_grants : NULL;
         at != NULL; at = at->next) {
        if (memcmp(at->grant->grant.id, id, VLT_ID_LEN) == 0) {
            grant_hold(&at->grant->grant);
            return at->grant;
        }
    }
    lock_take(consent->lock);
    found = map_get(consent->grants, id);
    if (found != NULL) {
        grant_hold(&found->grant);
    }
    lock_drop(consent->lock);
    return found;
}

const struct set_box *
ledger_set_now(const struct consent *consent)
{
    return consent->turn_set != NULL ? consent->turn_set : consent->set;
}

/* ---- putting ---- */

enum vlt_status
ledger_put_request(struct consent *consent, struct store_txn *txn,
                   struct kept_request *request)
{
    struct dirty_request *dirty = calloc(1, sizeof *dirty);
    struct vlt_buf json;
    enum vlt_status st;

    if (dirty == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&json, 0);
    request_record_put(&json, request);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_REQUEST, request->request.id,
                            request->kid, vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    if (st != VLT_OK) {
        free(dirty);
        return st;
    }
    dirty->request = request_hold(request);
    dirty->next = consent->dirty_requests; /* the newest is found first */
    consent->dirty_requests = dirty;
    return VLT_OK;
}

enum vlt_status
ledger_put_grant(struct consent *consent, struct store_txn *txn,
                 struct grant_box *grant)
{
    struct dirty_grant *dirty = calloc(1, sizeof *dirty);
    struct vlt_buf json;
    enum vlt_status st;

    if (dirty == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&json, 0);
    grant_record_put(&json, grant);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_GRANT, grant->grant.id,
                            grant->grant.firm_kid, vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    if (st != VLT_OK) {
        free(dirty);
        return st;
    }
    grant_hold(&grant->grant);
    dirty->grant = grant;
    dirty->next = consent->dirty_grants;
    consent->dirty_grants = dirty;
    return VLT_OK;
}

/* ---- all of them ---- */

static size_t
dirty_count(const struct consent *consent)
{
    size_t count = 0;

    for (struct dirty_grant *at = consent->dirty_grants; at != NULL;
         at = at->next) {
        count++;
    }
    for (struct dirty_request *at = consent->dirty_requests; at != NULL;
         at = at->next) {
        count++;
    }
    return count;
}

enum vlt_status
ledger_all_grants(struct consent *consent, bool now, struct grant_box ***out,
                  size_t *count)
{
    size_t more = now ? dirty_count(consent) : 0;
    struct grant_box **list;
    size_t at = 0;
    void *value;

    *count = 0;
    lock_take(consent->lock);
    list = calloc(map_count(consent->grants) + more + 1, sizeof *list);
    while (list != NULL && map_next(consent->grants, &at, NULL, &value)) {
        struct grant_box *box = value;

        grant_hold(&box->grant);
        list[(*count)++] = box;
    }
    lock_drop(consent->lock);
    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; now && i < *count; i++) {
        struct grant_box *newer =
            ledger_grant(consent, list[i]->grant.id, true);

        grant_release(&list[i]->grant);
        list[i] = newer;
    }
    for (struct dirty_grant *dirty = now ? consent->dirty_grants : NULL;
         dirty != NULL; dirty = dirty->next) {
        bool there = false;

        for (size_t i = 0; !there && i < *count; i++) {
            there = memcmp(list[i]->grant.id, dirty->grant->grant.id,
                           VLT_ID_LEN) == 0;
        }
        if (!there) {
            grant_hold(&dirty->grant->grant);
            list[(*count)++] = dirty->grant;
        }
    }
    *out = list;
    return VLT_OK;
}

enum vlt_status
ledger_all_requests(struct consent *consent, bool now,
                    struct kept_request ***out, size_t *count)
{
    size_t more = now ? dirty_count(consent) : 0;
    struct kept_request **list;
    size_t at = 0;
    void *value;

    *count = 0;
    lock_take(consent->lock);
    list = calloc(map_count(consent->requests) + more + 1, sizeof *list);
    while (list != NULL && map_next(consent->requests, &at, NULL, &value)) {
        list[(*count)++] = request_hold(value);
    }
    lock_drop(consent->lock);
    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; now && i < *count; i++) {
        struct kept_request *newer =
            ledger_request(consent, list[i]->request.id, true);

        request_release(list[i]);
        list[i] = newer;
    }
    for (struct dirty_request *dirty = now ? consent->dirty_requests : NULL;
         dirty != NULL; dirty = dirty->next) {
        bool there = false;

        for (size_t i = 0; !there && i < *count; i++) {
            there = memcmp(list[i]->request.id, dirty->request->request.id,
                           VLT_ID_LEN) == 0;
        }
        if (!there) {
            list[(*count)++] = request_hold(dirty->request);
        }
    }
    *out = list;
    return VLT_OK;
}

/* ---- the end of a turn ---- */

/* Oldest first, so that the newest value is what stays. */
static void
keep_grants(struct consent *consent, struct dirty_grant *dirty)
{
    if (dirty == NULL) {
        return;
    }
    keep_grants(consent, dirty->next);

    struct grant_box *old = map_get(consent->grants, dirty->grant->grant.id);

    if (map_put(consent->grants, dirty->grant->grant.id, dirty->grant) ==
        VLT_OK) {
        grant_hold(&dirty->grant->grant);
        grant_release(old != NULL ? &old->grant : NULL);
    }
}

static void
keep_requests(struct consent *consent, struct dirty_request *dirty)
{
    if (dirty == NULL) {
        return;
    }
    keep_requests(consent, dirty->next);

    struct kept_request *old =
        map_get(consent->requests, dirty->request->request.id);

    if (map_put(consent->requests, dirty->request->request.id,
                dirty->request) == VLT_OK) {
        request_hold(dirty->request);
        request_release(old);
    }
}

static void
drop_dirty(struct consent *consent)
{
    while (consent->dirty_grants != NULL) {
        struct dirty_grant *dirty = consent->dirty_grants;

        consent->dirty_grants = dirty->next;
        grant_release(&dirty->grant->grant);
        free(dirty);
    }
    while (consent->dirty_requests != NULL) {
        struct dirty_request *dirty = consent->dirty_requests;

        consent->dirty_requests = dirty->next;
        request_release(dirty->request);
        free(dirty);
    }
}

void
ledger_turn_end(struct consent *consent, bool committed)
{
    if (committed) {
        lock_take(consent->lock);
        keep_grants(consent, consent->dirty_grants);
        keep_requests(consent, consent->dirty_requests);
        lock_drop(consent->lock);
    }
    drop_dirty(consent);
}

void
ledger_clear(struct consent *consent)
{
    size_t at = 0;
    void *value;

    drop_dirty(consent);
    lock_take(consent->lock);
    while (map_next(consent->grants, &at, NULL, &value)) {
        grant_release(&((struct grant_box *)value)->grant);
    }
    map_clear(consent->grants);
    at = 0;
    while (map_next(consent->requests, &at, NULL, &value)) {
        request_release(value);
    }
    map_clear(consent->requests);
    lock_drop(consent->lock);
}
