#include "interaction/record.h"

#include <assert.h>
#include <string.h>

#include "interaction/record_internal.h"

const char *const record_roles[] = { "user",     "payer", "buyer-for-others",
                                     "employee", "other", NULL };
const char *const record_channels[] = { "face",   "phone",  "email",
                                        "chat",   "web",    "app",
                                        "letter", "device", "community",
                                        "other",  NULL };
const char *const record_directions[] = { "firm-person", "person-firm",
                                          "mutual", NULL };
const char *const record_writers[] = { "person", "firm", "device", "vault",
                                       NULL };
const char *const record_sources[] = { "self",   "firm", "import",
                                       "device", "rule", NULL };

struct formula_event
record_event(const struct record *record)
{
    assert(record->rated && !record->gone);
    struct formula_event event = {
        .t_event = record->t_event,
        .perceived = record->perceived.q,
        .expected = FORMULA_INFERRED,
        .weight = record->weight,
    };

    memcpy(event.id, record->id, sizeof event.id);
    return event;
}

bool
record_supersedes(const struct record *a, const struct record *b)
{
    return a->rev > b->rev;
}
