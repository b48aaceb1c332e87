#include "wire/receipt_internal.h"

#include <stdio.h>
#include <string.h>

#include "wire/limits.h"
#include "wire/terms_internal.h"

enum {
    DEPTH = 8,
    IRI_MAX = 256,
};

#define SECONDS_MAX (INT64_MAX / 1000000000)

static void
read_identity(struct vlt_walk *walk, const char *name,
              enum vlt_identity_kind kind, uint8_t out[VLT_IDENTITY_LEN])
{
    struct vlt_slice text = vlt_read_text(walk, name);

    if (!vlt_walk_failed(walk) &&
        vlt_identity_parse(kind, text, out) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no id of that kind");
    }
}

static void
read_hex16(struct vlt_walk *walk, const char *name, uint8_t out[16])
{
    struct vlt_slice text = vlt_walk_text(walk, name, 32, 32);

    if (!vlt_walk_failed(walk) && vlt_hex_parse(text, out, 16) != VLT_OK) {
        vlt_walk_fault(walk, name, "must be 32 hex digits");
    }
}

static int64_t
read_time(struct vlt_walk *walk, const char *name)
{
    return vlt_walk_int(walk, name, 0, SECONDS_MAX);
}

static uint64_t
read_count(struct vlt_walk *walk, const char *name, int64_t least)
{
    return (uint64_t)vlt_walk_int(walk, name, least, VLT_LIMIT_ID);
}

static void
read_head(struct vlt_walk *walk, struct vlt_receipt *out)
{
    static const char *const methods[] = { "rule", "hand", NULL };

    read_identity(walk, "iss", VLT_IDENTITY_RECEIPT, out->iss);
    read_identity(walk, "aud", VLT_IDENTITY_FIRM, out->aud);
    read_hex16(walk, "sub", out->sub);
    vlt_walk_ulid(walk, "jti", out->jti);
    out->iat = read_time(walk, "iat");
    out->nbf = read_time(walk, "nbf");
    out->exp = read_time(walk, "exp");
    out->fresh_until = read_time(walk, "fresh_until");
    out->event = (enum vlt_receipt_event)vlt_walk_word(walk, "event",
                                                       vlt_receipt_events);
    out->by = (enum vlt_receipt_by)vlt_walk_word(walk, "by", vlt_receipt_bys);
    out->by_hand = vlt_walk_word(walk, "method", methods) == 1;
    out->has_grant = vlt_read_nullable(walk, "grant") != NULL;
    if (out->has_grant) {
        vlt_walk_ulid(walk, "grant", out->grant);
    }
    out->seq = read_count(walk, "seq", 1);
    out->has_prev = vlt_read_nullable(walk, "prev") != NULL;
    if (out->has_prev) {
        vlt_read_sha256(walk, "prev", out->prev);
    }
}

static void
read_agreement(struct vlt_walk *walk, struct vlt_receipt *out)
{
    struct vlt_walk part;

    out->has_agreement = vlt_read_nullable(walk, "agreement") != NULL;
    if (!out->has_agreement) {
        return;
    }
    vlt_walk_into(&part, walk, "agreement");
    out->agreement_id = vlt_read_text(&part, "id");
    vlt_read_sha256(&part, "sha256", out->agreement_sha256);
    vlt_read_end(&part);
}

static void
read_who(struct vlt_walk *walk, struct vlt_receipt *out)
{
    struct vlt_walk part;

    vlt_walk_into(&part, walk, "request");
    vlt_walk_ulid(&part, "id", out->request);
    vlt_read_sha256(&part, "sha256", out->request_sha256);
    vlt_read_end(&part);
    read_agreement(walk, out);
    vlt_walk_into(&part, walk, "controller");
    out->controller_name = vlt_read_text(&part, "name");
    out->controller_contact = vlt_read_text(&part, "contact");
    out->controller_address = vlt_read_text(&part, "address");
    out->controller_country = vlt_read_country(&part, "country");
    vlt_read_end(&part);
    out->has_behalf = vlt_read_nullable(walk, "on_behalf_of") != NULL;
    if (out->has_behalf) {
        vlt_walk_into(&part, walk, "on_behalf_of");
        out->behalf_name = vlt_read_text(&part, "name");
        out->behalf_country = vlt_read_country(&part, "country");
        vlt_read_end(&part);
    }
}

/* IRIs are for other readers: they must be texts, and no more is asked. */
static void
read_iris(struct vlt_walk *walk, const char *name)
{
    const struct vlt_json *list = vlt_walk_list(walk, name, 0, VOCAB_IRIS);

    for (size_t i = 0; list != NULL && i < vlt_json_count(list); i++) {
        size_t len = vlt_json_text_of(vlt_json_item(list, i)).len;

        if (len == 0 || len > IRI_MAX) {
            vlt_walk_fault(walk, name, "must list IRIs");
        }
    }
}

static void
read_items(struct vlt_walk *walk, struct terms *out)
{
    const struct vlt_json *list = vlt_walk_list(walk, "items", 0, TERMS_ITEMS);

    out->item_count = list == NULL ? 0 : (unsigned)vlt_json_count(list);
    for (size_t i = 0; i < out->item_count; i++) {
        struct terms_item *item = &out->items[i];
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "items", list, i);
        item->n = (int)vlt_walk_int(&one, "n", 1, TERMS_ITEMS);
        item->data = vlt_read_category(&one, "data");
        read_iris(&one, "data_iri");
        (void)vlt_walk_bool(&one, "special");
        vlt_read_detail(&one, true, item);
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

static void
read_refused(struct vlt_walk *walk, struct vlt_receipt *out)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "refused", 0, VLT_RECEIPT_REFUSED);

    out->refused_count = list == NULL ? 0 : vlt_json_count(list);
    for (size_t i = 0; i < out->refused_count; i++) {
        struct vlt_receipt_refused *refused = &out->refused[i];
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "refused", list, i);
        refused->purpose = vlt_read_purpose(&one, "purpose");
        refused->n = vlt_read_nullable(&one, "n") == NULL
                         ? 0
                         : (int)vlt_walk_int(&one, "n", 1, TERMS_ITEMS);
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

static void
read_terms(struct vlt_walk *walk, struct vlt_receipt *out)
{
    struct vlt_walk part;

    out->terms.purpose = vlt_read_purpose(walk, "purpose");
    read_iris(walk, "purpose_iri");
    out->purpose_text = vlt_read_text(walk, "purpose_text");
    out->lang = vlt_read_text(walk, "lang");
    out->terms.basis = vlt_read_value(walk, "basis", VOCAB_BASIS);
    out->is_explicit = vlt_walk_bool(walk, "explicit");
    vlt_walk_into(&part, walk, "notice");
    out->notice_uri = vlt_read_text(&part, "uri");
    vlt_read_sha256(&part, "sha256", out->notice_sha256);
    out->notice_lang = vlt_read_text(&part, "lang");
    vlt_read_end(&part);
    vlt_read_common(walk, &out->terms.common);
    out->terms.common.channels =
        vlt_read_bits(walk, "channels", VOCAB_CHANNEL, 0, 10);
    read_items(walk, &out->terms);
    read_refused(walk, out);
}

static void
read_policy(struct vlt_walk *walk, struct vlt_receipt *out)
{
    struct vlt_slice text = vlt_walk_text(walk, "policy", 43, 43);
    struct vlt_buf bytes = { 0 };

    if (vlt_walk_failed(walk)) {
        return;
    }
    if (vlt_base64url_get(text, &bytes) == VLT_OK && bytes.len == 32) {
        memcpy(out->policy, bytes.at, 32);
    } else {
        vlt_walk_fault(walk, "policy", "must be 32 bytes in base64url");
    }
    vlt_buf_free(&bytes);
}

static void
read_besides(struct vlt_walk *walk, struct vlt_receipt *out)
{
    static const char *const names[] = { "hide", "show", NULL };
    static const char *const streams[] = { "hold", "include", NULL };
    struct vlt_walk part;

    vlt_walk_into(&part, walk, "obligations");
    out->ask_each = vlt_walk_bool(&part, "ask_each");
    out->min_readings = vlt_walk_int(&part, "min_readings", 1, 1000);
    out->names_show = vlt_walk_word(&part, "names", names) == 1;
    out->new_streams_include =
        vlt_walk_word(&part, "new_streams", streams) == 1;
    vlt_read_end(&part);
    if (vlt_read_nullable(walk, "benefit") != NULL) {
        out->benefit = vlt_read_text(walk, "benefit");
    }
    out->gpc = vlt_walk_int(walk, "gpc", 0, 1) == 1;
    (void)vlt_read_text(walk, "withdraw");
    out->rights = vlt_read_text(walk, "rights");
    out->authority = vlt_read_text(walk, "authority");
    out->jurisdiction = vlt_read_country(walk, "jurisdiction");
    read_policy(walk, out);
}

/* Both schemas, since the second says which claims there are. */
static void
read_schema(struct vlt_walk *walk)
{
    const struct vlt_json *list = vlt_walk_list(walk, "schema", 2, 2);

    if (list == NULL) {
        return;
    }
    if (!vlt_slice_is(vlt_json_text_of(vlt_json_item(list, 0)),
                      VLT_RECEIPT_SCHEMA_DPV) ||
        !vlt_slice_is(vlt_json_text_of(vlt_json_item(list, 1)),
                      VLT_RECEIPT_SCHEMA)) {
        vlt_walk_fault(walk, "schema", "is not that of " VLT_RECEIPT_SCHEMA);
    }
}

static void
read_log(struct vlt_walk *walk, struct vlt_receipt *out)
{
    struct vlt_walk part;
    struct vlt_buf root = { 0 };

    vlt_walk_into(&part, walk, "log");
    struct vlt_slice origin = vlt_read_text(&part, "origin");

    out->log_size = read_count(&part, "size", 0);
    struct vlt_slice text = vlt_walk_text(&part, "root", 44, 44);

    if (!vlt_walk_failed(walk)) {
        if (vlt_origin_parse(origin, &out->log) != VLT_OK) {
            vlt_walk_fault(&part, "origin", "is no origin of a vault's log");
        }
        if (vlt_base64_get(text, &root) == VLT_OK && root.len == 32) {
            memcpy(out->log_root, root.at, 32);
        } else {
            vlt_walk_fault(&part, "root", "must be 32 bytes in base64");
        }
    }
    vlt_buf_free(&root);
    vlt_read_end(&part);
}

static void
read_deletion(struct vlt_walk *walk, struct vlt_receipt *out)
{
    const struct vlt_json *list;

    out->has_deletion = vlt_walk_has(walk, "deletion");
    if (!out->has_deletion) {
        return;
    }
    list = vlt_walk_list(walk, "deletion", 0, VLT_RECEIPT_DELETIONS);
    out->deletion_count = list == NULL ? 0 : vlt_json_count(list);
    for (size_t i = 0; i < out->deletion_count; i++) {
        struct vlt_receipt_deletion *deletion = &out->deletion[i];
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "deletion", list, i);
        const struct vlt_json *uses = vlt_walk_list(&one, "uses", 2, 2);
        int64_t from = vlt_json_int_of(vlt_json_item(uses, 0));
        int64_t to = vlt_json_int_of(vlt_json_item(uses, 1));

        if (!vlt_walk_failed(walk) && (from < 1 || to < from)) {
            vlt_walk_fault(&one, "uses", "must be first and last use");
        }
        deletion->from = (uint64_t)from;
        deletion->to = (uint64_t)to;
        deletion->delete_by = read_time(&one, "delete_by");
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

/* What no member shows alone. */
static void
check_whole(struct vlt_walk *walk, const struct vlt_receipt *receipt)
{
    bool without = receipt->event == VLT_RECEIPT_REFUSED_EVENT ||
                   receipt->event == VLT_RECEIPT_LAPSED;

    if (receipt->has_grant == without) {
        vlt_walk_fault(walk, "grant", "does not fit the event");
    }
    if (receipt->seq > 1 && !receipt->has_prev) {
        vlt_walk_fault(walk, "prev", "is null behind seq 1");
    }
    if (receipt->seq == 1 &&
        receipt->has_prev != (receipt->event == VLT_RECEIPT_RENEWED)) {
        vlt_walk_fault(walk, "prev", "does not fit the first of a chain");
    }
}

enum vlt_status
vlt_receipt_read(struct vlt_slice payload, struct vlt_json **document,
                 struct vlt_receipt *out, char says[VLT_WALK_SAYS])
{
    struct vlt_json_fault why;
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    enum vlt_status st;

    st = vlt_json_parse(payload, VLT_RECEIPT_MAX, DEPTH, &why, &root);
    if (st != VLT_OK) {
        if (says != NULL) {
            snprintf(says, VLT_WALK_SAYS, "%s",
                     st == VLT_E_FORMAT ? why.says : "is too large");
        }
        return st;
    }
    memset(out, 0, sizeof *out);
    vlt_walk_begin(&walk, root);
    read_head(&walk, out);
    read_who(&walk, out);
    read_terms(&walk, out);
    read_besides(&walk, out);
    read_schema(&walk);
    read_log(&walk, out);
    read_deletion(&walk, out);
    if (!vlt_walk_failed(&walk)) {
        check_whole(&walk, out);
    }
    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        *document = root;
        return VLT_OK;
    }
    if (says != NULL) {
        snprintf(says, VLT_WALK_SAYS, "%.60s %.90s", walk.at, walk.says);
    }
    vlt_json_free(root);
    return st;
}
