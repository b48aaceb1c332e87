#include "exec/seeds.h"

#include <stdlib.h>
#include <string.h>

bool
seed_ack_before_commit(void)
{
    const char *chosen = getenv("VAULT_SEED");

    return chosen != NULL && strcmp(chosen, "ack-before-commit") == 0;
}
