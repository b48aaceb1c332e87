/*
 * What is known of a source's sequences, as plaintext.  Pure.
 */
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "series/series_internal.h"

enum {
    VERSION = 1,
    HEAD = 24,
    BOOT = 24,
};

enum vlt_status
sequence_record_encode(const struct source_seq *seq, struct vlt_buf *out)
{
    uint8_t bytes[HEAD + BOOTS * BOOT];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);

    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, (uint8_t)seq->boots);
    vlt_write_zeros(&w, 6);
    vlt_write_u64(&w, seq->turn_rows);
    vlt_write_i64(&w, seq->turn_last);
    for (size_t i = 0; i < seq->boots; i++) {
        vlt_write_bytes(&w, seq->boot[i].id, sizeof seq->boot[i].id);
        vlt_write_u64(&w, seq->boot[i].highest);
        vlt_write_u64(&w, seq->boot[i].window);
    }
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
    return vlt_buf_status(out);
}

static bool
boot_is_new(const struct source_seq *seq, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (memcmp(seq->boot[i].id, seq->boot[at].id, sizeof seq->boot[i].id) ==
            0) {
            return false;
        }
    }
    return true;
}

enum vlt_status
sequence_record_decode(struct vlt_slice bytes, struct source_seq *out)
{
    struct source_seq seq = { .source = out->source };
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);

    seq.boots = vlt_read_u8(&r);
    vlt_read_zeros(&r, 6);
    seq.rows = vlt_read_u64(&r);
    seq.last = vlt_read_i64(&r);
    if (version > VERSION) {
        return VLT_E_LIMIT;
    }
    if (r.failed || version == 0 || seq.boots > BOOTS ||
        (seq.rows == 0 && seq.last != 0)) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < seq.boots; i++) {
        vlt_read_bytes(&r, seq.boot[i].id, sizeof seq.boot[i].id);
        seq.boot[i].highest = vlt_read_u64(&r);
        seq.boot[i].window = vlt_read_u64(&r);
        if (seq.boot[i].highest == 0 || !boot_is_new(&seq, i)) {
            return VLT_E_FORMAT;
        }
    }
    vlt_read_zeros(&r, vlt_reader_left(&r));
    if (r.failed) {
        return VLT_E_FORMAT;
    }
    seq.turn_rows = seq.rows;
    seq.turn_last = seq.last;
    *out = seq;
    return VLT_OK;
}
