/*
 * walk_internal: the three steps of reading YAML, and what they share.
 *
 * First the bytes are scanned for what libyaml would refuse without a place,
 * or not refuse; then its events become a tree; then the faults of both are
 * told in the order of the file.
 */
#ifndef VLT_YAML_WALK_INTERNAL_H
#define VLT_YAML_WALK_INTERNAL_H

#include "base/buf.h"
#include "yaml/walk.h"

/* A place in a text; both from 1, the column in characters. */
struct vlt_yaml_place {
    int line, column;
};

/* ---- faults.c ---- */

struct vlt_yaml_faults {
    size_t count;
    struct vlt_yaml_fault all[VLT_YAML_FAULTS];
};

/* Keep a fault, and return it for what else it says; NULL when there are
 * VLT_YAML_FAULTS already.  says may be of the file: it is kept so that it can
 * be shown on a terminal, and cut where it is too long. */
struct vlt_yaml_fault *vlt_yaml_faults_add(struct vlt_yaml_faults *faults,
                                           enum vlt_yaml_why why,
                                           struct vlt_yaml_place at,
                                           struct vlt_slice says);

/* The same, as printf. */
void vlt_yaml_faults_printf(struct vlt_yaml_faults *faults,
                            enum vlt_yaml_why why, struct vlt_yaml_place at,
                            const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Tell them to fn (which may be NULL) in the order of the file. */
void vlt_yaml_faults_tell(struct vlt_yaml_faults *faults, vlt_yaml_fault_fn *fn,
                          void *ctx);

/* ---- scan.c ---- */

/* The place of byte `at` (up to text.len) of text. */
struct vlt_yaml_place vlt_yaml_place_of(struct vlt_slice text, size_t at);

/* Could the character not stand in a YAML text, or break a line there that no
 * editor breaks?  Line feed, carriage return and tab are none of these. */
bool vlt_yaml_forbidden(uint32_t code);

/*
 * Look for bad UTF-8, forbidden characters and tabs as indentation.  clean
 * becomes the text as libyaml may have it, without its byte order mark and
 * with a letter in the place of each forbidden character.
 * False: libyaml cannot go on with that.
 */
bool vlt_yaml_scan(struct vlt_slice text, struct vlt_yaml_faults *faults,
                   struct vlt_buf *clean);

/* ---- keys.c ---- */

/* Look for keys given twice in a map of count members.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
vlt_yaml_refuse_duplicates(const struct vlt_yaml_node *map, size_t count,
                           struct vlt_yaml_faults *faults);

/* ---- arena.c ---- */

struct vlt_yaml_chunk;

/* Memory that is freed at once, with the document. */
struct vlt_yaml_arena {
    struct vlt_yaml_chunk *newest;
};

/* len bytes, zeroed, aligned for any of our structs; NULL: no memory. */
void *vlt_yaml_arena_take(struct vlt_yaml_arena *arena, size_t len);

void vlt_yaml_arena_free(struct vlt_yaml_arena *arena);

/* ---- build.c ---- */

struct vlt_yaml {
    struct vlt_yaml_arena arena;
    const struct vlt_yaml_node *root;
    bool whole; /* read to the end of its document */
};

/* Read text, which vlt_yaml_scan() cleaned, into a document with nothing in it
 * yet.  VLT_OK: to the end, or to a fault.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_yaml_build(struct vlt_slice text,
                                            unsigned depth,
                                            struct vlt_yaml_faults *faults,
                                            struct vlt_yaml *out);

#endif
