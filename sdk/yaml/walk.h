/*
 * walk: YAML read strictly, with the place of everything, on libyaml's events.
 *
 * A document becomes a small tree of nodes with line and column (both from 1,
 * columns in characters).  Refused are: more than max bytes, bytes that are
 * not UTF-8, anchors, aliases, tags, merge keys, duplicate keys, tabs as
 * indentation, a second document, control characters, and what is deeper than
 * asked.  Nothing is typed by its looks: every scalar is its text.
 *
 * Threads: a document belongs to one.
 */
#ifndef VLT_YAML_WALK_H
#define VLT_YAML_WALK_H

#include "base/slice.h"
#include "base/status.h"

struct vlt_yaml; /* a document */

enum vlt_yaml_kind {
    VLT_YAML_SCALAR,
    VLT_YAML_LIST,
    VLT_YAML_MAP,
};

struct vlt_yaml_node {
    enum vlt_yaml_kind kind;
    int line, column;
    struct vlt_slice text; /* a scalar's text; borrowed from the document */
    /* Its items or members, in order: first child, next sibling. */
    const struct vlt_yaml_node *first;
    const struct vlt_yaml_node *next;
    /* A map's member is its value, which carries its key. */
    struct vlt_slice key;
    int key_line, key_column;
};

enum {
    VLT_YAML_FAULTS = 256, /* of one text; more are not told */
    VLT_YAML_SAYS = 128,
};

/* What a reader found wrong.  The stable codes are the caller's. */
enum vlt_yaml_why {
    VLT_YAML_ENCODING, /* not UTF-8 */
    VLT_YAML_TOO_BIG,
    VLT_YAML_SYNTAX,    /* libyaml's own words in says */
    VLT_YAML_FEATURE,   /* anchor, alias, tag, merge, tab, second document,
                           depth, a key that is no text; says names it */
    VLT_YAML_DUPLICATE, /* key given twice; other_line is the first */
    VLT_YAML_CONTROL,   /* a control character; LF and tab in a text are the
                           caller's to judge */
};

struct vlt_yaml_fault {
    enum vlt_yaml_why why;
    int line, column;
    int other_line;
    /* "alias '*base'", "byte 0xE9", "U+001B"; of a duplicate, the key */
    char says[VLT_YAML_SAYS];
};

/*
 * Parse.  A list or map counts one level of depth, a scalar none.  Faults are
 * reported to fn (NULL: to nobody) in the order of the file, when all is read;
 * a syntax fault ends the reading, the others do not where it can go on.
 * VLT_OK: no fault; the caller owns *out and frees it with vlt_yaml_free().
 * VLT_E_FORMAT: at least one fault was reported; *out is untouched.
 * VLT_E_NOMEM: nothing was reported.
 */
typedef void vlt_yaml_fault_fn(void *ctx, const struct vlt_yaml_fault *fault);

VLT_MUST_USE enum vlt_status vlt_yaml_parse(struct vlt_slice text, size_t max,
                                            unsigned depth,
                                            vlt_yaml_fault_fn *fn, void *ctx,
                                            struct vlt_yaml **out);

/*
 * The same, for a caller that wants to tell its own faults beside these: where
 * a text with faults was still read to its end, *out has what was read, with
 * VLT_E_FORMAT; a duplicate is there twice, an alias as an empty text, a
 * forbidden character as a letter.  Otherwise a failure leaves *out NULL.
 * The caller owns *out in both cases.
 */
VLT_MUST_USE enum vlt_status
vlt_yaml_parse_all(struct vlt_slice text, size_t max, unsigned depth,
                   vlt_yaml_fault_fn *fn, void *ctx, struct vlt_yaml **out);

/* NULL is allowed. */
void vlt_yaml_free(struct vlt_yaml *yaml);

/* The root node: borrowed; NULL for an empty document. */
const struct vlt_yaml_node *vlt_yaml_root(const struct vlt_yaml *yaml);

/* A member's value by its key; NULL when absent or node is no map. */
const struct vlt_yaml_node *vlt_yaml_get(const struct vlt_yaml_node *map,
                                         const char *key);

#endif
