#include <string.h>

#include "service/noun_internal.h"
#include "service/nouns.h"
#include "wire/address.h"
#include "wire/checkpoint.h"
#include "wire/jws.h"
#include "wire/limits.h"

static const char *
role_word(enum role role)
{
    switch (role) {
    case ROLE_OWNER:
        return "owner";
    case ROLE_SOURCE:
        return "source";
    case ROLE_FIRM:
        return "firm";
    }
    return "";
}

static void
put_limits(struct vlt_json_out *json)
{
    vlt_put_object(json, "limits");
    vlt_put_int(json, "text", VLT_LIMIT_TEXT);
    vlt_put_int(json, "binary", VLT_LIMIT_BINARY);
    vlt_put_int(json, "calls", VLT_LIMIT_CALLS);
    vlt_put_int(json, "streams", VLT_LIMIT_PATTERNS);
    vlt_put_int(json, "rows", SERIES_PAGE_ROWS);
    vlt_put_end(json);
    vlt_put_list(json, "features");
    vlt_put_end(json);
}

/* The newest head of the caller's own tree, with its checkpoint. */
static enum vlt_status
put_head(struct vlt_json_out *json, struct service *service,
         const uint8_t *firm, const struct vlt_signer *signer)
{
    static const uint8_t master[VLT_ID_LEN];
    const uint8_t *tree = firm != NULL ? firm : master;
    struct store_read *read = NULL;
    struct audit_head head;
    struct vlt_buf text;
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&text, VLT_LIMIT_CHECKPOINT);
    st = audit_committed_head(service->audit, store_read_view(read), tree,
                              &head);
    store_read_end(read);
    if (st == VLT_OK) {
        st = audit_checkpoint(service->audit, tree, &head, signer, &text);
    }
    if (st == VLT_OK) {
        struct vlt_origin from = { .instance = audit_instance(service->audit) };
        char origin[VLT_ORIGIN_TEXT];

        memcpy(from.tree, tree, sizeof from.tree);
        vlt_put_object(json, "head");
        vlt_put_text(json, "origin", vlt_origin_print(&from, origin));
        vlt_put_uint(json, "size", head.size);
        vlt_put_base64(json, "root", vlt_slice_of(head.root, 32));
        vlt_put_time(json, "time", head.time);
        vlt_put_slice(json, "checkpoint", vlt_buf_slice(&text));
        vlt_put_end(json);
    }
    vlt_buf_free(&text);
    return st;
}

/* The key that the firm pins. */
static void
put_receipt_key(struct vlt_json_out *json, const struct vlt_signer *signer)
{
    const uint8_t *pk = vlt_signer_pk(signer);
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_IDENTITY_TEXT];
    char kid[VLT_KID_TEXT];
    struct vlt_buf key;

    vlt_buf_init(&key, 64);
    vlt_base64url_put(&key, vlt_slice_of(pk, VLT_SIGN_PK));
    vlt_identity_of(VLT_IDENTITY_RECEIPT, pk, id);
    vlt_put_object(json, "receipt");
    vlt_put_text(json, "id",
                 vlt_identity_print(VLT_IDENTITY_RECEIPT, id, text));
    vlt_put_slice(json, "key", vlt_buf_slice(&key));
    vlt_put_text(json, "kid", vlt_jws_kid(pk, kid));
    vlt_put_end(json);
    vlt_buf_free(&key);
}

/* What only an unlocked vault knows. */
static enum vlt_status
put_unlocked(struct vlt_json_out *json, struct call *call)
{
    struct service *service = call->service;
    struct vlt_signer *signer = NULL;
    bool firm = call->who.role == ROLE_FIRM;
    const struct firm *found = NULL;
    enum vlt_status st;

    if (call->who.role == ROLE_SOURCE) {
        vlt_put_null(json, "head");
        return VLT_OK;
    }
    if (firm) {
        found = identity_firm_by_id(service->identity, call->who.id);
        if (found == NULL) {
            return VLT_E_DENIED;
        }
    }
    st = noun_receipt_signer(service, found, &signer);
    firm_release(found);
    if (st != VLT_OK) {
        return st;
    }
    st = put_head(json, service, firm ? call->who.id : NULL, signer);
    if (st == VLT_OK && firm) {
        put_receipt_key(json, signer);
    }
    vlt_signer_free(signer);
    return st;
}

static void
put_id(struct vlt_json_out *json, const struct principal *who)
{
    enum vlt_identity_kind kind =
        who->role == ROLE_FIRM ? VLT_IDENTITY_FIRM : VLT_IDENTITY_SOURCE;
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_IDENTITY_TEXT];

    if (who->role == ROLE_OWNER) {
        vlt_put_null(json, "id");
        return;
    }
    vlt_identity_of(kind, who->key, id);
    vlt_put_text(json, "id", vlt_identity_print(kind, id, text));
}

/* A source's name is what the owner called it by to its face; a firm's short
 * name is the owner's own. */
static void
put_name(struct vlt_json_out *json, const struct call *call)
{
    const struct source *source =
        call->who.role == ROLE_SOURCE
            ? identity_source_by_id(call->service->identity, call->who.id)
            : NULL;

    vlt_put_text(json, "name", source != NULL ? source->name : NULL);
    source_release(source);
}

/* The vault's name is the loop's: the worker gets a copy. */
static enum vlt_status
info_check(struct call *call, struct vlt_walk *params)
{
    char *vault = call_state(call, VAULT_TEXT);

    (void)params;
    if (vault == NULL) {
        return VLT_E_NOMEM;
    }
    memcpy(vault, call->service->vault_text, VAULT_TEXT);
    return VLT_OK;
}

static enum vlt_status
info_prepare(struct call *call)
{
    struct service *service = call->service;
    const char *vault = call->state;
    bool locked = !store_readable(service->store);
    struct vlt_json_out json = call_result(call);
    enum vlt_status st = VLT_OK;

    vlt_put_text(&json, "protocol", "vault.v1");
    vlt_put_text(&json, "version", service->config.version);
    vlt_put_text(&json, "role", role_word(call->who.role));
    put_id(&json, &call->who);
    put_name(&json, call);
    vlt_put_text(&json, "state", locked ? "locked" : "ready");
    vlt_put_text(&json, "vault", vault[0] != '\0' ? vault : NULL);
    if (call->who.way == WAY_KEY) {
        vlt_put_hex(&json, "session", call->who.handshake,
                    sizeof call->who.handshake);
    } else {
        vlt_put_null(&json, "session");
    }
    vlt_put_time(&json, "time", service_wall(service));
    if (locked) {
        vlt_put_null(&json, "head");
    } else {
        st = put_unlocked(&json, call);
    }
    if (st != VLT_OK) {
        return st;
    }
    put_limits(&json);
    vlt_put_end(&json);
    return VLT_OK;
}

const struct method op_session[] = {
    { .name = "session.info",
      .roles = ROLE_OWNER | ROLE_SOURCE | ROLE_FIRM,
      .flags = METHOD_LOCKED,
      .check = info_check,
      .prepare = info_prepare },
    { .name = NULL },
};
