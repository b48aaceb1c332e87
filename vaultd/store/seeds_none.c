#include "store/seeds.h"

bool
seed_planted(enum seed seed)
{
    (void)seed;
    return false;
}
