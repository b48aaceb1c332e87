#include "series/summary_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"

enum {
    VERSION = 1,
    ALIGN = 8,
    HOURS_ALL = (1 << SUMMARY_HOURS) - 1,
};

void
head_record_free(struct head_record *head)
{
    free(head->entry);
    free(head->stat);
    *head = (struct head_record){ 0 };
}

void
roll_record_free(struct roll_record *roll)
{
    free(roll->stat);
    *roll = (struct roll_record){ 0 };
}

size_t
summary_find(const struct summary_columns *columns, uint8_t id)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->id[i] == id) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* ---- columns ---- */

static size_t
padding(size_t count)
{
    return (ALIGN - count % ALIGN) % ALIGN;
}

static void
put_columns(const struct summary_columns *columns, struct vlt_buf *out)
{
    static const uint8_t zeros[ALIGN] = { 0 };

    vlt_buf_put(out, columns->id, columns->count);
    vlt_buf_put(out, zeros, padding(columns->count));
}

static bool
read_columns(struct vlt_reader *r, size_t count, struct summary_columns *out)
{
    if (count > SUMMARY_COLUMNS) {
        return false;
    }
    out->count = count;
    vlt_read_bytes(r, out->id, count);
    vlt_read_zeros(r, padding(count));
    for (size_t i = 1; i < count; i++) {
        if (out->id[i] <= out->id[i - 1]) {
            return false;
        }
    }
    return !r->failed;
}

/* The types of the columns, in their order; false: one is not the stream's. */
static bool
find_types(const struct summary_columns *columns,
           const struct vlt_schema *schema, enum vlt_type *out)
{
    for (size_t i = 0; i < columns->count; i++) {
        size_t at = 0;

        while (at < schema->count && schema->fields[at].id != columns->id[i]) {
            at++;
        }
        if (at == schema->count) {
            return false;
        }
        out[i] = schema->fields[at].type;
    }
    return true;
}

/* ---- summaries ---- */

static enum vlt_status
put_stats(const struct vlt_stat *stat, size_t count, struct vlt_buf *out)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        st = vlt_stat_store(&stat[i], out);
    }
    return st;
}

static bool
read_stats(struct vlt_reader *r, const enum vlt_type *types, size_t count,
           struct vlt_stat *out)
{
    for (size_t i = 0; i < count; i++) {
        if (vlt_stat_load(r, types[i], &out[i]) != VLT_OK) {
            return false;
        }
    }
    return true;
}

/* Step over them: only the last field's length is looked at. */
static void
skip_stats(struct vlt_reader *r, size_t count)
{
    for (size_t i = 0; i < count && !r->failed; i++) {
        (void)vlt_read_slice(r, VLT_STAT_HEAD - sizeof(uint16_t));
        (void)vlt_read_slice(r, vlt_read_u16(r));
    }
}

/* ---- heads ---- */

enum vlt_status
head_record_encode(const struct head_record *head, struct vlt_buf *out)
{
    uint8_t bytes[8];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);
    enum vlt_status st = VLT_OK;

    if (head->count > SUMMARY_CHUNKS) {
        return VLT_E_LIMIT;
    }
    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, (uint8_t)head->columns.count);
    vlt_write_u16(&w, (uint16_t)head->count);
    vlt_write_u32(&w, 0);
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
    put_columns(&head->columns, out);
    for (size_t i = 0; st == VLT_OK && i < head->count; i++) {
        chunk_entry_put(&head->entry[i], out);
        st = put_stats(&head->stat[i * head->columns.count],
                       head->columns.count, out);
    }
    return st == VLT_OK ? vlt_buf_status(out) : st;
}

static bool
read_entries(struct vlt_reader *r, const enum vlt_type *types,
             struct head_record *head)
{
    size_t columns = head->columns.count;

    for (size_t i = 0; i < head->count; i++) {
        if (!chunk_entry_read(r, &head->entry[i]) ||
            (i > 0 &&
             !chunk_entry_before(&head->entry[i - 1], &head->entry[i]))) {
            return false;
        }
        if (head->stat == NULL) {
            skip_stats(r, columns);
        } else if (!read_stats(r, types, columns, &head->stat[i * columns])) {
            return false;
        }
    }
    vlt_read_zeros(r, vlt_reader_left(r));
    return !r->failed;
}

enum vlt_status
head_record_decode(struct vlt_slice bytes, const struct vlt_schema *schema,
                   struct head_record *out)
{
    struct head_record head = { .count = 0 };
    enum vlt_type types[SUMMARY_COLUMNS];
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);
    size_t columns = vlt_read_u8(&r);

    head.count = vlt_read_u16(&r);

    uint32_t zero = vlt_read_u32(&r);

    if (version > VERSION) {
        return VLT_E_LIMIT;
    }
    if (version == 0 || zero != 0 || head.count == 0 ||
        head.count > SUMMARY_CHUNKS ||
        !read_columns(&r, columns, &head.columns) ||
        (schema != NULL && !find_types(&head.columns, schema, types))) {
        return VLT_E_FORMAT;
    }
    head.entry = calloc(head.count, sizeof *head.entry);
    if (schema != NULL) {
        head.stat = calloc(head.count * columns + 1, sizeof *head.stat);
    }
    if (head.entry == NULL || (schema != NULL && head.stat == NULL)) {
        head_record_free(&head);
        return VLT_E_NOMEM;
    }
    if (!read_entries(&r, types, &head)) {
        head_record_free(&head);
        return VLT_E_FORMAT;
    }
    *out = head;
    return VLT_OK;
}

/* ---- roll-ups ---- */

enum vlt_status
roll_record_encode(const struct roll_record *roll, struct vlt_buf *out)
{
    uint8_t bytes[16];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);
    size_t columns = roll->columns.count;
    enum vlt_status st = VLT_OK;

    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, (uint8_t)columns);
    vlt_write_u16(&w, 0);
    vlt_write_i32(&w, roll->day);
    vlt_write_u32(&w, roll->hours);
    vlt_write_u32(&w, 0);
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
    put_columns(&roll->columns, out);
    for (size_t hour = 0; st == VLT_OK && hour < SUMMARY_HOURS; hour++) {
        if ((roll->hours >> hour & 1) != 0) {
            st = put_stats(&roll->stat[hour * columns], columns, out);
        }
    }
    return st == VLT_OK ? vlt_buf_status(out) : st;
}

static bool
read_hours(struct vlt_reader *r, const enum vlt_type *types,
           struct roll_record *roll)
{
    size_t columns = roll->columns.count;

    for (size_t hour = 0; hour < SUMMARY_HOURS; hour++) {
        struct vlt_stat *stat = &roll->stat[hour * columns];

        for (size_t i = 0; i < columns; i++) {
            vlt_stat_init(&stat[i], types[i]);
        }
        if ((roll->hours >> hour & 1) != 0 &&
            !read_stats(r, types, columns, stat)) {
            return false;
        }
    }
    vlt_read_zeros(r, vlt_reader_left(r));
    return !r->failed;
}

enum vlt_status
roll_record_decode(struct vlt_slice bytes, const struct vlt_schema *schema,
                   struct roll_record *out)
{
    struct roll_record roll = { .hours = 0 };
    enum vlt_type types[SUMMARY_COLUMNS];
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);
    size_t columns = vlt_read_u8(&r);
    uint16_t zero = vlt_read_u16(&r);

    roll.day = vlt_read_i32(&r);
    roll.hours = vlt_read_u32(&r);

    uint32_t more_zero = vlt_read_u32(&r);

    if (version > VERSION) {
        return VLT_E_LIMIT;
    }
    if (version == 0 || (zero | more_zero) != 0 || roll.hours == 0 ||
        (roll.hours & ~(uint32_t)HOURS_ALL) != 0 ||
        !read_columns(&r, columns, &roll.columns) ||
        !find_types(&roll.columns, schema, types)) {
        return VLT_E_FORMAT;
    }
    roll.stat = calloc(SUMMARY_HOURS * columns + 1, sizeof *roll.stat);
    if (roll.stat == NULL) {
        return VLT_E_NOMEM;
    }
    if (!read_hours(&r, types, &roll)) {
        roll_record_free(&roll);
        return VLT_E_FORMAT;
    }
    *out = roll;
    return VLT_OK;
}
