#include "consent/consent.h"

#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"
#include "consent/force_internal.h"
#include "crypto/random.h"
#include "util/log.h"
#include "json/json_write.h"

/* The setting that holds the consent epoch. */
static const uint8_t epoch_id[VLT_ID_LEN] = "consent epoch";

static enum vlt_status
new_maps(struct consent *consent)
{
    struct map **maps[] = { &consent->turn_requests, &consent->turn_grants,
                            &consent->requests, &consent->waiting,
                            &consent->books };
    uint8_t seed[MAP_SEED_LEN];
    enum vlt_status st = pool_new(sizeof(struct grant_box), &consent->pool);

    vlt_random(seed, sizeof seed);
    for (size_t i = 0; st == VLT_OK && i < sizeof maps / sizeof maps[0]; i++) {
        st = map_new(VLT_ID_LEN, seed, maps[i]);
    }
    return st == VLT_OK
               ? map_new_of(consent->pool, VLT_ID_LEN, seed, &consent->grants)
               : st;
}

enum vlt_status
consent_new(struct store *store, struct consent **out)
{
    struct consent *consent = calloc(1, sizeof *consent);
    enum vlt_status st;

    if (consent == NULL) {
        return VLT_E_NOMEM;
    }
    consent->store = store;
    consent->decision = malloc(sizeof *consent->decision);
    consent->of_part = malloc(TERMS_PURPOSES * sizeof *consent->of_part);
    st = consent->decision != NULL && consent->of_part != NULL
             ? lock_new(&consent->lock)
             : VLT_E_NOMEM;
    if (st == VLT_OK) {
        st = new_maps(consent);
    }
    if (st != VLT_OK) {
        consent_free(consent);
        return st;
    }
    *out = consent;
    return VLT_OK;
}

void
consent_free(struct consent *consent)
{
    if (consent == NULL) {
        return;
    }
    if (consent->grants != NULL) {
        consent_clear(consent);
    }
    map_free(consent->requests);
    map_free(consent->books);
    map_free(consent->waiting);
    map_free(consent->grants);
    map_free(consent->turn_requests);
    map_free(consent->turn_grants);
    pool_free(consent->pool);
    lock_free(consent->lock);
    free(consent->decision);
    free(consent->of_part);
    free(consent);
}

void
consent_clear(struct consent *consent)
{
    struct policy_decision *spare;
    struct set_box *set;

    ledger_clear(consent);
    force_release(consent->turn_set);
    consent->turn_set = NULL;
    lock_take(consent->lock);
    set = consent->set;
    consent->set = NULL;
    spare = consent->spare;
    consent->spare = NULL;
    lock_drop(consent->lock);
    force_release(set);
    free(spare);
}

/* ---- loading ---- */

struct loading {
    struct consent *consent;
    enum vlt_status st;
};

static bool
load_request(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    struct kept_request *request = NULL;

    loading->st = request_record_get(id, json, &request);
    if (loading->st == VLT_OK) {
        loading->st = ledger_keep_request(loading->consent, request);
    }
    if (loading->st != VLT_OK) {
        request_release(request);
    }
    return loading->st == VLT_OK;
}

static bool
load_grant(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct loading *loading = ctx;
    struct grant_box *box = NULL;

    loading->st = grant_record_get(loading->consent, id, json, &box);
    if (loading->st == VLT_OK) {
        loading->st = ledger_keep_grant(loading->consent, box);
        if (loading->st != VLT_OK) {
            grant_release(&box->grant);
        }
    }
    return loading->st == VLT_OK;
}

static enum vlt_status
load_epoch(struct consent *consent, const struct store_view *view)
{
    struct vlt_json *document = NULL;
    struct vlt_buf json;
    enum vlt_status st;

    consent->turn_epoch = 0;
    vlt_buf_init(&json, 0);
    st = store_meta_get(view, STORE_META_SETTING, epoch_id, &json);
    if (st == VLT_OK) {
        st = vlt_json_parse(vlt_buf_slice(&json), 4096, 2, NULL, &document);
    }
    if (st == VLT_OK) {
        consent->turn_epoch =
            (uint64_t)vlt_json_int_of(vlt_json_get(document, "epoch"));
    }
    vlt_json_free(document);
    vlt_buf_free(&json);
    atomic_set(&consent->epoch, consent->turn_epoch);
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

static enum vlt_status
load_records(struct consent *consent, const struct store_view *view)
{
    struct loading loading = { .consent = consent, .st = VLT_OK };
    enum vlt_status st =
        store_meta_each(view, STORE_META_REQUEST, load_request, &loading);

    if (st == VLT_OK && loading.st == VLT_OK) {
        st = store_meta_each(view, STORE_META_GRANT, load_grant, &loading);
    }
    return st == VLT_OK ? loading.st : st;
}

enum vlt_status
consent_load(struct consent *consent, const struct store_view *view)
{
    enum vlt_status st = load_epoch(consent, view);

    if (st == VLT_OK) {
        st = force_load(consent, view);
    }
    if (st == VLT_OK) {
        st = load_records(consent, view);
    }
    if (st != VLT_OK) {
        log_error("consent", "loading failed: %s", vlt_status_word(st));
        consent_clear(consent);
    }
    /* Sealed, so what does not parse is damaged. */
    return st == VLT_E_FORMAT || st == VLT_E_LIMIT ? VLT_E_STORAGE : st;
}

/* ---- the epoch ---- */

uint64_t
consent_epoch(const struct consent *consent)
{
    return atomic_get(&consent->epoch);
}

uint64_t
consent_epoch_now(const struct consent *consent)
{
    return consent->turn_epoch;
}

enum vlt_status
consent_moved(struct consent *consent, struct store_txn *txn)
{
    struct vlt_json_out json;
    struct vlt_buf buf;
    enum vlt_status st;

    consent->turn_epoch++;
    vlt_buf_init(&buf, 0);
    json = vlt_json_out(&buf);
    vlt_put_object(&json, NULL);
    vlt_put_int(&json, "epoch", (int64_t)consent->turn_epoch);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
    st = vlt_buf_status(&buf);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_SETTING, epoch_id, NULL,
                            vlt_buf_slice(&buf));
    }
    vlt_buf_free(&buf);
    return st;
}

void
consent_turn_end(struct consent *consent, bool committed)
{
    if (committed) {
        atomic_set(&consent->epoch, consent->turn_epoch);
    } else {
        consent->turn_epoch = atomic_get(&consent->epoch);
    }
    force_turn_end(consent, committed);
    ledger_turn_end(consent, committed);
}
