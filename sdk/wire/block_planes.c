#include "wire/block_internal.h"

#include <stdlib.h>

/*
 * Planes: byte 0 of all words, then byte 1, and so on, where a word is a value
 * exclusive-or'ed with the one before.  Doubles that are no decimals share
 * sign, exponent, and first digits with their neighbours; apart from the noise
 * behind, zstd finds them.
 */

enum {
    STEP = 128,  /* words that are taken apart together, to stay near */
    WORTH = 128, /* fewer words are not worth a try */
};

static void
to_planes(const uint64_t *values, size_t n, uint8_t *planes)
{
    uint64_t last = 0;

    for (size_t done = 0; done < n; done += STEP) {
        size_t count = n - done < STEP ? n - done : STEP;
        uint64_t words[STEP];

        for (size_t i = 0; i < count; i++) {
            words[i] = values[done + i] ^ last;
            last = values[done + i];
        }
        for (size_t p = 0; p < BLOCK_WORD; p++) {
            uint8_t *plane = planes + p * n + done;

            for (size_t i = 0; i < count; i++) {
                plane[i] = (uint8_t)(words[i] >> (8 * p));
            }
        }
    }
}

static void
from_planes(const uint8_t *planes, uint64_t *values, size_t n)
{
    uint64_t last = 0;

    for (size_t done = 0; done < n; done += STEP) {
        size_t count = n - done < STEP ? n - done : STEP;
        uint64_t words[STEP] = { 0 };

        for (size_t p = 0; p < BLOCK_WORD; p++) {
            const uint8_t *plane = planes + p * n + done;

            for (size_t i = 0; i < count; i++) {
                words[i] |= (uint64_t)plane[i] << (8 * p);
            }
        }
        for (size_t i = 0; i < count; i++) {
            last ^= words[i];
            values[done + i] = last;
        }
    }
}

bool
block_read_planes(struct vlt_reader *r, const struct block_into *into,
                  uint64_t *bits, size_t n)
{
    struct vlt_slice frame = vlt_read_rest(r);
    size_t len = BLOCK_WORD * n;

    if (!block_frame_holds(frame, len, into->fault)) {
        return false;
    }
    uint8_t *planes = malloc(len);

    if (planes == NULL) {
        return block_refuse(into->fault, VLT_E_NOMEM, "no memory");
    }
    bool done = block_read_frame(into->zstd, frame, planes, len, into->fault);

    if (done) {
        from_planes(planes, bits, n);
    }
    free(planes);
    return done;
}

bool
block_put_planes(struct block_work *work, const uint64_t *values, size_t n,
                 struct vlt_buf *out)
{
    size_t len = BLOCK_WORD * n;
    uint8_t *planes = n < WORTH ? NULL : malloc(len);
    bool done;

    if (planes == NULL) {
        return false;
    }
    to_planes(values, n, planes);
    done = block_put_frame(work->zstd, vlt_slice_of(planes, len),
                           len - len / BLOCK_SQUEEZED, out);
    free(planes);
    return done;
}
