/* Which call fails. */
#include <errno.h>
#include <execinfo.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "shim_internal.h"

enum { FRAMES = 30 };

/* Global, since the C library's functions have no argument for it. */
static struct {
    struct shim_fault fault;
    bool armed;
    uint64_t calls; /* of its kind */
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

/* For who looks for the call: addr2line makes lines of it. */
static void
tell_where(void)
{
    void *frame[FRAMES];

    if (getenv("CRASH_WHERE") != NULL) {
        plan.armed = false; /* backtrace() takes memory */
        backtrace_symbols_fd(frame, backtrace(frame, FRAMES), STDERR_FILENO);
        plan.armed = true;
    }
}

enum shim_verdict
shim_judge(enum shim_class family)
{
    if (!plan.armed || plan.fault.family != family) {
        return SHIM_GO;
    }
    plan.calls++;
    if (plan.calls < plan.fault.at ||
        (plan.calls > plan.fault.at && !plan.fault.sticky)) {
        return SHIM_GO;
    }
    plan.hits++;
    if (plan.hits == 1) {
        tell_where();
    }
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
