#include "wire/block_internal.h"

#include "wire/decimal.h"
#include "wire/pack.h"

static void
put_bools(struct block_entry *entry, const uint64_t *values, size_t n,
          struct vlt_buf *out)
{
    if (block_all_equal(values, n)) {
        entry->coding = NUMBER_CONSTANT;
        vlt_buf_put_u8(out, (uint8_t)values[0]);
        return;
    }
    uint8_t *bitmap = vlt_buf_extend(out, (n + 7) / 8);

    entry->coding = BOOL_BITMAP;
    if (bitmap == NULL) {
        return;
    }
    memset(bitmap, 0, (n + 7) / 8);
    for (size_t i = 0; i < n; i++) {
        if (values[i] != 0) {
            rows_bit_set(bitmap, i);
        }
    }
}

static void
put_raw(struct block_entry *entry, const uint64_t *values, size_t n,
        struct vlt_buf *out)
{
    uint8_t *at = vlt_buf_extend(out, BLOCK_WORD * n);

    entry->coding = NUMBER_RAW;
    for (size_t i = 0; i < n && at != NULL; i++) {
        vlt_word_store(at + BLOCK_WORD * i, values[i]);
    }
}

static size_t
smaller(const struct block_sizes *sizes)
{
    return BLOCK_WORD +
           (sizes->offsets < sizes->deltas ? sizes->offsets : sizes->deltas);
}

static void
put_smaller(struct block_entry *entry, const struct block_sizes *sizes,
            const uint64_t *m, size_t n, struct vlt_buf *out)
{
    if (sizes->offsets < sizes->deltas) {
        entry->coding = NUMBER_BASE;
        block_put_offsets(m, n, sizes, out);
    } else {
        entry->coding = NUMBER_DELTA;
        block_put_deltas(m, n, sizes, out);
    }
}

static void
put_patches(const struct vlt_patches *patches, const uint64_t *values,
            struct vlt_buf *out)
{
    block_put_u32(out, (uint32_t)patches->count);
    for (size_t i = 0; i < patches->count; i++) {
        block_put_u32(out, patches->at[i]);
        block_put_u64(out, values[patches->at[i]]);
    }
}

/* False: they are no decimals, or such that packing them gains nothing. */
static bool
put_decimals(struct block_entry *entry, struct block_work *work,
             const uint64_t *values, size_t n, struct vlt_buf *out)
{
    struct vlt_patches patches = { .at = work->patches,
                                   .max = n / BLOCK_PATCHED };
    unsigned scale = vlt_decimal_scale(values, n);

    if (scale == VLT_DECIMAL_SCALES ||
        !vlt_decimal_split(values, n, scale, work->first, &patches)) {
        return false;
    }
    struct block_sizes sizes;

    block_size_integers(work->first, n, &sizes);
    size_t patched =
        patches.count == 0 ? 0 : 4 + patches.count * (4 + BLOCK_WORD);

    if (smaller(&sizes) + patched > BLOCK_WORD * n) {
        return false;
    }
    entry->scale = (uint8_t)scale;
    entry->patches = patches.count > 0;
    put_smaller(entry, &sizes, work->first, n, out);
    if (entry->patches) {
        put_patches(&patches, values, out);
    }
    return true;
}

static void
put_f64(struct block_entry *entry, struct block_work *work,
        const uint64_t *values, size_t n, struct vlt_buf *out)
{
    if (put_decimals(entry, work, values, n, out)) {
        return;
    }
    if (block_put_planes(work, values, n, out)) {
        entry->coding = NUMBER_PLANES;
    } else {
        put_raw(entry, values, n, out);
    }
}

static void
put_i64(struct block_entry *entry, const uint64_t *values, size_t n,
        struct vlt_buf *out)
{
    struct block_sizes sizes;

    block_size_integers(values, n, &sizes);
    if (smaller(&sizes) > BLOCK_WORD * n) {
        put_raw(entry, values, n, out);
    } else {
        put_smaller(entry, &sizes, values, n, out);
    }
}

void
block_put_numbers(struct block_entry *entry, struct block_work *work,
                  const uint64_t *values, size_t n, struct vlt_buf *out)
{
    if (entry->field.type == VLT_TYPE_BOOL) {
        put_bools(entry, values, n, out);
    } else if (block_all_equal(values, n)) {
        entry->coding = NUMBER_CONSTANT;
        block_put_u64(out, values[0]);
    } else if (entry->field.type == VLT_TYPE_F64) {
        put_f64(entry, work, values, n, out);
    } else {
        put_i64(entry, values, n, out);
    }
}
