#include "wire/block_internal.h"

#include "wire/decimal.h"
#include "wire/pack.h"

/* ---- decoding ---- */

static void
fill(uint64_t *bits, size_t n, uint64_t value)
{
    for (size_t i = 0; i < n; i++) {
        bits[i] = value;
    }
}

static bool
read_bools(struct vlt_reader *r, const struct block_entry *entry,
           uint64_t *bits, size_t n, struct block_fault *fault)
{
    if (entry->coding == NUMBER_CONSTANT) {
        uint8_t value = vlt_read_u8(r);

        if (value > 1) {
            return block_refuse(fault, VLT_E_FORMAT, "a bool over 1");
        }
        fill(bits, n, value);
        return true;
    }
    struct vlt_slice bitmap = vlt_read_slice(r, (n + 7) / 8);

    if (r->failed) {
        return block_refuse(fault, VLT_E_FORMAT, "bools are cut short");
    }
    if (n % 8 != 0 && bitmap.at[n / 8] >> (n % 8) != 0) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "unused bits of bools are not zero");
    }
    for (size_t i = 0; i < n; i++) {
        bits[i] = rows_bit(bitmap.at, i);
    }
    return true;
}

/* Codings 1 and 2 up to the integers. */
static bool
read_packed(struct vlt_reader *r, const struct block_entry *entry, uint64_t *m,
            size_t n, struct block_fault *fault)
{
    bool delta = entry->coding == NUMBER_DELTA;
    uint64_t first = vlt_read_u64(r);
    const char *why =
        delta ? vlt_pack_get(r, m + 1, n - 1) : vlt_pack_get(r, m, n);

    if (why != NULL) {
        return block_refuse(fault, VLT_E_FORMAT, why);
    }
    if (delta) {
        m[0] = first;
        for (size_t i = 1; i < n; i++) {
            m[i] = m[i - 1] + vlt_unzigzag(m[i]);
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            m[i] += first;
        }
    }
    return true;
}

static bool
read_patches(struct vlt_reader *r, uint64_t *bits, size_t n,
             struct block_fault *fault)
{
    uint32_t count = vlt_read_u32(r);
    uint64_t least = 0; /* what the next index must be, or more */

    if (count > VLT_BLOCK_ROWS) {
        return block_refuse(fault, VLT_E_FORMAT, "over 65,536 patches");
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = vlt_read_u32(r);
        uint64_t value = vlt_read_u64(r);

        if (at < least || at >= n) {
            return block_refuse(fault, VLT_E_FORMAT,
                                "a patch out of order or range");
        }
        bits[at] = value;
        least = (uint64_t)at + 1;
    }
    return true;
}

static bool
read_decimals(struct vlt_reader *r, const struct block_entry *entry,
              uint64_t *bits, size_t n, struct block_fault *fault)
{
    if (!read_packed(r, entry, bits, n, fault)) {
        return false;
    }
    if (!vlt_decimal_join(bits, n, entry->scale)) {
        return block_refuse(fault, VLT_E_FORMAT, "a mantissa beyond 2^53");
    }
    return !entry->patches || read_patches(r, bits, n, fault);
}

static void
read_raw(struct vlt_reader *r, uint64_t *bits, size_t n)
{
    struct vlt_slice bytes = vlt_read_slice(r, BLOCK_WORD * n);

    for (size_t i = 0; i < n && !r->failed; i++) {
        bits[i] = vlt_word_load(bytes.at + BLOCK_WORD * i);
    }
}

bool
block_read_numbers(struct vlt_reader *r, const struct block_entry *entry,
                   uint64_t *bits, size_t n, struct block_fault *fault)
{
    if (entry->field.type == VLT_TYPE_BOOL) {
        return read_bools(r, entry, bits, n, fault);
    }
    switch (entry->coding) {
    case NUMBER_CONSTANT:
        fill(bits, n, vlt_read_u64(r));
        return true;
    case NUMBER_RAW:
        read_raw(r, bits, n);
        return true;
    case NUMBER_PLANES:
        return block_refuse(fault, VLT_E_FORMAT,
                            "planes of doubles need zstd, which this version "
                            "does not read");
    default:
        return entry->field.type == VLT_TYPE_F64
                   ? read_decimals(r, entry, bits, n, fault)
                   : read_packed(r, entry, bits, n, fault);
    }
}

/* ---- encoding ---- */

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
    entry->scale = 0;
    for (size_t i = 0; i < n && at != NULL; i++) {
        vlt_word_store(at + BLOCK_WORD * i, values[i]);
    }
}

/* How n integers are packed best. */
struct choice {
    uint8_t coding;
    uint64_t first;
    const uint64_t *packed;
    size_t count;
    size_t size; /* of the payload */
};

/* Size both codings, keep the smaller.  packed has room for 2n. */
static struct choice
choose(const uint64_t *m, size_t n, uint64_t *packed)
{
    uint64_t *offsets = packed + n - 1;
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < n; i++) {
        least = (int64_t)m[i] < least ? (int64_t)m[i] : least;
    }
    for (size_t i = 1; i < n; i++) {
        packed[i - 1] = vlt_zigzag(m[i] - m[i - 1]);
    }
    for (size_t i = 0; i < n; i++) {
        offsets[i] = m[i] - (uint64_t)least;
    }
    size_t delta = vlt_pack_size(packed, n - 1);
    size_t base = vlt_pack_size(offsets, n);

    if (base < delta) {
        return (struct choice){ NUMBER_BASE, (uint64_t)least, offsets, n,
                                BLOCK_WORD + base };
    }
    return (struct choice){ NUMBER_DELTA, m[0], packed, n - 1,
                            BLOCK_WORD + delta };
}

static void
put_choice(struct block_entry *entry, const struct choice *choice,
           struct vlt_buf *out)
{
    entry->coding = choice->coding;
    block_put_u64(out, choice->first);
    vlt_pack_put(out, choice->packed, choice->count);
}

static void
put_f64(struct block_entry *entry, struct block_work *work, size_t n,
        struct vlt_buf *out)
{
    struct vlt_patches patches = { .at = work->patches, .max = n / 16 };
    unsigned scale = vlt_decimal_scale(work->values, n);

    if (scale == VLT_DECIMAL_SCALES ||
        !vlt_decimal_split(work->values, n, scale, work->mantissas, &patches)) {
        put_raw(entry, work->values, n, out);
        return;
    }
    struct choice choice = choose(work->mantissas, n, work->packed);
    size_t patched =
        patches.count == 0 ? 0 : 4 + patches.count * (4 + BLOCK_WORD);

    if (choice.size + patched > BLOCK_WORD * n) {
        put_raw(entry, work->values, n, out);
        return;
    }
    entry->scale = (uint8_t)scale;
    entry->patches = patches.count > 0;
    put_choice(entry, &choice, out);
    if (entry->patches) {
        block_put_u32(out, (uint32_t)patches.count);
    }
    for (size_t i = 0; i < patches.count; i++) {
        block_put_u32(out, patches.at[i]);
        block_put_u64(out, work->values[patches.at[i]]);
    }
}

static void
put_i64(struct block_entry *entry, struct block_work *work, size_t n,
        struct vlt_buf *out)
{
    struct choice choice = choose(work->values, n, work->packed);

    if (choice.size > BLOCK_WORD * n) {
        put_raw(entry, work->values, n, out);
    } else {
        put_choice(entry, &choice, out);
    }
}

void
block_put_numbers(struct block_entry *entry, struct block_work *work, size_t n,
                  struct vlt_buf *out)
{
    if (entry->field.type == VLT_TYPE_BOOL) {
        put_bools(entry, work->values, n, out);
    } else if (block_all_equal(work->values, n)) {
        entry->coding = NUMBER_CONSTANT;
        block_put_u64(out, work->values[0]);
    } else if (entry->field.type == VLT_TYPE_F64) {
        put_f64(entry, work, n, out);
    } else {
        put_i64(entry, work, n, out);
    }
}
