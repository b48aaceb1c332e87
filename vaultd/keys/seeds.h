/*
 * seeds: faults that harnesses must find, as store/seeds.h.
 */
#ifndef KEYS_SEEDS_H
#define KEYS_SEEDS_H

#include <stdbool.h>

enum keys_seed {
    KEYS_SEED_NO_DIR_FSYNC,           /* directories are not synced */
    KEYS_SEED_SYNC_ERROR_IGNORED,     /* a failed sync is no failure */
    KEYS_SEED_SYNC_RETRIED,           /* or is none if the second succeeds */
    KEYS_SEED_CURRENT_BEFORE_KEYRING, /* in force before it is whole */
    KEYS_SEED_UNLINK_ONLY,            /* what is destroyed is only removed */
    KEYS_SEED_OLD_KEYRING_KEPT,       /* or, of erase and keyring, not even */
    KEYS_SEED_HEADER_IN_PLACE, /* what is to be swapped is written over */
};

/* Is this fault planted?  Only builds with VAULT_SEEDS have any, chosen by
 * VAULT_SEED. */
bool keys_seed_planted(enum keys_seed seed);

#endif
