/*
 * streams: what is known of streams while rows are taken in.
 */
#ifndef STREAMS_H
#define STREAMS_H

#include "cli/run.h"
#include "import/import.h"

struct streams_column {
    char *name; /* owned */
    enum import_type type;
};

struct stream {
    char *name;     /* owned, as are the next two */
    char *unit;     /* NULL: not said */
    char *category; /* likewise */
    bool exists;    /* in the vault; else it is to be made */
    size_t count;
    struct streams_column columns[IMPORT_CELLS];
};

/* Begins as { 0 }, ends with streams_free(). */
struct streams {
    struct stream **at; /* owned, each too */
    size_t count;
    size_t *slots; /* open addressing by name: index + 1, 0 is free */
    size_t slot_count;
};

void streams_free(struct streams *streams);

/* Borrowed until streams_free(); NULL: not known. */
struct stream *streams_find(const struct streams *streams,
                            struct vlt_slice name);

/* A new one, which must not be known yet; NULL: no memory. */
struct stream *streams_add(struct streams *streams, struct vlt_slice name);

/* A column of it; NULL: it has none of that name. */
struct streams_column *streams_column(struct stream *stream,
                                      struct vlt_slice name);

/* A column more.  VLT_E_LIMIT: it has IMPORT_CELLS. */
VLT_MUST_USE enum vlt_status streams_widen(struct stream *stream,
                                           struct vlt_slice name,
                                           enum import_type type);

/* What a stream that is to be made must have for this row: its columns, of
 * type f64 where both whole and other numbers come.  VLT_E_LIMIT as above. */
VLT_MUST_USE enum vlt_status streams_fit(struct stream *stream,
                                         const struct import_row *row);

/* All of the vault's, or the one of this name. */
int streams_load(struct run *run, struct streams *streams);
int streams_load_one(struct run *run, struct streams *streams,
                     const char *name);

/* May those that do not exist be made as they are: is each category one that a
 * stream can have?  Tells the first that is none. */
int streams_check(struct run *run, const struct streams *streams);

/* Make those that do not exist; *made is how many. */
int streams_make(struct run *run, struct streams *streams, size_t *made);

/* The same in a dry run: they count as made, and what is told of their units is
 * told. */
void streams_suppose(struct run *run, struct streams *streams, size_t *made);

/* Put the member `unit` of a stream that is to be made, as it is stored; one
 * that is not known becomes an annotation, which is told. */
void streams_put_unit(struct run *run, struct vlt_json_out *put,
                      const char *stream, const char *unit);

/* "f64" … */
const char *streams_type_word(enum import_type type);

#endif
