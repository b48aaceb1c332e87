#include "seeds.h"

#include <stdlib.h>
#include <string.h>

enum { LEAK_NS = 2000000 };

int64_t
seed_reason_leaks(void)
{
    const char *chosen = getenv("VAULT_SEED");

    return chosen != NULL && strcmp(chosen, "reason-leaks") == 0 ? LEAK_NS : 0;
}
