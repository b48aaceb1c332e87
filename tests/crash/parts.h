/*
 * parts: what a vault holds, part by part, each by its hash.
 *
 * The model makes one of what must be there, look.c one of what is: they are
 * equal, or say in which parts they differ.
 */
#ifndef TESTS_CRASH_PARTS_H
#define TESTS_CRASH_PARTS_H

#include "base/buf.h"
#include "crypto/hash.h"

enum { PARTS_NAME = 64, PARTS_MAX = 256 };

struct part {
    char name[PARTS_NAME];
    uint8_t hash[VLT_HASH_LEN];
};

struct parts {
    size_t count;
    struct part part[PARTS_MAX]; /* by name */
};

/* Put or replace a part; ends the process when there are too many. */
void parts_put(struct parts *parts, const char *name, struct vlt_slice bytes);

/* Take one out, if it is there. */
void parts_drop(struct parts *parts, const char *name);

/* One hash over all of them; zeros when there is none. */
void parts_hash(const struct parts *parts, uint8_t out[VLT_HASH_LEN]);

/* Append the names of those that differ: at most five. */
void parts_differ(const struct parts *must, const struct parts *is,
                  struct vlt_buf *out);

/* ---- how parts are written ---- */

/* Names of parts. */
void part_stream(char out[PARTS_NAME], const char *stream);
void part_rows(char out[PARTS_NAME], const char *stream);
void part_grant(char out[PARTS_NAME], unsigned grant);

/* One cell of a row, and the row before its cells. */
void part_put_row(struct vlt_buf *out, int64_t time);
void part_put_cell(struct vlt_buf *out, unsigned column, uint64_t bits);
void part_put_text(struct vlt_buf *out, unsigned column, struct vlt_slice text);

/* A stream, as its catalogue has it. */
struct part_about {
    const char *unit;
    unsigned columns;
};
void part_put_about(struct vlt_buf *out, const struct part_about *about);

/* An entry of the log. */
void part_put_log(struct vlt_buf *out, struct vlt_slice detail);

/* That the words of operation op open the vault. */
void part_put_words(struct vlt_buf *out, unsigned op);

/* The first answer to operation op, with its time. */
void part_put_answer(struct vlt_buf *out, unsigned op, int64_t when,
                     struct vlt_slice answer);

#endif
