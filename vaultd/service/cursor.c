/*
 * cursor: where a reading is, as text that only this vault can read (loop).
 *
 * Sealed are: u8 = 2 ‖ principal (16) ‖ grant (16) ‖ use (16) ‖ digest of what
 * was asked (16) ‖ u16 streams ‖ for each stream id (16) ‖ i64 time ‖ u16 rows
 * at that time ‖ u16 late rows of the arrival that comes next ‖ u64 greatest
 * arrival whose late rows were all sent.  The use is zeros where none was
 * taken. Arrival numbers would tell how much the vault takes in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "service/reading_internal.h"

enum {
    HEAD = 1 + 16 + 16 + 16 + 16 + 2,
    EACH = 16 + 8 + 2 + 2 + 8,
    PLAIN_MAX = HEAD + CURSOR_STREAMS * EACH,
};

static const char aad[] = "vd1 cursor";

/* Both counts are below these, which bound rows at one time and in a record
 * that is begun. */
_Static_assert(SERIES_EQUAL_TIMES <= UINT16_MAX &&
                   VLT_BLOCK_ROWS - 1 <= UINT16_MAX,
               "counts have 16 bits in a cursor");

bool
cursor_positions(const struct reading *reading, struct position *out)
{
    if (reading->count > CURSOR_STREAMS) {
        return false;
    }
    for (size_t i = 0; i < reading->count; i++) {
        const struct read_stream *at = &reading->streams[i];

        memcpy(out[i].stream, at->stream->id, VLT_ID_LEN);
        out[i].at = at->begin;
        out[i].late = at->late;
    }
    return true;
}

/* Arrivals begin at 1, so a mark at 0 is as one at 1: nothing was seen. */
static uint64_t
seen(const struct series_mark *late)
{
    return late->arrival > 0 ? late->arrival - 1 : 0;
}

void
cursor_put(const struct reading *reading, const struct position *positions,
           struct vlt_buf *out)
{
    uint8_t plain[PLAIN_MAX];
    uint8_t sealed[VLT_NONCE_LEN + PLAIN_MAX + VLT_TAG_LEN];
    struct vlt_writer w = vlt_writer_over(plain, sizeof plain);

    if (reading->service->cursor_key == NULL) {
        return;
    }
    vlt_write_u8(&w, 2);
    vlt_write_bytes(&w, reading->who.id, VLT_ID_LEN);
    vlt_write_bytes(&w, reading->grant, VLT_ID_LEN);
    vlt_write_bytes(&w, reading->use, VLT_ID_LEN);
    vlt_write_bytes(&w, reading->asked.digest, sizeof reading->asked.digest);
    vlt_write_u16(&w, (uint16_t)reading->count);
    for (size_t i = 0; i < reading->count; i++) {
        vlt_write_bytes(&w, positions[i].stream, VLT_ID_LEN);
        vlt_write_i64(&w, positions[i].at.time);
        vlt_write_u16(&w, (uint16_t)positions[i].at.count);
        vlt_write_u16(&w, (uint16_t)positions[i].late.count);
        vlt_write_u64(&w, seen(&positions[i].late));
    }
    vlt_aead_seal(vlt_key_of(reading->service->cursor_key), vlt_slice_text(aad),
                  vlt_writer_slice(&w), sealed, sealed + VLT_NONCE_LEN);
    vlt_base64url_put(
        out, vlt_slice_of(sealed, VLT_NONCE_LEN + w.len + VLT_TAG_LEN));
}

static enum vlt_status
read_positions(struct vlt_slice plain, const struct principal *who,
               struct asked *asked)
{
    struct vlt_reader r = vlt_reader_over(plain);
    uint8_t version = vlt_read_u8(&r);
    struct vlt_slice principal = vlt_read_slice(&r, VLT_ID_LEN);
    struct vlt_slice grant = vlt_read_slice(&r, VLT_ID_LEN);
    struct vlt_slice use = vlt_read_slice(&r, VLT_ID_LEN);
    struct vlt_slice digest = vlt_read_slice(&r, sizeof asked->digest);
    size_t count = vlt_read_u16(&r);

    if (version != 2 || count > CURSOR_STREAMS ||
        !vlt_slice_equal(principal, vlt_slice_of(who->id, VLT_ID_LEN)) ||
        (asked->has_grant &&
         !vlt_slice_equal(grant, vlt_slice_of(asked->grant, VLT_ID_LEN)))) {
        return VLT_E_FORMAT;
    }
    /* The same query again, behind one of its pages: the same use. */
    if (vlt_slice_equal(digest,
                        vlt_slice_of(asked->digest, sizeof asked->digest))) {
        memcpy(asked->use, use.at, sizeof asked->use);
    }
    asked->position = calloc(count > 0 ? count : 1, sizeof *asked->position);
    if (asked->position == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        struct position *position = &asked->position[i];

        vlt_read_bytes(&r, position->stream, VLT_ID_LEN);
        position->at.time = vlt_read_i64(&r);
        position->at.count = vlt_read_u16(&r);
        position->late.count = vlt_read_u16(&r);
        position->late.arrival = vlt_read_u64(&r) + 1;
    }
    asked->positions = count;
    asked->has_cursor = true;
    return vlt_reader_done(&r) ? VLT_OK : VLT_E_FORMAT;
}

static enum vlt_status
open_sealed(struct service *service, const struct principal *who,
            struct asked *asked, struct vlt_slice text)
{
    uint8_t plain[PLAIN_MAX];
    struct vlt_buf sealed;
    enum vlt_status st;

    vlt_buf_init(&sealed, VLT_NONCE_LEN + PLAIN_MAX + VLT_TAG_LEN);
    st = vlt_base64url_get(text, &sealed);
    if (st != VLT_OK || sealed.len < VLT_NONCE_LEN + VLT_TAG_LEN ||
        service->cursor_key == NULL) {
        vlt_buf_free(&sealed);
        return VLT_E_FORMAT;
    }
    struct vlt_slice body =
        vlt_slice_of(sealed.at + VLT_NONCE_LEN, sealed.len - VLT_NONCE_LEN);

    st = vlt_aead_open(vlt_key_of(service->cursor_key), vlt_slice_text(aad),
                       sealed.at, body, plain);
    if (st == VLT_OK) {
        st = read_positions(vlt_slice_of(plain, body.len - VLT_TAG_LEN), who,
                            asked);
    }
    vlt_buf_free(&sealed);
    return st;
}

enum vlt_status
cursor_get(struct service *service, const struct principal *who,
           struct asked *asked, struct vlt_slice text)
{
    struct vlt_slice base = text;
    struct vlt_slice number = { .len = 0 };
    uint64_t seq = 0;
    enum vlt_status st;

    for (size_t i = 0; i < text.len && number.len == 0; i++) {
        if (text.at[i] == '.') {
            base.len = i;
            number = vlt_slice_of(text.at + i + 1, text.len - i - 1);
        }
    }
    st = open_sealed(service, who, asked, base);
    if (st != VLT_OK || base.len == text.len) {
        return st;
    }
    if (vlt_uint_parse(number, &seq) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    return trail_follow(service, base, seq, asked->position, asked->positions);
}
