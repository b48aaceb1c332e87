/*
 * grant.receipt: receipts with the proof that each is in the log, and a signed
 * word of how the grant stands now.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/grant_internal.h"
#include "wire/limits.h"
#include "wire/receipt_check.h"
#include "json/json_write.h"

enum vlt_status
grant_receipt_check(struct call *call, struct vlt_walk *params)
{
    struct grant_asked *asked = call_state(call, sizeof *asked);

    if (asked == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", asked->grant);
    asked->seq = (uint64_t)vlt_walk_int_or(params, "from", 1, VLT_LIMIT_ID, 0);
    return VLT_OK;
}

static enum vlt_status
put_receipt(struct vlt_json_out *json, const struct noun_tree *tree,
            const struct grant *grant, uint64_t seq)
{
    struct vlt_buf jws;
    struct vlt_buf countersignature;
    struct vlt_buf proof;
    uint64_t index = 0;
    enum vlt_status st;

    vlt_buf_init(&jws, 0);
    vlt_buf_init(&countersignature, 0);
    vlt_buf_init(&proof, VLT_LIMIT_PROOF);
    st = consent_receipt_get(tree->service->consent, tree->view, grant->id, seq,
                             &jws, &countersignature, &index);
    if (st == VLT_OK) {
        st = noun_put_proof(tree, index, &proof);
    }
    if (st == VLT_OK) {
        vlt_put_object(json, NULL);
        vlt_put_uint(json, "seq", seq);
        vlt_put_slice(json, "receipt", vlt_buf_slice(&jws));
        if (countersignature.len > 0) {
            vlt_put_slice(json, "countersignature",
                          vlt_buf_slice(&countersignature));
        } else {
            vlt_put_null(json, "countersignature");
        }
        vlt_put_slice(json, "proof", vlt_buf_slice(&proof));
        vlt_put_end(json);
    }
    vlt_buf_free(&jws);
    vlt_buf_free(&countersignature);
    vlt_buf_free(&proof);
    return st;
}

static enum vlt_status
put_status(struct vlt_json_out *json, const struct noun_tree *tree,
           const struct grant *grant)
{
    struct vlt_grant_status status = {
        .state = vlt_slice_text(consent_state_word(grant->state)),
        .as_of = service_effective(tree->service) / VLT_SECOND,
    };
    struct vlt_buf jws;
    enum vlt_status st;

    memcpy(status.grant, grant->id, sizeof status.grant);
    status.fresh_until = status.as_of + VLT_LIMIT_FRESH_S;
    vlt_buf_init(&jws, 0);
    st = vlt_grant_status_sign(tree->signer, &status, &jws);
    if (st == VLT_OK) {
        vlt_put_slice(json, "status", vlt_buf_slice(&jws));
    }
    vlt_buf_free(&jws);
    return st;
}

/* As many as one answer takes; the reader asks on with the next seq. */
static enum vlt_status
put_all(struct call *call, const struct noun_tree *tree,
        const struct grant *grant, uint64_t from)
{
    struct vlt_json_out json = call_result(call);
    enum vlt_status st = VLT_OK;

    vlt_put_ulid(&json, "grant", grant->id);
    vlt_put_list(&json, "receipts");
    for (uint64_t seq = from; st == VLT_OK && seq <= grant->receipt_seq &&
                              call->result.len < NOUN_ROOM;
         seq++) {
        st = put_receipt(&json, tree, grant, seq);
    }
    vlt_put_end(&json);
    if (st == VLT_OK) {
        st = put_status(&json, tree, grant);
    }
    vlt_put_end(&json);
    return st;
}

/* The firm whose grant it is: of a firm's call itself, still confirmed. */
static enum vlt_status
find_firm(struct call *call, const struct grant *grant, const struct firm **out)
{
    if (call->who.role == ROLE_FIRM) {
        return noun_self(call, out);
    }
    *out = identity_firm_by_id(call->service->identity, grant->firm);
    return *out != NULL ? VLT_OK : VLT_E_STORAGE;
}

enum vlt_status
grant_receipt_prepare(struct call *call)
{
    const struct grant_asked *asked = call->state;
    const struct grant *grant = NULL;
    const struct firm *firm = NULL;
    struct noun_tree tree;
    enum vlt_status st = grant_ask(call, false, asked->grant, &grant);

    if (st == VLT_OK) {
        st = find_firm(call, grant, &firm);
    }
    if (st == VLT_OK) {
        st = noun_tree_begin(call->service, firm, &tree);
        if (st == VLT_OK) {
            st = put_all(call, &tree, grant,
                         asked->seq > 0 ? asked->seq : grant->receipt_seq);
        }
        noun_tree_end(&tree);
    }
    firm_release(firm);
    grant_release(grant);
    return st;
}
