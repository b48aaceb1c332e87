/*
 * model: what a vault holds after its operations, worked out without it.
 *
 * It shares no code with the vault but the hash and how parts are written.
 */
#ifndef TESTS_CRASH_MODEL_H
#define TESTS_CRASH_MODEL_H

#include "parts.h"
#include "script.h"

struct model;

/* Before operation 0.  Ends the process when there is no memory, as all
 * functions here. */
struct model *model_new(uint64_t seed);
void model_free(struct model *model); /* NULL is allowed */

/* Do the next operation. */
void model_do(struct model *model);

/* What it holds now; borrowed. */
const struct parts *model_parts(const struct model *model);

#endif
