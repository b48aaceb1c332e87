#include "ws_reader.h"

#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "crypto/secret.h"
#include "wiped.h"
#include "wire/limits.h"

enum {
    FIN = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    MASK_LEN = 4,
    KEEP_CAP = 4096, /* an idle reader holds no more than this */

    CODE_PROTOCOL = 1002,
    CODE_NONE = 1005,
    CODE_TEXT = 1007,
};

void
ws_reader_init(struct ws_reader *reader, const struct ws_limits *limits)
{
    *reader = (struct ws_reader){ .limits = *limits };
}

void
ws_reader_fini(struct ws_reader *reader)
{
    wiped_free(&reader->message);
}

bool
ws_code_ok(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static void
break_off(struct ws_reader *reader, struct ws_event *out, int code,
          const char *why)
{
    reader->broken = true;
    *out = (struct ws_event){ .kind = WS_BROKEN, .code = code, .why = why };
}

/* Bytes of the whole header, as far as the first two tell. */
static size_t
head_size(const struct ws_reader *reader)
{
    size_t size = 2 + (reader->from_server ? 0 : MASK_LEN);

    if (reader->head_len < 2) {
        return 2;
    }
    if ((reader->head[1] & LENGTH) == LENGTH_16) {
        size += 2;
    }
    if ((reader->head[1] & LENGTH) == LENGTH_64) {
        size += 8;
    }
    return size;
}

/* What is wrong with the first two bytes; NULL: nothing. */
static const char *
fault_of_start(const struct ws_reader *reader)
{
    uint8_t opcode = reader->head[0] & OPCODE;
    bool control = (opcode & WS_OP_CLOSE) != 0;

    if (((reader->head[1] & MASKED) == 0) != reader->from_server) {
        return reader->from_server ? "masked frame" : "unmasked frame";
    }
    if ((reader->head[0] & RESERVED) != 0) {
        return "reserved bits";
    }
    if (control && ((reader->head[0] & FIN) == 0 ||
                    (reader->head[1] & LENGTH) > WS_CONTROL_MAX)) {
        return "control frame not whole";
    }
    if (opcode > (control ? WS_OP_PONG : WS_OP_BINARY)) {
        return "unknown opcode";
    }
    if (!control && (opcode == WS_OP_CONTINUATION) != (reader->kind != 0)) {
        return "fragments out of order";
    }
    return NULL;
}

/* The payload's length; false: not in its shortest form. */
static bool
length_of(const struct ws_reader *reader, uint64_t *out)
{
    uint8_t first = reader->head[1] & LENGTH;

    if (first < LENGTH_16) {
        *out = first;
        return true;
    }
    if (first == LENGTH_16) {
        *out = (uint64_t)reader->head[2] << 8 | reader->head[3];
        return *out >= LENGTH_16;
    }
    *out = vlt_load_be64(reader->head + 2);
    return *out > UINT16_MAX && *out <= INT64_MAX;
}

/* Begin a data frame: is there room for it in its message? */
static bool
begin_data(struct ws_reader *reader, struct ws_event *out)
{
    if (reader->opcode != WS_OP_CONTINUATION) {
        reader->kind = reader->opcode;
        reader->fragments = 0;
    }
    size_t most = reader->kind == WS_OP_TEXT ? reader->limits.text
                                             : reader->limits.binary;

    if (reader->left > most || reader->message.len > most - reader->left) {
        break_off(reader, out, reader->limits.too_large, "message too large");
        return false;
    }
    if (++reader->fragments > reader->limits.fragments) {
        break_off(reader, out, VLT_CLOSE_POLICY, "too many fragments");
        return false;
    }
    return true;
}

/* The header is whole: what does it say? */
static bool
begin_frame(struct ws_reader *reader, struct ws_event *out)
{
    if (!length_of(reader, &reader->left)) {
        break_off(reader, out, CODE_PROTOCOL, "length not shortest");
        return false;
    }
    if (!reader->from_server) { /* else zeros, which change nothing */
        memcpy(reader->mask, reader->head + reader->head_len - MASK_LEN,
               MASK_LEN);
    }
    reader->opcode = reader->head[0] & OPCODE;
    reader->final = (reader->head[0] & FIN) != 0;
    reader->done = 0;
    reader->in_payload = true;
    return (reader->opcode & WS_OP_CLOSE) != 0 || begin_data(reader, out);
}

/* Take header bytes.  True: it is whole and good. */
static bool
read_head(struct ws_reader *reader, struct vlt_slice *bytes,
          struct ws_event *out)
{
    while (bytes->len > 0) {
        reader->head[reader->head_len++] = bytes->at[0];
        bytes->at++;
        bytes->len--;
        const char *fault =
            reader->head_len == 2 ? fault_of_start(reader) : NULL;

        if (fault != NULL) {
            break_off(reader, out, CODE_PROTOCOL, fault);
            return false;
        }
        if (reader->head_len >= 2 && reader->head_len == head_size(reader)) {
            return begin_frame(reader, out);
        }
    }
    return false;
}

/* Eight bytes at a time, as they lie in memory; the rest one by one. */
static void
unmask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[4])
{
    uint64_t twice;
    uint64_t eight;
    size_t i = 0;

    memcpy(&twice, mask, MASK_LEN);
    memcpy((uint8_t *)&twice + MASK_LEN, mask, MASK_LEN);
    for (; len - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, from + i, sizeof eight);
        eight ^= twice;
        memcpy(to + i, &eight, sizeof eight);
    }
    for (; i < len; i++) {
        to[i] = from[i] ^ mask[i & 3];
    }
}

/* Take payload bytes.  True: the frame is whole. */
static bool
read_payload(struct ws_reader *reader, struct vlt_slice *bytes,
             struct ws_event *out)
{
    size_t len = bytes->len < reader->left ? bytes->len : (size_t)reader->left;
    uint8_t *to = reader->control + (reader->done % sizeof reader->control);
    uint8_t mask[MASK_LEN];

    if ((reader->opcode & WS_OP_CLOSE) == 0) {
        to = wiped_extend(&reader->message, len);
    }
    if (to == NULL && len > 0) {
        break_off(reader, out, VLT_CLOSE_GOING, "out of memory");
        return false;
    }
    for (size_t i = 0; i < MASK_LEN; i++) {
        mask[i] = reader->mask[(reader->done + i) & 3];
    }
    unmask(to, bytes->at, len, mask);
    bytes->at += len;
    bytes->len -= len;
    reader->done += len;
    reader->left -= len;
    return reader->left == 0;
}

static void
end_close(struct ws_reader *reader, struct ws_event *out)
{
    struct vlt_slice text = { .at = reader->control + 2 };
    int code = CODE_NONE;

    if (reader->done >= 2) {
        code = reader->control[0] << 8 | reader->control[1];
        text.len = (size_t)reader->done - 2;
    }
    if (reader->done == 1 || (reader->done >= 2 && !ws_code_ok(code))) {
        break_off(reader, out, CODE_PROTOCOL, "close code");
        return;
    }
    if (!vlt_utf8_valid(text)) {
        break_off(reader, out, CODE_TEXT, "close reason is not UTF-8");
        return;
    }
    *out = (struct ws_event){ .kind = WS_CLOSE, .payload = text, .code = code };
}

static void
end_control(struct ws_reader *reader, struct ws_event *out)
{
    if (reader->opcode == WS_OP_CLOSE) {
        end_close(reader, out);
        return;
    }
    *out = (struct ws_event){
        .kind = reader->opcode == WS_OP_PING ? WS_PING : WS_PONG,
        .payload = vlt_slice_of(reader->control, (size_t)reader->done),
    };
}

static void
end_message(struct ws_reader *reader, struct ws_event *out)
{
    struct vlt_slice message = vlt_buf_slice(&reader->message);
    bool text = reader->kind == WS_OP_TEXT;

    if (text && !vlt_utf8_valid(message)) {
        break_off(reader, out, CODE_TEXT, "text is not UTF-8");
        return;
    }
    *out = (struct ws_event){ .kind = text ? WS_TEXT : WS_BINARY,
                              .payload = message,
                              .fragments = reader->fragments };
    reader->kind = 0;
    reader->told = true;
}

/* The frame is whole: is there something to tell? */
static void
end_frame(struct ws_reader *reader, struct ws_event *out)
{
    reader->in_payload = false;
    reader->head_len = 0;
    if ((reader->opcode & WS_OP_CLOSE) != 0) {
        end_control(reader, out);
    } else if (reader->final) {
        end_message(reader, out);
    }
}

void
ws_reader_forget(struct ws_reader *reader)
{
    if (!reader->told) {
        return;
    }
    if (reader->message.cap > KEEP_CAP) {
        wiped_free(&reader->message);
    } else {
        vlt_wipe(reader->message.at, reader->message.len);
        vlt_buf_clear(&reader->message);
    }
    reader->told = false;
}

void
ws_read(struct ws_reader *reader, struct vlt_slice *bytes, struct ws_event *out)
{
    *out = (struct ws_event){ .kind = WS_MORE };
    if (reader->broken) {
        bytes->len = 0;
        return;
    }
    ws_reader_forget(reader);
    while (out->kind == WS_MORE) {
        if (!reader->in_payload && !read_head(reader, bytes, out)) {
            return;
        }
        if (!read_payload(reader, bytes, out)) {
            return;
        }
        end_frame(reader, out);
    }
}

size_t
ws_head_put(uint8_t out[WS_HEAD_MAX], enum ws_opcode opcode, size_t len)
{
    out[0] = (uint8_t)(FIN | opcode);
    if (len < LENGTH_16) {
        out[1] = (uint8_t)len;
        return 2;
    }
    if (len <= UINT16_MAX) {
        out[1] = LENGTH_16;
        out[2] = (uint8_t)(len >> 8);
        out[3] = (uint8_t)len;
        return 4;
    }
    out[1] = LENGTH_64;
    vlt_store_be64(out + 2, len);
    return 10;
}

size_t
ws_head_mask(uint8_t head[WS_HEAD_MAX], size_t len, const uint8_t mask[WS_MASK])
{
    head[1] |= MASKED;
    memcpy(head + len, mask, WS_MASK);
    return len + WS_MASK;
}
