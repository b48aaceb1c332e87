#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/reauth.h"
#include "service/service_internal.h"

/* What a status is on the wire. */
static const struct {
    enum vlt_status st;
    enum vlt_rpc_code code;
    const char *message;
} codes[] = {
    { VLT_E_NOMEM, VLT_RPC_BUSY, "No memory for this; try again later." },
    { VLT_E_FORMAT, VLT_RPC_PARAMS, "The parameters are not well formed." },
    { VLT_E_LIMIT, VLT_RPC_PARAMS, "A parameter is beyond its limit." },
    { VLT_E_QUOTA, VLT_RPC_RATE, "Too much for now; try again later." },
    { VLT_E_BUSY, VLT_RPC_BUSY, "The vault is busy; try again soon." },
    { VLT_E_AUTH, VLT_RPC_REAUTH, "The passphrase or key is wrong." },
    { VLT_E_DENIED, VLT_RPC_DENIED, "Denied." },
    { VLT_E_NOT_FOUND, VLT_RPC_PARAMS, "There is no such thing." },
    { VLT_E_CONFLICT, VLT_RPC_CONFLICT,
      "It exists already, or changed meanwhile; look again." },
    { VLT_E_LOCKED, VLT_RPC_LOCKED, "The vault is locked." },
    { VLT_E_STORAGE, VLT_RPC_STORAGE,
      "The disk is full or failing; nothing was changed." },
    { VLT_E_UNKNOWN, VLT_RPC_UNKNOWN,
      "The outcome is not known; repeat with the same id." },
};

static size_t
code_row(enum vlt_status st)
{
    size_t i = 0;

    while (i < sizeof codes / sizeof codes[0] && codes[i].st != st) {
        i++;
    }
    return i;
}

/* A firm gets the same bytes for what is not there and what is not allowed. */
static void
deny(struct vlt_rpc_error *error)
{
    *error = (struct vlt_rpc_error){ .code = VLT_RPC_DENIED,
                                     .message = vlt_slice_text("Denied.") };
}

static void
fill(struct vlt_rpc_error *error, enum vlt_status st,
     const struct call_fault *fault, bool owner)
{
    size_t row = code_row(st);
    bool known = row < sizeof codes / sizeof codes[0];

    *error = (struct vlt_rpc_error){
        .code = known ? (int)codes[row].code : VLT_RPC_INTERNAL,
        .message = vlt_slice_text(known ? codes[row].message
                                        : "A fault of the vault's own."),
    };
    if (st == VLT_E_NOT_FOUND && owner) {
        error->detail = vlt_slice_text("not_found");
    }
    if (fault == NULL) {
        return;
    }
    if (fault->code != 0) {
        error->code = fault->code;
    }
    if (fault->message[0] != '\0') {
        error->message = vlt_slice_text(fault->message);
    }
    if (owner && fault->detail[0] != '\0') {
        error->detail = vlt_slice_text(fault->detail);
    }
    error->at = vlt_slice_text(fault->at);
    error->retry_after_ms = fault->retry_ms;
    if (fault->waits_for != NULL) {
        error->waits_for = vlt_slice_text(fault->waits_for);
    }
    if (fault->exceeds[0] != NULL) {
        error->exceeds = fault->exceeds;
    }
}

void
reply_text(struct service *service, uint64_t session, struct vlt_buf *text)
{
    const struct service_sink *sink = &service->config.sink;

    if (vlt_buf_failed(text)) {
        vlt_buf_free(text);
        sink->close(sink->ctx, session, VLT_CLOSE_TOO_BIG, "answer too large",
                    false);
        return;
    }
    sink->text(sink->ctx, session, text, NULL, false);
}

void
reply_error(struct service *service, const struct principal *who,
            const struct vlt_rpc_id *id, enum vlt_status st,
            const struct call_fault *fault, struct vlt_slice audit)
{
    const struct service_sink *sink = &service->config.sink;
    bool owner = who->role == ROLE_OWNER;
    struct vlt_rpc_error error;
    struct vlt_buf text;

    fill(&error, st, fault, owner);
    if (!owner && (st == VLT_E_NOT_FOUND || error.code == VLT_RPC_DENIED)) {
        deny(&error);
    }
    vlt_buf_init(&text, VLT_LIMIT_TEXT);
    vlt_rpc_put_error(&text, id, &error);
    (void)audit; /* a refusal carries none: its entry is told by audit.list */
    if (vlt_buf_failed(&text)) {
        vlt_buf_free(&text);
        return;
    }
    /* Refusals of a firm leave at the next whole millisecond, whatever was
     * looked up for them. */
    sink->text(sink->ctx, who->session, &text, NULL, !owner);
}

void *
call_state(struct call *call, size_t size)
{
    call->state = calloc(1, size);
    return call->state;
}

struct vlt_json_out
call_result(struct call *call)
{
    vlt_buf_clear(&call->result);

    struct vlt_json_out out = vlt_json_out(&call->result);

    vlt_put_object(&out, NULL);
    return out;
}

static void say(char *to, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void
say(char *to, size_t size, const char *format, va_list args)
{
    int len = vsnprintf(to, size, format, args);

    if (len < 0) {
        to[0] = '\0';
    }
}

enum vlt_status
call_refuse(struct call *call, enum vlt_status st, const char *message, ...)
{
    va_list args;

    va_start(args, message);
    say(call->fault.message, sizeof call->fault.message, message, args);
    va_end(args);
    return st;
}

enum vlt_status
call_refuse_at(struct call *call, const char *at, const char *message, ...)
{
    va_list args;

    va_start(args, message);
    say(call->fault.message, sizeof call->fault.message, message, args);
    va_end(args);
    (void)snprintf(call->fault.at, sizeof call->fault.at, "%s", at);
    return VLT_E_FORMAT;
}

enum vlt_status
call_refuse_as(struct call *call, enum vlt_rpc_code code, const char *message,
               ...)
{
    va_list args;

    va_start(args, message);
    say(call->fault.message, sizeof call->fault.message, message, args);
    va_end(args);
    call->fault.code = (int)code;
    return VLT_E_DENIED;
}

enum vlt_status
call_not_found(struct call *call, const char *at, const char *what,
               const char *name)
{
    (void)call_refuse_at(call, at, "There is no %s '%s'.", what, name);
    (void)snprintf(call->fault.detail, sizeof call->fault.detail, "%s",
                   "not_found");
    return VLT_E_NOT_FOUND;
}

void
call_free(struct call *call)
{
    struct session *session = session_find(call->service, call->who.session);

    if (session != NULL) {
        session->calls--;
    }
    if (call->method->clear != NULL && call->state != NULL) {
        call->method->clear(call->state);
    } else {
        free(call->state);
    }
    reauth_free(call->reauth);
    dispatch_free(call->document);
    vlt_buf_free(&call->result);
    vlt_buf_free(&call->audit);
    after_free(call->after);
    free(call);
}

void
call_keep_secret(struct call *call)
{
    vlt_buf_free(&call->result);
    vlt_buf_init_secret(&call->result, 0);
}

void
call_answer(struct call *call)
{
    static const char nothing[] = "{}";
    struct vlt_buf text;

    if (vlt_buf_failed(&call->result)) {
        call_fail(call, VLT_E_NOMEM);
        return;
    }
    vlt_buf_init(&text, 0);
    text.secret = call->result.secret;
    vlt_rpc_put_response(&text, &call->id,
                         call->result.len > 0 ? vlt_buf_slice(&call->result)
                                              : vlt_slice_text(nothing),
                         vlt_buf_slice(&call->audit));
    if (!vlt_buf_failed(&text) && text.len > VLT_LIMIT_TEXT) {
        vlt_buf_free(&text);
        (void)call_refuse(call, VLT_E_LIMIT,
                          "The answer is over %d bytes; ask for less.",
                          VLT_LIMIT_TEXT);
        call_fail(call, VLT_E_LIMIT);
        return;
    }
    reply_text(call->service, call->who.session, &text);
    vlt_buf_free(&text);
    call_free(call);
}

void
call_fail(struct call *call, enum vlt_status st)
{
    reply_error(call->service, &call->who, &call->id, st, &call->fault,
                vlt_buf_slice(&call->audit));
    call_free(call);
}
