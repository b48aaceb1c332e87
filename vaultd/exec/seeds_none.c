#include "exec/seeds.h"

bool
seed_ack_before_commit(void)
{
    return false;
}
