/*
 * dispatch: a text becomes a call, a call becomes an answer (loop).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"
#include "service/nouns.h"
#include "service/reauth.h"
#include "service/service_internal.h"
#include "wire/limits.h"

const struct method *
method_find(struct vlt_slice name)
{
    for (size_t i = 0; nouns[i] != NULL; i++) {
        for (const struct method *row = nouns[i]; row->name != NULL; row++) {
            if (vlt_slice_is(name, row->name)) {
                return row;
            }
        }
    }
    return NULL;
}

void
service_submit(struct service *service, struct job *job)
{
    job->next = NULL;
    *service->last = job;
    service->last = &job->next;
}

static void
note_denied(const struct call *call)
{
    struct session *session = session_find(call->service, call->who.session);

    if (session != NULL && session->peer != NULL) {
        peer_note_denied(session->peer, service_boot(call->service));
    }
}

static void
note_read_logged(const struct call *call)
{
    struct session *session = session_find(call->service, call->who.session);

    if (session != NULL) {
        session->read_logged = true;
    }
}

/* The end of every call, on the loop. */
static void
call_done(struct job *job, enum vlt_status st)
{
    struct call *call = (struct call *)job;

    after_run(call->service, call->after);
    if (call->denied) {
        note_denied(call);
    }
    if (call->logs_read && st == VLT_OK) {
        note_read_logged(call);
    }
    if (call->method->done != NULL && !call->repeated) {
        call->method->done(call, st);
        return;
    }
    if (st == VLT_OK) {
        call_answer(call);
    } else {
        call_fail(call, st);
    }
}

static enum vlt_status
run_prepare(struct job *job)
{
    struct call *call = (struct call *)job;
    enum vlt_status st = VLT_OK;

    if (call->reauth != NULL) {
        st = reauth_prepare(call);
    }
    if (st == VLT_OK && call->method->prepare != NULL) {
        st = call->method->prepare(call);
    }
    if (call->reauth != NULL) {
        reauth_forget(call);
    }
    return st;
}

static bool
reads_as_owner(const struct call *call)
{
    return (call->method->flags & METHOD_READS) != 0 &&
           call->who.role == ROLE_OWNER;
}

/* The owner's first read of a session is an entry of the log; later ones need
 * no turn. */
static bool
is_first_read(struct service *service, const struct call *call)
{
    const struct session *session = session_find(service, call->who.session);

    return reads_as_owner(call) && session != NULL && !session->read_logged;
}

/* Does it need a turn of the commit thread? */
static bool
needs_turn(const struct call *call)
{
    return reads_as_owner(call) ? call->logs_read
                                : call->method->commit != NULL;
}

static void
start(struct service *service, struct call *call)
{
    const struct method *method = call->method;

    call->job.waiter = principal_waiter(&call->who);
    call->job.lane = call->who.role == ROLE_OWNER ? JOB_OWNER : JOB_OTHERS;
    /* What has to work on a full disk: the owner's reads are logged, too. */
    call->logs_read = is_first_read(service, call);
    call->job.control =
        (method->flags & (METHOD_CHANGES | METHOD_CONTROL)) != 0 ||
        call->logs_read;
    call->job.heavy =
        (method->flags & METHOD_HEAVY) != 0 || call->reauth != NULL;
    call->job.alone = (method->flags & METHOD_ALONE) != 0;
    call->job.first = (method->flags & METHOD_FIRST) != 0;
    call->job.prepare =
        method->prepare != NULL || call->reauth != NULL ? run_prepare : NULL;
    call->job.commit = needs_turn(call) ? guard_call : NULL;
    call->job.done = call_done;
    if (call->job.prepare == NULL && call->job.commit == NULL) {
        call_done(&call->job, VLT_OK);
        return;
    }
    service_submit(service, &call->job);
}

/* Parameters that are wiped; of the first of them nothing is kept, not even a
 * digest, by which they could be guessed. */
static const char *const secrets[] = { "passphrase", "new_passphrase",
                                       "recovery", "new_key", "key" };

enum {
    SECRETS_UNKEPT = 4 /* a source's `key` is public */
};

static bool
is_kept(const char *name)
{
    for (size_t i = 0; i < SECRETS_UNKEPT; i++) {
        if (strcmp(name, secrets[i]) == 0) {
            return false;
        }
    }
    return true;
}

void
dispatch_free(struct vlt_json *document)
{
    const struct vlt_json *params = vlt_json_get(document, "params");

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        struct vlt_slice text =
            vlt_json_text_of(vlt_json_get(params, secrets[i]));

        if (text.len > 0) {
            vlt_wipe((void *)(uintptr_t)text.at, text.len);
        }
    }
    vlt_json_free(document);
}

static bool
put_member(void *ctx, const char *name, const struct vlt_json *value)
{
    struct vlt_buf *text = ctx;

    if (is_kept(name)) {
        vlt_buf_put_text(text, name);
        vlt_buf_put_u8(text, 0);
        vlt_json_print(value, true, text);
        vlt_buf_put_u8(text, 0);
    }
    return true;
}

/* What a request that is repeated has to be again: method and parameters, but
 * for what opens a vault, of which nothing is kept. */
static enum vlt_status
digest_asked(struct call *call, const struct vlt_json *params)
{
    uint8_t digest[VLT_HASH_LEN];
    struct vlt_buf text;
    enum vlt_status st;

    vlt_buf_init(&text, 0);
    vlt_buf_put_text(&text, call->method->name);
    vlt_buf_put_u8(&text, 0);
    vlt_json_each(params, put_member, &text);
    if (call->scan != NULL) {
        dispatch_put_scanned(&call->scan->rows, &text);
    }
    st = vlt_buf_status(&text);
    vlt_sha256_of(vlt_buf_slice(&text), digest);
    memcpy(call->asked, digest, sizeof call->asked);
    vlt_buf_free(&text);
    return st;
}

static bool
reauths(const struct call *call)
{
    return (call->method->flags & METHOD_REAUTH) != 0;
}

/* A fault of the walker says more than what came of it. */
static enum vlt_status
end_walk(struct call *call, struct vlt_walk *walk, enum vlt_status st)
{
    if (!vlt_walk_failed(walk) && st != VLT_OK) {
        return st;
    }
    return vlt_walk_end(walk) == VLT_OK
               ? st
               : call_refuse_at(call, walk->at, "%s %s.",
                                walk->at[0] != '\0' ? walk->at : "params",
                                walk->says);
}

/* Read the parameters: those of every method, then the method's own. */
static enum vlt_status
check(struct call *call, const struct vlt_json *params)
{
    static const struct vlt_slice empty = { .at = (const uint8_t *)"{}",
                                            .len = 2 };
    struct vlt_json *none = NULL;
    struct vlt_walk walk;
    enum vlt_status st = VLT_OK;

    if (call->scan != NULL && call->scan->rows.plain) {
        assert((call->method->flags & (METHOD_CHANGES | METHOD_REAUTH)) == 0);
        return call->method->check(call, NULL); /* the scanner has read all */
    }
    if (params == NULL) {
        st = vlt_json_parse(empty, empty.len, 1, NULL, &none);
        if (st != VLT_OK) {
            return st;
        }
        params = none;
    }
    vlt_walk_begin(&walk, params);
    if ((call->method->flags & METHOD_CHANGES) != 0) {
        vlt_walk_ulid(&walk, "idem", call->idem);
        call->has_idem = !vlt_walk_failed(&walk);
    }
    if (vlt_json_get(params, "idem") != NULL) {
        st = digest_asked(call, params);
    }
    if (st == VLT_OK && call->method->check != NULL) {
        st = call->method->check(call, &walk);
    }
    if (st == VLT_OK && reauths(call)) {
        st = reauth_take(call, &walk);
    }
    st = end_walk(call, &walk, st);
    /* Asked for last: nobody types it for parameters that are refused. */
    if (st == VLT_OK && reauths(call)) {
        st = reauth_check(call);
    }
    vlt_json_free(none);
    return st;
}

/* May the session make one more call?  Says why not. */
static enum vlt_status
admit(struct service *service, struct session *session, struct call *call)
{
    if (session->calls > VLT_LIMIT_CALLS) {
        call->fault.retry_ms = 10;
        return call_refuse(call, VLT_E_QUOTA,
                           "%d calls are under way; wait for one to end.",
                           VLT_LIMIT_CALLS);
    }
    if (session->peer != NULL) {
        int64_t boot = service_boot(service);

        call->fault.retry_ms = peer_take_request(session->peer, boot);
        if (call->fault.retry_ms > 0) {
            return call_refuse(call, VLT_E_QUOTA,
                               "Over %d requests a second; wait.",
                               VLT_LIMIT_REQUESTS_S);
        }
        call->fault.retry_ms = peer_denied_ms(session->peer, boot);
        if (call->fault.retry_ms > 0) {
            return call_refuse(call, VLT_E_QUOTA,
                               "Over %d refusals a minute; wait.",
                               PEER_DENIED_MIN);
        }
    }
    if (!service->unlocked && (call->method->flags & METHOD_LOCKED) == 0) {
        return call_refuse(call, VLT_E_LOCKED,
                           "The vault is locked; unlock it first.");
    }
    return VLT_OK;
}

static void
refuse_envelope(struct service *service, const struct session *session,
                const struct vlt_rpc_id *id, enum vlt_rpc_code code,
                const char *message)
{
    struct call_fault fault = { .code = (int)code };
    struct vlt_slice none = { .len = 0 };

    (void)strncpy(fault.message, message, sizeof fault.message - 1);
    reply_error(service, &session->who, id, VLT_E_FORMAT, &fault, none);
}

/* The block of a refused request is on its way already: it answers nothing, and
 * must not be taken for one that nobody announced. */
static void
note_blockless(struct session *session, const struct vlt_rpc *rpc)
{
    if (rpc->id.kind == VLT_RPC_ID_INT && rpc->params != NULL &&
        vlt_json_get(rpc->params, "block") != NULL) {
        session->blockless[session->blockless_count++ % VLT_LIMIT_CALLS] =
            (uint64_t)rpc->id.number;
    }
}

void
dispatch_request(struct service *service, struct session *session,
                 const struct vlt_rpc *rpc, struct vlt_json *document,
                 const struct call_scan *scan)
{
    const struct method *method = method_find(rpc->method);
    struct call *call;

    if (method == NULL || (method->roles & session->who.role) == 0) {
        refuse_envelope(service, session, &rpc->id, VLT_RPC_METHOD,
                        "There is no such method for this role.");
        dispatch_free(document);
        return;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL) {
        note_blockless(session, rpc);
        refuse_envelope(service, session, &rpc->id, VLT_RPC_BUSY,
                        "No memory for this; try again later.");
        dispatch_free(document);
        return;
    }
    call->service = service;
    call->method = method;
    call->who = session->who;
    call->id = rpc->id;
    call->document = document;
    vlt_buf_init(&call->result, 0);
    vlt_buf_init(&call->audit, 0);
    session->calls++;

    enum vlt_status st = admit(service, session, call);

    if (st == VLT_OK) {
        call->scan = scan;
        st = check(call, rpc->params);
        call->scan = NULL;
    }
    if (st != VLT_OK) {
        note_blockless(session, rpc);
        call_fail(call, st);
        return;
    }
    if (call->wants_block) {
        session->block_call = call;
        return;
    }
    if (method->begin != NULL) {
        method->begin(call);
    }
    start(service, call);
}

void
dispatch_start(struct service *service, struct call *call)
{
    start(service, call);
}

/* Bytes cost before anything is made of them; false: the session is closed. */
static bool
charge(struct service *service, const struct session *session, size_t bytes)
{
    const struct service_sink *sink = &service->config.sink;

    if (session->who.role == ROLE_SOURCE) { /* it is counted to its day, too */
        peer_note_rows(session->peer, bytes, service_boot(service));
    }
    if (session->peer == NULL ||
        peer_take_text(session->peer, bytes, service_boot(service))) {
        return true;
    }
    sink->close(sink->ctx, session->who.session, VLT_CLOSE_POLICY,
                "too much text", true);
    return false;
}

/* It is no message: rpc says why. */
static void
refuse_text(struct service *service, uint64_t number, enum vlt_status st,
            const struct vlt_rpc *rpc)
{
    static const struct vlt_rpc_id none = { .kind = VLT_RPC_ID_NONE };
    struct vlt_rpc_error error = {
        .code = VLT_RPC_PARSE,
        .message = vlt_slice_text("The text is too large or too deep."),
    };
    struct vlt_buf out;

    vlt_buf_init(&out, VLT_LIMIT_TEXT);
    if (st == VLT_E_FORMAT) {
        vlt_rpc_put_error(&out, &rpc->id, &rpc->error);
    } else {
        vlt_rpc_put_error(&out, &none, &error);
    }
    reply_text(service, number, &out);
    vlt_buf_free(&out);
}

void
service_text(struct service *service, uint64_t number, struct vlt_slice text)
{
    struct session *session = session_find(service, number);
    struct vlt_json *document = NULL;
    struct vlt_rpc rpc;
    enum vlt_status st;

    if (session == NULL || service->stopping) {
        return;
    }
    if (!charge(service, session, text.len)) {
        return;
    }
    if (dispatch_scanned(service, session, text)) {
        return;
    }
    st = vlt_rpc_decode(text, &document, &rpc);
    if (st != VLT_OK && !charge(service, session, PEER_BROKEN)) {
        return;
    }
    if (st != VLT_OK) {
        refuse_text(service, number, st, &rpc);
        return;
    }
    if (rpc.kind == VLT_RPC_REQUEST) {
        dispatch_request(service, session, &rpc, document, NULL);
        return;
    }
    if (rpc.kind == VLT_RPC_NOTIFICATION) {
        subscribe_notification(service, session, &rpc);
    }
    dispatch_free(document); /* a peer's responses answer nothing of ours */
}
