#include "service/intake_box.h"

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/sealbox.h"
#include "store/seal.h"

enum {
    VERSION = 1,
    GZIP = 1,
};

static bool
fits(const struct intake_box *box)
{
    return box->proof.len <= INTAKE_PROOF && box->path.len <= INTAKE_PATH &&
           box->query.len <= INTAKE_QUERY && box->body.len <= INTAKE_BODY;
}

static void
put_head(const struct intake_box *box, struct vlt_buf *out)
{
    uint8_t head[INTAKE_HEAD];
    struct vlt_writer w = vlt_writer_over(head, sizeof head);

    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, (uint8_t)box->way);
    vlt_write_u8(&w, box->gzip ? GZIP : 0);
    vlt_write_u8(&w, box->over);
    vlt_write_u32(&w, (uint32_t)box->body.len);
    vlt_write_i64(&w, box->received);
    vlt_write_u64(&w, box->number);
    vlt_write_u16(&w, (uint16_t)box->proof.len);
    vlt_write_u16(&w, (uint16_t)box->path.len);
    vlt_write_u16(&w, (uint16_t)box->query.len);
    vlt_write_zeros(&w, 2);
    vlt_buf_put(out, head, sizeof head);
}

/* Bytes before the padding. */
static size_t
length_of(const struct intake_box *box)
{
    return INTAKE_HEAD + box->proof.len + box->path.len + box->query.len +
           box->body.len;
}

size_t
intake_box_stored(const struct intake_box *box)
{
    return seal_padded(length_of(box)) + VLT_BOX_MORE;
}

enum vlt_status
intake_box_encode(const struct intake_box *box, struct vlt_buf *out)
{
    size_t len = length_of(box);

    if (!fits(box)) {
        return VLT_E_LIMIT;
    }
    put_head(box, out);
    vlt_buf_put_slice(out, box->proof);
    vlt_buf_put_slice(out, box->path);
    vlt_buf_put_slice(out, box->query);
    vlt_buf_put_slice(out, box->body);
    for (size_t i = len; i < seal_padded(len); i++) {
        vlt_buf_put_u8(out, 0);
    }
    return vlt_buf_status(out);
}

static bool
is_padding(struct vlt_slice rest)
{
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Is the way one, and has it what it wants? */
static bool
way_holds(const struct intake_box *box)
{
    bool token = box->way == INTAKE_WAY_TOKEN;
    bool sealed = box->way == INTAKE_WAY_SEALED;

    return box->over <= INTAKE_OVER_MAX && (token || !box->gzip) &&
           (token || sealed || box->way == INTAKE_WAY_SIGNED) &&
           (!sealed || box->proof.len == 0);
}

enum vlt_status
intake_box_decode(struct vlt_slice bytes, struct intake_box *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);
    uint8_t way = vlt_read_u8(&r);
    uint8_t flags = vlt_read_u8(&r);
    struct intake_box box;

    box.way = (enum intake_way)way;
    box.over = vlt_read_u8(&r);
    box.gzip = flags == GZIP;
    box.body.len = vlt_read_u32(&r);
    box.received = vlt_read_i64(&r);
    box.number = vlt_read_u64(&r);
    box.proof.len = vlt_read_u16(&r);
    box.path.len = vlt_read_u16(&r);
    box.query.len = vlt_read_u16(&r);
    vlt_read_zeros(&r, 2);
    if (version > VERSION || !fits(&box)) {
        return VLT_E_LIMIT;
    }
    box.proof = vlt_read_slice(&r, box.proof.len);
    box.path = vlt_read_slice(&r, box.path.len);
    box.query = vlt_read_slice(&r, box.query.len);
    box.body = vlt_read_slice(&r, box.body.len);

    struct vlt_slice rest = vlt_read_rest(&r);

    if (!vlt_reader_done(&r) || version != VERSION || !way_holds(&box) ||
        (flags & ~GZIP) != 0 || !is_padding(rest) ||
        bytes.len != seal_padded(bytes.len - rest.len)) {
        return VLT_E_FORMAT;
    }
    *out = box;
    return VLT_OK;
}
