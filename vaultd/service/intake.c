#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "service/http_internal.h"
#include "service/intake_internal.h"
#include "util/log.h"
#include "wire/address.h"

enum vlt_status
intake_new(struct intake **out)
{
    struct intake *intake = calloc(1, sizeof *intake);

    if (intake == NULL) {
        return VLT_E_NOMEM;
    }
    intake->due = INT64_MAX;
    *out = intake;
    return VLT_OK;
}

void
intake_free(struct intake *intake)
{
    if (intake != NULL) {
        store_gate_free(&intake->gate);
        free(intake);
    }
}

void
intake_shut(struct service *service)
{
    struct intake *intake = service->intake;
    struct store_gate gate = { .count = 0 };
    enum vlt_status st = store_gate_read(service->store, &gate);

    /* Without a gate nobody comes in until the vault is unlocked. */
    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        log_error("service", "nothing is taken while locked: %s",
                  vlt_status_word(st));
    }
    store_gate_free(&intake->gate);
    intake->gate = gate;
    intake->known = true;
    intake->lock++;
    memset(intake->taken, 0, sizeof intake->taken);
    memset(intake->unproved, 0, sizeof intake->unproved);
    intake->unproved_all = store_inbox_bytes(service->store);
    intake->due = INT64_MAX;
}

static size_t
find_token(const struct intake *intake, struct vlt_slice token)
{
    struct vlt_secret *secret = NULL;
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    uint8_t hash[VLT_HASH_LEN];

    if (vlt_source_token_parse(token, id, &secret) != VLT_OK) {
        return STORE_GATE_MAX;
    }
    struct vlt_slice part =
        vlt_slice_of(vlt_secret_peek(secret), vlt_secret_len(secret));

    vlt_hash(&part, 1, hash);
    vlt_secret_free(secret);
    return store_gate_find(&intake->gate, id, hash);
}

size_t
intake_find(const struct intake *intake, const struct http_claim *claim)
{
    return claim->way == WAY_BEARER
               ? find_token(intake, claim->token)
               : store_gate_find_id(&intake->gate, claim->device.head.device);
}

/* ---- the gate follows the sources (commit thread) ---- */

static enum vlt_status
put(struct turn *turn, struct store_gate *gate)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    return st == VLT_OK ? store_gate_put(txn, gate) : st;
}

enum vlt_status
intake_put_gate(struct turn *turn)
{
    struct identity *identity = turn->service->identity;
    struct store_gate gate = { .count = 0 };
    enum vlt_status st;

    if (turn->txn == NULL || turn->keyless || !identity_changes(identity)) {
        return VLT_OK;
    }
    st = identity_gate(identity, &gate);
    if (st == VLT_OK) {
        st = put(turn, &gate);
    }
    store_gate_free(&gate);
    return st;
}

enum vlt_status
intake_check_gate(struct turn *turn)
{
    struct service *service = turn->service;
    struct store_gate there = { .count = 0 };
    struct store_gate gate = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_gate(service->identity, &gate);
    }
    if (st == VLT_OK) {
        st = store_inbox_drained(store_txn_view(txn), &gate.drained);
    }
    if (st != VLT_OK) {
        store_gate_free(&gate);
        return st;
    }
    enum vlt_status read = store_gate_read(service->store, &there);

    if (read != VLT_OK || !store_gate_same(&there, &gate)) {
        if (read != VLT_E_NOT_FOUND) {
            log_warning("service", "who may push while the vault is locked was "
                                   "changed from outside; it is set right");
        }
        st = put(turn, &gate);
    }
    store_gate_free(&there);
    store_gate_free(&gate);
    return st;
}
