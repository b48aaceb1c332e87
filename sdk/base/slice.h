/*
 * slice: some bytes that somebody else owns.
 *
 * A slice is a plain value.  Its bytes are borrowed: who makes a slice says
 * how long they stay.
 */
#ifndef VLT_SLICE_H
#define VLT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vlt_slice {
    const uint8_t *at; /* may be NULL when len is 0 */
    size_t len;        /* bytes */
};

/* The len bytes at at. */
struct vlt_slice vlt_slice_of(const void *at, size_t len);

/* The bytes of a C string, without its terminating zero. */
struct vlt_slice vlt_slice_text(const char *text);

/* The same bytes?  Not for secrets: see vlt_equal() in crypto/secret.h. */
bool vlt_slice_equal(struct vlt_slice a, struct vlt_slice b);

/* Order as memcmp does, a shorter one before those that it begins. */
int vlt_slice_order(struct vlt_slice a, struct vlt_slice b);

/* Does the slice hold exactly the bytes of this C string? */
bool vlt_slice_is(struct vlt_slice a, const char *text);

#endif
