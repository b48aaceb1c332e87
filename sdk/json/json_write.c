#include "json/json_write.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "json/json_internal.h"

enum {
    HEX_MAX = 64 /* bytes of one value */
};

/* What every reader of JSON holds exactly (RFC 8259, 6). */
#define EXACT_MAX (INT64_C(1) << 53)

struct vlt_json_out
vlt_json_out(struct vlt_buf *buf)
{
    return (struct vlt_json_out){ .buf = buf };
}

/* Whatever stands before a value. */
static void
begin(struct vlt_json_out *out, const char *name)
{
    bool in_object = out->depth > 0 && out->closes[out->depth] == '}';

    assert((name != NULL) == in_object);
    assert(out->depth > 0 || !out->some[0]);
    if (out->some[out->depth]) {
        vlt_buf_put_u8(out->buf, ',');
    }
    out->some[out->depth] = true;
    if (name != NULL) {
        vlt_json_put_string(out->buf, vlt_slice_text(name));
        vlt_buf_put_u8(out->buf, ':');
    }
}

static void
enter(struct vlt_json_out *out, const char *name, char opens, char closes)
{
    begin(out, name);
    assert(out->depth < VLT_JSON_DEPTH);
    out->depth++;
    out->some[out->depth] = false;
    out->closes[out->depth] = closes;
    vlt_buf_put_u8(out->buf, (uint8_t)opens);
}

void
vlt_put_object(struct vlt_json_out *out, const char *name)
{
    enter(out, name, '{', '}');
}

void
vlt_put_list(struct vlt_json_out *out, const char *name)
{
    enter(out, name, '[', ']');
}

void
vlt_put_end(struct vlt_json_out *out)
{
    assert(out->depth > 0);
    vlt_buf_put_u8(out->buf, (uint8_t)out->closes[out->depth]);
    out->depth--;
}

/* A value that needs no escapes, as it is. */
static void
put_word(struct vlt_json_out *out, const char *name, const char *word)
{
    begin(out, name);
    vlt_buf_put_text(out->buf, word);
}

/* The same, between quotes. */
static void
put_quoted(struct vlt_json_out *out, const char *name, const char *word)
{
    begin(out, name);
    vlt_buf_put_u8(out->buf, '"');
    vlt_buf_put_text(out->buf, word);
    vlt_buf_put_u8(out->buf, '"');
}

void
vlt_put_null(struct vlt_json_out *out, const char *name)
{
    put_word(out, name, "null");
}

void
vlt_put_bool(struct vlt_json_out *out, const char *name, bool value)
{
    put_word(out, name, value ? "true" : "false");
}

static void
put_number(struct vlt_json_out *out, const char *name, bool negative,
           uint64_t size)
{
    bool exact = size <= (uint64_t)EXACT_MAX;

    begin(out, name);
    if (!exact) {
        vlt_buf_put_u8(out->buf, '"');
    }
    vlt_json_put_digits(out->buf, negative, size);
    if (!exact) {
        vlt_buf_put_u8(out->buf, '"');
    }
}

void
vlt_put_int(struct vlt_json_out *out, const char *name, int64_t value)
{
    /* Not -value, which the lowest int64 has not. */
    put_number(out, name, value < 0,
               value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value);
}

void
vlt_put_uint(struct vlt_json_out *out, const char *name, uint64_t value)
{
    put_number(out, name, false, value);
}

const char *
vlt_json_double_print(double value, char out[VLT_DOUBLE_TEXT])
{
    if (!isfinite(value)) {
        return memcpy(out, "null", sizeof "null");
    }
    /* -0 would be read as an integer, which has no such zero. */
    if (value == 0 && signbit(value)) {
        return memcpy(out, "-0.0", sizeof "-0.0");
    }
    return vlt_double_print(value, out);
}

void
vlt_put_double(struct vlt_json_out *out, const char *name, double value)
{
    char text[VLT_DOUBLE_TEXT];

    put_word(out, name, vlt_json_double_print(value, text));
}

void
vlt_put_text(struct vlt_json_out *out, const char *name, const char *value)
{
    if (value == NULL) {
        vlt_put_null(out, name);
    } else {
        vlt_put_slice(out, name, vlt_slice_text(value));
    }
}

void
vlt_put_slice(struct vlt_json_out *out, const char *name,
              struct vlt_slice value)
{
    begin(out, name);
    vlt_json_put_string(out->buf, value);
}

void
vlt_put_time(struct vlt_json_out *out, const char *name, int64_t ns)
{
    char text[VLT_TIME_TEXT];

    put_quoted(out, name, vlt_time_print(ns, text));
}

void
vlt_put_hex(struct vlt_json_out *out, const char *name, const void *at,
            size_t len)
{
    char text[2 * HEX_MAX + 1];

    assert(len <= HEX_MAX);
    put_quoted(out, name, vlt_hex_print(at, len, text));
}

void
vlt_put_base64(struct vlt_json_out *out, const char *name,
               struct vlt_slice bytes)
{
    begin(out, name);
    vlt_buf_put_u8(out->buf, '"');
    vlt_base64_put(out->buf, bytes);
    vlt_buf_put_u8(out->buf, '"');
}

void
vlt_put_ulid(struct vlt_json_out *out, const char *name, const uint8_t id[16])
{
    char text[VLT_ULID_TEXT];

    put_quoted(out, name, vlt_ulid_print(id, text));
}

void
vlt_put_raw(struct vlt_json_out *out, const char *name, struct vlt_slice json)
{
    begin(out, name);
    vlt_buf_put_slice(out->buf, json);
}
