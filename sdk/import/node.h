/*
 * node: reading a mapping's YAML, its faults with line and column.
 *
 * The first fault is kept and all later ones pass in silence, so a reader goes
 * on and asks once, at the end.
 */
#ifndef NODE_H
#define NODE_H

#include "import/mapping.h"
#include "yaml/walk.h"

typedef const struct vlt_yaml_node node;

struct node_reading {
    struct mapping *mapping;
    struct mapping_fault *fault;
    const char *zone; /* of the caller, or NULL */
    bool failed;
    enum vlt_status st; /* of the failure */
};

/* Note a fault at a node; NULL is the beginning of the document. */
void node_refuse(struct node_reading *r, node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Take what a builder said; `what` is the fault unless it was no memory. */
void node_settle(struct node_reading *r, node *at, enum vlt_status st,
                 const char *what);

/* The text of a scalar, borrowed; false: it is none, which is a fault. */
bool node_text(struct node_reading *r, node *at, struct vlt_slice *out);

/* One of the words (NULL ends them): its index, or -1 after a fault. */
int node_word(struct node_reading *r, node *at, const char *const *words);

/* Append a list of texts to out, ranges spread out where `spread`. */
void node_words(struct node_reading *r, node *at, struct mapping_words *out,
                bool spread);

/* A member that must be there: NULL after a fault. */
node *node_required(struct node_reading *r, node *map, const char *key);

/* Is it a map with no members but these (NULL ends them)? */
bool node_only(struct node_reading *r, node *map, const char *const *keys);

#endif
