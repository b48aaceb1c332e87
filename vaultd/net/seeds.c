#include "seeds.h"

#include <stdlib.h>
#include <string.h>

enum { LEAK_NS = 2000000 };

static bool
chosen(const char *name)
{
    const char *seed = getenv("VAULT_SEED");

    return seed != NULL && strcmp(seed, name) == 0;
}

int64_t
seed_reason_leaks(void)
{
    return chosen("reason-leaks") ? LEAK_NS : 0;
}

bool
seed_no_accept_limit(void)
{
    return chosen("no-accept-limit");
}

bool
seed_audit_per_stranger(void)
{
    return chosen("audit-per-stranger");
}
