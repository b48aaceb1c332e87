#include "wire/request.h"

#include <stdio.h>
#include <string.h>

#include "wire/limits.h"
#include "wire/terms_internal.h"

enum {
    REPLY_MOST = 604800, /* the lint knows the least */
    CONTACT = VOCAB_CONTACT,
};

static void
read_who(struct vlt_walk *walk, struct terms_request *out)
{
    struct vlt_walk part;

    vlt_walk_into(&part, walk, "controller");
    out->controller_name = vlt_read_text(&part, "name");
    out->controller_contact = vlt_read_text(&part, "contact");
    out->controller_address = vlt_read_text(&part, "address");
    out->controller_country = vlt_read_country(&part, "country");
    if (vlt_walk_end(&part) != VLT_OK) {
        return;
    }
    out->has_behalf = vlt_walk_has(walk, "on_behalf_of");
    if (out->has_behalf) {
        vlt_walk_into(&part, walk, "on_behalf_of");
        out->behalf_name = vlt_read_text(&part, "name");
        out->behalf_country = vlt_read_country(&part, "country");
        if (vlt_walk_end(&part) != VLT_OK) {
            return;
        }
    }
    vlt_walk_into(&part, walk, "notice");
    out->notice_uri = vlt_read_text(&part, "uri");
    vlt_read_sha256(&part, "sha256", out->notice_sha256);
    out->notice_lang = vlt_read_text(&part, "lang");
    if (vlt_walk_end(&part) != VLT_OK) {
        return;
    }
    out->authority = vlt_read_text(walk, "authority");
    out->rights = vlt_read_text(walk, "rights");
}

static void
read_purposes(struct vlt_walk *walk, struct terms_request *out)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "purposes", 1, TERMS_PURPOSES);
    struct vlt_slice none = { 0 };

    out->purpose_count = list == NULL ? 0 : vlt_json_count(list);
    for (size_t i = 0; i < out->purpose_count; i++) {
        struct terms_purpose *purpose = &out->purposes[i];
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "purposes", list, i);
        purpose->id = vlt_read_purpose(&one, "id");
        /* Where these are missing the lint says so, with its code. */
        purpose->text = vlt_walk_text_or(&one, "text", 0, VLT_TERMS_TEXT, none);
        purpose->lang = vlt_walk_text_or(&one, "lang", 0, VLT_TERMS_TEXT, none);
        purpose->basis = vlt_read_value(&one, "basis", VOCAB_BASIS);
        purpose->if_denied = vlt_read_text(&one, "if_denied");
        purpose->benefit =
            vlt_walk_text_or(&one, "benefit", 1, VLT_TERMS_TEXT, none);
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

/* Which of the request's purposes an item is for, as a mask of their places. */
static unsigned
read_for(struct vlt_walk *walk, const struct terms_request *request)
{
    const struct vlt_json *list;
    unsigned mask = 0;

    if (!vlt_walk_has(walk, "for")) {
        return 0;
    }
    list = vlt_walk_list(walk, "for", 1, TERMS_PURPOSES);
    for (size_t i = 0; list != NULL && i < vlt_json_count(list); i++) {
        struct vlt_slice id = vlt_json_text_of(vlt_json_item(list, i));
        unsigned before = mask;

        for (size_t p = 0; p < request->purpose_count; p++) {
            const struct vocab_node *node =
                vocab_purpose(request->purposes[p].id);

            if (node != NULL && vlt_slice_is(id, node->id)) {
                mask |= 1U << p;
            }
        }
        if (mask == before) {
            vlt_walk_fault(walk, "for",
                           "must list purposes of the request, none twice");
            return 0;
        }
    }
    return mask;
}

static void
read_items(struct vlt_walk *walk, struct terms_request *out)
{
    const struct vlt_json *list;
    struct vlt_slice none = { 0 };

    if (out->common.action == CONTACT && !vlt_walk_has(walk, "items")) {
        vlt_walk_null(walk, "items");
        return;
    }
    list = vlt_walk_list(walk, "items", 1, TERMS_ITEMS);
    out->item_count = list == NULL ? 0 : vlt_json_count(list);
    for (size_t i = 0; i < out->item_count; i++) {
        struct terms_item *item = &out->items[i];
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "items", list, i);
        item->n = (int)vlt_walk_int(&one, "n", 1, TERMS_ITEMS);
        item->data = vlt_read_category(&one, "data");
        item->purposes = read_for(&one, out);
        vlt_read_detail(&one, false, item);
        item->needed = vlt_walk_bool_or(&one, "needed", false);
        item->needed_why =
            vlt_walk_text_or(&one, "needed_why", 1, VLT_TERMS_TEXT, none);
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

static void
read_agreement(struct vlt_walk *walk, struct terms_request *out)
{
    struct vlt_walk part;

    out->has_agreement = vlt_walk_has(walk, "agreement");
    if (!out->has_agreement) {
        vlt_walk_null(walk, "agreement");
        return;
    }
    vlt_walk_into(&part, walk, "agreement");
    out->agreement_id = vlt_read_text(&part, "id");
    vlt_read_sha256(&part, "sha256", out->agreement_sha256);
    if (vlt_walk_end(&part) != VLT_OK) {
        vlt_walk_fault(walk, "agreement", "is malformed");
    }
}

static void
read_channels(struct vlt_walk *walk, struct terms_common *out)
{
    if (vlt_walk_has(walk, "channels")) {
        out->channels = vlt_read_bits(walk, "channels", VOCAB_CHANNEL, 1, 8);
    } else {
        vlt_walk_null(walk, "channels");
    }
}

/* All but v, jti, iss, aud and iat. */
static void
read_rest(struct vlt_walk *walk, struct terms_request *out)
{
    out->reply_by_s =
        vlt_walk_int_or(walk, "reply_by_s", 0, REPLY_MOST, VLT_LIMIT_REQUEST_S);
    read_who(walk, out);
    if (!out->has_behalf) {
        vlt_walk_null(walk, "on_behalf_of");
    }
    read_purposes(walk, out);
    vlt_read_common(walk, &out->common);
    read_channels(walk, &out->common);
    read_items(walk, out);
    out->common.life_s =
        vlt_walk_int_or(walk, "life_s", 60, INT32_MAX, TERMS_LIFE_UNSAID);
    read_agreement(walk, out);
    out->has_replaces = vlt_walk_has(walk, "replaces");
    if (out->has_replaces) {
        vlt_walk_ulid(walk, "replaces", out->replaces);
    } else {
        vlt_walk_null(walk, "replaces");
    }
}

/* An id as text: its form is checked, the text itself is kept. */
static struct vlt_slice
read_identity(struct vlt_walk *walk, const char *name,
              enum vlt_identity_kind kind)
{
    struct vlt_slice text = vlt_read_text(walk, name);
    uint8_t id[VLT_IDENTITY_LEN];

    if (!vlt_walk_failed(walk) &&
        vlt_identity_parse(kind, text, id) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no id of that kind");
    }
    return text;
}

/* The last name of a path: "auto_renew" of "items[0].auto_renew". */
static struct vlt_slice
last_name(const char *at)
{
    const char *dot = strrchr(at, '.');

    return vlt_slice_text(dot == NULL ? at : dot + 1);
}

/* What the walker says of a member that nobody asked for. */
static const char unknown[] = "is not known here";

/* A fault of the walker, in the words of the lint where it has some: a member
 * that presumes consent is worse than unknown. */
static enum vlt_status
tell(const struct vlt_walk *walk, struct terms_fault *fault)
{
    struct terms_fault words;

    memset(fault, 0, sizeof *fault);
    snprintf(fault->at, sizeof fault->at, "%.*s", TERMS_FAULT_AT - 1, walk->at);
    snprintf(fault->says, sizeof fault->says, "%s", walk->says);
    if (strcmp(walk->says, unknown) == 0 &&
        terms_lint_member(last_name(walk->at), &words)) {
        memcpy(fault->code, words.code, sizeof fault->code);
        memcpy(fault->says, words.says, sizeof fault->says);
    }
    return VLT_E_FORMAT;
}

static enum vlt_status
parse(struct vlt_slice text, struct vlt_json **out, struct terms_fault *fault)
{
    struct vlt_json_fault why;
    enum vlt_status st;

    st =
        vlt_json_parse(text, VLT_LIMIT_REQUEST_JWS, VLT_LIMIT_DEPTH, &why, out);
    if (st == VLT_E_FORMAT) {
        memset(fault, 0, sizeof *fault);
        snprintf(fault->says, sizeof fault->says, "%d:%d: %s", why.line,
                 why.column, why.says);
    }
    return st;
}

/* End the walk, lint, and hand the document over or free it. */
static enum vlt_status
finish(struct vlt_walk *walk, struct terms_request *request,
       struct vlt_json *root, struct vlt_json **document,
       struct terms_fault *fault)
{
    enum vlt_status st = vlt_walk_end(walk);

    if (st != VLT_OK) {
        st = tell(walk, fault);
    } else {
        st = terms_lint(request, fault);
    }
    if (st == VLT_OK) {
        *document = root;
    } else {
        vlt_json_free(root);
    }
    return st;
}

enum vlt_status
vlt_request_read(struct vlt_slice payload, struct vlt_json **document,
                 struct terms_request *out, struct terms_fault *fault)
{
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    enum vlt_status st;

    st = parse(payload, &root, fault);
    if (st != VLT_OK) {
        return st;
    }
    terms_request_init(out);
    vlt_walk_begin(&walk, root);
    out->v = vlt_walk_int(&walk, "v", 1, 1);
    vlt_walk_ulid(&walk, "jti", out->jti);
    out->iss = read_identity(&walk, "iss", VLT_IDENTITY_FIRM);
    out->aud = read_identity(&walk, "aud", VLT_IDENTITY_RECEIPT);
    out->iat = vlt_walk_int(&walk, "iat", 0, INT64_MAX / 1000000000);
    read_rest(&walk, out);
    return finish(&walk, out, root, document, fault);
}

enum vlt_status
vlt_request_read_file(struct vlt_slice file,
                      const struct vlt_request_fill *fill,
                      struct vlt_json **document, struct terms_request *out,
                      struct terms_fault *fault)
{
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    enum vlt_status st;

    st = parse(file, &root, fault);
    if (st != VLT_OK) {
        return st;
    }
    terms_request_init(out);
    out->v = 1;
    if (fill != NULL) {
        memcpy(out->jti, fill->jti, sizeof out->jti);
        out->iat = fill->iat;
    }
    vlt_walk_begin(&walk, root);
    read_rest(&walk, out);
    return finish(&walk, out, root, document, fault);
}
