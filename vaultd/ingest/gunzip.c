#include "ingest/gunzip.h"

#include <assert.h>

/* zlib only reads its input; this makes the member const. */
#define ZLIB_CONST
#include <zlib.h>

enum {
    GZIP_ONLY = 15 + 16, /* largest window; neither zlib's nor a raw stream */
    PIECE = 32768,
    SIZE_LIMIT = 1 << 30,
};

/* What zlib says, as ours. */
static enum vlt_status
status_of(int z)
{
    return z == Z_MEM_ERROR ? VLT_E_NOMEM : VLT_E_FORMAT;
}

/* Append what inflates next; *ended at the end of a member. */
static enum vlt_status
inflate_piece(z_stream *stream, size_t left, struct vlt_buf *out, bool *ended)
{
    uint8_t piece[PIECE];

    stream->next_out = piece;
    stream->avail_out = sizeof piece;
    int z = inflate(stream, Z_NO_FLUSH);
    size_t made = sizeof piece - stream->avail_out;

    if (z != Z_OK && z != Z_STREAM_END) {
        return status_of(z);
    }
    if (made > left) {
        return VLT_E_LIMIT;
    }
    vlt_buf_put(out, piece, made);
    *ended = z == Z_STREAM_END;
    return vlt_buf_status(out);
}

/* Inflate member after member until the input is used up. */
static enum vlt_status
inflate_all(z_stream *stream, size_t max, struct vlt_buf *out)
{
    size_t begin = out->len;
    bool ended = false;

    while (!ended || stream->avail_in > 0) {
        if (ended && inflateReset(stream) != Z_OK) {
            return VLT_E_FORMAT;
        }
        /* Input that is used up before the end: zlib says Z_BUF_ERROR. */
        enum vlt_status st =
            inflate_piece(stream, max - (out->len - begin), out, &ended);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

enum vlt_status
gunzip(struct vlt_slice body, size_t max, struct vlt_buf *out)
{
    z_stream stream = { 0 };
    size_t begin = out->len;
    enum vlt_status st;

    assert(max > 0 && max <= SIZE_LIMIT);
    if (body.len > SIZE_LIMIT) {
        return VLT_E_LIMIT;
    }
    int z = inflateInit2(&stream, GZIP_ONLY);

    if (z != Z_OK) {
        return status_of(z);
    }
    stream.next_in = body.at;
    stream.avail_in = (unsigned)body.len;
    st = inflate_all(&stream, max, out);
    inflateEnd(&stream);
    if (st != VLT_OK) {
        out->len = begin;
    }
    return st;
}
