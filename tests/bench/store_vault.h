/*
 * store_vault: a vault by itself, with no daemon and no network around it.
 *
 * It is opened by a key file, so that nothing waits for Argon2id.  Its streams
 * are numbered, and have the rows of meter.h, from row 0 on without a gap.
 *
 * What cannot go on ends the program.  Threads: one has it; meanwhile others
 * may look for a stream and scan.
 */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "series/series.h"
#include "store/store.h"

struct vault {
    struct store *store;
    struct series *series;
    uint8_t boot[8]; /* of this process, as a source */
    uint64_t seq;
};

/* Open the vault in a folder, all of it loaded; make it first if need be. */
void vault_open(struct vault *vault, const char *folder);
void vault_close(struct vault *vault);

/* Streams 0 to count - 1, made if need be, into out; or one that is there.  The
 * caller releases each. */
void vault_streams(struct vault *vault, const struct stream **out,
                   size_t count);
const struct stream *vault_stream(struct vault *vault, size_t number);

/* Rows that a stream has. */
uint64_t vault_rows(struct vault *vault, const struct stream *stream);

/* Append parts as one batch and wait until it is on disk: ns that it took. */
int64_t vault_append(struct vault *vault, const struct series_part *part,
                     size_t parts);

/* Numbers of the first and the last segment of tails. */
struct vault_segments {
    uint64_t oldest, newest;
};
struct vault_segments vault_segments(struct vault *vault);

/* Bytes of the file that are in use. */
uint64_t vault_used(struct vault *vault);

/* One slice of a scan, with a view of its own.  False: it was the last. */
bool vault_scan(struct vault *vault, const struct stream *stream,
                const struct series_want *want, struct series_at *at,
                size_t most_rows, struct vlt_rows *out);

/* Rows with the columns that a want gives.  The caller frees them. */
struct vlt_rows *vault_page(const struct stream *stream,
                            const struct series_want *want);

#endif
