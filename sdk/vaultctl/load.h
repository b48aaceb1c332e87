/*
 * load: one file on its way into the vault.
 */
#ifndef LOAD_H
#define LOAD_H

#include "cli/progress.h"
#include "import/mapping.h"
#include "vaultctl/batch.h"

enum { LOAD_ERRORS = 1000, LOAD_SHOWN = 20 };

enum load_pass {
    LOAD_SURVEY, /* which streams are there, with which columns */
    LOAD_CHECK,  /* do the rows fit; accepted counts those that do */
    LOAD_SEND,   /* store rows */
};

/* Begins with the first members set and the others zero; ends with
 * load_end(). */
struct load {
    struct run *run;
    struct streams *streams;
    const char *file;   /* as it is named */
    const char *prefix; /* NULL: none */
    const char *only;   /* data put: no other stream; NULL: any */
    const volatile int *stop;
    enum load_pass pass;
    struct batch batch;
    struct vlt_buf columns, cells, name;
    struct progress progress;
    uint64_t bytes, rows;
    uint64_t accepted, duplicates, quarantined;
    struct vlt_buf errors; /* JSON objects, by commas */
    size_t error_count;    /* of those in errors */
    int code;              /* why it was ended, told already */
};

/*
 * Feed a whole file, from a descriptor, to a parser of the kind; NULL: the kind
 * is told by its beginning, and *kind is it.
 * With LOAD_SEND what is left in the batch is sent, too.
 */
int load_feed(struct load *load, int fd, const char **kind,
              const struct import_options *options);

/* A stream's name as it is to be in the vault: with the prefix.  Borrowed until
 * the next call. */
struct vlt_slice load_name(struct load *load, struct vlt_slice name);

/*
 * The mapping of a CSV file that nothing else maps, by its header and the
 * streams of the load; the caller owns *out, which borrows the load.  Not
 * RUN_DONE: it cannot be told, and that is said.
 */
int load_map(struct load *load, struct vlt_slice head, struct mapping **out);

/* Print the result: as JSON, or in words.  dry: nothing was stored. */
void load_print(struct load *load, size_t made, bool dry);

void load_end(struct load *load);

#endif
