#include "service/seeds.h"

void
seed_allow_as_scanned(const struct page *page, struct consent_use *use)
{
    (void)page;
    (void)use;
}

bool
seed_decision_cached(void)
{
    return false;
}

bool
seed_anchor_ignored(void)
{
    return false;
}
