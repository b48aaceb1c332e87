/*
 * seeds: faults that harnesses must find, as store/seeds.h.
 *
 * Only builds with VAULT_SEEDS have any, chosen by VAULT_SEED; in all others
 * seeds_none.c says no.
 */
#ifndef NET_SEEDS_H
#define NET_SEEDS_H

#include <stdint.h>

/* reason-leaks: ns by which a refusal that the service gave leaves later than
 * one that a wrong signature earned; else 0. */
int64_t seed_reason_leaks(void);

#endif
