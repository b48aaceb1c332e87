#define _DEFAULT_SOURCE /* explicit_bzero() */

#include "util/stack.h"

#include <stdint.h>
#include <string.h>

enum { DEEP = 192 << 10 };

/* Never within its caller, whose own frame would then be as large. */
__attribute__((noinline)) void
stack_wipe(void)
{
    uint8_t below[DEEP];

    explicit_bzero(below, sizeof below);
}
