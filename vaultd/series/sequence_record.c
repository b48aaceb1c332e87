/*
 * What is known of a source's sequences, as plaintext.  Pure.
 */
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "series/series_internal.h"

enum {
    VERSION = 1,
    VERSION_PAST = 2, /* with boots of the past */
    HEAD = 24,
    BOOT = 24,
    PAST_BOOT = 8,
};

enum vlt_status
sequence_record_encode(const struct source_seq *seq, struct vlt_buf *out)
{
    uint8_t bytes[HEAD + BOOTS * BOOT + PAST * PAST_BOOT];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);

    vlt_write_u8(&w, seq->pasts > 0 ? VERSION_PAST : VERSION);
    vlt_write_u8(&w, (uint8_t)seq->boots);
    vlt_write_u16(&w, (uint16_t)seq->pasts);
    vlt_write_zeros(&w, 4);
    vlt_write_u64(&w, seq->turn_rows);
    vlt_write_i64(&w, seq->turn_last);
    for (size_t i = 0; i < seq->boots; i++) {
        vlt_write_bytes(&w, seq->boot[i].id, sizeof seq->boot[i].id);
        vlt_write_u64(&w, seq->boot[i].highest);
        vlt_write_u64(&w, seq->boot[i].window);
    }
    vlt_write_bytes(&w, seq->past, seq->pasts * sizeof seq->past[0]);
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

/* Those of the past, of which none is one of the last. */
static bool
read_past(struct vlt_reader *r, struct source_seq *seq)
{
    vlt_read_bytes(r, seq->past, seq->pasts * sizeof seq->past[0]);
    for (size_t i = 0; i < seq->pasts; i++) {
        for (size_t j = 0; j < seq->boots; j++) {
            if (memcmp(seq->boot[j].id, seq->past[i], PAST_BOOT) == 0) {
                return false;
            }
        }
        for (size_t j = 0; j < i; j++) {
            if (memcmp(seq->past[j], seq->past[i], PAST_BOOT) == 0) {
                return false;
            }
        }
    }
    return !r->failed;
}

enum vlt_status
sequence_record_decode(struct vlt_slice bytes, struct source_seq *out)
{
    struct source_seq seq = { .source = out->source };
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);

    seq.boots = vlt_read_u8(&r);
    seq.pasts = vlt_read_u16(&r);
    vlt_read_zeros(&r, 4);
    seq.rows = vlt_read_u64(&r);
    seq.last = vlt_read_i64(&r);
    if (version > VERSION_PAST) {
        return VLT_E_LIMIT;
    }
    if (r.failed || version == 0 || seq.boots > BOOTS || seq.pasts > PAST ||
        (version == VERSION_PAST) != (seq.pasts > 0) ||
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
    if (!read_past(&r, &seq)) {
        return VLT_E_FORMAT;
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
