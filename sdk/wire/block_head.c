#include "wire/block.h"

#include <assert.h>

#include "base/time.h"
#include "base/writer.h"
#include "wire/block_internal.h"

enum {
    AT_ORDINAL = 20,
    TIME_CODINGS = 4,
};

/* How many codings a type has, from 0 on. */
static const uint8_t codings[] = {
    [VLT_TYPE_F64] = NUMBER_PLANES + 1,
    [VLT_TYPE_I64] = NUMBER_RAW + 1,
    [VLT_TYPE_BOOL] = BOOL_BITMAP + 1,
    [VLT_TYPE_TEXT] = TEXT_DICTIONARY + 1,
    [VLT_TYPE_JSON] = TEXT_DICTIONARY + 1,
};

uint64_t
block_power(unsigned k)
{
    uint64_t power = 1;

    for (; k > 0; k--) {
        power *= 10;
    }
    return power;
}

bool
block_refuse(struct block_fault *fault, enum vlt_status st, const char *why)
{
    if (fault->st == VLT_OK) {
        *fault = (struct block_fault){ .st = st, .why = why };
    }
    return false;
}

static bool
read_entry(struct vlt_reader *r, struct block_entry *out,
           struct block_fault *fault)
{
    uint8_t id = vlt_read_u8(r);
    uint8_t type_and_coding = vlt_read_u8(r);
    uint8_t scale = vlt_read_u8(r);
    uint8_t flags = vlt_read_u8(r);
    uint32_t len = vlt_read_u32(r);
    uint8_t type = type_and_coding >> 4;
    uint8_t coding = type_and_coding & 15;
    bool scaled = type == VLT_TYPE_F64 &&
                  (coding == NUMBER_DELTA || coding == NUMBER_BASE);

    if (type > VLT_TYPE_JSON) {
        return block_refuse(fault, VLT_E_FORMAT, "an unknown type");
    }
    if (coding >= codings[type]) {
        return block_refuse(fault, VLT_E_FORMAT, "an unknown coding");
    }
    if ((flags & ~(BLOCK_NULLS | BLOCK_PATCHES)) != 0) {
        return block_refuse(fault, VLT_E_FORMAT, "an unknown column flag");
    }
    if (scale > 15 || (scale != 0 && !scaled)) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a scale over 15, or where none is used");
    }
    if ((flags & BLOCK_PATCHES) != 0 && !scaled) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "patches in a coding that has none");
    }
    *out = (struct block_entry){ .field = { id, (enum vlt_type)type },
                                 .coding = coding,
                                 .scale = scale,
                                 .nulls = (flags & BLOCK_NULLS) != 0,
                                 .patches = (flags & BLOCK_PATCHES) != 0,
                                 .len = len };
    return true;
}

/* Ids are 0 to 63 or 255, each above the one before. */
static bool
id_follows(const struct block_layout *layout, size_t i)
{
    const struct block_entry *entry = &layout->entries[i];

    if (entry->field.id == VLT_COLUMN_ARRIVAL) {
        return entry->field.type == VLT_TYPE_I64 &&
               (i == 0 || layout->entries[i - 1].field.id < VLT_COLUMN_ARRIVAL);
    }
    return entry->field.id <= VLT_COLUMN_ID_MAX &&
           (i == 0 || layout->entries[i - 1].field.id < entry->field.id);
}

static bool
read_entries(struct vlt_reader *r, struct block_layout *out,
             struct block_fault *fault)
{
    for (size_t i = 0; i < out->columns; i++) {
        if (!read_entry(r, &out->entries[i], fault)) {
            return false;
        }
        if (!id_follows(out, i)) {
            return block_refuse(fault, VLT_E_FORMAT,
                                "a column id that does not exist or ascend");
        }
        out->len += out->entries[i].len;
    }
    return true;
}

static bool
sizes_hold(const struct block_layout *layout, struct block_fault *fault)
{
    if (layout->columns > VLT_COLUMNS_MAX) {
        return block_refuse(fault, VLT_E_LIMIT, "over 65 columns");
    }
    if (layout->rows > VLT_BLOCK_ROWS) {
        return block_refuse(fault, VLT_E_LIMIT, "over 65,536 rows");
    }
    if (layout->rows * layout->columns * BLOCK_WORD > VLT_BLOCK_DECODED) {
        return block_refuse(fault, VLT_E_LIMIT, "over 8 MiB decoded");
    }
    return true;
}

static bool
time_holds(const struct block_layout *layout, struct block_fault *fault)
{
    bool none = layout->time_coding == TIME_NONE;

    if (layout->time_coding >= TIME_CODINGS) {
        return block_refuse(fault, VLT_E_FORMAT, "an unknown time coding");
    }
    if (none != (layout->rows <= 1)) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a time coding that is not for so many rows");
    }
    if (none && layout->time_k != 0) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a time unit where none is used");
    }
    if (layout->rows == 0 && layout->t0 != 0) {
        return block_refuse(fault, VLT_E_FORMAT, "a first time without rows");
    }
    if (layout->t0 < VLT_TIME_MIN || layout->t0 >= VLT_TIME_MAX) {
        return block_refuse(fault, VLT_E_FORMAT, "a time out of range");
    }
    return true;
}

bool
block_read_layout(struct vlt_reader *r, struct block_layout *out,
                  struct block_fault *fault)
{
    uint8_t mark = vlt_read_u8(r);
    uint8_t flags = vlt_read_u8(r);

    out->columns = vlt_read_u8(r);
    uint8_t time = vlt_read_u8(r);

    out->rows = vlt_read_u32(r);
    out->t0 = vlt_read_i64(r);
    out->time_len = vlt_read_u32(r);
    out->ordinal = vlt_read_u32(r);
    out->time_coding = time & 15;
    out->time_k = time >> 4;
    out->len = VLT_BLOCK_HEAD + VLT_BLOCK_ENTRY * out->columns + out->time_len;
    if (r->failed) {
        return block_refuse(fault, VLT_E_FORMAT, "shorter than a header");
    }
    if (mark != BLOCK_MARK || flags != 0) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "no block: the first byte or the flags");
    }
    if (!sizes_hold(out, fault) || !time_holds(out, fault)) {
        return false;
    }
    if (vlt_reader_left(r) < VLT_BLOCK_ENTRY * out->columns) {
        return block_refuse(fault, VLT_E_FORMAT, "shorter than its entries");
    }
    if (!read_entries(r, out, fault)) {
        return false;
    }
    if (out->len > VLT_BLOCK_MAX) {
        return block_refuse(fault, VLT_E_LIMIT, "over 1,048,552 bytes");
    }
    if (out->len > r->bytes.len) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "shorter than its lengths say");
    }
    return true;
}

static void
store_entry(const struct block_entry *entry, struct vlt_writer *w)
{
    unsigned coding = (unsigned)entry->field.type << 4 | entry->coding;
    unsigned flags = (entry->nulls ? BLOCK_NULLS : 0u) |
                     (entry->patches ? BLOCK_PATCHES : 0u);

    vlt_write_u8(w, entry->field.id);
    vlt_write_u8(w, (uint8_t)coding);
    vlt_write_u8(w, entry->scale);
    vlt_write_u8(w, (uint8_t)flags);
    vlt_write_u32(w, entry->len);
}

void
block_store_layout(const struct block_layout *layout, uint8_t *out)
{
    size_t len = VLT_BLOCK_HEAD + VLT_BLOCK_ENTRY * layout->columns;
    struct vlt_writer w = vlt_writer_over(out, len);

    vlt_write_u8(&w, BLOCK_MARK);
    vlt_write_u8(&w, 0);
    vlt_write_u8(&w, (uint8_t)layout->columns);
    vlt_write_u8(&w, (uint8_t)(layout->time_coding | layout->time_k << 4));
    vlt_write_u32(&w, layout->rows);
    vlt_write_i64(&w, layout->t0);
    vlt_write_u32(&w, layout->time_len);
    vlt_write_u32(&w, layout->ordinal);
    for (size_t i = 0; i < layout->columns; i++) {
        store_entry(&layout->entries[i], &w);
    }
    assert(!w.failed && w.len == len);
}

enum vlt_status
vlt_block_peek(struct vlt_slice bytes, const char **why,
               struct vlt_block_head *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct block_fault fault = { .st = VLT_OK };
    struct block_layout layout;

    if (!block_read_layout(&r, &layout, &fault)) {
        if (why != NULL) {
            *why = fault.why;
        }
        return fault.st;
    }
    *out = (struct vlt_block_head){ .rows = layout.rows,
                                    .ordinal = layout.ordinal,
                                    .t0 = layout.t0,
                                    .len = layout.len,
                                    .columns = layout.columns };
    for (size_t i = 0; i < layout.columns; i++) {
        out->fields[i] = layout.entries[i].field;
    }
    return VLT_OK;
}

void
vlt_block_set_ordinal(uint8_t *block, uint32_t ordinal)
{
    assert(block[0] == BLOCK_MARK);
    vlt_store_u32(block + AT_ORDINAL, ordinal);
}
