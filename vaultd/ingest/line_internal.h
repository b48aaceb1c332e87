/*
 * line_internal: one line as its parts, before it is given a meaning.
 */
#ifndef LINE_INTERNAL_H
#define LINE_INTERNAL_H

#include "ingest/line.h"

struct line_tag {
    struct vlt_slice key;
    struct vlt_slice value;
};

struct line {
    struct vlt_slice measurement;
    struct line_tag tags[LINE_TAGS];
    size_t tag_count;
    struct sample_cell fields[LINE_FIELDS];
    size_t field_count;
    bool timed;
    int64_t time; /* in the sender's precision */
};

/*
 * Read the line that begins at *at of body, which is neither empty nor a
 * comment.  Unescaped texts are put into scratch, LINE_MAX_BYTES long, and are
 * borrowed from there or from body.
 *
 * True: *at is at the line's end, a line break or the end of body.  False:
 * *fault has reason, byte, field and sentence, and *at is where to look for
 * the line break that ends the bad line.
 */
bool line_read(struct vlt_slice body, size_t *at, uint8_t *scratch,
               struct line *out, struct sample_fault *fault);

#endif
