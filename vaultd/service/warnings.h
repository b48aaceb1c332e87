/*
 * warnings: what is not as it should be, and can be told at once: in
 * vault.status, and among what vault.doctor looks at.
 */
#ifndef SERVICE_WARNINGS_H
#define SERVICE_WARNINGS_H

#include <stdbool.h>
#include <stdint.h>

struct service;

/* One of them: a word, and a sentence of what is wrong and what would be right;
 * borrowed for the call. */
typedef void warning_fn(void *ctx, const char *code, const char *says);

/* Tell all that there is to warn of, with so many bytes used (0: not known).
 * Any thread. */
void warnings_each(struct service *service, bool locked, uint64_t used,
                   warning_fn *tell, void *ctx);

#endif
