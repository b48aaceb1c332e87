/* Which call fails. */
#include <errno.h>
#include <stddef.h>

#include "shim_internal.h"

/* Global, since the C library's functions have no argument for it. */
static struct {
    struct shim_fault fault;
    bool armed;
    uint64_t calls; /* of its class */
    uint64_t hits;
} plan;

SHIM_EXPORT void
shim_fault_set(const struct shim_fault *fault)
{
    plan.armed = fault != NULL;
    if (fault != NULL) {
        plan.fault = *fault;
        plan.calls = 0;
        plan.hits = 0;
    }
}

SHIM_EXPORT uint64_t
shim_fault_hits(void)
{
    return plan.hits;
}

enum shim_verdict shim_judge(enum shim_class class)
{
    if (!plan.armed || plan.fault.class != class) {
        return SHIM_GO;
    }
    plan.calls++;
    if (plan.calls < plan.fault.at ||
        (plan.calls > plan.fault.at && !plan.fault.sticky)) {
        return SHIM_GO;
    }
    plan.hits++;
    if (plan.fault.error == SHIM_SHORT) {
        return SHIM_HALF;
    }
    errno = plan.fault.error;
    return SHIM_FAIL;
}

SHIM_EXPORT bool
shim_memory_fails(void)
{
    return shim_judge(SHIM_MEMORY) == SHIM_FAIL;
}
