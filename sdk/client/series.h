/*
 * series: which stream and columns an ordinal of an answer stands for.
 *
 * Threads: a table belongs to one.
 */
#ifndef VLT_SERIES_H
#define VLT_SERIES_H

#include "wire/rows.h"
#include "json/json.h"

enum {
    VLT_SERIES_MAX = 65536, /* of one answer */
};

struct vlt_series_column {
    char *name; /* owned */
    struct vlt_field field;
};

struct vlt_one_series {
    uint32_t ordinal;
    char *stream; /* name or alias; owned */
    size_t count;
    struct vlt_series_column *columns; /* owned */
};

/* A plain value that begins as { 0 }. */
struct vlt_series {
    struct vlt_one_series *list; /* owned */
    size_t count;
};

/* Add {"ordinal","stream","columns":[{"name","type","id"}…]}; other members
 * are not looked at.  VLT_E_FORMAT: it is none, or its ordinal is there.
 * VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_series_add(struct vlt_series *series,
                                            const struct vlt_json *object);

/* The same for each of a list. */
VLT_MUST_USE enum vlt_status vlt_series_add_all(struct vlt_series *series,
                                                const struct vlt_json *list);

/* NULL: there is none.  Borrowed until the next add. */
const struct vlt_one_series *vlt_series_find(const struct vlt_series *series,
                                             uint64_t ordinal);

/* The fields in order of their id into out; returns how many. */
size_t vlt_series_fields(const struct vlt_one_series *one,
                         struct vlt_field out[VLT_COLUMNS_MAX]);

/* Read {"name","type","id"}; *name is borrowed.  VLT_E_FORMAT: it is none. */
VLT_MUST_USE enum vlt_status
vlt_series_read_field(const struct vlt_json *object, struct vlt_slice *name,
                      struct vlt_field *out);

/* Leave it empty. */
void vlt_series_free(struct vlt_series *series);

#endif
