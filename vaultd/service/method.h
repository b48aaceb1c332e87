/*
 * method: one row of vault.v1, and one call of it.
 *
 * A call is a job: `check` reads the parameters on the loop, `prepare` does
 * what is slow on a worker, `commit` decides and changes on the commit thread,
 * and the answer goes out on the loop, after the commit.  Steps that a method
 * does not need are NULL.  A noun is a file with a table of rows, NULL-ended;
 * service/nouns.c lists the tables.
 */
#ifndef METHOD_H
#define METHOD_H

#include "base/buf.h"
#include "base/status.h"
#include "exec/job.h"
#include "service/principal.h"
#include "wire/batch_scan.h"
#include "wire/rpc.h"
#include "json/json.h"
#include "json/json_write.h"

struct call;
struct service;
struct turn;

enum method_flag {
    METHOD_LOCKED = 1 << 0,  /* also while the vault is locked */
    METHOD_CHANGES = 1 << 1, /* takes `idem`; repeated: the first answer */
    METHOD_READS = 1 << 2,   /* the owner reads rows: logged once a session */
    METHOD_HEAVY = 1 << 3,   /* Argon2id: of these one at a time is prepared */
    METHOD_ALONE = 1 << 4,   /* commits in a turn of its own */
    METHOD_FIRST = 1 << 5,   /* done before the others of its turn */
    METHOD_CONTROL = 1 << 6, /* as one that CHANGES, but without idem */
    METHOD_REAUTH = 1 << 7,  /* asks for the passphrase (service/reauth.h) */
};

struct method {
    const char *name; /* "data.query" */
    unsigned roles;   /* who has it at all; the guard decides the rest */
    unsigned flags;
    /* Loop: read every parameter; an unknown one is refused by the caller.  A
     * status other than VLT_OK answers at once.  params is NULL where
     * call->scan->rows.plain: the scanner has read them all. */
    enum vlt_status (*check)(struct call *call, struct vlt_walk *params);
    /* Loop, after check, when no parameter was left over: what has to happen
     * before anything else is heard.  It cannot fail. */
    void (*begin)(struct call *call);
    /* A worker. */
    enum vlt_status (*prepare)(struct call *call);
    /* The commit thread, inside the turn. */
    enum vlt_status (*commit)(struct call *call, struct turn *turn);
    /* Loop, after the commit, in place of the plain answer: it answers by
     * itself (call_answer, call_fail) and may keep the call until then. */
    void (*done)(struct call *call, enum vlt_status st);
    /* Free what is in call->state; NULL: free(). */
    void (*clear)(void *state);
};

enum {
    CALL_MESSAGE = 320,
    CALL_DETAIL = 2048,
    CALL_EXCEEDS = 8,
};

/* Why a call is refused, beside its status. */
struct call_fault {
    int code; /* of the error table; 0: as the status says */
    char message[CALL_MESSAGE];
    char at[VLT_WALK_AT];
    char detail[CALL_DETAIL]; /* to the owner only */
    const char *waits_for;    /* static */
    int64_t retry_ms;
    const char *exceeds[CALL_EXCEEDS + 1]; /* static words, NULL-ended */
};

struct after;  /* service/after.h */
struct reauth; /* service/reauth.h */

/* A message that was scanned: all of it, or its rows (wire/batch_scan.h). */
struct call_scan {
    struct vlt_slice text; /* the message */
    struct vlt_scan rows;
};

struct call {
    struct job job; /* first */
    struct service *service;
    const struct method *method;
    struct principal who;
    struct vlt_rpc_id id;
    struct vlt_json *document;    /* owned; NULL: the message was plain */
    const struct call_scan *scan; /* while it is checked: borrowed, or NULL */
    bool has_idem;
    uint8_t idem[VLT_ID_LEN];
    bool wants_block;      /* once checked, it waits for its binary frame */
    bool repeated;         /* result is the first answer */
    bool denied;           /* its refusal is in the log */
    bool logs_read;        /* the owner's first read: its entry is made */
    uint8_t asked[16];     /* of method and parameters, with idem */
    struct reauth *reauth; /* what it proved itself with; owned */
    void *state;           /* the method's; owned */
    struct vlt_buf result; /* one JSON value; empty: {} */
    struct vlt_buf audit;  /* evidence, one JSON object; empty: none */
    struct call_fault fault;
    struct after *after; /* what the loop does before it answers */
};

/* Allocate the call's state, zeroed, once.  NULL: no memory. */
void *call_state(struct call *call, size_t size);

/* Begin the result: one JSON object is open; close it with vlt_put_end(). */
struct vlt_json_out call_result(struct call *call);

/*
 * Say why the call fails; returns st.  message is one sentence for the caller:
 * what happened and what to do.  A firm sees none of it with VLT_E_DENIED and
 * VLT_E_NOT_FOUND, which are the same bytes for it.
 */
enum vlt_status call_refuse(struct call *call, enum vlt_status st,
                            const char *message, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for one parameter: error params with data.at. */
enum vlt_status call_refuse_at(struct call *call, const char *at,
                               const char *message, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a code of the error table that no status maps to (pending,
 * ended, scope, reauth, locked): returns VLT_E_DENIED. */
enum vlt_status call_refuse_as(struct call *call, enum vlt_rpc_code code,
                               const char *message, ...)
    __attribute__((format(printf, 3, 4)));

/* For the owner: no such thing of that name or id (params, not_found). */
enum vlt_status call_not_found(struct call *call, const char *at,
                               const char *what, const char *name);

/* ---- on the loop, for methods with a `done` of their own ---- */

/* The result will hold what must not outlive its use: its bytes are wiped.
 * Before it is made. */
void call_keep_secret(struct call *call);

/* Answer with the result and end the call. */
void call_answer(struct call *call);

/* Answer with the fault and end the call. */
void call_fail(struct call *call, enum vlt_status st);

/* End a call without an answer. */
void call_free(struct call *call);

#endif
