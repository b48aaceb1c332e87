/*
 * corner: the requests that ask exactly what a permit allows (LANGUAGE.md, 4).
 *
 * Caps are down-closed, so each permit is a box with greatest corners, one for
 * each basis and for the greatest of those actions that contain each other.
 * What a set permits by itself is known by trying them.
 *
 * Pure.  Threads: any.
 */
#ifndef POLICIES_CORNER_H
#define POLICIES_CORNER_H

#include "engine/policy.h"

struct policy_corner {
    int64_t action; /* one bit of the caps' */
    int64_t basis;  /* likewise */
    int64_t now;    /* ns */
};

/*
 * The atom that asks exactly the caps, now or when the rule begins.
 * recipients: room for those to whom it passes data on; *out borrows it, and
 * the caps' names.  False: none can ask so, since it would be over already.
 */
bool policy_corner(const struct terms_limits *caps,
                   const struct policy_corner *corner,
                   struct terms_recipient recipients[TERMS_NAMES],
                   struct terms_limits *out);

/* The greatest of the actions that give data; 0: none. */
int64_t policy_greatest(int64_t actions);

/* Is it one that a request can name, and that a selector of a rule (absent:
 * every one) covers? */
bool policy_names(bool has, struct vocab_mask mask,
                  const struct vocab_node *node);

#endif
