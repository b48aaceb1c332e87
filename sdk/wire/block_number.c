#include "wire/block_internal.h"

#include "wire/decimal.h"
#include "wire/pack.h"

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
read_integers(struct vlt_reader *r, const struct block_entry *entry,
              uint64_t *m, size_t n, struct block_fault *fault)
{
    const char *why = entry->coding == NUMBER_DELTA
                          ? block_read_deltas(r, m, n)
                          : block_read_offsets(r, m, n);

    return why == NULL || block_refuse(fault, VLT_E_FORMAT, why);
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
    if (!read_integers(r, entry, bits, n, fault)) {
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
                   const struct block_into *into, uint64_t *bits, size_t n)
{
    if (entry->field.type == VLT_TYPE_BOOL) {
        return read_bools(r, entry, bits, n, into->fault);
    }
    switch (entry->coding) {
    case NUMBER_CONSTANT:
        fill(bits, n, vlt_read_u64(r));
        return true;
    case NUMBER_RAW:
        read_raw(r, bits, n);
        return true;
    case NUMBER_PLANES:
        return block_read_planes(r, into, bits, n);
    default:
        return entry->field.type == VLT_TYPE_F64
                   ? read_decimals(r, entry, bits, n, into->fault)
                   : read_integers(r, entry, bits, n, into->fault);
    }
}
