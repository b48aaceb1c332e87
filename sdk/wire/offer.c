#include "wire/offer.h"

#include <string.h>

#include "terms/value.h"
#include "wire/terms_internal.h"
#include "json/json_write.h"

enum {
    DEPTH = 5,
    PATH = 48,
};

#define SECONDS_MAX (INT64_MAX / 1000000000)

static const char *const bys[] = { "rule", "owner", NULL };

/* ---- writing ---- */

static void
put_items(struct vlt_json_out *json, const struct terms *terms)
{
    vlt_put_list(json, "items");
    for (size_t i = 0; i < terms->item_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_int(json, "n", terms->items[i].n);
        vlt_put_text(json, "data", vocab_category(terms->items[i].data)->id);
        vlt_put_detail(json, true, &terms->items[i]);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static void
put_head(struct vlt_json_out *json, const struct vlt_offer *offer)
{
    char id[VLT_IDENTITY_TEXT];

    vlt_put_text(json, "iss",
                 vlt_identity_print(VLT_IDENTITY_RECEIPT, offer->iss, id));
    vlt_put_text(json, "aud",
                 vlt_identity_print(VLT_IDENTITY_FIRM, offer->aud, id));
    vlt_put_hex(json, "sub", offer->sub, sizeof offer->sub);
    vlt_put_ulid(json, "jti", offer->jti);
    vlt_put_int(json, "iat", offer->iat);
    vlt_put_int(json, "exp", offer->exp);
    vlt_put_text(json, "by", bys[offer->by_hand ? 1 : 0]);
    vlt_put_object(json, "request");
    vlt_put_ulid(json, "id", offer->request);
    vlt_put_hex(json, "sha256", offer->request_sha256,
                sizeof offer->request_sha256);
    vlt_put_end(json);
    vlt_put_text(json, "part", vocab_purpose(offer->terms.purpose)->id);
    vlt_put_list(json, "left_out");
    for (int n = 1; n <= TERMS_ITEMS; n++) {
        if ((offer->left_out >> (n - 1) & 1) != 0) {
            vlt_put_int(json, NULL, n);
        }
    }
    vlt_put_end(json);
}

static void
put_terms(struct vlt_json_out *json, const struct terms *terms)
{
    vlt_put_word(json, "basis", VOCAB_BASIS, terms->basis);
    vlt_put_word(json, "action", VOCAB_ACTION, terms->common.action);
    vlt_put_words(json, "channels", VOCAB_CHANNEL, terms->common.channels);
    put_items(json, terms);
    vlt_put_rate_uses(json, &terms->common);
    vlt_put_int(json, "life_s", terms->common.life_s);
    vlt_put_int(json, "keep_s", terms->common.keep_s);
    vlt_put_promises(json, &terms->common);
}

/* What both values of an axis are, where they differ as text. */
static void
put_axis(struct vlt_json_out *json, int n, enum terms_axis axis,
         const struct terms_limits *asked, const struct terms_limits *offered)
{
    struct vlt_buf text[3];

    for (size_t i = 0; i < 3; i++) {
        vlt_buf_init(&text[i], 0);
    }
    terms_put_axis_bare(&text[0], axis, asked);
    terms_put_axis_bare(&text[1], axis, offered);
    if (n > 0) {
        vlt_buf_printf(&text[2], "%d.", n);
    }
    vlt_buf_put_text(&text[2], terms_axis_key(axis)->name);
    if (!vlt_slice_equal(vlt_buf_slice(&text[0]), vlt_buf_slice(&text[1]))) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "path", vlt_buf_slice(&text[2]));
        vlt_put_slice(json, "asked", vlt_buf_slice(&text[0]));
        vlt_put_slice(json, "offered", vlt_buf_slice(&text[1]));
        vlt_put_end(json);
    }
    for (size_t i = 0; i < 3; i++) {
        if (vlt_buf_failed(&text[i])) {
            json->buf->failed = true;
        }
        vlt_buf_free(&text[i]);
    }
}

/* Is the axis one of an item, and not of all? */
static bool
of_item(enum terms_axis axis)
{
    return axis == TERMS_DETAIL || axis == TERMS_ROUND ||
           axis == TERMS_WINDOW || axis == TERMS_DELAY || axis == TERMS_EVERY;
}

static const struct terms_item *
item_like(const struct terms *terms, int n)
{
    for (size_t i = 0; i < terms->item_count; i++) {
        if (terms->items[i].n == n) {
            return &terms->items[i];
        }
    }
    return NULL;
}

static void
put_diff(struct vlt_json_out *json, const struct terms *asked,
         const struct terms *offered)
{
    struct terms_limits more;
    struct terms_limits less;

    vlt_put_list(json, "diff");
    for (size_t i = 0; i < offered->item_count; i++) {
        int n = offered->items[i].n;

        terms_atom(asked, item_like(asked, n), 0, &more);
        terms_atom(offered, &offered->items[i], 0, &less);
        for (int axis = 0; axis < TERMS_AXES; axis++) {
            if (of_item((enum terms_axis)axis)) {
                put_axis(json, n, (enum terms_axis)axis, &more, &less);
            }
        }
    }
    terms_atom(asked, NULL, 0, &more);
    terms_atom(offered, NULL, 0, &less);
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if (!of_item((enum terms_axis)axis) && axis != TERMS_FROM &&
            axis != TERMS_UNTIL) {
            put_axis(json, 0, (enum terms_axis)axis, &more, &less);
        }
    }
    vlt_put_end(json);
}

void
vlt_offer_put(const struct vlt_offer *offer, const struct terms *asked,
              struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    put_head(&json, offer);
    put_terms(&json, &offer->terms);
    put_diff(&json, asked, &offer->terms);
    vlt_put_end(&json);
}

/* ---- reading ---- */

static void
read_identity(struct vlt_walk *walk, const char *name,
              enum vlt_identity_kind kind, uint8_t out[VLT_IDENTITY_LEN])
{
    struct vlt_slice text = vlt_walk_text(walk, name, 1, VLT_IDENTITY_TEXT);

    if (!vlt_walk_failed(walk) &&
        vlt_identity_parse(kind, text, out) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no id of that kind");
    }
}

static void
read_left_out(struct vlt_walk *walk, struct vlt_offer *out)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "left_out", 0, TERMS_ITEMS);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        int64_t n = vlt_json_int_of(vlt_json_item(list, i));

        if (n < 1 || n > TERMS_ITEMS) {
            vlt_walk_fault(walk, "left_out", "must list items");
            return;
        }
        out->left_out |= 1U << (n - 1);
    }
}

static void
read_head(struct vlt_walk *walk, struct vlt_offer *out)
{
    struct vlt_slice sub;
    struct vlt_walk request;

    read_identity(walk, "iss", VLT_IDENTITY_RECEIPT, out->iss);
    read_identity(walk, "aud", VLT_IDENTITY_FIRM, out->aud);
    sub = vlt_walk_text(walk, "sub", 32, 32);
    if (!vlt_walk_failed(walk) &&
        vlt_hex_parse(sub, out->sub, sizeof out->sub) != VLT_OK) {
        vlt_walk_fault(walk, "sub", "must be 32 hex digits");
    }
    vlt_walk_ulid(walk, "jti", out->jti);
    out->iat = vlt_walk_int(walk, "iat", 0, SECONDS_MAX);
    out->exp = vlt_walk_int(walk, "exp", 0, SECONDS_MAX);
    out->by_hand = vlt_walk_word(walk, "by", bys) == 1;
    vlt_walk_into(&request, walk, "request");
    vlt_walk_ulid(&request, "id", out->request);
    vlt_read_sha256(&request, "sha256", out->request_sha256);
    vlt_read_end(&request);
    out->terms.purpose = vlt_read_purpose(walk, "part");
    read_left_out(walk, out);
}

static void
read_items(struct vlt_walk *walk, struct terms *out)
{
    const struct vlt_json *list = vlt_walk_list(walk, "items", 0, TERMS_ITEMS);

    out->item_count = (unsigned)vlt_json_count(list);
    for (size_t i = 0; i < out->item_count; i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "items", list, i);
        out->items[i].n = (int)vlt_walk_int(&item, "n", 1, TERMS_ITEMS);
        out->items[i].data = vlt_read_category(&item, "data");
        vlt_read_detail(&item, true, &out->items[i]);
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
    }
}

static void
read_terms(struct vlt_walk *walk, struct terms *out)
{
    out->basis = vlt_read_value(walk, "basis", VOCAB_BASIS);
    vlt_read_common(walk, &out->common);
    out->common.channels =
        vlt_read_bits(walk, "channels", VOCAB_CHANNEL, 0, TERMS_WHERE);
    read_items(walk, out);
    out->common.life_s = vlt_walk_int(walk, "life_s", 60, VOCAB_LIFE_MOST);
}

/* For people: texts, and no more is asked. */
static void
read_diff(struct vlt_walk *walk)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "diff", 0, (TERMS_ITEMS + 1) * (size_t)TERMS_AXES);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk one;

        vlt_walk_item(&one, walk, "diff", list, i);
        (void)vlt_walk_text(&one, "path", 1, PATH);
        (void)vlt_walk_text(&one, "asked", 0, VLT_OFFER_MAX);
        (void)vlt_walk_text(&one, "offered", 0, VLT_OFFER_MAX);
        if (vlt_walk_end(&one) != VLT_OK) {
            return;
        }
    }
}

enum vlt_status
vlt_offer_read(struct vlt_slice payload, struct vlt_json **document,
               struct vlt_offer *out)
{
    struct vlt_offer offer = { .iat = 0 };
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(payload, VLT_OFFER_MAX, DEPTH, NULL, &root);

    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, root);
    read_head(&walk, &offer);
    read_terms(&walk, &offer.terms);
    read_diff(&walk);
    st = vlt_walk_end(&walk);
    if (st != VLT_OK) {
        vlt_json_free(root);
        return st;
    }
    *document = root;
    *out = offer;
    return VLT_OK;
}
