#include "service/seeds.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "service/page_internal.h"

static bool
planted(const char *name)
{
    const char *chosen = getenv("VAULT_SEED");

    return chosen != NULL && strcmp(chosen, name) == 0;
}

void
seed_allow_as_scanned(const struct page *page, struct consent_use *use)
{
    const struct reading *reading = page->reading;
    struct consent *consent = reading->service->consent;
    const struct grant *grant;

    if (use->no != CONSENT_NO_ENDED || !planted("check-outside-txn")) {
        return;
    }
    grant = consent_grant_now(consent, reading->grant);
    if (grant != NULL) {
        *use = (struct consent_use){ .no = CONSENT_YES,
                                     .grant = grant,
                                     .duties = reading->duties };
        vlt_ulid_new(grant->nbf, use->id);
    }
}

bool
seed_decision_cached(void)
{
    return planted("decision-cached");
}

bool
seed_anchor_ignored(void)
{
    return planted("anchor-ignored");
}
