#include "wire/receipt_internal.h"

#include <assert.h>

#include "wire/terms_internal.h"
#include "json/json_write.h"

const char *const vlt_receipt_events[] = {
    "given",    "refused",   "lapsed",    "renewed", "suspended", "resumed",
    "narrowed", "admitted",  "withdrawn", "revoked", "ended",     "invalidated",
    "expired",  "exhausted", "replaced",  NULL,
};

const char *const vlt_receipt_bys[] = { "owner", "firm", "vault", "clock",
                                        NULL };

const char *
vlt_receipt_word(enum vlt_receipt_event event)
{
    return vlt_receipt_events[event];
}

bool
vlt_receipt_in_force(enum vlt_receipt_event event)
{
    switch (event) {
    case VLT_RECEIPT_GIVEN:
    case VLT_RECEIPT_RENEWED:
    case VLT_RECEIPT_RESUMED:
    case VLT_RECEIPT_NARROWED:
    case VLT_RECEIPT_ADMITTED:
        return true;
    case VLT_RECEIPT_REFUSED_EVENT:
    case VLT_RECEIPT_LAPSED:
    case VLT_RECEIPT_SUSPENDED:
    case VLT_RECEIPT_WITHDRAWN:
    case VLT_RECEIPT_REVOKED:
    case VLT_RECEIPT_ENDED:
    case VLT_RECEIPT_INVALIDATED:
    case VLT_RECEIPT_EXPIRED:
    case VLT_RECEIPT_EXHAUSTED:
    case VLT_RECEIPT_REPLACED:
        return false;
    }
    return false;
}

/* iss to prev. */
static void
put_head(struct vlt_json_out *json, const struct vlt_receipt *receipt)
{
    char text[VLT_IDENTITY_TEXT];

    vlt_put_text(json, "iss",
                 vlt_identity_print(VLT_IDENTITY_RECEIPT, receipt->iss, text));
    vlt_put_text(json, "aud",
                 vlt_identity_print(VLT_IDENTITY_FIRM, receipt->aud, text));
    vlt_put_hex(json, "sub", receipt->sub, sizeof receipt->sub);
    vlt_put_ulid(json, "jti", receipt->jti);
    vlt_put_int(json, "iat", receipt->iat);
    vlt_put_int(json, "nbf", receipt->nbf);
    vlt_put_int(json, "exp", receipt->exp);
    vlt_put_int(json, "fresh_until", receipt->fresh_until);
    vlt_put_text(json, "event", vlt_receipt_events[receipt->event]);
    vlt_put_text(json, "by", vlt_receipt_bys[receipt->by]);
    vlt_put_text(json, "method", receipt->by_hand ? "hand" : "rule");
    if (receipt->has_grant) {
        vlt_put_ulid(json, "grant", receipt->grant);
    } else {
        vlt_put_null(json, "grant");
    }
    vlt_put_uint(json, "seq", receipt->seq);
    if (receipt->has_prev) {
        vlt_put_hex(json, "prev", receipt->prev, sizeof receipt->prev);
    } else {
        vlt_put_null(json, "prev");
    }
}

/* request to on_behalf_of. */
static void
put_who(struct vlt_json_out *json, const struct vlt_receipt *receipt)
{
    vlt_put_object(json, "request");
    vlt_put_ulid(json, "id", receipt->request);
    vlt_put_hex(json, "sha256", receipt->request_sha256, 32);
    vlt_put_end(json);
    if (receipt->has_agreement) {
        vlt_put_object(json, "agreement");
        vlt_put_slice(json, "id", receipt->agreement_id);
        vlt_put_hex(json, "sha256", receipt->agreement_sha256, 32);
        vlt_put_end(json);
    } else {
        vlt_put_null(json, "agreement");
    }
    vlt_put_object(json, "controller");
    vlt_put_slice(json, "name", receipt->controller_name);
    vlt_put_slice(json, "contact", receipt->controller_contact);
    vlt_put_slice(json, "address", receipt->controller_address);
    vlt_put_country(json, "country", receipt->controller_country);
    vlt_put_end(json);
    if (receipt->has_behalf) {
        vlt_put_object(json, "on_behalf_of");
        vlt_put_slice(json, "name", receipt->behalf_name);
        vlt_put_country(json, "country", receipt->behalf_country);
        vlt_put_end(json);
    } else {
        vlt_put_null(json, "on_behalf_of");
    }
}

static void
put_iris(struct vlt_json_out *json, const char *name,
         const struct vocab_node *node)
{
    vlt_put_list(json, name);
    for (size_t i = 0; i < VOCAB_IRIS && node->iri[i] != NULL; i++) {
        vlt_put_text(json, NULL, node->iri[i]);
    }
    vlt_put_end(json);
}

static void
put_items(struct vlt_json_out *json, const struct terms *terms)
{
    vlt_put_list(json, "items");
    for (size_t i = 0; i < terms->item_count; i++) {
        const struct terms_item *item = &terms->items[i];
        const struct vocab_node *node = vocab_category(item->data);

        assert(node != NULL);
        vlt_put_object(json, NULL);
        vlt_put_int(json, "n", item->n);
        vlt_put_text(json, "data", node->id);
        put_iris(json, "data_iri", node);
        vlt_put_bool(json, "special", (node->flags & VOCAB_SPECIAL) != 0);
        vlt_put_detail(json, true, item);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

/* purpose to gatekeeper. */
static void
put_terms(struct vlt_json_out *json, const struct vlt_receipt *receipt)
{
    const struct terms *terms = &receipt->terms;
    const struct vocab_node *purpose = vocab_purpose(terms->purpose);

    assert(purpose != NULL);
    vlt_put_text(json, "purpose", purpose->id);
    put_iris(json, "purpose_iri", purpose);
    vlt_put_slice(json, "purpose_text", receipt->purpose_text);
    vlt_put_slice(json, "lang", receipt->lang);
    vlt_put_word(json, "basis", VOCAB_BASIS, terms->basis);
    vlt_put_bool(json, "explicit", receipt->is_explicit);
    vlt_put_object(json, "notice");
    vlt_put_slice(json, "uri", receipt->notice_uri);
    vlt_put_hex(json, "sha256", receipt->notice_sha256, 32);
    vlt_put_slice(json, "lang", receipt->notice_lang);
    vlt_put_end(json);
    vlt_put_word(json, "action", VOCAB_ACTION, terms->common.action);
    vlt_put_words(json, "channels", VOCAB_CHANNEL, terms->common.channels);
    put_items(json, terms);
    vlt_put_list(json, "refused");
    for (size_t i = 0; i < receipt->refused_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_text(json, "purpose",
                     vocab_purpose(receipt->refused[i].purpose)->id);
        if (receipt->refused[i].n > 0) {
            vlt_put_int(json, "n", receipt->refused[i].n);
        } else {
            vlt_put_null(json, "n");
        }
        vlt_put_end(json);
    }
    vlt_put_end(json);
    vlt_put_rate_uses(json, &terms->common);
    vlt_put_int(json, "keep_s", terms->common.keep_s);
    vlt_put_promises(json, &terms->common);
}

/* obligations to policy. */
static void
put_besides(struct vlt_json_out *json, const struct vlt_receipt *receipt)
{
    struct vlt_buf policy = { 0 };

    vlt_put_object(json, "obligations");
    vlt_put_bool(json, "ask_each", receipt->ask_each);
    vlt_put_int(json, "min_readings", receipt->min_readings);
    vlt_put_text(json, "names", receipt->names_show ? "show" : "hide");
    vlt_put_text(json, "new_streams",
                 receipt->new_streams_include ? "include" : "hold");
    vlt_put_end(json);
    if (receipt->benefit.len > 0) {
        vlt_put_slice(json, "benefit", receipt->benefit);
    } else {
        vlt_put_null(json, "benefit");
    }
    vlt_put_int(json, "gpc", receipt->gpc ? 1 : 0);
    vlt_put_text(json, "withdraw", VLT_RECEIPT_WITHDRAW);
    vlt_put_slice(json, "rights", receipt->rights);
    vlt_put_slice(json, "authority", receipt->authority);
    vlt_put_country(json, "jurisdiction", receipt->jurisdiction);
    vlt_base64url_put(&policy, vlt_slice_of(receipt->policy, 32));
    vlt_put_slice(json, "policy", vlt_buf_slice(&policy));
    if (vlt_buf_failed(&policy)) {
        json->buf->failed = true;
    }
    vlt_buf_free(&policy);
}

static void
put_log(struct vlt_json_out *json, const struct vlt_receipt *receipt)
{
    char origin[VLT_ORIGIN_TEXT];

    vlt_put_list(json, "schema");
    vlt_put_text(json, NULL, VLT_RECEIPT_SCHEMA_DPV);
    vlt_put_text(json, NULL, VLT_RECEIPT_SCHEMA);
    vlt_put_end(json);
    vlt_put_object(json, "log");
    vlt_put_text(json, "origin", vlt_origin_print(&receipt->log, origin));
    vlt_put_uint(json, "size", receipt->log_size);
    vlt_put_base64(json, "root", vlt_slice_of(receipt->log_root, 32));
    vlt_put_end(json);
    if (!receipt->has_deletion) {
        return;
    }
    vlt_put_list(json, "deletion");
    for (size_t i = 0; i < receipt->deletion_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_list(json, "uses");
        vlt_put_uint(json, NULL, receipt->deletion[i].from);
        vlt_put_uint(json, NULL, receipt->deletion[i].to);
        vlt_put_end(json);
        vlt_put_int(json, "delete_by", receipt->deletion[i].delete_by);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

void
vlt_receipt_put(const struct vlt_receipt *receipt, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    put_head(&json, receipt);
    put_who(&json, receipt);
    put_terms(&json, receipt);
    put_besides(&json, receipt);
    put_log(&json, receipt);
    vlt_put_end(&json);
}

void
vlt_receipt_detail(const struct vlt_receipt *receipt,
                   const uint8_t payload_sha256[32], const char *state,
                   struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", vlt_receipt_events[receipt->event]);
    if (receipt->has_grant) {
        vlt_put_ulid(&json, "grant", receipt->grant);
    } else {
        vlt_put_null(&json, "grant");
    }
    vlt_put_hex(&json, "receipt", payload_sha256, 32);
    vlt_put_text(&json, "state", state);
    vlt_put_end(&json);
}

enum vlt_status
vlt_receipt_sign(const struct vlt_signer *vault, struct vlt_slice payload,
                 struct vlt_buf *out)
{
    return vlt_jws_sign(vault, VLT_TYP_RECEIPT, payload, out);
}

enum vlt_status
vlt_receipt_countersign(const struct vlt_signer *firm, struct vlt_slice payload,
                        struct vlt_buf *out)
{
    return vlt_jws_sign(firm, VLT_TYP_COUNTERSIGN, payload, out);
}
