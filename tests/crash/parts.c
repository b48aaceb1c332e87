#include "parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD = 5 };

/* The first part whose name is not before this one. */
static size_t
place_of(const struct parts *parts, const char *name)
{
    size_t low = 0;
    size_t high = parts->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(parts->part[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool
is_at(const struct parts *parts, size_t at, const char *name)
{
    return at < parts->count && strcmp(parts->part[at].name, name) == 0;
}

void
parts_put(struct parts *parts, const char *name, struct vlt_slice bytes)
{
    size_t at = place_of(parts, name);

    if (!is_at(parts, at, name)) {
        if (parts->count == PARTS_MAX) {
            (void)fprintf(stderr, "parts: too many\n");
            exit(2);
        }
        memmove(&parts->part[at + 1], &parts->part[at],
                (parts->count - at) * sizeof parts->part[0]);
        parts->count++;
        (void)snprintf(parts->part[at].name, PARTS_NAME, "%s", name);
    }
    vlt_hash(&bytes, 1, parts->part[at].hash);
}

void
parts_drop(struct parts *parts, const char *name)
{
    size_t at = place_of(parts, name);

    if (is_at(parts, at, name)) {
        parts->count--;
        memmove(&parts->part[at], &parts->part[at + 1],
                (parts->count - at) * sizeof parts->part[0]);
    }
}

void
parts_hash(const struct parts *parts, uint8_t out[VLT_HASH_LEN])
{
    struct vlt_slice slice[2 * PARTS_MAX];

    memset(out, 0, VLT_HASH_LEN);
    for (size_t i = 0; i < parts->count; i++) {
        slice[2 * i] =
            vlt_slice_of(parts->part[i].name, strlen(parts->part[i].name) + 1);
        slice[2 * i + 1] = vlt_slice_of(parts->part[i].hash, VLT_HASH_LEN);
    }
    if (parts->count > 0) {
        vlt_hash(slice, 2 * parts->count, out);
    }
}

static bool
has(const struct parts *parts, const struct part *part, bool same)
{
    size_t at = place_of(parts, part->name);

    return is_at(parts, at, part->name) &&
           (!same ||
            memcmp(parts->part[at].hash, part->hash, VLT_HASH_LEN) == 0);
}

void
parts_differ(const struct parts *must, const struct parts *is,
             struct vlt_buf *out)
{
    unsigned told = 0;

    for (size_t i = 0; i < must->count && told < TOLD; i++) {
        const struct part *part = &must->part[i];

        if (!has(is, part, true)) {
            vlt_buf_printf(out, "%s is %s; ", part->name,
                           has(is, part, false) ? "another" : "missing");
            told++;
        }
    }
    for (size_t i = 0; i < is->count && told < TOLD; i++) {
        if (!has(must, &is->part[i], false)) {
            vlt_buf_printf(out, "%s must not be there; ", is->part[i].name);
            told++;
        }
    }
}

/* ---- how parts are written ---- */

void
part_stream(char out[PARTS_NAME], const char *stream)
{
    (void)snprintf(out, PARTS_NAME, "stream %s", stream);
}

void
part_rows(char out[PARTS_NAME], const char *stream)
{
    (void)snprintf(out, PARTS_NAME, "rows of %s", stream);
}

void
part_grant(char out[PARTS_NAME], unsigned grant)
{
    (void)snprintf(out, PARTS_NAME, "grant %02u", grant);
}

void
part_put_row(struct vlt_buf *out, int64_t time)
{
    vlt_buf_put_u8(out, 'r');
    vlt_buf_put(out, &time, sizeof time);
}

void
part_put_cell(struct vlt_buf *out, unsigned column, uint64_t bits)
{
    vlt_buf_put_u8(out, (uint8_t)column);
    vlt_buf_put(out, &bits, sizeof bits);
}

void
part_put_text(struct vlt_buf *out, unsigned column, struct vlt_slice text)
{
    vlt_buf_put_u8(out, (uint8_t)column);
    vlt_buf_put_u8(out, (uint8_t)text.len);
    vlt_buf_put_slice(out, text);
}

void
part_put_about(struct vlt_buf *out, const struct part_about *about)
{
    vlt_buf_printf(out, "%s, %u columns", about->unit, about->columns);
}

void
part_put_log(struct vlt_buf *out, struct vlt_slice detail)
{
    vlt_buf_put_slice(out, detail);
    vlt_buf_put_u8(out, '\n');
}

void
part_put_answer(struct vlt_buf *out, unsigned op, int64_t when,
                struct vlt_slice answer)
{
    vlt_buf_printf(out, "%u %" PRId64 " ", op, when);
    vlt_buf_put_slice(out, answer);
    vlt_buf_put_u8(out, '\n');
}

void
part_put_words(struct vlt_buf *out, unsigned op)
{
    vlt_buf_printf(out, "%u;", op);
}
