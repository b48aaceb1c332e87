/*
 * near: the known word that a mistyped one probably means.
 */
#ifndef POLICIES_NEAR_H
#define POLICIES_NEAR_H

#include <stddef.h>

/* The best candidate so far; begins as { 0 } with text and len set. */
struct near {
    const char *text; /* what was typed; borrowed */
    size_t len;
    const char *best; /* NULL: none is near enough */
    size_t apart;     /* its distance */
};

/* Consider one more word: it becomes best when it is nearer than all before,
 * and near enough: a third of the typed length, at least 2 and at most 4. */
void vocab_near_try(struct near *near, const char *word);

#endif
