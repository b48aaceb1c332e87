/*
 * block_internal: what the parts of the block codec share.
 */
#ifndef VLT_BLOCK_INTERNAL_H
#define VLT_BLOCK_INTERNAL_H

#include "base/reader.h"
#include "wire/block.h"
#include "wire/pack.h"
#include "wire/rows_internal.h"

enum {
    BLOCK_MARK = 0xb1,
    BLOCK_NULLS = 1,     /* flags of an entry */
    BLOCK_PATCHES = 2,   /* the other */
    BLOCK_WORD = 8,      /* bytes of a value */
    BLOCK_SQUEEZED = 16, /* the part that zstd must save */
    BLOCK_PATCHED = 16,  /* the part of doubles that may be no decimals */
    BLOCK_GROUPS =
        VLT_BLOCK_ROWS / VLT_PACK_GROUP, /* of packed integers, at most */
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
    uint8_t time_k; /* the time unit is 10^k ns */
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

/* Contexts of libzstd, made when one is first needed: begins as { 0 }, ends
 * with block_zstd_fini(). */
struct block_zstd {
    struct ZSTD_CCtx_s *packer; /* owned; or NULL */
    struct ZSTD_DCtx_s *reader; /* owned; or NULL */
};

/* Free them. */
void block_zstd_fini(struct block_zstd *zstd);

/* Where values go to. */
struct block_into {
    struct vlt_buf *pool; /* texts */
    size_t room;          /* decoded bytes that the block may still have */
    bool check_json;      /* each by the strict parser */
    struct block_zstd *zstd;
    struct block_fault *fault;
};

/*
 * The n values of a column that are present (at least one), in order, to the
 * front of bits.  r stands behind the bitmap of its payload.
 */
bool block_read_numbers(struct vlt_reader *r, const struct block_entry *entry,
                        const struct block_into *into, uint64_t *bits,
                        size_t n);

/* The same for texts: cells into the pool. */
bool block_read_texts(struct vlt_reader *r, const struct block_entry *entry,
                      struct block_into *into, uint64_t *cells, size_t n);

/* The same for doubles in planes. */
bool block_read_planes(struct vlt_reader *r, const struct block_into *into,
                       uint64_t *bits, size_t n);

/* n integers (at least one) as codings 1 and 2 have them.  NULL, or the rule
 * that the bytes break: a constant text. */
const char *block_read_deltas(struct vlt_reader *r, uint64_t *m, size_t n);
const char *block_read_offsets(struct vlt_reader *r, uint64_t *m, size_t n);

/* Is it one frame of zstd, whole and nothing else, of len bytes, as a block may
 * have it?  Unpacks nothing. */
bool block_frame_holds(struct vlt_slice frame, size_t len,
                       struct block_fault *fault);

/* Unpack a frame that holds so to out: len bytes.  VLT_E_FORMAT, VLT_E_NOMEM */
bool block_read_frame(struct block_zstd *zstd, struct vlt_slice frame,
                      uint8_t *out, size_t len, struct block_fault *fault);

/* ---- encoding ---- */

/* Room to work in, for n values. */
struct block_work {
    uint64_t *values; /* n: those of a column that are present; NULL: all are */
    uint64_t *first;  /* n */
    uint64_t *second; /* n; NULL: there are no texts */
    uint32_t *patches; /* n / BLOCK_PATCHED: places that are patched */
    struct block_zstd *zstd;
};

/* As vlt_block_encode(), with ordinal 0; zstd is the caller's, for several
 * blocks. */
enum vlt_status block_encode(const struct vlt_rows *rows,
                             struct vlt_range range, struct block_zstd *zstd,
                             struct vlt_buf *out);

/* Append four bytes, little-endian. */
void block_put_u32(struct vlt_buf *out, uint32_t value);
/* The same of eight bytes. */
void block_put_u64(struct vlt_buf *out, uint64_t value);

/* Are all n equal? */
bool block_all_equal(const uint64_t *values, size_t n);

/* Store the header and entries: VLT_BLOCK_HEAD bytes and VLT_BLOCK_ENTRY a
 * column. */
void block_store_layout(const struct block_layout *layout, uint8_t *out);

/* Append the payload of n times; sets coding and unit.  False: they are not in
 * order. */
bool block_put_times(const int64_t *times, size_t n, struct block_work *work,
                     struct block_layout *layout, struct vlt_buf *out);

/* Append the payload of n values, at least one; sets coding, scale and patches
 * of the entry. */
void block_put_numbers(struct block_entry *entry, struct block_work *work,
                       const uint64_t *values, size_t n, struct vlt_buf *out);

/* Texts: n cells of a pool. */
struct block_cells {
    struct vlt_slice pool;
    const uint64_t *cells;
    size_t n;
};

/* The same for texts. */
void block_put_texts(struct block_entry *entry, struct block_work *work,
                     const struct block_cells *texts, struct vlt_buf *out);

/* Doubles in planes.  False, and nothing appended: zstd does not save a
 * sixteenth, or there is no memory for it. */
bool block_put_planes(struct block_work *work, const uint64_t *values, size_t n,
                      struct vlt_buf *out);

/* How integers may be packed.  The smaller size is exact; the other is at least
 * what it says, and without widths, unless they are equal. */
struct block_sizes {
    size_t deltas;  /* bytes, packed as coding 1; without the eight in front */
    size_t offsets; /* as coding 2 */
    int64_t least;  /* of the integers; goes with offset_widths */
    uint8_t offset_widths[BLOCK_GROUPS];
    uint8_t delta_widths[BLOCK_GROUPS];
};

/* n is at least one. */
void block_size_integers(const uint64_t *m, size_t n, struct block_sizes *out);

/* Append them as coding 1, if it is not the greater. */
void block_put_deltas(const uint64_t *m, size_t n,
                      const struct block_sizes *sizes, struct vlt_buf *out);
/* The same as coding 2. */
void block_put_offsets(const uint64_t *m, size_t n,
                       const struct block_sizes *sizes, struct vlt_buf *out);

/* Append the bytes as one frame of at most `most`.  False, and nothing
 * appended: it takes more, or there is no memory for it. */
bool block_put_frame(struct block_zstd *zstd, struct vlt_slice bytes,
                     size_t most, struct vlt_buf *out);

/* ---- cutting ---- */

/*
 * Append the block of the first rows of a block that vlt_block_encode() made:
 * as many as fit into max bytes, which come back.  0: fewer than two, or it
 * cannot be cut, since zstd or plain texts are in it.
 */
size_t block_cut(struct vlt_slice block, size_t max, struct vlt_buf *out);

/* May it be cut? */
bool block_may_cut(struct vlt_slice block);

#endif
