#include "series/lane_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/writer.h"

enum {
    VERSION = 1,
    ROLLED = 1,
    MARKED = 2,
};

void
lane_record_free(struct lane_record *record)
{
    free(record->entry);
    free(record->head);
    free(record->roll);
    *record = (struct lane_record){ 0 };
}

/* ---- chunk entries ---- */

void
chunk_entry_put(const struct chunk_entry *entry, struct vlt_buf *out)
{
    uint8_t bytes[LANE_ENTRY];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);
    int flags = (entry->rolled ? ROLLED : 0) | (entry->marked ? MARKED : 0);

    vlt_write_u64(&w, entry->no);
    vlt_write_u32(&w, entry->rows);
    vlt_write_u8(&w, entry->level);
    vlt_write_u8(&w, (uint8_t)flags);
    vlt_write_u16(&w, 0);
    vlt_write_i64(&w, entry->first);
    vlt_write_i64(&w, entry->last);
    vlt_write_u64(&w, entry->arrival);
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
}

static bool
times_hold(int64_t first, int64_t last)
{
    return first >= VLT_TIME_MIN && last < VLT_TIME_MAX && first <= last;
}

bool
chunk_entry_read(struct vlt_reader *r, struct chunk_entry *out)
{
    struct chunk_entry entry = { .no = vlt_read_u64(r) };

    entry.rows = vlt_read_u32(r);
    entry.level = vlt_read_u8(r);

    uint8_t flags = vlt_read_u8(r);
    uint16_t zero = vlt_read_u16(r);

    entry.first = vlt_read_i64(r);
    entry.last = vlt_read_i64(r);
    entry.arrival = vlt_read_u64(r);
    entry.rolled = (flags & ROLLED) != 0;
    entry.marked = (flags & MARKED) != 0;
    *out = entry;
    return !r->failed && zero == 0 && (flags & ~(ROLLED | MARKED)) == 0 &&
           entry.no > 0 && entry.rows > 0 &&
           entry.marked == (entry.arrival > 0) &&
           times_hold(entry.first, entry.last);
}

static bool
before(int64_t first, uint64_t no, int64_t other_first, uint64_t other_no)
{
    return first != other_first ? first < other_first : no < other_no;
}

bool
chunk_entry_before(const struct chunk_entry *a, const struct chunk_entry *b)
{
    return before(a->first, a->no, b->first, b->no);
}

/* ---- lists that are kept in order ---- */

/* Make room for one more in a list of `count`, which grows by doubling: it is
 * full where count is a power of two. */
static enum vlt_status
grow(void **list, size_t count, size_t size)
{
    size_t cap = count == 0 ? 1 : 2 * count;
    void *more;

    if ((count & (count - 1)) != 0) {
        return VLT_OK;
    }
    more = realloc(*list, cap * size);
    if (more == NULL) {
        return VLT_E_NOMEM;
    }
    *list = more;
    return VLT_OK;
}

enum vlt_status
lane_add_short(struct lane_record *record, const struct chunk_entry *entry)
{
    void *list = record->entry;
    size_t at = record->shorts;
    enum vlt_status st;

    if (record->shorts == LANE_SHORTS_MAX) {
        return VLT_E_LIMIT;
    }
    st = grow(&list, record->shorts, sizeof *record->entry);
    if (st != VLT_OK) {
        return st;
    }
    record->entry = list;
    while (at > 0 && chunk_entry_before(entry, &record->entry[at - 1])) {
        record->entry[at] = record->entry[at - 1];
        at--;
    }
    record->entry[at] = *entry;
    record->shorts++;
    return VLT_OK;
}

enum vlt_status
lane_add_head(struct lane_record *record, const struct head_ref *head)
{
    void *list = record->head;
    size_t at = record->heads;
    enum vlt_status st;

    if (record->heads == LANE_HEADS_MAX) {
        return VLT_E_LIMIT;
    }
    st = grow(&list, record->heads, sizeof *record->head);
    if (st != VLT_OK) {
        return st;
    }
    record->head = list;
    while (at > 0 && before(head->first, head->no, record->head[at - 1].first,
                            record->head[at - 1].no)) {
        record->head[at] = record->head[at - 1];
        at--;
    }
    record->head[at] = *head;
    record->heads++;
    return VLT_OK;
}

enum vlt_status
lane_set_roll(struct lane_record *record, const struct roll_ref *roll)
{
    void *list = record->roll;
    size_t at = 0;
    enum vlt_status st;

    while (at < record->rolls && record->roll[at].day < roll->day) {
        at++;
    }
    if (at < record->rolls && record->roll[at].day == roll->day) {
        record->roll[at] = *roll;
        return VLT_OK;
    }
    if (record->rolls == LANE_ROLLS_MAX) {
        return VLT_E_LIMIT;
    }
    st = grow(&list, record->rolls, sizeof *record->roll);
    if (st != VLT_OK) {
        return st;
    }
    record->roll = list;
    memmove(&record->roll[at + 1], &record->roll[at],
            (record->rolls - at) * sizeof *record->roll);
    record->roll[at] = *roll;
    record->rolls++;
    return VLT_OK;
}

/* A list may have room for more than its count asks for, never for less: so
 * what is taken out leaves the room as it is, and grow() may make it anew. */
void
lane_drop_short(struct lane_record *record, size_t at)
{
    record->shorts--;
    memmove(&record->entry[at], &record->entry[at + 1],
            (record->shorts - at) * sizeof *record->entry);
}

void
lane_drop_head(struct lane_record *record, size_t at)
{
    record->heads--;
    memmove(&record->head[at], &record->head[at + 1],
            (record->heads - at) * sizeof *record->head);
}

void
lane_drop_roll(struct lane_record *record, size_t at)
{
    record->rolls--;
    memmove(&record->roll[at], &record->roll[at + 1],
            (record->rolls - at) * sizeof *record->roll);
}

/* ---- bytes ---- */

static void
put_head_ref(const struct head_ref *head, struct vlt_buf *out)
{
    uint8_t bytes[LANE_HEAD_REF];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);

    vlt_write_u64(&w, head->no);
    vlt_write_i64(&w, head->first);
    vlt_write_i64(&w, head->last);
    vlt_write_u32(&w, head->chunks);
    vlt_write_u32(&w, 0);
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
}

static void
put_roll_ref(const struct roll_ref *roll, struct vlt_buf *out)
{
    uint8_t bytes[LANE_ROLL_REF];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);

    vlt_write_u64(&w, roll->no);
    vlt_write_i32(&w, roll->day);
    vlt_write_u32(&w, 0);
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
}

enum vlt_status
lane_record_encode(const struct lane_record *record, struct vlt_buf *out)
{
    uint8_t bytes[LANE_HEAD];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);

    if (record->shorts > LANE_SHORTS_MAX || record->heads > LANE_HEADS_MAX ||
        record->rolls > LANE_ROLLS_MAX) {
        return VLT_E_LIMIT;
    }
    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, 0);
    vlt_write_u16(&w, (uint16_t)record->shorts);
    vlt_write_u16(&w, (uint16_t)record->heads);
    vlt_write_u16(&w, (uint16_t)record->rolls);
    vlt_write_u64(&w, record->done.a0);
    vlt_write_u64(&w, record->done.a);
    vlt_write_i64(&w, record->done.t);
    vlt_write_u64(&w, record->rows);
    vlt_write_i64(&w, record->first);
    vlt_write_i64(&w, record->last);
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
    for (size_t i = 0; i < record->shorts; i++) {
        chunk_entry_put(&record->entry[i], out);
    }
    for (size_t i = 0; i < record->heads; i++) {
        put_head_ref(&record->head[i], out);
    }
    for (size_t i = 0; i < record->rolls; i++) {
        put_roll_ref(&record->roll[i], out);
    }
    return vlt_buf_status(out);
}

static enum vlt_status
read_shorts(struct vlt_reader *r, size_t count, struct lane_record *out)
{
    for (size_t i = 0; i < count; i++) {
        struct chunk_entry entry;

        if (!chunk_entry_read(r, &entry) ||
            (i > 0 && !chunk_entry_before(&out->entry[i - 1], &entry))) {
            return VLT_E_FORMAT;
        }
        enum vlt_status st = lane_add_short(out, &entry);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

static enum vlt_status
read_heads(struct vlt_reader *r, size_t count, struct lane_record *out)
{
    for (size_t i = 0; i < count; i++) {
        struct head_ref head = { .no = vlt_read_u64(r) };

        head.first = vlt_read_i64(r);
        head.last = vlt_read_i64(r);
        head.chunks = vlt_read_u32(r);

        uint32_t zero = vlt_read_u32(r);

        if (r->failed || zero != 0 || head.no == 0 || head.chunks == 0 ||
            !times_hold(head.first, head.last) ||
            (i > 0 && !before(out->head[i - 1].first, out->head[i - 1].no,
                              head.first, head.no))) {
            return VLT_E_FORMAT;
        }
        enum vlt_status st = lane_add_head(out, &head);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

static enum vlt_status
read_rolls(struct vlt_reader *r, size_t count, struct lane_record *out)
{
    for (size_t i = 0; i < count; i++) {
        struct roll_ref roll = { .no = vlt_read_u64(r) };

        roll.day = vlt_read_i32(r);

        uint32_t zero = vlt_read_u32(r);

        if (r->failed || zero != 0 || roll.no == 0 ||
            (i > 0 && out->roll[i - 1].day >= roll.day)) {
            return VLT_E_FORMAT;
        }
        enum vlt_status st = lane_set_roll(out, &roll);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

/* What contradicts itself was not written by us. */
static bool
makes_sense(const struct lane_record *record)
{
    if (record->done.a0 > record->done.a) {
        return false;
    }
    return record->rows == 0 ? record->shorts + record->heads == 0
                             : times_hold(record->first, record->last);
}

enum vlt_status
lane_record_decode(struct vlt_slice bytes, struct lane_record *out)
{
    struct lane_record record = { .rows = 0 };
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);
    uint8_t zero = vlt_read_u8(&r);
    size_t shorts = vlt_read_u16(&r);
    size_t heads = vlt_read_u16(&r);
    size_t rolls = vlt_read_u16(&r);
    enum vlt_status st;

    record.done.a0 = vlt_read_u64(&r);
    record.done.a = vlt_read_u64(&r);
    record.done.t = vlt_read_i64(&r);
    record.rows = vlt_read_u64(&r);
    record.first = vlt_read_i64(&r);
    record.last = vlt_read_i64(&r);
    if (r.failed || zero != 0 || version == 0) {
        return VLT_E_FORMAT;
    }
    if (version > VERSION || shorts > LANE_SHORTS_MAX ||
        heads > LANE_HEADS_MAX || rolls > LANE_ROLLS_MAX) {
        return VLT_E_LIMIT;
    }
    st = read_shorts(&r, shorts, &record);
    if (st == VLT_OK) {
        st = read_heads(&r, heads, &record);
    }
    if (st == VLT_OK) {
        st = read_rolls(&r, rolls, &record);
    }
    if (st == VLT_OK) {
        vlt_read_zeros(&r, vlt_reader_left(&r));
        st = !r.failed && makes_sense(&record) ? VLT_OK : VLT_E_FORMAT;
    }
    if (st != VLT_OK) {
        lane_record_free(&record);
        return st;
    }
    *out = record;
    return VLT_OK;
}
