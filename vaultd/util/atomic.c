#include "util/atomic.h"

#include <stdatomic.h>

uint64_t
atomic_get(const struct atomic *atomic)
{
    return atomic_load_explicit(&atomic->value, memory_order_acquire);
}

void
atomic_set(struct atomic *atomic, uint64_t value)
{
    atomic_store_explicit(&atomic->value, value, memory_order_release);
}

uint64_t
atomic_add(struct atomic *atomic, uint64_t value)
{
    return atomic_fetch_add_explicit(&atomic->value, value,
                                     memory_order_acq_rel) +
           value;
}
