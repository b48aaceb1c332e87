/*
 * mapping_internal: building a mapping, for its two makers.
 */
#ifndef MAPPING_INTERNAL_H
#define MAPPING_INTERNAL_H

#include "import/mapping.h"
#include "import/node.h"

/* A mapping with the values that stand where nothing is said; the caller owns
 * it; NULL: no memory. */
struct mapping *mapping_new(void);

/* Append a copy of a word.  VLT_E_LIMIT: more than MAPPING_WORDS. */
VLT_MUST_USE enum vlt_status mapping_add_word(struct mapping_words *words,
                                              struct vlt_slice word);

/* One column, as it is added. */
struct mapping_entry {
    struct vlt_slice name, from, column, unit, category;
    struct vlt_slice split; /* empty: none */
    enum import_type type;
};

/*
 * Add a column to its stream, which is made at its first; all is copied.
 * VLT_E_CONFLICT  the stream has this column, or another unit or category
 * VLT_E_LIMIT     more than MAPPING_STREAMS or IMPORT_CELLS
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status mapping_add(struct mapping *mapping,
                                         const struct mapping_entry *entry);

/* A stream of these columns, each from the one of its own name; all is copied.
 * The caller owns *out.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
mapping_stream_new(struct vlt_slice name, const struct mapping_named *columns,
                   size_t count, struct mapping_stream **out);

/* NULL is allowed. */
void mapping_stream_free(struct mapping_stream *stream);

/* NULL is allowed for its list. */
void mapping_words_free(struct mapping_words *words);

/* The member `streams`, a list. */
void mapping_read_streams(struct node_reading *r, node *at);

#endif
