/*
 * writer: a cursor that writes into memory of a fixed size.
 *
 * A write past the capacity fails the cursor for good and writes nothing.
 * Integers are little-endian unless the name says be.
 */
#ifndef VLT_WRITER_H
#define VLT_WRITER_H

#include "base/slice.h"

struct vlt_writer {
    uint8_t *at;
    size_t cap;
    size_t len;  /* bytes written */
    bool failed; /* a write did not fit */
};

struct vlt_writer vlt_writer_over(void *at, size_t cap);

void vlt_write_u8(struct vlt_writer *w, uint8_t value);
void vlt_write_u16(struct vlt_writer *w, uint16_t value);
void vlt_write_u32(struct vlt_writer *w, uint32_t value);
void vlt_write_u64(struct vlt_writer *w, uint64_t value);
void vlt_write_i32(struct vlt_writer *w, int32_t value);
void vlt_write_i64(struct vlt_writer *w, int64_t value);
void vlt_write_be16(struct vlt_writer *w, uint16_t value);
void vlt_write_be32(struct vlt_writer *w, uint32_t value);
void vlt_write_be64(struct vlt_writer *w, uint64_t value);
void vlt_write_bytes(struct vlt_writer *w, const void *at, size_t len);
void vlt_write_slice(struct vlt_writer *w, struct vlt_slice bytes);
void vlt_write_zeros(struct vlt_writer *w, size_t len);

/* What was written: borrowed from the memory underneath. */
struct vlt_slice vlt_writer_slice(const struct vlt_writer *w);

/* Loose integers, for places that are no cursor's business. */
uint32_t vlt_load_u32(const uint8_t *at);
uint64_t vlt_load_u64(const uint8_t *at);
uint64_t vlt_load_be64(const uint8_t *at);
void vlt_store_u32(uint8_t *at, uint32_t value);
void vlt_store_u64(uint8_t *at, uint64_t value);
void vlt_store_be64(uint8_t *at, uint64_t value);

#endif
