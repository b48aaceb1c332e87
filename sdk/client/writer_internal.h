/*
 * writer_internal: what a writer holds, for writer_open.c, which binds it to
 * its stream, writer.c, which gathers and packs, and writer_send.c, which sends
 * and hears.
 */
#ifndef VLT_WRITER_INTERNAL_H
#define VLT_WRITER_INTERNAL_H

#include <vault/writer.h>

#include "client/client_internal.h"
#include "wire/block.h"

enum {
    WRITER_ROWS = 1024,
    WRITER_MS = 1000,
    WRITER_MEMORY = 4 << 20,
    WRITER_MEMORY_MIN = 64 << 10,
    WRITER_BLOCK = 512 << 10, /* bytes of gathered rows: packed before more */
    WRITER_WINDOW = 2,        /* blocks that wait for their answers */
    WRITER_BUSY_MS = 100,     /* while others' calls are as many as may be */
};

/* A block that is not acknowledged. */
struct writer_block {
    struct writer_block *next;
    struct vault_writer *writer;
    uint64_t seq;
    struct vlt_buf bytes;
    size_t rows;
    int64_t first, last; /* times */
    bool sent;           /* and no answer yet */
};

struct vault_writer {
    struct vault_writer *next;
    struct vault_client *client;              /* NULL: it has ended */
    char *stream;                             /* owned */
    struct vlt_field fields[VLT_COLUMNS_MAX]; /* by id */
    size_t columns;
    size_t place[VLT_COLUMNS_MAX]; /* of cell i among the fields */
    size_t batch_rows;
    int batch_ms;
    size_t memory;
    vault_dropped_fn *dropped;
    void *dropped_ctx;
    uint8_t boot[8];
    uint64_t seq;                /* of the newest block */
    struct vlt_rows *rows;       /* gathered; owned */
    struct vlt_rows *one;        /* a row that is being taken; owned */
    int64_t since_ms;            /* when the first of them came */
    bool flush;                  /* pack at once what comes */
    struct writer_block *blocks; /* owned; oldest first */
    size_t kept;                 /* bytes of the blocks */
    size_t sent;                 /* blocks that wait for their answers */
    int64_t again_ms;            /* not before */
    unsigned failures;           /* in a row */
    size_t pending;
    uint64_t stored;
    bool let_go;   /* by the caller: nothing is sent or told any more */
    unsigned held; /* by functions that wait: not to be freed yet */
};

/* Append the gathered rows as a block; none: nothing.  Rows that no block can
 * hold are lost, and told.  On failure they are kept.  VAULT_E_NOMEM. */
enum vault_status vlt_writer_pack(struct vault_writer *writer);

/* Take a block out of the list and free it. */
void vlt_writer_take_out(struct vault_writer *writer,
                         struct writer_block *block);

/* Tell that these rows are lost, and count them. */
void vlt_writer_lose(struct vault_writer *writer, enum vault_status why,
                     int64_t first, int64_t last, size_t rows);

/* Send what can be sent. */
void vlt_writer_send(struct vault_writer *writer);

#endif
