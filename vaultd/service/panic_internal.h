/*
 * panic_internal: the steps of vault.panic (service/method.h).
 */
#ifndef PANIC_INTERNAL_H
#define PANIC_INTERNAL_H

#include "service/method.h"

enum vlt_status panic_check(struct call *call, struct vlt_walk *params);
void panic_done(struct call *call, enum vlt_status st);
void panic_clear(void *state);

#endif
