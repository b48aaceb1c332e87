/*
 * use: the evidence that comes with every answer.
 *
 * A member `audit` of a one-page answer's response, or the params of an
 * `audit.head` notification before a further page (WIRE.md, 9.4):
 *
 *     {"ref":n,"seq":n,"index":n,"entry":base64,"salt":base64,
 *      "detail":text,"checkpoint":text}
 *
 * ref is the request id or subscription id, seq the page it belongs to.  The
 * detail of a `use` entry is
 *
 *     {"grant":ULID,"use":ULID,"streams":[{"name","from","to","rows"},…],
 *      "rows":n,"bytes":n,"sha256":hex,"terms":n}
 *
 * where sha256 and bytes are of the message that carries the page, whole, as
 * it is sent (of data.latest: of the response's `result`).
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_USE_H
#define VLT_USE_H

#include "wire/checkpoint.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    VLT_USE_STREAMS = 1024, /* streams named in one detail */
};

/* All slices are borrowed. */
struct vlt_use {
    uint64_t ref;
    uint64_t seq;
    uint64_t index;
    struct vlt_slice entry; /* 80 bytes */
    struct vlt_slice salt;  /* 32 bytes */
    struct vlt_slice detail;
    struct vlt_slice checkpoint; /* its text */
};

/* Write it as a member (or, without a name, as a value). */
void vlt_use_put(struct vlt_json_out *json, const char *name,
                 const struct vlt_use *use);

/* Read such an object, whose texts *out borrows; entry and salt are put into
 * held (any buffer, emptied).  VLT_E_FORMAT: it is none. */
VLT_MUST_USE enum vlt_status vlt_use_read(const struct vlt_json *object,
                                          struct vlt_buf *held,
                                          struct vlt_use *out);

/* What the caller knows and the evidence must agree with; NULL: not asked. */
struct vlt_use_expected {
    const uint8_t *pk;               /* the pinned receipt key; required */
    const uint8_t *grant;            /* the grant that was used */
    const uint8_t *sha256;           /* of the message that carried the page */
    const struct vlt_origin *origin; /* of the newest checkpoint kept */
};

/*
 * Does the evidence hold?  Entry, index, commitment, grant, digest and the
 * checkpoint's signature are checked; that the entry is in the tree is shown
 * by audit.prove only.  *checkpoint is the head that it brings.
 * VLT_E_AUTH: no; *why (a constant) is what failed.
 */
VLT_MUST_USE enum vlt_status
vlt_use_verify(const struct vlt_use *use,
               const struct vlt_use_expected *expected,
               struct vlt_checkpoint *checkpoint, const char **why);

/* ---- the detail of a `use` entry ---- */

struct vlt_use_stream {
    struct vlt_slice name; /* as the firm knows it: borrowed */
    int64_t from;          /* ns; rows lie in [from, to) */
    int64_t to;
    uint64_t rows;
};

struct vlt_use_detail {
    uint8_t grant[VLT_ID_LEN];
    uint8_t use[VLT_ID_LEN];
    const struct vlt_use_stream *streams; /* writing: borrowed */
    size_t stream_count;
    const struct vlt_json *list; /* reading: borrowed */
    uint64_t rows;
    uint64_t bytes;
    uint8_t sha256[32];
    uint64_t terms; /* terms_version */
};

/* Append the detail. */
void vlt_use_detail_put(const struct vlt_use_detail *detail,
                        struct vlt_buf *out);

/* Read one; the caller owns *document, in which list lies.
 * VLT_E_FORMAT: it is none. */
VLT_MUST_USE enum vlt_status vlt_use_detail_read(struct vlt_slice text,
                                                 struct vlt_json **document,
                                                 struct vlt_use_detail *out);

/* Stream i (below stream_count) of a detail that was read. */
struct vlt_use_stream vlt_use_detail_stream(const struct vlt_use_detail *detail,
                                            size_t i);

#endif
