#include "wire/use.h"

#include <string.h>

#include "base/time.h"
#include "wire/limits.h"

enum {
    DEPTH = 5,
    TYPE_USE = 5, /* of WIRE.md, 9.1 */
    TYPE_SPAN_OPEN = 6,
    TYPE_SPAN_CLOSE = 7,
};

void
vlt_use_put(struct vlt_json_out *json, const char *name,
            const struct vlt_use *use)
{
    vlt_put_object(json, name);
    vlt_put_uint(json, "ref", use->ref);
    vlt_put_uint(json, "seq", use->seq);
    vlt_put_uint(json, "index", use->index);
    vlt_put_base64(json, "entry", use->entry);
    vlt_put_base64(json, "salt", use->salt);
    vlt_put_slice(json, "detail", use->detail);
    vlt_put_slice(json, "checkpoint", use->checkpoint);
    vlt_put_end(json);
}

static uint64_t
read_count(struct vlt_walk *walk, const char *name, int64_t least)
{
    return (uint64_t)vlt_walk_int(walk, name, least, VLT_LIMIT_ID);
}

/* len bytes of base64, put behind what held has. */
static void
read_bytes(struct vlt_walk *walk, const char *name, size_t len,
           struct vlt_buf *held)
{
    struct vlt_slice text = vlt_walk_text(walk, name, 1, 256);
    size_t before = held->len;

    if (vlt_walk_failed(walk)) {
        return;
    }
    if (vlt_base64_get(text, held) != VLT_OK || held->len - before != len) {
        vlt_walk_fault(walk, name, "must be %zu bytes in base64", len);
    }
}

enum vlt_status
vlt_use_read(const struct vlt_json *object, struct vlt_buf *held,
             struct vlt_use *out)
{
    struct vlt_use use;
    struct vlt_walk walk;

    vlt_buf_clear(held);
    vlt_walk_begin(&walk, object);
    use.ref = read_count(&walk, "ref", 0);
    use.seq = read_count(&walk, "seq", 1);
    use.index = read_count(&walk, "index", 0);
    read_bytes(&walk, "entry", VLT_ENTRY_LEN, held);
    read_bytes(&walk, "salt", VLT_ENTRY_SALT, held);
    use.detail = vlt_walk_text(&walk, "detail", 2, VLT_LIMIT_AUDIT_DETAIL);
    use.checkpoint =
        vlt_walk_text(&walk, "checkpoint", 1, VLT_LIMIT_CHECKPOINT);
    if (vlt_walk_end(&walk) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    use.entry = vlt_slice_of(held->at, VLT_ENTRY_LEN);
    use.salt = vlt_slice_of(held->at + VLT_ENTRY_LEN, VLT_ENTRY_SALT);
    *out = use;
    return VLT_OK;
}

/* Does the detail name the grant, and the digest where there is one? */
static const char *
check_detail(const struct vlt_use *use, int type,
             const struct vlt_use_expected *expected)
{
    struct vlt_json *root = NULL;
    const char *why = NULL;
    uint8_t grant[VLT_ID_LEN];
    uint8_t digest[32];

    if (vlt_json_parse(use->detail, VLT_LIMIT_AUDIT_DETAIL, DEPTH, NULL,
                       &root) != VLT_OK) {
        return "the detail is no JSON";
    }
    struct vlt_slice id = vlt_json_text_of(vlt_json_get(root, "grant"));
    struct vlt_slice hash = vlt_json_text_of(vlt_json_get(root, "sha256"));

    if (expected->grant != NULL &&
        (vlt_ulid_parse(id, grant) != VLT_OK ||
         memcmp(grant, expected->grant, sizeof grant) != 0)) {
        why = "the detail is of another grant";
    } else if (expected->sha256 != NULL && type != TYPE_SPAN_OPEN &&
               (vlt_hex_parse(hash, digest, sizeof digest) != VLT_OK ||
                memcmp(digest, expected->sha256, sizeof digest) != 0)) {
        why = "the page is not the one that was logged";
    }
    vlt_json_free(root);
    return why;
}

static const char *
check_entry(const struct vlt_use *use, const struct vlt_entry *entry,
            const struct vlt_use_expected *expected)
{
    if (entry->type < TYPE_USE || entry->type > TYPE_SPAN_CLOSE) {
        return "the entry is of no use";
    }
    if (entry->index != use->index) {
        return "the entry is of another index";
    }
    if (expected->grant != NULL &&
        memcmp(entry->subject, expected->grant, VLT_ID_LEN) != 0) {
        return "the entry is of another grant";
    }
    if (!vlt_entry_opens(entry, use->salt, use->detail)) {
        return "salt and detail do not open the entry";
    }
    return check_detail(use, entry->type, expected);
}

static const char *
check_checkpoint(const struct vlt_checkpoint *checkpoint,
                 const struct vlt_entry *entry,
                 const struct vlt_use_expected *expected)
{
    if (checkpoint->size <= entry->index ||
        checkpoint->origin.instance != entry->instance) {
        return "the checkpoint does not include the entry";
    }
    if (expected->origin != NULL &&
        !vlt_origin_equal(&checkpoint->origin, expected->origin)) {
        return "the checkpoint is of another log";
    }
    if (vlt_checkpoint_verify(checkpoint, expected->pk) != VLT_OK) {
        return "the checkpoint is not signed by the pinned key";
    }
    return NULL;
}

enum vlt_status
vlt_use_verify(const struct vlt_use *use,
               const struct vlt_use_expected *expected,
               struct vlt_checkpoint *checkpoint, const char **why)
{
    struct vlt_checkpoint shown;
    struct vlt_entry entry;
    const char *fault = NULL;

    if (vlt_entry_decode(use->entry, &entry) != VLT_OK) {
        fault = "the entry is malformed";
    } else {
        fault = check_entry(use, &entry, expected);
    }
    if (fault == NULL) {
        fault = vlt_checkpoint_parse(use->checkpoint, &shown) == VLT_OK
                    ? check_checkpoint(&shown, &entry, expected)
                    : "the checkpoint is malformed";
    }
    if (fault != NULL) {
        *why = fault;
        return VLT_E_AUTH;
    }
    *checkpoint = shown;
    return VLT_OK;
}

/* ---- the detail ---- */

void
vlt_use_detail_put(const struct vlt_use_detail *detail, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "grant", detail->grant);
    vlt_put_ulid(&json, "use", detail->use);
    vlt_put_list(&json, "streams");
    for (size_t i = 0; i < detail->stream_count; i++) {
        vlt_put_object(&json, NULL);
        vlt_put_slice(&json, "name", detail->streams[i].name);
        vlt_put_time(&json, "from", detail->streams[i].from);
        vlt_put_time(&json, "to", detail->streams[i].to);
        vlt_put_uint(&json, "rows", detail->streams[i].rows);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_uint(&json, "rows", detail->rows);
    vlt_put_uint(&json, "bytes", detail->bytes);
    vlt_put_hex(&json, "sha256", detail->sha256, sizeof detail->sha256);
    vlt_put_uint(&json, "terms", detail->terms);
    vlt_put_end(&json);
}

/* One stream of the list, checked. */
static struct vlt_use_stream
read_stream(struct vlt_walk *outer, const struct vlt_json *list, size_t i)
{
    struct vlt_use_stream stream;
    struct vlt_walk walk;

    vlt_walk_item(&walk, outer, "streams", list, i);
    stream.name = vlt_walk_text(&walk, "name", 1, 256);
    stream.from = vlt_walk_time(&walk, "from");
    stream.to = vlt_walk_time(&walk, "to");
    stream.rows = read_count(&walk, "rows", 0);
    if (vlt_walk_end(&walk) != VLT_OK) {
        stream = (struct vlt_use_stream){ .rows = 0 };
    }
    return stream;
}

enum vlt_status
vlt_use_detail_read(struct vlt_slice text, struct vlt_json **document,
                    struct vlt_use_detail *out)
{
    struct vlt_use_detail detail = { .rows = 0 };
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    enum vlt_status st;

    st = vlt_json_parse(text, VLT_LIMIT_AUDIT_DETAIL, DEPTH, NULL, &root);
    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, root);
    vlt_walk_ulid(&walk, "grant", detail.grant);
    vlt_walk_ulid(&walk, "use", detail.use);
    detail.list = vlt_walk_list(&walk, "streams", 0, VLT_USE_STREAMS);
    detail.stream_count = detail.list == NULL ? 0 : vlt_json_count(detail.list);
    for (size_t i = 0; i < detail.stream_count; i++) {
        (void)read_stream(&walk, detail.list, i);
    }
    detail.rows = read_count(&walk, "rows", 0);
    detail.bytes = read_count(&walk, "bytes", 0);
    struct vlt_slice hash = vlt_walk_text(&walk, "sha256", 64, 64);

    if (!vlt_walk_failed(&walk) &&
        vlt_hex_parse(hash, detail.sha256, 32) != VLT_OK) {
        vlt_walk_fault(&walk, "sha256", "must be 64 hex digits");
    }
    detail.terms = read_count(&walk, "terms", 1);
    st = vlt_walk_end(&walk);
    if (st != VLT_OK) {
        vlt_json_free(root);
        return st;
    }
    *document = root;
    *out = detail;
    return VLT_OK;
}

struct vlt_use_stream
vlt_use_detail_stream(const struct vlt_use_detail *detail, size_t i)
{
    struct vlt_walk none;

    vlt_walk_begin(&none, vlt_json_item(detail->list, i));
    return read_stream(&none, detail->list, i);
}
