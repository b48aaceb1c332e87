/*
 * lint_internal: the steps of terms_lint(), one file each.
 *
 * A step looks at its members and reports by lint_fail(), which keeps the
 * first fault only; so a step may go on after one.
 */
#ifndef POLICIES_LINT_INTERNAL_H
#define POLICIES_LINT_INTERNAL_H

#include "terms/lint.h"

struct lint {
    const struct terms_request *request;
    struct terms_fault fault; /* the first; code, at and says */
    bool failed;
};

/* Where a member stands: "items[2].round", or "round" with index LINT_NONE. */
enum { LINT_NONE = -1 };

struct lint_place {
    const char *list; /* "items"; NULL without index */
    int index;
    const char *member; /* NULL: the list's item itself */
};

/* Note a fault unless there is one: code ("" for none), place and sentence. */
void lint_fail(struct lint *lint, const char *code, struct lint_place at,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A place without a list. */
struct lint_place lint_at(const char *member);

/* Fail unless least ≤ value ≤ most. */
void lint_range(struct lint *lint, struct lint_place at, int64_t value,
                int64_t least, int64_t most);

/* Texts: length in characters, control characters, schemes, languages. */
void lint_head_texts(struct lint *lint);
void lint_purpose_texts(struct lint *lint, size_t p);
void lint_item_texts(struct lint *lint, size_t i);
void lint_onward_texts(struct lint *lint, size_t i);

/* The category of item i: known, no group, above its floor for each of its
 * purposes. */
void lint_floor(struct lint *lint, size_t i);

#endif
