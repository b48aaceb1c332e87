#include "wire/rpc.h"

#include <assert.h>
#include <string.h>

/* The one error table: WIRE.md, 5.2. */
static const struct {
    enum vlt_rpc_code code;
    const char *reason;
} errors[] = {
    { VLT_RPC_PARSE, "parse" },     { VLT_RPC_INVALID, "invalid" },
    { VLT_RPC_METHOD, "method" },   { VLT_RPC_PARAMS, "params" },
    { VLT_RPC_DENIED, "denied" },   { VLT_RPC_PENDING, "pending" },
    { VLT_RPC_ENDED, "ended" },     { VLT_RPC_SCOPE, "scope" },
    { VLT_RPC_RATE, "rate" },       { VLT_RPC_LOCKED, "locked" },
    { VLT_RPC_REAUTH, "reauth" },   { VLT_RPC_CONFLICT, "conflict" },
    { VLT_RPC_STORAGE, "storage" }, { VLT_RPC_UNKNOWN, "unknown_outcome" },
    { VLT_RPC_BUSY, "busy" },       { VLT_RPC_INTERNAL, "internal" },
};

enum {
    ERRORS = sizeof errors / sizeof errors[0],
};

const char *
vlt_rpc_reason(int code)
{
    for (size_t i = 0; i < ERRORS; i++) {
        if ((int)errors[i].code == code) {
            return errors[i].reason;
        }
    }
    return NULL;
}

enum vlt_status
vlt_rpc_code_of(struct vlt_slice reason, enum vlt_rpc_code *out)
{
    for (size_t i = 0; i < ERRORS; i++) {
        if (vlt_slice_is(reason, errors[i].reason)) {
            *out = errors[i].code;
            return VLT_OK;
        }
    }
    return VLT_E_NOT_FOUND;
}

struct vlt_rpc_id
vlt_rpc_id_int(int64_t number)
{
    return (struct vlt_rpc_id){ .kind = VLT_RPC_ID_INT, .number = number };
}

bool
vlt_rpc_id_equal(const struct vlt_rpc_id *a, const struct vlt_rpc_id *b)
{
    return a->kind == b->kind && a->number == b->number &&
           strcmp(a->text, b->text) == 0;
}

/* ---- writing ---- */

static void
put_id(struct vlt_json_out *json, const struct vlt_rpc_id *id)
{
    switch (id->kind) {
    case VLT_RPC_ID_NONE:
        vlt_put_null(json, "id");
        return;
    case VLT_RPC_ID_INT:
        vlt_put_int(json, "id", id->number);
        return;
    case VLT_RPC_ID_TEXT:
        vlt_put_text(json, "id", id->text);
        return;
    }
}

static struct vlt_json_out
begin(struct vlt_buf *buf)
{
    struct vlt_json_out json = vlt_json_out(buf);

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "jsonrpc", "2.0");
    return json;
}

struct vlt_json_out
vlt_rpc_begin_request(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                      const char *method)
{
    struct vlt_json_out json = begin(buf);

    assert(id->kind != VLT_RPC_ID_NONE);
    put_id(&json, id);
    vlt_put_text(&json, "method", method);
    return json;
}

struct vlt_json_out
vlt_rpc_begin_notification(struct vlt_buf *buf, const char *method)
{
    struct vlt_json_out json = begin(buf);

    vlt_put_text(&json, "method", method);
    return json;
}

struct vlt_json_out
vlt_rpc_begin_response(struct vlt_buf *buf, const struct vlt_rpc_id *id)
{
    struct vlt_json_out json = begin(buf);

    put_id(&json, id);
    return json;
}

/* A member that may be left out. */
static void
put_part(struct vlt_json_out *json, const char *name, struct vlt_slice part)
{
    if (part.len > 0) {
        vlt_put_raw(json, name, part);
    }
}

void
vlt_rpc_put_request(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                    const char *method, struct vlt_slice params)
{
    struct vlt_json_out json = vlt_rpc_begin_request(buf, id, method);

    put_part(&json, "params", params);
    vlt_put_end(&json);
}

void
vlt_rpc_put_notification(struct vlt_buf *buf, const char *method,
                         struct vlt_slice params)
{
    struct vlt_json_out json = vlt_rpc_begin_notification(buf, method);

    put_part(&json, "params", params);
    vlt_put_end(&json);
}

void
vlt_rpc_put_response(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                     struct vlt_slice result, struct vlt_slice audit)
{
    struct vlt_json_out json = vlt_rpc_begin_response(buf, id);

    vlt_put_raw(&json, "result", result);
    put_part(&json, "audit", audit);
    vlt_put_end(&json);
}

static void
put_text_part(struct vlt_json_out *json, const char *name,
              struct vlt_slice text)
{
    if (text.len > 0) {
        vlt_put_slice(json, name, text);
    }
}

static void
put_error_data(struct vlt_json_out *json, const struct vlt_rpc_error *error)
{
    struct vlt_slice reason = error->reason;

    if (reason.len == 0 && vlt_rpc_reason(error->code) != NULL) {
        reason = vlt_slice_text(vlt_rpc_reason(error->code));
    }
    vlt_put_object(json, "data");
    put_text_part(json, "reason", reason);
    put_text_part(json, "detail", error->detail);
    put_text_part(json, "at", error->at);
    if (error->retry_after_ms > 0) {
        vlt_put_int(json, "retry_after_ms", error->retry_after_ms);
    }
    if (error->exceeds != NULL) {
        vlt_put_list(json, "exceeds");
        for (size_t i = 0; error->exceeds[i] != NULL; i++) {
            vlt_put_text(json, NULL, error->exceeds[i]);
        }
        vlt_put_end(json);
    }
    put_text_part(json, "waits_for", error->waits_for);
    vlt_put_end(json);
}

void
vlt_rpc_put_error(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                  const struct vlt_rpc_error *error)
{
    struct vlt_json_out json = vlt_rpc_begin_response(buf, id);

    vlt_put_object(&json, "error");
    vlt_put_int(&json, "code", error->code);
    vlt_put_slice(&json, "message", error->message);
    put_error_data(&json, error);
    vlt_put_end(&json);
    vlt_put_end(&json);
}
