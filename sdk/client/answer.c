#include <vault/firm.h>

#include <string.h>

#include "base/text.h"
#include "client/client_internal.h"
#include "crypto/random.h"
#include "wire/offer.h"
#include "json/json_write.h"

enum { DEPTH = 8 };

/* The offer that the part of this purpose has: empty, where there is none. */
static struct vlt_slice
offer_of(const struct vlt_json *outcome, const char *purpose)
{
    const struct vlt_json *parts = vlt_json_get(outcome, "parts");

    for (size_t i = 0; i < vlt_json_count(parts); i++) {
        const struct vlt_json *part = vlt_json_item(parts, i);

        if (vlt_slice_is(vlt_json_text_of(vlt_json_get(part, "purpose")),
                         purpose)) {
            return vlt_json_text_of(vlt_json_get(part, "offer"));
        }
    }
    return vlt_slice_text("");
}

/* Nothing is accepted that the pinned key did not sign, or that is of another
 * firm, request or part. */
static enum vault_status
check(struct vault_client *client, const char *request, const char *purpose,
      struct vlt_slice token, struct vlt_buf *payload)
{
    const struct vault_identity *identity = client->target.identity;
    struct vlt_json *document = NULL;
    struct vlt_offer offer;
    char id[VLT_ULID_TEXT];
    bool ours;
    enum vlt_status st =
        token.len == 0 ? VLT_E_NOT_FOUND
                       : vlt_jws_verify(token, VLT_OFFER_JWS, VLT_TYP_OFFER,
                                        client->record.key, payload);

    if (st == VLT_E_NOT_FOUND) {
        return vlt_client_fault(client, VAULT_E_CONFLICT,
                                "nothing is offered for %s", purpose);
    }
    if (st == VLT_OK) {
        st = vlt_offer_read(vlt_buf_slice(payload), &document, &offer);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_AUTH,
                                "the offer does not hold, so it is not "
                                "accepted");
    }
    ours = memcmp(offer.aud, identity->id, sizeof offer.aud) == 0 &&
           strcmp(vlt_ulid_print(offer.request, id), request) == 0 &&
           strcmp(vocab_purpose(offer.terms.purpose)->id, purpose) == 0;
    vlt_json_free(document);
    return ours ? VAULT_OK
                : vlt_client_fault(client, VAULT_E_AUTH,
                                   "the offer is of another firm, request or "
                                   "part, so it is not accepted");
}

static enum vault_status
ask_offer(struct vault_client *client, const char *request, const char *purpose,
          int timeout_ms, struct vlt_buf *payload)
{
    struct vlt_json *document = NULL;
    struct vlt_buf params = { 0 };
    char *answer = NULL;
    enum vault_status status;

    vlt_buf_printf(&params, "{\"request\":\"%s\"}", request);
    status = vlt_call_wait(client, "request.status", vlt_buf_slice(&params),
                           timeout_ms, &answer);
    if (status == VAULT_OK &&
        vlt_json_parse(vlt_slice_text(answer), VLT_LIMIT_TEXT, DEPTH, NULL,
                       &document) != VLT_OK) {
        status = VAULT_E_PROTOCOL;
    }
    if (status == VAULT_OK) {
        status = check(client, request, purpose, offer_of(document, purpose),
                       payload);
    }
    vlt_json_free(document);
    vault_free(answer);
    vlt_buf_free(&params);
    return status;
}

static enum vault_status
put_answer(struct vault_client *client, const char *request,
           const char *purpose, const struct vlt_buf *payload,
           struct vlt_buf *params)
{
    struct vlt_json_out put = vlt_json_out(params);
    struct vlt_buf token = { 0 };
    uint8_t idem[VLT_ID_LEN];
    enum vlt_status st = VLT_OK;

    if (payload->len > 0) {
        st = vlt_jws_sign(client->target.identity->signer, VLT_TYP_ACCEPT,
                          vlt_buf_slice(payload), &token);
    }
    vlt_ulid_new(vlt_client_utc_ns(), idem);
    vlt_put_object(&put, NULL);
    vlt_put_ulid(&put, "idem", idem);
    vlt_put_text(&put, "request", request);
    vlt_put_text(&put, "part", purpose);
    vlt_put_bool(&put, "accept", payload->len > 0);
    if (payload->len > 0) {
        vlt_put_slice(&put, "acceptance", vlt_buf_slice(&token));
    }
    vlt_put_end(&put);
    vlt_buf_free(&token);
    return vlt_client_status(st == VLT_OK ? vlt_buf_status(params) : st);
}

enum vault_status
vault_answer_wait(struct vault_client *client, const char *request,
                  const char *purpose, int accept, int timeout_ms,
                  char **result)
{
    struct vlt_buf payload = { 0 };
    struct vlt_buf params = { 0 };
    uint8_t raw[VLT_ID_LEN];
    char id[VLT_ULID_TEXT];
    enum vault_status status = VAULT_OK;

    if (vlt_ulid_parse(vlt_slice_text(request), raw) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a request's id has 26 characters");
    }
    if (client->state != VAULT_READY || !client->record.has_key) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "not connected as a firm");
    }
    vlt_ulid_print(raw, id);
    if (accept != 0) {
        status = ask_offer(client, id, purpose, timeout_ms, &payload);
    }
    if (status == VAULT_OK) {
        status = put_answer(client, id, purpose, &payload, &params);
    }
    if (status == VAULT_OK) {
        status = vlt_call_wait(client, "request.answer", vlt_buf_slice(&params),
                               timeout_ms, result);
    }
    vlt_buf_free(&payload);
    vlt_buf_free(&params);
    return status;
}
