#include "client/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/client_internal.h"

static enum vault_status
send_request(struct vault_client *client, int64_t id, const char *method,
             struct vlt_slice params)
{
    struct vlt_buf text;
    struct vlt_rpc_id rpc_id = vlt_rpc_id_int(id);
    enum vault_status status;

    vlt_buf_init_secret(&text, 0); /* a passphrase may be among them */
    if (id > 0) {
        vlt_rpc_put_request(&text, &rpc_id, method, params);
    } else {
        vlt_rpc_put_notification(&text, method, params);
    }
    if (vlt_buf_failed(&text)) {
        status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    } else if (text.len > client->limits.text) {
        status = vlt_client_fault(
            client, VAULT_E_USAGE,
            "%s has %zu bytes, the vault takes %u: send it in parts", method,
            text.len, client->limits.text);
    } else {
        status = vlt_client_send(client, VLT_WS_TEXT, vlt_buf_slice(&text));
    }
    vlt_buf_free(&text);
    return status;
}

bool
vlt_call_room(const struct vault_client *client)
{
    return client->calls_open < client->limits.calls;
}

enum vault_status
vlt_call_begin(struct vault_client *client, const char *method,
               struct vlt_slice params, vlt_answer_fn *fn, void *ctx,
               int64_t *id)
{
    struct vlt_call *call;
    size_t len = strlen(method);

    if (client->phase < PHASE_SESSION) {
        return vlt_client_fault(
            client, VAULT_E_CONNECT,
            "not connected: wait until the client is ready");
    }
    if (len == 0 || len > VLT_LIMIT_METHOD) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a method's name has 1 to 64 bytes");
    }
    if (!vlt_call_room(client)) {
        return vlt_client_fault(client, VAULT_E_BUSY,
                                "%zu calls are under way, as many as the "
                                "vault allows: wait for an answer",
                                client->calls_open);
    }
    call = calloc(1, sizeof *call);
    if (call == NULL) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    *call = (struct vlt_call){
        .next = client->calls, .id = client->next_id, .fn = fn, .ctx = ctx
    };
    enum vault_status status = send_request(client, call->id, method, params);

    if (status != VAULT_OK) {
        free(call);
        return status;
    }
    client->next_id++;
    client->calls = call;
    client->calls_open++;
    if (id != NULL) {
        *id = call->id;
    }
    return VAULT_OK;
}

enum vault_status
vlt_call_notify(struct vault_client *client, const char *method,
                struct vlt_slice params)
{
    return send_request(client, 0, method, params);
}

void
vlt_call_forget(struct vault_client *client, int64_t id)
{
    for (struct vlt_call *at = client->calls; at != NULL; at = at->next) {
        if (at->id == id) {
            at->fn = NULL;
        }
    }
}

void
vlt_call_forget_of(struct vault_client *client, const void *ctx)
{
    for (struct vlt_call *at = client->calls; at != NULL; at = at->next) {
        if (at->ctx == ctx) {
            at->fn = NULL;
            at->drop = NULL;
        }
    }
}

/* Out of the list: the caller's now. */
static struct vlt_call *
take(struct vault_client *client, struct vlt_call **at)
{
    struct vlt_call *call = *at;

    if (call != NULL) {
        *at = call->next;
        client->calls_open--;
    }
    return call;
}

/* Whoever waits hears of it; what a callback frees is freed later. */
static void
tell(struct vault_client *client, struct vlt_call *call,
     const struct vlt_answer *answer)
{
    vlt_answer_fn *fn = call->fn;
    void *ctx = call->ctx;

    free(call);
    if (fn != NULL) {
        client->depth++;
        fn(ctx, client, answer);
        client->depth--;
    }
}

bool
vlt_call_answer(struct vault_client *client, const struct vlt_rpc *rpc,
                struct vlt_slice text)
{
    struct vlt_call **at = &client->calls;

    while (*at != NULL &&
           (rpc->id.kind != VLT_RPC_ID_INT || (*at)->id != rpc->id.number)) {
        at = &(*at)->next;
    }
    struct vlt_call *call = take(client, at);

    if (call == NULL) {
        return false;
    }
    struct vlt_answer answer = { call->id, VAULT_OK, rpc, text };

    if (call->fn != NULL) {
        vlt_client_clear(client);
        if (rpc->kind == VLT_RPC_ERROR) {
            answer.status = vlt_client_error(client, &rpc->error);
        }
    }
    tell(client, call, &answer);
    return true;
}

void
vlt_call_drop_all(struct vault_client *client)
{
    while (client->calls != NULL) {
        struct vlt_call *next = client->calls->next;

        if (client->calls->drop != NULL) {
            client->calls->drop(client->calls->ctx);
        }
        free(client->calls);
        client->calls = next;
    }
    client->calls_open = 0;
}

/* One at a time, since a callback may forget some of them; those that are begun
 * meanwhile are not among them. */
void
vlt_call_end_all(struct vault_client *client, enum vault_status status)
{
    int64_t last = client->next_id - 1;
    struct vlt_call *call;

    do {
        struct vlt_call **at = &client->calls;

        while (*at != NULL && (*at)->id > last) {
            at = &(*at)->next;
        }
        call = take(client, at);
        if (call != NULL) {
            struct vlt_answer answer = { .id = call->id, .status = status };

            tell(client, call, &answer);
        }
    } while (call != NULL);
}

/* ---- the public faces ---- */

struct event_call {
    vault_reply_fn *reply;
    void *ctx;
};

/* The result as a C string on the heap; NULL: no memory, or none. */
static char *
result_text(const struct vlt_answer *answer)
{
    return vlt_text_copy(vlt_rpc_raw(answer->text, "result"));
}

static void
on_event_answer(void *ctx, struct vault_client *client,
                const struct vlt_answer *answer)
{
    struct event_call *call = ctx;
    char *text = NULL;
    enum vault_status status = answer->status;

    if (status == VAULT_OK) {
        text = result_text(answer);
        if (text == NULL) {
            status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
        }
    }
    if (call->reply != NULL) {
        call->reply(call->ctx, status, text);
    }
    free(text);
    free(call);
}

enum vault_status
vlt_call_check(struct vault_client *client, const char *params,
               struct vlt_json **out)
{
    struct vlt_json_fault fault;
    struct vlt_json *document = NULL;
    enum vlt_status st = vlt_json_parse(vlt_slice_text(params), VLT_LIMIT_TEXT,
                                        VLT_LIMIT_DEPTH - 1, &fault, &document);

    if (st == VLT_E_NOMEM) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "the parameters are no JSON: %s, byte %zu",
                                fault.says, fault.byte);
    }
    if (vlt_json_kind(document) != VLT_JSON_OBJECT) {
        vlt_json_free(document);
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "the parameters are no JSON object");
    }
    *out = document;
    return VAULT_OK;
}

/* params may be NULL: none. */
static enum vault_status
check_params(struct vault_client *client, const char *params)
{
    struct vlt_json *document = NULL;
    enum vault_status status =
        params != NULL ? vlt_call_check(client, params, &document) : VAULT_OK;

    vlt_json_free(document);
    return status;
}

static struct vlt_slice
params_slice(const char *params)
{
    return params != NULL ? vlt_slice_text(params) : (struct vlt_slice){ 0 };
}

enum vault_status
vault_call(struct vault_client *client, const char *method, const char *params,
           vault_reply_fn *reply, void *ctx, uint64_t *call)
{
    struct event_call *event;
    int64_t id = 0;
    enum vault_status status;

    if (client->state != VAULT_READY) {
        return vlt_client_fault(
            client, VAULT_E_CONNECT,
            "not connected: wait until the client is ready");
    }
    status = check_params(client, params);
    if (status != VAULT_OK) {
        return status;
    }
    event = malloc(sizeof *event);
    if (event == NULL) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    *event = (struct event_call){ reply, ctx };
    status = vlt_call_begin(client, method, params_slice(params),
                            on_event_answer, event, &id);
    if (status != VAULT_OK) {
        free(event);
        return status;
    }
    client->calls->drop = free;
    if (call != NULL) {
        *call = (uint64_t)id;
    }
    return VAULT_OK;
}

struct waiting_call {
    struct vlt_wait wait;
    char *text;
};

static void
on_waited_answer(void *ctx, struct vault_client *client,
                 const struct vlt_answer *answer)
{
    struct waiting_call *call = ctx;

    call->wait.done = true;
    call->wait.status = answer->status;
    if (answer->status == VAULT_OK) {
        call->text = result_text(answer);
        if (call->text == NULL) {
            call->wait.status =
                vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
        }
    }
}

enum vault_status
vlt_call_wait(struct vault_client *client, const char *method,
              struct vlt_slice params, int timeout_ms, char **result)
{
    struct waiting_call call = { .text = NULL };
    int64_t id = 0;
    enum vault_status status =
        vlt_call_begin(client, method, params, on_waited_answer, &call, &id);

    if (status != VAULT_OK) {
        return status;
    }
    status = vlt_client_wait(client, &call.wait, timeout_ms);
    if (!call.wait.done) {
        vlt_call_forget(client, id);
    }
    if (status == VAULT_OK && result != NULL) {
        *result = call.text;
        call.text = NULL;
    }
    free(call.text);
    return status;
}

enum vault_status
vault_call_wait(struct vault_client *client, const char *method,
                const char *params, int timeout_ms, char **result)
{
    enum vault_status status = check_params(client, params);

    if (status != VAULT_OK) {
        return status;
    }
    if (client->state != VAULT_READY) {
        return vlt_client_fault(
            client, VAULT_E_CONNECT,
            "not connected: wait until the client is ready");
    }
    return vlt_call_wait(client, method, params_slice(params), timeout_ms,
                         result);
}

void
vault_free(void *at)
{
    free(at);
}
