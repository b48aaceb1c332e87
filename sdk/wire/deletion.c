#include "wire/deletion.h"

#include <string.h>

#include "base/text.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum {
    DEPTH = 4,
    NAME_MAX_CHARS = 120,
};

#define SECONDS_MAX (INT64_MAX / 1000000000)

static const char *const methods[] = { "erased", "anonymised", NULL };

/* ---- writing ---- */

static void
put_uses(struct vlt_json_out *json, uint64_t from, uint64_t to)
{
    vlt_put_list(json, "uses");
    vlt_put_uint(json, NULL, from);
    vlt_put_uint(json, NULL, to);
    vlt_put_end(json);
}

static void
put_lists(struct vlt_json_out *json, const struct vlt_deletion *what)
{
    vlt_put_list(json, "recipients");
    for (size_t i = 0; i < what->recipient_count; i++) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "name", what->recipients[i].name);
        vlt_put_int(json, "deleted_at", what->recipients[i].deleted_at);
        vlt_put_end(json);
    }
    vlt_put_end(json);
    vlt_put_list(json, "exceptions");
    for (size_t i = 0; i < what->exception_count; i++) {
        vlt_put_object(json, NULL);
        put_uses(json, what->exceptions[i].from, what->exceptions[i].to);
        vlt_put_slice(json, "law", what->exceptions[i].law);
        vlt_put_int(json, "until", what->exceptions[i].until);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

enum vlt_status
vlt_deletion_sign(const struct vlt_signer *firm,
                  const struct vlt_deletion *what, struct vlt_buf *out)
{
    char id[VLT_IDENTITY_TEXT];
    struct vlt_json_out json;
    struct vlt_buf payload;
    enum vlt_status st;

    vlt_buf_init(&payload, VLT_DELETION_MAX);
    json = vlt_json_out(&payload);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "iss",
                 vlt_identity_print(VLT_IDENTITY_FIRM, what->iss, id));
    vlt_put_text(&json, "aud",
                 vlt_identity_print(VLT_IDENTITY_RECEIPT, what->aud, id));
    vlt_put_hex(&json, "sub", what->sub, sizeof what->sub);
    vlt_put_int(&json, "iat", what->iat);
    vlt_put_ulid(&json, "grant", what->grant);
    put_uses(&json, what->from, what->to);
    vlt_put_int(&json, "deleted_at", what->deleted_at);
    vlt_put_text(&json, "method", methods[what->anonymised ? 1 : 0]);
    put_lists(&json, what);
    vlt_put_end(&json);
    st = vlt_buf_status(&payload);
    if (st == VLT_OK) {
        st = vlt_jws_sign(firm, VLT_TYP_DELETION, vlt_buf_slice(&payload), out);
    }
    vlt_buf_free(&payload);
    return st;
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

static int64_t
read_time(struct vlt_walk *walk, const char *name)
{
    return vlt_walk_int(walk, name, 0, SECONDS_MAX);
}

/* Two whole numbers, the second not below the first. */
static void
read_uses(struct vlt_walk *walk, uint64_t *from, uint64_t *to)
{
    const struct vlt_json *list = vlt_walk_list(walk, "uses", 2, 2);
    const struct vlt_json *first = NULL;
    const struct vlt_json *last = NULL;

    if (list != NULL) {
        first = vlt_json_item(list, 0);
        last = vlt_json_item(list, 1);
    }
    if (vlt_json_kind(first) != VLT_JSON_INT ||
        vlt_json_kind(last) != VLT_JSON_INT || vlt_json_int_of(first) < 1 ||
        vlt_json_int_of(last) < vlt_json_int_of(first) ||
        vlt_json_int_of(last) > VLT_LIMIT_ID) {
        vlt_walk_fault(walk, "uses", "must be the first and the last use");
        return;
    }
    *from = (uint64_t)vlt_json_int_of(first);
    *to = (uint64_t)vlt_json_int_of(last);
}

/* Words for people: printable, and not more of them than these. */
static struct vlt_slice
read_words(struct vlt_walk *walk, const char *name, size_t most)
{
    struct vlt_slice text = vlt_walk_text(walk, name, 1, most * 4);

    if (!vlt_walk_failed(walk) &&
        (!vlt_text_printable(text) || vlt_utf8_count(text) > most)) {
        vlt_walk_fault(walk, name,
                       "must be at most %zu characters, none of them for "
                       "control",
                       most);
    }
    return text;
}

static void
read_recipients(struct vlt_walk *walk, struct vlt_deletion *out)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "recipients", 0, VLT_DELETION_RECIPIENTS);

    out->recipient_count = vlt_json_count(list);
    for (size_t i = 0; i < out->recipient_count; i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "recipients", list, i);
        out->recipients[i].name = read_words(&item, "name", NAME_MAX_CHARS);
        out->recipients[i].deleted_at = read_time(&item, "deleted_at");
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
    }
}

static void
read_exceptions(struct vlt_walk *walk, struct vlt_deletion *out)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "exceptions", 0, VLT_DELETION_EXCEPTIONS);

    out->exception_count = vlt_json_count(list);
    for (size_t i = 0; i < out->exception_count; i++) {
        struct vlt_deletion_exception *exception = &out->exceptions[i];
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "exceptions", list, i);
        read_uses(&item, &exception->from, &exception->to);
        exception->law = read_words(&item, "law", VLT_DELETION_LAW);
        exception->until = read_time(&item, "until");
        if (!vlt_walk_failed(&item) &&
            (exception->from < out->from || exception->to > out->to)) {
            vlt_walk_fault(&item, "uses", "must lie within the statement's");
        }
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
    }
}

static void
read_all(struct vlt_walk *walk, struct vlt_deletion *out)
{
    read_identity(walk, "iss", VLT_IDENTITY_FIRM, out->iss);
    read_identity(walk, "aud", VLT_IDENTITY_RECEIPT, out->aud);

    struct vlt_slice sub = vlt_walk_text(walk, "sub", 32, 32);

    if (!vlt_walk_failed(walk) &&
        vlt_hex_parse(sub, out->sub, sizeof out->sub) != VLT_OK) {
        vlt_walk_fault(walk, "sub", "must be 32 hex digits");
    }
    out->iat = read_time(walk, "iat");
    vlt_walk_ulid(walk, "grant", out->grant);
    read_uses(walk, &out->from, &out->to);
    out->deleted_at = read_time(walk, "deleted_at");
    out->anonymised = vlt_walk_word(walk, "method", methods) == 1;
    read_recipients(walk, out);
    read_exceptions(walk, out);
}

enum vlt_status
vlt_deletion_read(struct vlt_slice payload, struct vlt_json **document,
                  struct vlt_deletion *out, char at[VLT_WALK_AT],
                  char says[VLT_WALK_SAYS])
{
    struct vlt_deletion deletion = { .from = 0 };
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    enum vlt_status st;

    at[0] = '\0';
    memcpy(says, "is no JSON", sizeof "is no JSON");
    st = vlt_json_parse(payload, VLT_DELETION_MAX, DEPTH, NULL, &root);
    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, root);
    read_all(&walk, &deletion);
    st = vlt_walk_end(&walk);
    if (st != VLT_OK) {
        memcpy(at, walk.at, VLT_WALK_AT);
        memcpy(says, walk.says, VLT_WALK_SAYS);
        vlt_json_free(root);
        return st;
    }
    *document = root;
    *out = deletion;
    return VLT_OK;
}
