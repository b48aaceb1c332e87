/*
 * block_internal: what the parts of the block codec share.
 */
#ifndef VLT_BLOCK_INTERNAL_H
#define VLT_BLOCK_INTERNAL_H

#include "base/reader.h"
#include "wire/block.h"
#include "wire/rows_internal.h"

enum {
    BLOCK_MARK = 0xb1,
    BLOCK_NULLS = 1,   /* flags of an entry */
    BLOCK_PATCHES = 2, /* the other */
    BLOCK_WORD = 8,    /* bytes of a value */
};

/* time */
enum {
    TIME_NONE = 0,
    TIME_STEP = 1,
    TIME_BASE = 2,
    TIME_DRIFT = 3,
};

/* f64 and i64; bool has the first, and 1 for a bitmap */
enum {
    NUMBER_CONSTANT = 0,
    NUMBER_DELTA = 1,
    NUMBER_BASE = 2,
    NUMBER_RAW = 3,
    NUMBER_PLANES = 4,
    BOOL_BITMAP = 1,
};

enum {
    TEXT_NONE = 0, /* no value is present */
    TEXT_PLAIN = 1,
    TEXT_ZSTD = 2,
    TEXT_DICTIONARY = 3,
};

struct block_entry {
    struct vlt_field field;
    uint8_t coding;
    uint8_t scale;
    bool nulls;
    bool patches;
    uint32_t len; /* of the payload */
};

struct block_layout {
    uint32_t rows;
    uint32_t ordinal;
    int64_t t0;
    uint8_t time_coding;
    uint64_t time_unit; /* 10^k ns */
    uint32_t time_len;
    size_t len; /* of the whole block */
    size_t columns;
    struct block_entry entries[VLT_COLUMNS_MAX];
};

/* 10^k for k of 0 to 15. */
uint64_t block_power(unsigned k);

/* ---- decoding ---- */

/* Where decoding stands: the first fault stays. */
struct block_fault {
    enum vlt_status st;
    const char *why;
};

/* Note a fault, unless one stands already.  Returns false. */
bool block_refuse(struct block_fault *fault, enum vlt_status st,
                  const char *why);

/* The header and entries; r then stands at the time payload. */
bool block_read_layout(struct vlt_reader *r, struct block_layout *out,
                       struct block_fault *fault);

/* The times of layout->rows rows, from the time payload. */
bool block_read_times(struct vlt_slice payload,
                      const struct block_layout *layout, int64_t *times,
                      struct block_fault *fault);

/*
 * The n values of a column that are present, in order, to the front of bits.
 * r stands behind the bitmap of its payload.
 */
bool block_read_numbers(struct vlt_reader *r, const struct block_entry *entry,
                        uint64_t *bits, size_t n, struct block_fault *fault);

/* Where texts go to. */
struct block_texts {
    struct vlt_buf *pool;
    size_t room;     /* decoded bytes that the block may still have */
    bool check_json; /* each by the strict parser */
    struct block_fault *fault;
};

/* The same for texts: cells into the pool. */
bool block_read_texts(struct vlt_reader *r, const struct block_entry *entry,
                      struct block_texts *texts, uint64_t *cells, size_t n);

/* ---- encoding ---- */

/* Room to work in, for n values. */
struct block_work {
    uint64_t *values;    /* n: those of a column that are present */
    uint64_t *mantissas; /* n: those of decimals */
    uint64_t *packed;    /* 2n: what may be packed, in two ways */
    uint32_t *patches;   /* n: places that are patched */
};

/* Append four bytes, little-endian. */
void block_put_u32(struct vlt_buf *out, uint32_t value);
/* The same of eight bytes. */
void block_put_u64(struct vlt_buf *out, uint64_t value);

/* Are all n equal? */
bool block_all_equal(const uint64_t *values, size_t n);

/* Append the payload of n times; the header's byte 3 comes out.  False: they
 * are not in order. */
bool block_put_times(const int64_t *times, size_t n, struct block_work *work,
                     uint8_t *coding, struct vlt_buf *out);

/* Append the payload of work->values, n of them and at least one; sets coding,
 * scale and patches of the entry. */
void block_put_numbers(struct block_entry *entry, struct block_work *work,
                       size_t n, struct vlt_buf *out);

/* The same for texts: work->values are cells of the pool. */
void block_put_texts(struct block_entry *entry, struct block_work *work,
                     size_t n, struct vlt_slice pool, struct vlt_buf *out);

#endif
