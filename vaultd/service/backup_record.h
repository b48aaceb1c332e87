/*
 * backup_record: what the vault remembers of its backups (STORE_META_BACKUP),
 * so that the receipt of an erasure can name those that still hold the data.
 *
 * It is put before the file is begun, as "begun", and again as "made" once the
 * file is whole; it is deleted when the file could not be made.  So a backup
 * that exists is known, and one that is known may not exist.
 */
#ifndef SERVICE_BACKUP_RECORD_H
#define SERVICE_BACKUP_RECORD_H

#include "base/buf.h"
#include "store/store.h"

enum { BACKUP_PATH = 3800 /* bytes of a file's path */ };

struct backup_record {
    uint8_t id[VLT_ID_LEN]; /* ULID, and the manifest's */
    int64_t time;           /* ns */
    uint64_t commit;        /* that it shows */
    uint64_t bytes;         /* of the file; 0 until it is made */
    bool made;
    char file[BACKUP_PATH + 1]; /* absolute */
};

/* Put or replace it. */
VLT_MUST_USE enum vlt_status backup_record_put(struct store_txn *txn,
                                               const struct backup_record *);

/* Forget it. */
VLT_MUST_USE enum vlt_status backup_record_delete(struct store_txn *txn,
                                                  const uint8_t id[VLT_ID_LEN]);

/* Borrowed for the call; false ends the walk. */
typedef bool backup_record_fn(void *ctx, const struct backup_record *record);

/* All of them, by id, which is by time.  VLT_E_STORAGE: one does not read. */
VLT_MUST_USE enum vlt_status backup_record_each(const struct store_view *view,
                                                backup_record_fn *fn,
                                                void *ctx);

#endif
