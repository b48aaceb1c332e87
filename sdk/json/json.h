/*
 * json: strict reading of JSON (RFC 8259), on jansson.
 *
 * Refused are duplicate keys, trailing bytes, invalid UTF-8, lone surrogates,
 * U+0000, integers beyond int64, and what is deeper or larger than the caller
 * allows.  A node is borrowed from its document.
 *
 * Reading by a walker: members are asked for by name, type and range, in any
 * order.  The first fault fails the walker for good and later reads yield zero
 * values, so a caller reads all it knows and asks once, with vlt_walk_end(),
 * which also refuses members that nobody asked for.
 *
 * Threads: a document may be read by several, freed by one.
 */
#ifndef VLT_JSON_H
#define VLT_JSON_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

struct vlt_json; /* a node; the document is its root */

enum vlt_json_kind {
    VLT_JSON_NULL,
    VLT_JSON_BOOL,
    VLT_JSON_INT,
    VLT_JSON_REAL,
    VLT_JSON_TEXT,
    VLT_JSON_LIST,
    VLT_JSON_OBJECT,
};

/* Where and why a text is no JSON. */
struct vlt_json_fault {
    size_t byte; /* from 0: at the fault, or behind the word that is one */
    int line;    /* from 1 */
    int column;  /* from 1, in characters */
    char says[96];
};

/*
 * Documents have memory of their own from here on: one piece for a short one,
 * which goes as one, in place of a piece for each node.  Bytes that are kept
 * for the next document are wiped.  A text that memory was missing for is
 * always refused.  For a program whose parser this is alone: jansson's memory
 * is one for all the process.  Call it once, before any other of these
 * functions and before there are threads.
 */
void vlt_json_own_memory(void);

/*
 * Parse one whole text of at most max bytes, nested at most depth deep.
 * The caller owns *out and frees it with vlt_json_free().  fault may be NULL.
 * VLT_E_LIMIT: larger or deeper.  VLT_E_FORMAT: no JSON, or not as strict as
 * above.  Of both *fault says where and why.
 */
VLT_MUST_USE enum vlt_status vlt_json_parse(struct vlt_slice text, size_t max,
                                            unsigned depth,
                                            struct vlt_json_fault *fault,
                                            struct vlt_json **out);

/* NULL is allowed. */
void vlt_json_free(struct vlt_json *document);

/* Another owner of the same document (never of a node inside): each hold is
 * freed with vlt_json_free().  Not atomic: one thread at a time. */
struct vlt_json *vlt_json_hold(struct vlt_json *document);

/* Of a node; NULL counts as null. */
enum vlt_json_kind vlt_json_kind(const struct vlt_json *node);

/* A member of an object: borrowed; NULL when absent or node is no object. */
const struct vlt_json *vlt_json_get(const struct vlt_json *node,
                                    const char *name);

/* Items of a list, members of an object; else 0. */
size_t vlt_json_count(const struct vlt_json *node);

/* Item i of a list (below the count): borrowed. */
const struct vlt_json *vlt_json_item(const struct vlt_json *list, size_t i);

/* Call fn for each member of an object, in the order of the text, until it
 * returns false. */
typedef bool vlt_json_member_fn(void *ctx, const char *name,
                                const struct vlt_json *value);
void vlt_json_each(const struct vlt_json *object, vlt_json_member_fn *fn,
                   void *ctx);

/* Plain values: zero values when the kind is another. */
struct vlt_slice vlt_json_text_of(const struct vlt_json *node); /* borrowed */
int64_t vlt_json_int_of(const struct vlt_json *node);
double vlt_json_number_of(const struct vlt_json *node); /* int or real */
bool vlt_json_bool_of(const struct vlt_json *node);

/* Append the node as compact JSON; sorted: members by name. */
void vlt_json_print(const struct vlt_json *node, bool sorted,
                    struct vlt_buf *out);

/* ---- the walker ---- */

enum {
    VLT_WALK_MEMBERS = 64, /* members of one object that may be asked for */
    VLT_WALK_AT = 96,
    VLT_WALK_SAYS = 160,
};

struct vlt_walk {
    const struct vlt_json *object;
    struct vlt_walk *up;      /* faults are kept in the outermost walker */
    char name[32];            /* of this object in the outer one; "" if root */
    size_t index;             /* in a list; SIZE_MAX when not */
    uint64_t asked;           /* bit i: the i-th member was asked for */
    bool failed;              /* outermost only, as are the next two */
    char at[VLT_WALK_AT];     /* the member, as items[2].bucket_s */
    char says[VLT_WALK_SAYS]; /* "is 9, must be 1 to 8" */
};

/* Begin at an object; anything else fails the walker at once. */
void vlt_walk_begin(struct vlt_walk *walk, const struct vlt_json *object);

/* Is the member there (and not null)?  Does not count as asking. */
bool vlt_walk_has(const struct vlt_walk *walk, const char *name);

/*
 * Text of min to max bytes: borrowed.  Required; the _or forms give `other`
 * (which may be out of range) when the member is absent or null.
 * An integer beyond ±2^53 may be decimal text, as it is written.
 */
struct vlt_slice vlt_walk_text(struct vlt_walk *walk, const char *name,
                               size_t min, size_t max);
struct vlt_slice vlt_walk_text_or(struct vlt_walk *walk, const char *name,
                                  size_t min, size_t max,
                                  struct vlt_slice other);
int64_t vlt_walk_int(struct vlt_walk *walk, const char *name, int64_t min,
                     int64_t max);
int64_t vlt_walk_int_or(struct vlt_walk *walk, const char *name, int64_t min,
                        int64_t max, int64_t other);
bool vlt_walk_bool(struct vlt_walk *walk, const char *name);
bool vlt_walk_bool_or(struct vlt_walk *walk, const char *name, bool other);

/* A time: RFC 3339 text or integer nanoseconds (beyond ±2^53 as text too). */
int64_t vlt_walk_time(struct vlt_walk *walk, const char *name);
int64_t vlt_walk_time_or(struct vlt_walk *walk, const char *name,
                         int64_t other);

/* A ULID as text. */
void vlt_walk_ulid(struct vlt_walk *walk, const char *name, uint8_t out[16]);

/* One of these words (NULL ends the list): its index. */
int vlt_walk_word(struct vlt_walk *walk, const char *name,
                  const char *const *words);
int vlt_walk_word_or(struct vlt_walk *walk, const char *name,
                     const char *const *words, int other);

/* A list of min to max items: borrowed; NULL after a fault. */
const struct vlt_json *vlt_walk_list(struct vlt_walk *walk, const char *name,
                                     size_t min, size_t max);

/* Any value, unchecked: borrowed; NULL when absent. */
const struct vlt_json *vlt_walk_any(struct vlt_walk *walk, const char *name);

/* Must be null or absent. */
void vlt_walk_null(struct vlt_walk *walk, const char *name);

/* Begin a walker at a member that is an object (or NULL-like: it fails), or
 * at item i of a list member.  End the inner before the outer. */
void vlt_walk_into(struct vlt_walk *inner, struct vlt_walk *outer,
                   const char *name);
void vlt_walk_item(struct vlt_walk *inner, struct vlt_walk *outer,
                   const char *name, const struct vlt_json *list, size_t i);

/* Record a fault of the caller's own at a member ("" for the object). */
void vlt_walk_fault(struct vlt_walk *walk, const char *name, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));

/* Has any fault been met, here or in an outer walker? */
bool vlt_walk_failed(const struct vlt_walk *walk);

/* No more members than those asked for?  An unknown one is a fault that names
 * it.  VLT_E_FORMAT: the outermost walker's `at` and `says` say why. */
VLT_MUST_USE enum vlt_status vlt_walk_end(struct vlt_walk *walk);

#endif
