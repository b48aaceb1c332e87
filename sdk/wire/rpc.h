/*
 * rpc: the envelope of a text message, JSON-RPC 2.0.
 *
 *     request       {"jsonrpc":"2.0","id":ID,"method":M,"params":{…}}
 *     notification  the same without id
 *     response      {"jsonrpc":"2.0","id":ID,"result":R[,"audit":{…}]}
 *     error         {"jsonrpc":"2.0","id":ID|null,"error":{"code":n,
 *                    "message":T,"data":{"reason":T,…}}[,"audit":{…}]}
 *
 * ID is an integer of 0 to 2^53, or text of 1 to 64 bytes.  params is an
 * object or absent.  No batches; other members are refused, here as in
 * parameters.  Source: WIRE.md, 5.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_RPC_H
#define VLT_RPC_H

#include "wire/limits.h"
#include "json/json.h"
#include "json/json_write.h"

/* The error table: a code, and one stable word for each (WIRE.md, 5.2). */
enum vlt_rpc_code {
    VLT_RPC_PARSE = -32700,   /* parse: no JSON */
    VLT_RPC_INVALID = -32600, /* invalid: no request */
    VLT_RPC_METHOD = -32601,  /* method: none of that name for this role */
    VLT_RPC_PARAMS = -32602,  /* params: data.at says which */
    VLT_RPC_DENIED = 1,       /* denied */
    VLT_RPC_PENDING = 2,      /* pending: data.waits_for */
    VLT_RPC_ENDED = 3,        /* ended */
    VLT_RPC_SCOPE = 4,        /* scope: data.exceeds */
    VLT_RPC_RATE = 5,         /* rate: data.retry_after_ms */
    VLT_RPC_LOCKED = 6,       /* locked */
    VLT_RPC_REAUTH = 7,       /* reauth */
    VLT_RPC_CONFLICT = 8,     /* conflict */
    VLT_RPC_STORAGE = 9,      /* storage */
    VLT_RPC_UNKNOWN = 10,     /* unknown_outcome */
    VLT_RPC_BUSY = 11,        /* busy */
    VLT_RPC_INTERNAL = 12,    /* internal */
};

/* The stable word of a code; NULL for a number that is none. */
const char *vlt_rpc_reason(int code);

/* The code of a stable word.  VLT_E_NOT_FOUND: there is none. */
VLT_MUST_USE enum vlt_status vlt_rpc_code_of(struct vlt_slice reason,
                                             enum vlt_rpc_code *out);

enum vlt_rpc_id_kind {
    VLT_RPC_ID_NONE, /* a notification; null in an error */
    VLT_RPC_ID_INT,
    VLT_RPC_ID_TEXT,
};

/* A plain value: it can be copied and kept. */
struct vlt_rpc_id {
    enum vlt_rpc_id_kind kind;
    int64_t number;                   /* 0 to 2^53 */
    char text[VLT_LIMIT_ID_TEXT + 1]; /* with a zero behind it */
};

/* An id that is a number. */
struct vlt_rpc_id vlt_rpc_id_int(int64_t number);

/* The same id? */
bool vlt_rpc_id_equal(const struct vlt_rpc_id *a, const struct vlt_rpc_id *b);

/* What an error says.  Texts are borrowed; what is absent is empty, 0, NULL. */
struct vlt_rpc_error {
    int code;
    struct vlt_slice message;        /* one sentence */
    struct vlt_slice reason;         /* empty when encoding: the code's word */
    struct vlt_slice detail;         /* to the owner only */
    struct vlt_slice at;             /* the parameter, as items[2].bucket_s */
    struct vlt_slice waits_for;      /* owner or agreement */
    int64_t retry_after_ms;          /* 0: waiting does not help */
    const char *const *exceeds;      /* encoding: NULL-terminated, or NULL */
    const struct vlt_json *exceeded; /* decoding: the list, or NULL */
};

enum vlt_rpc_kind {
    VLT_RPC_REQUEST,
    VLT_RPC_NOTIFICATION,
    VLT_RPC_RESPONSE,
    VLT_RPC_ERROR,
};

/* One message; everything is borrowed from its document. */
struct vlt_rpc {
    enum vlt_rpc_kind kind;
    struct vlt_rpc_id id;
    struct vlt_slice method;       /* request, notification */
    const struct vlt_json *params; /* an object, or NULL */
    const struct vlt_json *result; /* response */
    const struct vlt_json *audit;  /* response, error: an object, or NULL */
    struct vlt_rpc_error error;    /* error */
};

/*
 * Read one text message.  The caller owns *document, in which *out lies, and
 * frees it with vlt_json_free().
 *
 * VLT_E_LIMIT   over VLT_LIMIT_TEXT bytes or VLT_LIMIT_DEPTH deep
 * VLT_E_FORMAT  no such message: out->error (code, message, at) says why and
 *               out->id is the message's where it could be read, ready to be
 *               answered; its texts are constants, *document is untouched
 */
VLT_MUST_USE enum vlt_status vlt_rpc_decode(struct vlt_slice text,
                                            struct vlt_json **document,
                                            struct vlt_rpc *out);

/*
 * The bytes of one member of the outermost object, as they stand in text: for
 * the digest of a result (use.h).  Borrowed; empty where there is none.  text
 * must have been decoded; of other bytes something of them is returned.
 */
struct vlt_slice vlt_rpc_raw(struct vlt_slice text, const char *member);

/*
 * Begin a message: what is returned has the envelope's object open.  The
 * caller puts "params" (an object), or "result" and perhaps "audit", and
 * closes with vlt_put_end().
 */
struct vlt_json_out vlt_rpc_begin_request(struct vlt_buf *buf,
                                          const struct vlt_rpc_id *id,
                                          const char *method);
struct vlt_json_out vlt_rpc_begin_notification(struct vlt_buf *buf,
                                               const char *method);
struct vlt_json_out vlt_rpc_begin_response(struct vlt_buf *buf,
                                           const struct vlt_rpc_id *id);

/* A whole message of parts that are JSON already.  params and audit may be
 * empty: then they are left out. */
void vlt_rpc_put_request(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                         const char *method, struct vlt_slice params);
void vlt_rpc_put_notification(struct vlt_buf *buf, const char *method,
                              struct vlt_slice params);
void vlt_rpc_put_response(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                          struct vlt_slice result, struct vlt_slice audit);
void vlt_rpc_put_error(struct vlt_buf *buf, const struct vlt_rpc_id *id,
                       const struct vlt_rpc_error *error);

#endif
