#include "wire/rpc.h"

#include <string.h>

enum {
    MEMBERS = 4,
};

/* The shapes of a message: told apart by one member, holding no others. */
static const struct shape {
    const char *mark;
    const char *members[MEMBERS];
} shapes[] = {
    { "method", { "jsonrpc", "id", "method", "params" } },
    { "result", { "jsonrpc", "id", "result", "audit" } },
    { "error", { "jsonrpc", "id", "error", "audit" } },
};

static enum vlt_status
refuse(struct vlt_rpc *out, enum vlt_rpc_code code, const char *message,
       const char *at)
{
    out->error = (struct vlt_rpc_error){ .code = code,
                                         .message = vlt_slice_text(message),
                                         .at = vlt_slice_text(at) };
    return VLT_E_FORMAT;
}

static enum vlt_status
invalid(struct vlt_rpc *out, const char *message, const char *at)
{
    return refuse(out, VLT_RPC_INVALID, message, at);
}

/* The id of a message; false where it is neither absent nor an id.  Null is
 * for errors only, which their reader looks at. */
static bool
read_id(const struct vlt_json *node, struct vlt_rpc_id *out)
{
    struct vlt_rpc_id id = { .kind = VLT_RPC_ID_NONE };

    *out = id;
    if (node == NULL || vlt_json_kind(node) == VLT_JSON_NULL) {
        return true;
    }
    if (vlt_json_kind(node) == VLT_JSON_INT) {
        id.kind = VLT_RPC_ID_INT;
        id.number = vlt_json_int_of(node);
        if (id.number < 0 || id.number > VLT_LIMIT_ID) {
            return false;
        }
    } else if (vlt_json_kind(node) == VLT_JSON_TEXT) {
        struct vlt_slice text = vlt_json_text_of(node);

        id.kind = VLT_RPC_ID_TEXT;
        if (text.len == 0 || text.len > VLT_LIMIT_ID_TEXT ||
            memchr(text.at, 0, text.len) != NULL) {
            return false;
        }
        memcpy(id.text, text.at, text.len);
    } else {
        return false;
    }
    *out = id;
    return true;
}

struct member_check {
    const struct shape *shape;
    bool strange;
};

static bool
check_member(void *ctx, const char *name, const struct vlt_json *value)
{
    struct member_check *check = ctx;

    (void)value;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (strcmp(name, check->shape->members[i]) == 0) {
            return true;
        }
    }
    check->strange = true;
    return false;
}

/* The first shape whose mark the message has; NULL: none. */
static const struct shape *
shape_of(const struct vlt_json *root)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (vlt_json_get(root, shapes[i].mark) != NULL) {
            return &shapes[i];
        }
    }
    return NULL;
}

static bool
object_or_absent(const struct vlt_json *node)
{
    return node == NULL || vlt_json_kind(node) == VLT_JSON_OBJECT;
}

static enum vlt_status
read_call(const struct vlt_json *root, struct vlt_rpc *out)
{
    const struct vlt_json *id = vlt_json_get(root, "id");

    out->method = vlt_json_text_of(vlt_json_get(root, "method"));
    out->params = vlt_json_get(root, "params");
    if (out->method.len == 0 || out->method.len > VLT_LIMIT_METHOD) {
        return invalid(out, "The method must be text of 1 to 64 bytes.",
                       "method");
    }
    if (!object_or_absent(out->params)) {
        return invalid(out, "Parameters go by name, in one object.", "params");
    }
    if (id != NULL && out->id.kind == VLT_RPC_ID_NONE) {
        return invalid(out, "The id may not be null; leave it out to notify.",
                       "id");
    }
    out->kind = id != NULL ? VLT_RPC_REQUEST : VLT_RPC_NOTIFICATION;
    return VLT_OK;
}

static enum vlt_status
read_result(const struct vlt_json *root, struct vlt_rpc *out)
{
    out->kind = VLT_RPC_RESPONSE;
    out->result = vlt_json_get(root, "result");
    if (out->id.kind == VLT_RPC_ID_NONE) {
        return invalid(out, "A response needs the id of its request.", "id");
    }
    return VLT_OK;
}

/* Members of data that are not known here are left alone: the table may grow
 * in a later vault. */
static void
read_error_data(const struct vlt_json *data, struct vlt_rpc_error *out)
{
    out->reason = vlt_json_text_of(vlt_json_get(data, "reason"));
    out->detail = vlt_json_text_of(vlt_json_get(data, "detail"));
    out->at = vlt_json_text_of(vlt_json_get(data, "at"));
    out->waits_for = vlt_json_text_of(vlt_json_get(data, "waits_for"));
    out->retry_after_ms = vlt_json_int_of(vlt_json_get(data, "retry_after_ms"));
    out->exceeded = vlt_json_get(data, "exceeds");
}

static enum vlt_status
read_error(const struct vlt_json *root, struct vlt_rpc *out)
{
    const struct vlt_json *error = vlt_json_get(root, "error");
    const struct vlt_json *code = vlt_json_get(error, "code");
    const struct vlt_json *message = vlt_json_get(error, "message");
    const struct vlt_json *data = vlt_json_get(error, "data");

    if (code == NULL || vlt_json_kind(code) != VLT_JSON_INT ||
        vlt_json_int_of(code) < INT32_MIN ||
        vlt_json_int_of(code) > INT32_MAX || message == NULL ||
        vlt_json_kind(message) != VLT_JSON_TEXT || !object_or_absent(data)) {
        return invalid(out, "An error has code, message and data.", "error");
    }
    out->kind = VLT_RPC_ERROR;
    out->error.code = (int)vlt_json_int_of(code);
    out->error.message = vlt_json_text_of(message);
    if (data != NULL) {
        read_error_data(data, &out->error);
    }
    if (out->error.retry_after_ms < 0) {
        out->error.retry_after_ms = 0;
    }
    return VLT_OK;
}

static enum vlt_status
read_message(const struct vlt_json *root, struct vlt_rpc *out)
{
    const struct vlt_json *version = vlt_json_get(root, "jsonrpc");

    if (vlt_json_kind(root) != VLT_JSON_OBJECT) {
        return invalid(out, "One object a message; batches are not taken.", "");
    }
    if (!read_id(vlt_json_get(root, "id"), &out->id)) {
        return invalid(
            out, "The id must be 0 to 2^53, or text of 1 to 64 bytes.", "id");
    }
    if (version == NULL || !vlt_slice_is(vlt_json_text_of(version), "2.0")) {
        return invalid(out, "The message must say \"jsonrpc\":\"2.0\".",
                       "jsonrpc");
    }
    struct member_check check = { .shape = shape_of(root) };

    if (check.shape == NULL) {
        return invalid(out, "There is no method, result or error in it.", "");
    }
    vlt_json_each(root, check_member, &check);
    if (check.strange) {
        return invalid(out, "It has a member that does not belong there.", "");
    }
    out->audit = vlt_json_get(root, "audit");
    if (!object_or_absent(out->audit)) {
        return invalid(out, "The audit member is an object.", "audit");
    }
    if (check.shape == &shapes[0]) {
        return read_call(root, out);
    }
    return check.shape == &shapes[1] ? read_result(root, out)
                                     : read_error(root, out);
}

enum vlt_status
vlt_rpc_decode(struct vlt_slice text, struct vlt_json **document,
               struct vlt_rpc *out)
{
    struct vlt_json *root = NULL;
    enum vlt_status st;

    *out = (struct vlt_rpc){ .kind = VLT_RPC_ERROR };
    st = vlt_json_parse(text, VLT_LIMIT_TEXT, VLT_LIMIT_DEPTH, NULL, &root);
    if (st == VLT_E_FORMAT) {
        return refuse(out, VLT_RPC_PARSE, "The message is no strict JSON.", "");
    }
    if (st == VLT_E_LIMIT) {
        (void)refuse(out, VLT_RPC_PARSE, "The message is too large or deep.",
                     "");
        return st;
    }
    if (st != VLT_OK) {
        return st;
    }
    st = read_message(root, out);
    if (st != VLT_OK) {
        vlt_json_free(root);
        /* What pointed into the document must not be left behind. */
        struct vlt_rpc fault = { .kind = VLT_RPC_ERROR,
                                 .id = out->id,
                                 .error = out->error };
        *out = fault;
        return st;
    }
    *document = root;
    return VLT_OK;
}
