#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"
#include "util/log.h"

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
        free(request->decided[i]);
        offer_free(request->offer[i]);
    }
    vlt_json_free(request->document);
    free(request->jws);
    free(request);
}

struct grant_box *
box_of(const struct grant *grant)
{
    return (struct grant_box *)((uintptr_t)grant -
                                offsetof(struct grant_box, grant));
}

struct policy_grant
grant_as_asked(const struct grant *grant)
{
    return (struct policy_grant){ .terms = &grant->terms,
                                  .start = grant->nbf,
                                  .end = grant->exp,
                                  .by_rule = grant->by_rule };
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
    free(box->gap);
    free(box->kept);
    free(box->exception);
    free(box->ruled);
    free(box->recent);
    pool_give(box);
}

/* ---- finding ---- */

struct kept_request *
ledger_request(struct consent *consent, const uint8_t id[VLT_ID_LEN], bool now)
{
    struct kept_request *found =
        now ? map_get(consent->turn_requests, id) : NULL;

    if (found != NULL) {
        return request_hold(found);
    }
    lock_take(consent->lock);
    found = map_get(consent->requests, id);
    if (found != NULL) {
        request_hold(found);
    }
    lock_drop(consent->lock);
    return found;
}

/* Fetch what a decision reads all at once: of many grants none of it is in the
 * processor's cache, and line by line it would be waited for as often.  Boxes
 * begin with a line, and so do both pieces.  A function that does nothing else
 * is left out by GCC 12 where it is called, so it is not to be one. */
__attribute__((always_inline)) static inline void
fetch_grant(const struct grant_box *box)
{
    static const struct {
        size_t from, to;
    } read[] = {
        { 0, offsetof(struct grant_box, grant.terms.common.onward) },
        { offsetof(struct grant_box, grant.terms.common.onward_count),
          offsetof(struct grant_box, grant.terms.items[0].purposes) },
    };

    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        for (size_t at = read[i].from; at < read[i].to; at += POOL_LINE) {
            __builtin_prefetch((const uint8_t *)box + at);
        }
    }
}

struct grant_box *
ledger_grant(struct consent *consent, const uint8_t id[VLT_ID_LEN], bool now)
{
    struct grant_box *found = now ? map_get(consent->turn_grants, id) : NULL;

    if (found != NULL) {
        grant_hold(&found->grant);
        return found;
    }
    lock_take(consent->lock);
    found = map_get(consent->grants, id);
    if (found != NULL) {
        fetch_grant(found);
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

void
ledger_offering(struct consent *consent, struct kept_request *request)
{
    struct kept_request *before = consent->offering;

    consent->offering = request != NULL ? request_hold(request) : NULL;
    request_release(before);
}

enum vlt_status
ledger_put_request(struct consent *consent, struct store_txn *txn,
                   struct kept_request *request)
{
    struct kept_request *old =
        map_get(consent->turn_requests, request->request.id);
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, 0);
    request_record_put(&json, request);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_REQUEST, request->request.id,
                            request->kid, vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    if (st == VLT_OK) {
        st = map_put(consent->turn_requests, request->request.id, request);
    }
    if (st == VLT_OK) {
        request_hold(request);
        request_release(old);
    }
    return st;
}

enum vlt_status
ledger_put_grant(struct consent *consent, struct store_txn *txn,
                 struct grant_box *grant)
{
    struct grant_box *old = map_get(consent->turn_grants, grant->grant.id);
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init(&json, 0);
    grant_record_put(&json, grant);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_GRANT, grant->grant.id,
                            grant->grant.firm_kid, vlt_buf_slice(&json));
    }
    vlt_buf_free(&json);
    if (st == VLT_OK) {
        st = map_put(consent->turn_grants, grant->grant.id, grant);
    }
    if (st == VLT_OK) {
        grant_hold(&grant->grant);
        grant_release(old != NULL ? &old->grant : NULL);
    }
    return st;
}

/* ---- all of them ---- */

/* All values, the turn's in the place of the committed ones (turn NULL: these
 * alone).  Nothing is held yet.  Under the lock. */
static enum vlt_status
gather(const struct map *committed, const struct map *turn, void ***out,
       size_t *count)
{
    size_t most =
        map_count(committed) + (turn != NULL ? map_count(turn) : 0) + 1;
    void **list = calloc(most, sizeof *list);
    const uint8_t *key;
    size_t at = 0;
    void *value;

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    *count = 0;
    while (map_next(committed, &at, &key, &value)) {
        if (turn == NULL || map_get(turn, key) == NULL) {
            list[(*count)++] = value;
        }
    }
    at = 0;
    while (turn != NULL && map_next(turn, &at, NULL, &value)) {
        list[(*count)++] = value;
    }
    *out = list;
    return VLT_OK;
}

enum vlt_status
ledger_all_grants(struct consent *consent, bool now, struct grant_box ***out,
                  size_t *count)
{
    void **list = NULL;
    enum vlt_status st;

    lock_take(consent->lock);
    st = gather(consent->grants, now ? consent->turn_grants : NULL, &list,
                count);
    for (size_t i = 0; st == VLT_OK && i < *count; i++) {
        grant_hold(&((struct grant_box *)list[i])->grant);
    }
    lock_drop(consent->lock);
    if (st == VLT_OK) {
        *out = (struct grant_box **)list;
    }
    return st;
}

enum vlt_status
ledger_all_requests(struct consent *consent, bool now,
                    struct kept_request ***out, size_t *count)
{
    void **list = NULL;
    enum vlt_status st;

    lock_take(consent->lock);
    st = gather(consent->requests, now ? consent->turn_requests : NULL, &list,
                count);
    for (size_t i = 0; st == VLT_OK && i < *count; i++) {
        request_hold(list[i]);
    }
    lock_drop(consent->lock);
    if (st == VLT_OK) {
        *out = (struct kept_request **)list;
    }
    return st;
}

/* ---- the end of a turn ---- */

/* Where a value is replaced its place is free before the new one comes, so that
 * needs no memory: what was revoked cannot stay active. */
enum vlt_status
ledger_keep_grant(struct consent *consent, struct grant_box *grant)
{
    struct grant_box *old = map_take(consent->grants, grant->grant.id);
    enum vlt_status st = map_put(consent->grants, grant->grant.id, grant);

    if (st == VLT_OK) {
        st = book_keep_grant(consent, old, grant);
        if (st != VLT_OK) {
            (void)map_take(consent->grants, grant->grant.id);
        }
    }
    grant_release(old != NULL ? &old->grant : NULL);
    return st;
}

enum vlt_status
ledger_keep_request(struct consent *consent, struct kept_request *request)
{
    struct kept_request *old = map_take(consent->requests, request->request.id);
    enum vlt_status st =
        map_put(consent->requests, request->request.id, request);

    if (st == VLT_OK) {
        st = book_keep_request(consent, old, request);
        if (st != VLT_OK) {
            (void)map_take(consent->requests, request->request.id);
        }
    }
    request_release(old);
    return st;
}

void
ledger_turn_end(struct consent *consent, bool committed)
{
    size_t at = 0;
    void *value;

    lock_take(consent->lock);
    while (map_next(consent->turn_grants, &at, NULL, &value)) {
        struct grant_box *grant = value;

        if (committed && ledger_keep_grant(consent, grant) == VLT_OK) {
            continue;
        }
        if (committed) {
            log_error("consent", "no memory for a new grant until restart");
        }
        grant_release(&grant->grant);
    }
    at = 0;
    while (map_next(consent->turn_requests, &at, NULL, &value)) {
        if (committed && ledger_keep_request(consent, value) == VLT_OK) {
            continue;
        }
        if (committed) {
            log_error("consent", "no memory for a new request until restart");
        }
        request_release(value);
    }
    lock_drop(consent->lock);
    map_clear(consent->turn_grants);
    map_clear(consent->turn_requests);
    ledger_offering(consent, NULL);
}

void
ledger_clear(struct consent *consent)
{
    size_t at = 0;
    void *value;

    ledger_turn_end(consent, false);
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
    book_clear(consent);
    lock_drop(consent->lock);
}
