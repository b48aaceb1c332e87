#include "store/seeds.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [SEED_SET_HASH_SKIPPED] = "set-hash-skipped",
    [SEED_KEY_AFTER_RECORD] = "key-after-record",
    [SEED_ENOSPC_IGNORED] = "enospc-ignored",
    [SEED_CREATE_IN_PLACE] = "create-in-place",
    [SEED_KEY_NOT_WIPED] = "key-not-wiped",
    [SEED_NOSYNC] = "nosync",
    [SEED_NOMETASYNC] = "nometasync",
    [SEED_SYNC_ERROR_IGNORED] = "sync-error-ignored",
    [SEED_ENOSPC_ACKED] = "enospc-acked",
    [SEED_UNCHECKED_MALLOC] = "unchecked-malloc",
    [SEED_OLD_KEYRING_KEPT] = "old-keyring-kept",
    [SEED_ERASE_NOT_RENEWED] = "erase-done-before-destroy",
    [SEED_BACKUP_UNSYNCED] = "backup-unsynced",
    [SEED_CHANGE_FORGOTTEN] = "change-forgotten",
    [SEED_COMPACTION_HELD] = "compaction-held",
};

bool
seed_planted(enum seed seed)
{
    const char *chosen = getenv("VAULT_SEED");

    return chosen != NULL && strcmp(chosen, names[seed]) == 0;
}
