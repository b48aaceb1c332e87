#include <vault/firm.h>

#include <string.h>

#include "base/text.h"
#include "client/client_internal.h"
#include "client/own_receipt.h"
#include "crypto/random.h"
#include "wire/deletion.h"
#include "json/json_write.h"

enum { DEPTH = 8, NS_PER_S = 1000000000 };

/* ---- which uses ---- */

static uint64_t
use_of(const struct vlt_json *held, size_t item, size_t end)
{
    const struct vlt_json *uses =
        vlt_json_get(vlt_json_item(held, item), "uses");

    return vlt_json_count(uses) == 2
               ? (uint64_t)vlt_json_int_of(vlt_json_item(uses, end))
               : 0;
}

/* All that the vault says the firm still holds. */
static enum vault_status
ask_held(struct vault_client *client, const char *grant, int timeout_ms,
         struct vlt_deletion *out)
{
    struct vlt_json *document = NULL;
    struct vlt_buf params = { 0 };
    char *answer = NULL;
    enum vault_status status;

    vlt_buf_printf(&params, "{\"grant\":\"%s\"}", grant);
    status = vlt_call_wait(client, "grant.show", vlt_buf_slice(&params),
                           timeout_ms, &answer);
    if (status == VAULT_OK &&
        vlt_json_parse(vlt_slice_text(answer), VLT_LIMIT_TEXT, DEPTH, NULL,
                       &document) != VLT_OK) {
        status = VAULT_E_PROTOCOL;
    }
    if (status == VAULT_OK) {
        const struct vlt_json *held = vlt_json_get(document, "held_by_firm");
        size_t count = vlt_json_count(held);

        out->from = count > 0 ? use_of(held, 0, 0) : 0;
        out->to = count > 0 ? use_of(held, count - 1, 1) : 0;
        if (out->from == 0 || out->to < out->from) {
            status = vlt_client_fault(client, VAULT_E_CONFLICT,
                                      "nothing of this grant is held");
        }
    }
    vlt_json_free(document);
    vault_free(answer);
    vlt_buf_free(&params);
    return status;
}

/* ---- the statement ---- */

static struct vlt_slice
text_of(const char *text)
{
    return vlt_slice_text(text != NULL ? text : "");
}

static enum vault_status
fill(struct vault_client *client, const struct vault_deletion *deletion,
     struct vlt_deletion *out)
{
    if (deletion->size != sizeof *deletion ||
        deletion->recipient_count > VLT_DELETION_RECIPIENTS ||
        deletion->exception_count > VLT_DELETION_EXCEPTIONS) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "size is not that of struct vault_deletion, or "
                                "there are over %d recipients or exceptions",
                                VLT_DELETION_EXCEPTIONS);
    }
    out->from = deletion->from;
    out->to = deletion->to;
    out->deleted_at = deletion->deleted_at;
    out->anonymised = deletion->anonymised != 0;
    out->recipient_count = deletion->recipient_count;
    for (size_t i = 0; i < deletion->recipient_count; i++) {
        out->recipients[i] = (struct vlt_deletion_recipient){
            .name = text_of(deletion->recipients[i].name),
            .deleted_at = deletion->recipients[i].deleted_at,
        };
    }
    out->exception_count = deletion->exception_count;
    for (size_t i = 0; i < deletion->exception_count; i++) {
        out->exceptions[i] = (struct vlt_deletion_exception){
            .from = deletion->exceptions[i].from,
            .to = deletion->exceptions[i].to,
            .law = text_of(deletion->exceptions[i].law),
            .until = deletion->exceptions[i].until,
        };
    }
    return VAULT_OK;
}

static enum vault_status
sign(struct vault_client *client, const char *grant, struct vlt_deletion *what,
     struct vlt_buf *params)
{
    const struct vault_identity *identity = client->target.identity;
    struct vlt_buf token = { 0 };
    enum vlt_status st = vlt_ulid_parse(vlt_slice_text(grant), what->grant);

    memcpy(what->iss, identity->id, sizeof what->iss);
    vlt_identity_of(VLT_IDENTITY_RECEIPT, client->record.key, what->aud);
    what->iat = vlt_client_utc_ns() / NS_PER_S;
    if (what->deleted_at == 0) {
        what->deleted_at = what->iat;
    }
    if (st == VLT_OK) {
        st = vlt_deletion_sign(identity->signer, what, &token);
    }
    if (st == VLT_OK) {
        struct vlt_json_out put = vlt_json_out(params);
        uint8_t idem[VLT_ID_LEN];

        vlt_ulid_new(vlt_client_utc_ns(), idem);
        vlt_put_object(&put, NULL);
        vlt_put_text(&put, "grant", grant);
        vlt_put_ulid(&put, "idem", idem);
        vlt_put_slice(&put, "statement", vlt_buf_slice(&token));
        vlt_put_end(&put);
        st = vlt_buf_status(params);
    }
    vlt_buf_free(&token);
    return st == VLT_E_LIMIT
               ? vlt_client_fault(client, VAULT_E_PARAMS,
                                  "the statement is over %d bytes",
                                  VLT_DELETION_MAX)
               : vlt_client_status(st);
}

enum vault_status
vault_deleted_wait(struct vault_client *client, const char *grant,
                   const struct vault_deletion *deletion, int timeout_ms,
                   char **result)
{
    struct vlt_own_receipt receipt = { 0 };
    struct vlt_deletion what = { .from = 0 };
    struct vlt_buf params = { 0 };
    char id[VLT_ULID_TEXT];
    enum vault_status status = fill(client, deletion, &what);

    if (status == VAULT_OK) {
        status = vlt_own_receipt_wait(client, grant, timeout_ms, id, &receipt);
    }
    if (status == VAULT_OK && what.to == 0) {
        status = ask_held(client, id, timeout_ms, &what);
    }
    if (status == VAULT_OK) {
        memcpy(what.sub, receipt.sub, sizeof what.sub);
        status = sign(client, id, &what, &params);
    }
    if (status == VAULT_OK) {
        status = vlt_call_wait(client, "grant.deleted", vlt_buf_slice(&params),
                               timeout_ms, result);
    }
    vlt_buf_free(&receipt.payload);
    vlt_buf_free(&params);
    return status;
}
