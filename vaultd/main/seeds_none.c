#include "main/seeds.h"

bool
seeds_strict(void)
{
    return false;
}

void
seeds_forbidden(void)
{
}
