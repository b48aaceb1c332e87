#include "util/ref.h"

#include <assert.h>
#include <limits.h>
#include <stdatomic.h>

void
ref_init(struct ref *ref)
{
    atomic_init(&ref->count, 1);
}

void
ref_hold(struct ref *ref)
{
    unsigned before =
        atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);

    assert(before > 0 && before < UINT_MAX);
}

bool
ref_drop(struct ref *ref)
{
    /* The last one must see all that the others did before they let go. */
    unsigned before =
        atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel);

    assert(before > 0);
    return before == 1;
}
