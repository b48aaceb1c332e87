/*
 * kinds: the parsers that there are, one row each.
 */
#ifndef KINDS_H
#define KINDS_H

#include "import/import.h"

/* What a parser may use of the import that it works for: borrowed. */
struct kind_env {
    struct import_options options;
    struct import_sink sink;
};

struct kind {
    const char *name;
    /* Does a file with this beginning look like one? */
    bool (*looks)(struct vlt_slice head);
    /* As import_new(), import_feed(), import_end() and import_free(). */
    enum vlt_status (*begin)(const struct kind_env *env, void **out);
    enum vlt_status (*feed)(void *parser, struct vlt_slice piece);
    enum vlt_status (*end)(void *parser);
    void (*free)(void *parser);
};

/* In the order in which a file is tried; the last has the name NULL. */
extern const struct kind kinds[];

#endif
