#include "wire/request.h"

#include "wire/limits.h"
#include "wire/terms_internal.h"
#include "json/json_write.h"

static void
put_who(struct vlt_json_out *json, const struct terms_request *request)
{
    vlt_put_object(json, "controller");
    vlt_put_slice(json, "name", request->controller_name);
    vlt_put_slice(json, "contact", request->controller_contact);
    vlt_put_slice(json, "address", request->controller_address);
    vlt_put_country(json, "country", request->controller_country);
    vlt_put_end(json);
    if (request->has_behalf) {
        vlt_put_object(json, "on_behalf_of");
        vlt_put_slice(json, "name", request->behalf_name);
        vlt_put_country(json, "country", request->behalf_country);
        vlt_put_end(json);
    }
    vlt_put_object(json, "notice");
    vlt_put_slice(json, "uri", request->notice_uri);
    vlt_put_hex(json, "sha256", request->notice_sha256, TERMS_SHA256);
    vlt_put_slice(json, "lang", request->notice_lang);
    vlt_put_end(json);
    vlt_put_slice(json, "authority", request->authority);
    vlt_put_slice(json, "rights", request->rights);
}

static void
put_purposes(struct vlt_json_out *json, const struct terms_request *request)
{
    vlt_put_list(json, "purposes");
    for (size_t i = 0; i < request->purpose_count; i++) {
        const struct terms_purpose *purpose = &request->purposes[i];

        vlt_put_object(json, NULL);
        vlt_put_text(json, "id", vocab_purpose(purpose->id)->id);
        vlt_put_slice(json, "text", purpose->text);
        vlt_put_slice(json, "lang", purpose->lang);
        vlt_put_word(json, "basis", VOCAB_BASIS, purpose->basis);
        vlt_put_slice(json, "if_denied", purpose->if_denied);
        if (purpose->benefit.len > 0) {
            vlt_put_slice(json, "benefit", purpose->benefit);
        }
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_for(struct vlt_json_out *json, const struct terms_request *request,
        unsigned purposes)
{
    vlt_put_list(json, "for");
    for (size_t i = 0; i < request->purpose_count; i++) {
        if ((purposes >> i & 1) != 0) {
            vlt_put_text(json, NULL,
                         vocab_purpose(request->purposes[i].id)->id);
        }
    }
    vlt_put_end(json);
}

static void
put_items(struct vlt_json_out *json, const struct terms_request *request)
{
    vlt_put_list(json, "items");
    for (size_t i = 0; i < request->item_count; i++) {
        const struct terms_item *item = &request->items[i];

        vlt_put_object(json, NULL);
        vlt_put_int(json, "n", item->n);
        vlt_put_text(json, "data", vocab_category(item->data)->id);
        if (item->purposes != 0) {
            put_for(json, request, item->purposes);
        }
        vlt_put_detail(json, false, item);
        if (item->needed) {
            vlt_put_bool(json, "needed", true);
            vlt_put_slice(json, "needed_why", item->needed_why);
        }
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_common(struct vlt_json_out *json, const struct terms_request *request)
{
    const struct terms_common *common = &request->common;

    vlt_put_word(json, "action", VOCAB_ACTION, common->action);
    if (common->channels != 0) {
        vlt_put_words(json, "channels", VOCAB_CHANNEL, common->channels);
    }
    vlt_put_rate_uses(json, common);
    if (common->life_s != TERMS_LIFE_UNSAID) {
        vlt_put_int(json, "life_s", common->life_s);
    }
    vlt_put_int(json, "keep_s", common->keep_s);
    vlt_put_promises(json, common);
}

void
vlt_request_put(const struct terms_request *request, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_int(&json, "v", request->v);
    vlt_put_ulid(&json, "jti", request->jti);
    vlt_put_slice(&json, "iss", request->iss);
    vlt_put_slice(&json, "aud", request->aud);
    vlt_put_int(&json, "iat", request->iat);
    vlt_put_int(&json, "reply_by_s", request->reply_by_s);
    put_who(&json, request);
    put_purposes(&json, request);
    if (request->common.action != VOCAB_CONTACT) {
        put_items(&json, request);
    }
    put_common(&json, request);
    if (request->has_agreement) {
        vlt_put_object(&json, "agreement");
        vlt_put_slice(&json, "id", request->agreement_id);
        vlt_put_hex(&json, "sha256", request->agreement_sha256, TERMS_SHA256);
        vlt_put_end(&json);
    }
    if (request->has_replaces) {
        vlt_put_ulid(&json, "replaces", request->replaces);
    }
    vlt_put_end(&json);
}

enum vlt_status
vlt_request_sign(struct vlt_slice file, const struct vlt_request_fill *fill,
                 const struct vlt_signer *signer, struct vlt_buf *out,
                 struct terms_fault *fault)
{
    struct vlt_json *document = NULL;
    struct terms_request request;
    struct vlt_buf payload = { 0 };
    struct vlt_buf token = { 0 };
    char iss[VLT_IDENTITY_TEXT];
    char aud[VLT_IDENTITY_TEXT];
    enum vlt_status st;

    st = vlt_request_read_file(file, fill, &document, &request, fault);
    if (st != VLT_OK) {
        return st;
    }
    request.iss =
        vlt_slice_text(vlt_identity_print(VLT_IDENTITY_FIRM, fill->iss, iss));
    request.aud = vlt_slice_text(
        vlt_identity_print(VLT_IDENTITY_RECEIPT, fill->aud, aud));
    vlt_buf_init(&payload, VLT_LIMIT_REQUEST_JWS);
    vlt_buf_init(&token, VLT_LIMIT_REQUEST_JWS);
    vlt_request_put(&request, &payload);
    st = vlt_buf_status(&payload);
    if (st != VLT_OK) {
        goto done;
    }
    st = vlt_jws_sign(signer, VLT_TYP_REQUEST, vlt_buf_slice(&payload), &token);
    if (st != VLT_OK) {
        goto done;
    }
    vlt_buf_put_slice(out, vlt_buf_slice(&token));
    st = vlt_buf_status(out);

done:
    vlt_buf_free(&payload);
    vlt_buf_free(&token);
    vlt_json_free(document);
    return st;
}
