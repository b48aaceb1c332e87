/*
 * vault/writer.h: rows into one stream, in batches, each stored exactly once.
 *
 * A writer gathers rows, packs them into blocks, and keeps each block until the
 * vault has committed it.  Blocks are numbered by a counter of the writer's own
 * (its boot id is drawn when it is opened), so what is sent again after a
 * broken connection, or where the vault does not know whether it was stored, is
 * stored once.  What is not yet acknowledged is in memory alone: a program that
 * ends before vault_writer_flush_wait() loses it.
 *
 *     a row -> gathered -> packed -> sent -> acknowledged
 *                             ^        |
 *                             +--------+  broken, busy, locked, disk full,
 *                                         outcome unknown: again, same number
 *
 * A block that the vault refuses for good (a value of the wrong type, a stream
 * that is gone) is dropped, and so are the oldest rows where there is no memory
 * for newer ones; the dropped function hears of each.
 *
 * The client's thread calls everything, and the dropped function is called from
 * vault_client_process(), vault_writer_put() and the functions that wait.
 *
 * Since 0.1.
 */
#ifndef VAULT_WRITER_H
#define VAULT_WRITER_H

#include "vault/client.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vault_writer;

/* Rows that will not be stored, from the first to the last of their times (ns
 * UTC).  VAULT_E_BUSY: there was no memory for newer ones; else why the vault
 * refused them, and the client's detail says more. */
typedef void vault_dropped_fn(void *ctx, enum vault_status why, int64_t first,
                              int64_t last, size_t rows);

struct vault_write {
    size_t size; /* sizeof (struct vault_write) */
    const char *stream;
    const char *const *columns; /* NULL-ended; the order of cells below */
    size_t batch_rows; /* a block is packed at so many; 0: 1,024; at most
                          65,536 */
    int batch_ms;      /* or when its first row is so old; 0: 1,000 */
    size_t memory; /* bytes, of all that is kept; 0: 4 MiB; from 64 KiB on */
    vault_dropped_fn *dropped; /* may be NULL */
    void *dropped_ctx;
};

/* A cell: absent where present is 0, else the member of its column's type. */
struct vault_cell {
    int present;
    double f64;
    int64_t i64;
    int flag;               /* of a bool: 0 or not */
    struct vault_text text; /* of text and json; borrowed for the call */
};

/*
 * Open a writer: asks for the stream's columns, so the client is READY.  The
 * client owns *out until vault_writer_free(); its own end frees it, too.
 * VAULT_E_NOT_FOUND: no such stream.  VAULT_E_USAGE: it has no such column, or
 * an option is out of range.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_writer_open_wait(struct vault_client *client,
                       const struct vault_write *write, int timeout_ms,
                       struct vault_writer **out);

/*
 * Take a row; cells are as many as columns were named, and time is ns UTC since
 * 1970.  Never blocks; the client need not be connected.  VAULT_E_USAGE: the
 * time is out of range, a text is longer than 256 KiB, or the row, packed, than
 * a block of 1 MiB.  VAULT_E_NOMEM: the row was not taken.
 */
VAULT_API VAULT_MUST_USE enum vault_status
vault_writer_put(struct vault_writer *writer, int64_t time,
                 const struct vault_cell *cells);

/* Rows that were taken and are neither acknowledged nor dropped. */
VAULT_API size_t vault_writer_pending(const struct vault_writer *writer);

/* Rows that the vault has acknowledged.  A row that it had already is one. */
VAULT_API uint64_t vault_writer_stored(const struct vault_writer *writer);

/* Pack and send what was gathered, and wait until nothing is pending.
 * VAULT_E_TIMEOUT: some is; it is tried on.  Reconnects are waited for, where
 * there is time enough: a client that was cut off often rests for up to 5 min.
 * Why it ended for good is the status else. */
VAULT_API VAULT_MUST_USE enum vault_status
vault_writer_flush_wait(struct vault_writer *writer, int timeout_ms);

/* Give up what is pending; a callback may do so, too, and then hears of this
 * writer no more.  NULL is allowed. */
VAULT_API void vault_writer_free(struct vault_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
