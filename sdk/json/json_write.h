/*
 * json_write: JSON out, straight into a buffer.
 *
 * Commas and escapes come by themselves; what is written is compact and valid
 * UTF-8 JSON as long as begins and ends are paired (which is asserted) and
 * texts are UTF-8 (bad bytes become U+FFFD).  No tree is built, so rows are
 * printed at the speed of the buffer.
 */
#ifndef VLT_JSON_WRITE_H
#define VLT_JSON_WRITE_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/text.h"

enum { VLT_JSON_DEPTH = 32 };

struct vlt_json_out {
    struct vlt_buf *buf; /* borrowed */
    unsigned depth;      /* begun and not ended; at most VLT_JSON_DEPTH */
    /* By level, of which 0 is the root. */
    bool some[VLT_JSON_DEPTH + 1];   /* something stands there already */
    char closes[VLT_JSON_DEPTH + 1]; /* what ends it: } or ] */
};

/* Write one value into buf, behind what is there. */
struct vlt_json_out vlt_json_out(struct vlt_buf *buf);

/* name is NULL in lists and at the root, else the member's name. */
void vlt_put_object(struct vlt_json_out *out, const char *name);
void vlt_put_list(struct vlt_json_out *out, const char *name);
void vlt_put_end(struct vlt_json_out *out); /* of the innermost of both */
void vlt_put_null(struct vlt_json_out *out, const char *name);
void vlt_put_bool(struct vlt_json_out *out, const char *name, bool value);
/* A number; beyond ±2^53 as text (WIRE.md, 5.1). */
void vlt_put_int(struct vlt_json_out *out, const char *name, int64_t value);
void vlt_put_uint(struct vlt_json_out *out, const char *name, uint64_t value);
/* Shortest form that reads back the same; NaN and infinities as null. */
void vlt_put_double(struct vlt_json_out *out, const char *name, double value);
/* The same as text alone; returns out. */
const char *vlt_json_double_print(double value, char out[VLT_DOUBLE_TEXT]);
void vlt_put_text(struct vlt_json_out *out, const char *name,
                  const char *value); /* NULL: null */
void vlt_put_slice(struct vlt_json_out *out, const char *name,
                   struct vlt_slice value);
/* RFC 3339 UTC. */
void vlt_put_time(struct vlt_json_out *out, const char *name, int64_t ns);
void vlt_put_hex(struct vlt_json_out *out, const char *name, const void *at,
                 size_t len); /* at most 64 bytes */
void vlt_put_base64(struct vlt_json_out *out, const char *name,
                    struct vlt_slice bytes);
void vlt_put_ulid(struct vlt_json_out *out, const char *name,
                  const uint8_t id[16]);
/* Text that is JSON already: the caller's word is taken for it. */
void vlt_put_raw(struct vlt_json_out *out, const char *name,
                 struct vlt_slice json);

#endif
