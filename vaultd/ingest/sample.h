/*
 * sample: what an adapter makes of pushed bytes, one row of one stream at a
 * time, and where it gives them.
 *
 * A part of the input that cannot be understood becomes a fault with its
 * place; all other parts become samples.  Whoever stands
 * behind the sink joins samples into batches, knows the streams and the source
 * and decides what its window, its patterns and its quota allow.
 *
 * Everything in a sample, fact or fault is borrowed for the call.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "wire/rows.h"

enum {
    SAMPLE_CELLS = 64,   /* columns of a stream */
    SAMPLE_FIELD = 80,   /* bytes of a fault's field and the zero */
    SAMPLE_SAYS = 160,   /* bytes of a fault's sentence and the zero */
    SAMPLE_RAW = 65536,  /* most bytes of a bad part that are kept */
    SAMPLE_PATH = 16384, /* most bytes of a path as it is put together */
};

/* A part of the body: bytes [byte, byte + len), lines counted from 1. */
struct sample_place {
    size_t line;
    size_t byte;
    size_t len;
};

struct sample_cell {
    struct vlt_slice column; /* a valid name of a column */
    enum vlt_type type;
    double real;           /* f64 */
    int64_t whole;         /* i64; bool: 0 or 1 */
    struct vlt_slice text; /* text: UTF-8; json: one JSON value */
};

/* One row.  A cell that is absent is not here; there is at least one. */
struct sample {
    struct vlt_slice path; /* below the source's prefix; a valid name */
    int64_t time;          /* ns UTC, within [VLT_TIME_MIN, VLT_TIME_MAX) */
    const char *unit;      /* UCUM; NULL: the input does not say */
    const char *category;  /* of the vocabulary; NULL: nothing hints at one */
    const struct sample_cell *cells;
    size_t count; /* 1 to SAMPLE_CELLS */
    struct sample_place place;
};

/* Something that holds for the stream, not for a time: the newest is kept. */
struct sample_fact {
    struct vlt_slice path;
    struct vlt_slice name;
    struct vlt_slice value; /* UTF-8 */
    int64_t time;
};

/* Reasons, as the words of INGEST.md. */
enum sample_reason {
    SAMPLE_SYNTAX,
    SAMPLE_ENCODING,
    SAMPLE_SIZE,
    SAMPLE_TYPE,
    SAMPLE_RANGE,
    SAMPLE_TIME,
    SAMPLE_NAME,
};

struct sample_fault {
    enum sample_reason reason;
    struct sample_place place; /* of the whole part, which is not taken */
    size_t byte;               /* where in the body it went wrong */
    char field[SAMPLE_FIELD];  /* "" when it is no field's; printable */
    char says[SAMPLE_SAYS];    /* printable: `"21,5" is not a number` */
};

/* "syntax", "encoding", … */
const char *sample_reason_word(enum sample_reason reason);

/*
 * Where an adapter puts what it finds, in the order of the input.  A status
 * other than VLT_OK ends the parsing, which returns it.
 */
struct sample_sink {
    void *ctx;
    enum vlt_status (*sample)(void *ctx, const struct sample *sample);
    enum vlt_status (*fact)(void *ctx, const struct sample_fact *fact);
    enum vlt_status (*fault)(void *ctx, const struct sample_fault *fault);
};

/* Is the text a valid path below some prefix? */
bool sample_path_valid(struct vlt_slice path);

/* Set the field of a fault, escaped and cut to fit. */
void sample_fault_field(struct sample_fault *fault, struct vlt_slice field);

/* Set its sentence, as printf. */
void sample_fault_says(struct sample_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a quotation of text to says, escaped and cut to fit, then `rest`. */
void sample_fault_quote(struct sample_fault *fault, struct vlt_slice text,
                        const char *rest);

/* Append the fault as a sender reads it (INGEST.md):
 * `line 3, byte 118: field "temp": "21,5" is not a number`. */
void sample_fault_print(const struct sample_fault *fault, struct vlt_buf *out);

#endif
