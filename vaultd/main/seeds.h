/*
 * seeds: what builds with seeded faults (VAULT_SEEDS) do otherwise, as
 * store/seeds.h.
 */
#ifndef MAIN_SEEDS_H
#define MAIN_SEEDS_H

#include <stdbool.h>

/* Does a system call that is not in the table end the process? */
bool seeds_strict(void);

/* Make the forbidden call that VAULT_SEED names: call-execve, call-ptrace,
 * call-unknown, map-code, open-elsewhere, dial, thread-execve. */
void seeds_forbidden(void);

#endif
