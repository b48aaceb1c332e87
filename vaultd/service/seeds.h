/*
 * seeds: faults that harnesses must find, as store/seeds.h.
 *
 * Only builds with VAULT_SEEDS have any, chosen by VAULT_SEED; in all others
 * seeds_none.c does nothing and says no.
 */
#ifndef SERVICE_SEEDS_H
#define SERVICE_SEEDS_H

#include <stdbool.h>

struct consent_use;
struct page;

/* check-outside-txn: a use that the transaction refuses, since its grant has
 * ended, is allowed by what the scan had found before (commit thread). */
void seed_allow_as_scanned(const struct page *page, struct consent_use *use);

/* decision-cached: an open span goes on whatever was decided since, and the
 * end of a grant cuts nothing that is under way (any thread). */
bool seed_decision_cached(void);

/* anchor-ignored: whatever the anchor says, the vault is taken as it is (commit
 * thread). */
bool seed_anchor_ignored(void);

#endif
