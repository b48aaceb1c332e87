/*
 * seeds: faults that harnesses must find.
 *
 * Only builds with VAULT_SEEDS have any: there seeds.c looks at the variable
 * VAULT_SEED; in all others seeds_none.c says no.
 */
#ifndef STORE_SEEDS_H
#define STORE_SEEDS_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

struct store_txn;

enum seed {
    SEED_SET_HASH_SKIPPED,     /* unlock does not check the set hash */
    SEED_KEY_AFTER_RECORD,     /* new keys are made durable after the commit */
    SEED_ENOSPC_IGNORED,       /* a failed reserve is no failure */
    SEED_CREATE_IN_PLACE,      /* no DIR.new */
    SEED_KEY_NOT_WIPED,        /* lock leaves the keyring in memory */
    SEED_NOSYNC,               /* LMDB does not sync */
    SEED_NOMETASYNC,           /* LMDB does not sync its meta page */
    SEED_SYNC_ERROR_IGNORED,   /* a commit whose sync failed is acknowledged */
    SEED_ENOSPC_ACKED,         /* one for which there was no space, too */
    SEED_UNCHECKED_MALLOC,     /* a transaction takes it that there is memory */
    SEED_OLD_KEYRING_KEPT,     /* what renewing leaves is not looked for */
    SEED_ERASE_NOT_RENEWED,    /* keys that are to go stay in the key files */
    SEED_BACKUP_UNSYNCED,      /* a backup gets its name before it is durable */
    SEED_CHANGE_FORGOTTEN,     /* of lanes, while the file is compacted */
    SEED_COMPACTION_HELD,      /* no fault: its copy waits for a file to go */
    SEED_KEYRING_FULL,         /* no fault: it has room for no other key */
    SEED_ANCHOR_BEFORE_COMMIT, /* the anchor says what is not committed yet */
};

/* Is this fault planted? */
bool seed_planted(enum seed seed);

/* wrapped-key-in-lmdb: each lane's key has a copy in LMDB, sealed under the
 * vault's key, which is deleted with it.  Before each commit; status as
 * store_meta_put(). */
VLT_MUST_USE enum vlt_status seed_wrap_keys(struct store_txn *txn);

/* name-in-key: metadata of a stream has a twin under its name's first bytes.
 * Status as store_meta_put(). */
VLT_MUST_USE enum vlt_status seed_name_in_key(struct store_txn *txn,
                                              struct vlt_slice json);

/* value-in-log: what of a batch can be read as text is logged. */
void seed_value_in_log(struct vlt_slice plain);

#endif
