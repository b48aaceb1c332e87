/*
 * reader: a cursor over bytes from outside.
 *
 * A read past the end fails the cursor for good and yields zeros.  So a parser
 * reads its fields in the order of the wire and asks once, at the end.
 * Integers are little-endian unless the name says be.
 */
#ifndef VLT_READER_H
#define VLT_READER_H

#include "base/slice.h"

struct vlt_reader {
    struct vlt_slice bytes;
    size_t at;   /* next byte */
    bool failed; /* a read went past the end */
};

struct vlt_reader vlt_reader_over(struct vlt_slice bytes);

uint8_t vlt_read_u8(struct vlt_reader *r);
uint16_t vlt_read_u16(struct vlt_reader *r);
uint32_t vlt_read_u32(struct vlt_reader *r);
uint64_t vlt_read_u64(struct vlt_reader *r);
int32_t vlt_read_i32(struct vlt_reader *r);
int64_t vlt_read_i64(struct vlt_reader *r);
uint16_t vlt_read_be16(struct vlt_reader *r);
uint32_t vlt_read_be32(struct vlt_reader *r);
uint64_t vlt_read_be64(struct vlt_reader *r);

/* The next len bytes, borrowed from the input; empty after a failure. */
struct vlt_slice vlt_read_slice(struct vlt_reader *r, size_t len);

/* Copy the next len bytes to out; zeros after a failure. */
void vlt_read_bytes(struct vlt_reader *r, void *out, size_t len);

/* All bytes that are left, borrowed. */
struct vlt_slice vlt_read_rest(struct vlt_reader *r);

/* Step over len bytes, which must all be zero; else the cursor fails. */
void vlt_read_zeros(struct vlt_reader *r, size_t len);

/* Bytes not read yet; 0 after a failure. */
size_t vlt_reader_left(const struct vlt_reader *r);

/* Was all read, and nothing past the end? */
bool vlt_reader_done(const struct vlt_reader *r);

#endif
