/*
 * seeds: faults that harnesses must find, as store/seeds.h.
 */
#ifndef EXEC_SEEDS_H
#define EXEC_SEEDS_H

#include <stdbool.h>

/* Are a turn's completions handed over before its commit?  Only builds with
 * VAULT_SEEDS, under VAULT_SEED=ack-before-commit. */
bool seed_ack_before_commit(void);

#endif
