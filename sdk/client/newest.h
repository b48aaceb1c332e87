/*
 * newest: by stream, the newest time whose row was shown, so that rows which
 * come again after a reconnect are left out.
 *
 * Threads: one belongs to one.
 */
#ifndef VLT_NEWEST_H
#define VLT_NEWEST_H

#include "wire/rows.h"

struct vlt_newest_stream {
    char *stream; /* owned */
    int64_t time;
    bool repeats; /* rows up to time may come again */
};

/* A plain value that begins as { 0 }. */
struct vlt_newest {
    struct vlt_newest_stream *list; /* owned */
    size_t count;
};

/* From now on rows may come again (true), or none does. */
void vlt_newest_repeat(struct vlt_newest *newest, bool repeats);

/* Rows of a stream come, sorted by time: how many of them, from the first on,
 * were shown already?  The others count as shown now. */
size_t vlt_newest_pass(struct vlt_newest *newest, const char *stream,
                       const struct vlt_rows *rows);

void vlt_newest_free(struct vlt_newest *newest);

#endif
