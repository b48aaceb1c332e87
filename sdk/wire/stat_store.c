#include "wire/stat.h"

#include "base/time.h"
#include "base/writer.h"
#include "wire/rows_internal.h"

enum {
    PLUS = 1,
    MINUS = 2,
};

static void
write_values(const struct vlt_stat *stat, struct vlt_writer *w)
{
    struct vlt_sum_parts sum;
    int flags = (stat->plus ? PLUS : 0) | (stat->minus ? MINUS : 0);

    vlt_sum_store(&stat->sum, stat->type != VLT_TYPE_F64, &sum);
    vlt_write_i64(w, stat->first_time);
    vlt_write_i64(w, stat->last_time);
    vlt_write_u64(w, stat->first);
    vlt_write_u64(w, stat->last);
    vlt_write_u64(w, stat->min);
    vlt_write_u64(w, stat->max);
    vlt_write_u8(w, (uint8_t)flags);
    vlt_write_u8(w, 0);
    vlt_write_u16(w, (uint16_t)sum.e);
    vlt_write_u16(w, sum.len);
    vlt_write_bytes(w, sum.m, sum.len);
}

enum vlt_status
vlt_stat_store(const struct vlt_stat *stat, struct vlt_buf *out)
{
    uint8_t bytes[VLT_STAT_MAX];
    struct vlt_writer w = vlt_writer_over(bytes, sizeof bytes);

    if (stat->n > UINT32_MAX || stat->nan > UINT32_MAX) {
        return VLT_E_LIMIT;
    }
    vlt_write_u32(&w, (uint32_t)stat->n);
    vlt_write_u32(&w, (uint32_t)stat->nan);
    if (stat->n == 0) {
        vlt_write_zeros(&w, VLT_STAT_HEAD - w.len);
    } else {
        write_values(stat, &w);
    }
    vlt_buf_put_slice(out, vlt_writer_slice(&w));
    return vlt_buf_status(out);
}

static bool
read_sum(struct vlt_reader *r, struct vlt_stat *out)
{
    struct vlt_sum_parts sum = { .e = (int16_t)vlt_read_u16(r) };

    sum.len = vlt_read_u16(r);
    if (sum.len > VLT_SUM_BYTES) {
        return false;
    }
    vlt_read_bytes(r, sum.m, sum.len);
    return !r->failed &&
           vlt_sum_load(&sum, out->type != VLT_TYPE_F64, &out->sum) == VLT_OK &&
           (!rows_of_texts(out->type) || sum.len == 0);
}

static bool
time_holds(int64_t time)
{
    return time >= VLT_TIME_MIN && time < VLT_TIME_MAX;
}

static bool
values_hold(const struct vlt_stat *stat)
{
    if (!time_holds(stat->first_time) || !time_holds(stat->last_time) ||
        stat->first_time > stat->last_time) {
        return false;
    }
    return !rows_of_texts(stat->type) ||
           (stat->first | stat->last | stat->min | stat->max) == 0;
}

static bool
read_values(struct vlt_reader *r, struct vlt_stat *out)
{
    out->first_time = vlt_read_i64(r);
    out->last_time = vlt_read_i64(r);
    out->first = vlt_read_u64(r);
    out->last = vlt_read_u64(r);
    out->min = vlt_read_u64(r);
    out->max = vlt_read_u64(r);
    uint8_t flags = vlt_read_u8(r);
    uint8_t zero = vlt_read_u8(r);

    out->plus = (flags & PLUS) != 0;
    out->minus = (flags & MINUS) != 0;
    return read_sum(r, out) && (flags & ~(PLUS | MINUS)) == 0 && zero == 0 &&
           (flags == 0 || out->type == VLT_TYPE_F64) && values_hold(out);
}

enum vlt_status
vlt_stat_load(struct vlt_reader *r, enum vlt_type type, struct vlt_stat *out)
{
    struct vlt_stat stat = { .type = type };

    stat.n = vlt_read_u32(r);
    stat.nan = vlt_read_u32(r);
    if (stat.nan > 0 && type != VLT_TYPE_F64) {
        return VLT_E_FORMAT;
    }
    if (stat.n == 0) {
        vlt_read_zeros(r, VLT_STAT_HEAD - 2 * sizeof(uint32_t));
    } else if (!read_values(r, &stat)) {
        return VLT_E_FORMAT;
    }
    if (r->failed) {
        return VLT_E_FORMAT;
    }
    *out = stat;
    return VLT_OK;
}
