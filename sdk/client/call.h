/*
 * call: requests that wait for their answers.
 *
 * Ids are whole numbers from 1 on, never used twice by a client.
 */
#ifndef VLT_CALL_H
#define VLT_CALL_H

#include <vault/client.h>

#include "wire/rpc.h"

struct vlt_ws_message;

/* An answer: all is borrowed for the call. */
struct vlt_answer {
    int64_t id;
    enum vault_status status;  /* the client's detail says more */
    const struct vlt_rpc *rpc; /* NULL when none came */
    struct vlt_slice text;     /* the message, whole */
};

typedef void vlt_answer_fn(void *ctx, struct vault_client *client,
                           const struct vlt_answer *answer);

struct vlt_call {
    struct vlt_call *next;
    int64_t id;
    vlt_answer_fn *fn; /* NULL: nobody waits any more */
    void *ctx;
    void (*drop)(void *ctx); /* where no answer comes any more; NULL */
};

/*
 * Send a request.  params is one JSON object, taken at its word, or empty; the
 * message is wiped when it was put out.
 * VAULT_E_CONNECT: no session.  VAULT_E_BUSY: the vault's limit.
 * VAULT_E_USAGE: larger than the vault takes.  VAULT_E_NOMEM.
 */
enum vault_status vlt_call_begin(struct vault_client *client,
                                 const char *method, struct vlt_slice params,
                                 vlt_answer_fn *fn, void *ctx, int64_t *id);

/* May another be begun now? */
bool vlt_call_room(const struct vault_client *client);

/* Nobody waits for this one any more. */
void vlt_call_forget(struct vault_client *client, int64_t id);

/* The same for those with this ctx. */
void vlt_call_forget_of(struct vault_client *client, const void *ctx);

/* Take an answer.  False: nobody asked. */
bool vlt_call_answer(struct vault_client *client, const struct vlt_rpc *rpc,
                     struct vlt_slice text);

/* All end with this status. */
void vlt_call_end_all(struct vault_client *client, enum vault_status status);

/* Forget all of them: the client is freed. */
void vlt_call_drop_all(struct vault_client *client);

/* Send a notification. */
enum vault_status vlt_call_notify(struct vault_client *client,
                                  const char *method, struct vlt_slice params);

/* Are these parameters, one JSON object?  The caller frees *out with
 * vlt_json_free().  VAULT_E_USAGE: no. */
enum vault_status vlt_call_check(struct vault_client *client,
                                 const char *params, struct vlt_json **out);

/* Ask and wait.  The caller frees *result with vault_free(); NULL: not wanted.
 */
enum vault_status vlt_call_wait(struct vault_client *client, const char *method,
                                struct vlt_slice params, int timeout_ms,
                                char **result);

#endif
