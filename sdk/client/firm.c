#include <vault/firm.h>
#include <vault/listener.h>

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "client/client_internal.h"
#include "crypto/random.h"
#include "wire/request.h"

enum { NS_PER_S = 1000000000 };

/* ---- enrolment ---- */

/* An invitation is good for a key that the vault does not know, so what was
 * between the two is over: it was restored from a backup of before, or has
 * forgotten this firm.  It begins anew, with another receipt key and log. */
static void
begin_anew(struct vlt_record *record)
{
    record->has_key = false;
    record->checkpoint[0] = '\0';
    record->proved[0] = '\0';
}

static enum vault_status
remember(struct vault_client *client, struct vault_identity *identity,
         const struct vlt_record *before)
{
    struct vlt_record *record = &client->record;
    enum vlt_status st = before->has_key
                             ? vlt_record_set_aside(identity->folder, before)
                             : VLT_OK;

    vlt_record_name(client->target.address.vault, record->name);
    record->address = client->target.address;
    record->enrolled = vlt_client_utc_ns() / NS_PER_S;
    memcpy(record->firm, identity->id, sizeof record->firm);
    record->has_rendezvous = client->target.listener != NULL;
    memcpy(record->rendezvous, client->target.rendezvous,
           sizeof record->rendezvous);
    if (st == VLT_OK) {
        st = vlt_record_store(identity->folder, record);
    }
    if (st != VLT_OK || vlt_identity_refresh(identity) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_FILE,
                                "enrolled, but %s cannot be written",
                                identity->folder);
    }
    return VAULT_OK;
}

/* Where the vault dials; NULL: it is dialled. */
struct meeting {
    struct vault_listener *listener;
    const char *rendezvous;
};

static enum vault_status
connect_to(struct vault_client *client, const char *address,
           const struct vault_identity *identity, const struct meeting *meeting)
{
    return meeting == NULL ? vault_connect(client, address, identity)
                           : vault_await(client, meeting->listener, address,
                                         meeting->rendezvous, identity);
}

static enum vault_status
enrol(struct vault_client *client, struct vault_identity *identity,
      const struct meeting *meeting, const char *invitation, int timeout_ms,
      int *waiting)
{
    struct vlt_address at;
    struct vlt_secret *token = NULL;
    char address[VLT_ADDRESS_TEXT];
    enum vlt_status st =
        vlt_invite_parse(vlt_slice_text(invitation), &at, &token);
    enum vault_status status;

    if (identity->role != VLT_ROLE_FIRM) {
        vlt_secret_free(token);
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "an invitation is for a firm; a source has a "
                                "token");
    }
    if (st != VLT_OK) {
        return vlt_client_fault(
            client, st == VLT_E_NOMEM ? VAULT_E_NOMEM : VAULT_E_USAGE,
            "the invitation is none: "
            "vault://host:port/<52 characters>#<26 characters>");
    }
    status =
        connect_to(client, vlt_address_print(&at, address), identity, meeting);
    if (status != VAULT_OK) {
        vlt_secret_free(token);
        return status;
    }
    client->target.invite = token;
    vlt_invite_id(token, client->target.invite_id);
    struct vlt_record before = client->record;

    begin_anew(&client->record);
    status = vault_ready_wait(client, timeout_ms);
    if (!client->waiting && status != VAULT_OK) {
        return status;
    }
    status = remember(client, identity, &before);
    if (status == VAULT_OK) {
        *waiting = client->waiting ? 1 : 0;
        vlt_client_clear(client);
    }
    return status;
}

enum vault_status
vault_enrol_wait(struct vault_client *client, struct vault_identity *identity,
                 const char *invitation, int timeout_ms, int *waiting)
{
    return enrol(client, identity, NULL, invitation, timeout_ms, waiting);
}

enum vault_status
vault_enrol_await_wait(struct vault_client *client,
                       struct vault_identity *identity,
                       struct vault_listener *listener, const char *rendezvous,
                       const char *invitation, int timeout_ms, int *waiting)
{
    struct meeting meeting = { listener, rendezvous };

    return enrol(client, identity, &meeting, invitation, timeout_ms, waiting);
}

/* ---- requests ---- */

static enum vault_status
linted(struct vault_client *client, enum vlt_status st,
       const struct terms_fault *fault)
{
    if (st == VLT_OK) {
        return VAULT_OK;
    }
    if (st == VLT_E_NOMEM) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    if (st == VLT_E_LIMIT) {
        return vlt_client_fault(client, VAULT_E_PARAMS,
                                "the request is over 16384 bytes");
    }
    (void)vlt_client_fault(client, VAULT_E_PARAMS, "%s%s%s", fault->code,
                           fault->code[0] != '\0' ? ": " : "", fault->says);
    snprintf(client->reason, sizeof client->reason, "params");
    snprintf(client->at, sizeof client->at, "%s", fault->at);
    return VAULT_E_PARAMS;
}

enum vault_status
vault_request_lint(struct vault_client *client, const char *request)
{
    struct vlt_json *document = NULL;
    struct terms_request terms;
    struct terms_fault fault = { .code = "" };
    enum vlt_status st = vlt_request_read_file(vlt_slice_text(request), NULL,
                                               &document, &terms, &fault);

    vlt_json_free(document);
    return linted(client, st, &fault);
}

static enum vault_status
sign_request(struct vault_client *client, const char *request,
             struct vlt_buf *params)
{
    const struct vault_identity *identity = client->target.identity;
    struct terms_fault fault = { .code = "" };
    struct vlt_request_fill fill;
    struct vlt_buf token = { 0 };
    int64_t now = vlt_client_utc_ns();

    vlt_ulid_new(now, fill.jti);
    memcpy(fill.iss, identity->id, sizeof fill.iss);
    vlt_identity_of(VLT_IDENTITY_RECEIPT, client->record.key, fill.aud);
    fill.iat = now / NS_PER_S;
    enum vlt_status st = vlt_request_sign(vlt_slice_text(request), &fill,
                                          identity->signer, &token, &fault);
    enum vault_status status = linted(client, st, &fault);

    if (status == VAULT_OK) {
        /* A JWS has no character that JSON would escape. */
        vlt_buf_put_text(params, "{\"request\":\"");
        vlt_buf_put_slice(params, vlt_buf_slice(&token));
        vlt_buf_put_text(params, "\"}");
        if (vlt_buf_failed(params)) {
            status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
        }
    }
    vlt_buf_free(&token);
    return status;
}

enum vault_status
vault_request_wait(struct vault_client *client, const char *request,
                   int timeout_ms, char **result)
{
    struct vlt_buf params = { 0 };
    enum vault_status status;

    if (client->state != VAULT_READY || !client->record.has_key) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "not connected as a firm");
    }
    status = sign_request(client, request, &params);
    if (status == VAULT_OK) {
        status = vlt_call_wait(client, "request.submit", vlt_buf_slice(&params),
                               timeout_ms, result);
    }
    vlt_buf_free(&params);
    return status;
}
