/*
 * seeds: faults that harnesses must find, as store/seeds.h.
 *
 * Only builds with VAULT_SEEDS have any, chosen by VAULT_SEED; in all others
 * seeds_none.c says no.
 */
#ifndef NET_SEEDS_H
#define NET_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

/* reason-leaks: ns by which a refusal that the service gave leaves later than
 * one that a wrong signature earned; else 0. */
int64_t seed_reason_leaks(void);

/* no-accept-limit: are connections let in as many as there are places? */
bool seed_no_accept_limit(void);

/* audit-per-stranger: is a refused stranger told to the log at once, as far as
 * a timer of 1 ms goes? */
bool seed_audit_per_stranger(void);

#endif
