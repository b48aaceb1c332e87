#include "seeds.h"

int64_t
seed_reason_leaks(void)
{
    return 0;
}

bool
seed_no_accept_limit(void)
{
    return false;
}

bool
seed_audit_per_stranger(void)
{
    return false;
}
