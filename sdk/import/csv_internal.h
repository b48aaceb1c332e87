/*
 * csv_internal: one CSV file under way.
 */
#ifndef CSV_INTERNAL_H
#define CSV_INTERNAL_H

#include "base/buf.h"
#include "import/cells.h"
#include "import/csv.h"
#include "import/fault.h"
#include "import/framer.h"
#include "import/mapping.h"

/* Where a column of the mapping is in the file. */
enum { CSV_NOWHERE = -1 };

struct csv {
    const struct kind_env *env;
    const struct mapping *mapping;
    struct framer framer;
    struct cells *cells;
    int64_t to_skip;
    bool bound;   /* the columns are known */
    size_t width; /* of a row */
    int time_at;  /* the column of the time */
    int *places;  /* of each column of each stream, in their order */
    /* Where rows name their stream: */
    struct mapping_words header;   /* the file's columns; owned */
    size_t stream_at;              /* the column of the name */
    struct mapping_stream *stream; /* of the newest row; owned */
    bool own[CELLS_MAX];           /* columns of the file that it has */
    struct zone_walk walk;
    struct import_cell out[IMPORT_CELLS];
    size_t offsets[IMPORT_CELLS]; /* of a text in texts; SIZE_MAX: not there */
    struct vlt_buf texts;         /* made of cells: lists, numbers */
};

/* Find the mapping's columns among the file's.  VLT_E_FORMAT: *fault says
 * which is not there, twice there, or neither mapped nor ignored. */
VLT_MUST_USE enum vlt_status csv_bind(struct csv *csv,
                                      const struct vlt_slice *names,
                                      size_t count, struct import_fault *fault);

/* The same where rows name their stream. */
VLT_MUST_USE enum vlt_status csv_named_bind(struct csv *csv,
                                            const struct vlt_slice *names,
                                            size_t count,
                                            struct import_fault *fault);

/*
 * Find the stream that a row names, as csv->stream, and the places of its
 * columns.  VLT_E_FORMAT: there is none, or the row has a cell in a column of
 * other streams; *fault says so.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status csv_named_find(struct csv *csv,
                                            const struct cell *cells,
                                            struct import_fault *fault);

/* Is the value of a column absent? */
bool csv_missing(const struct csv *csv, const struct mapping_column *column,
                 const struct cell *cell);

/*
 * Read a cell that is not missing as csv->out[i].  False: *fault says why.
 * Where there is no memory csv->texts has failed.
 */
bool csv_value(struct csv *csv, const struct mapping_column *column,
               const struct cell *cell, size_t i, struct import_fault *fault);

#endif
