#include <stdlib.h>
#include <string.h>

#include "consent/consent_internal.h"

enum vlt_status
change_add(struct consent_changes *changes, const struct consent_change *change)
{
    if (changes->count == changes->cap) {
        size_t cap = changes->cap == 0 ? 8 : 2 * changes->cap;
        struct consent_change *more = realloc(changes->at, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        changes->at = more;
        changes->cap = cap;
    }
    changes->at[changes->count] = *change;
    if (change->grant != NULL) {
        grant_hold(change->grant);
    }
    changes->count++;
    return VLT_OK;
}

void
consent_changes_free(struct consent_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        grant_release(changes->at[i].grant);
    }
    free(changes->at);
    *changes = (struct consent_changes){ .count = 0 };
}

const char *
consent_state_word(enum consent_state state)
{
    static const char *const words[] = {
        "",          "pending", "countered", "denied",  "lapsed",
        "dropped",   "active",  "suspended", "expired", "exhausted",
        "withdrawn", "revoked", "ended",     "invalid", "replaced",
    };

    return words[state];
}

const char *
consent_event_word(enum consent_event event)
{
    static const char *const words[] = {
        "",          "given",       "refused",  "lapsed",
        "exhausted", "withdrawn",   "revoked",  "ended",
        "expired",   "suspended",   "resumed",  "narrowed",
        "admitted",  "invalidated", "replaced", "renewed",
    };

    return words[event];
}

bool
grant_over(const struct grant *grant)
{
    return grant->state != CONSENT_ACTIVE && grant->state != CONSENT_SUSPENDED;
}

/* The first of these words that any part has (WIRE.md, 8.2). */
enum consent_state
consent_request_state(const struct consent_request *request)
{
    static const enum consent_state order[] = {
        CONSENT_ACTIVE, CONSENT_COUNTERED, CONSENT_PENDING_STATE,
        CONSENT_DENIED, CONSENT_LAPSED,
    };

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (size_t j = 0; j < request->parts; j++) {
            enum consent_state state = request->part[j].state;

            if (state == order[i] ||
                (order[i] == CONSENT_ACTIVE && state > CONSENT_ACTIVE)) {
                return order[i];
            }
        }
    }
    return CONSENT_DROPPED;
}

bool
consent_request_has(const struct consent_request *request,
                    enum consent_state state)
{
    for (size_t i = 0; i < request->parts; i++) {
        if (request->part[i].state == state) {
            return true;
        }
    }
    return false;
}
