#include "service/interaction_internal.h"

#include <stdlib.h>

void
summing_free(struct summing *summing)
{
    free(summing->events);
    free(summing->lines);
    free((void *)(uintptr_t)summing->record);
}

enum vlt_status
summing_run(const struct interactions *list, bool lines, struct summing *out)
{
    *out = (struct summing){ .count = 0 };
    out->events = calloc(list->count + 1, sizeof *out->events);
    out->lines = lines ? calloc(list->count + 1, sizeof *out->lines) : NULL;
    out->record = calloc(list->count + 1, sizeof *out->record);
    if (out->events == NULL || (lines && out->lines == NULL) ||
        out->record == NULL) {
        summing_free(out);
        return VLT_E_NOMEM;
    }
    /* The list is in the order of (t_event, id), as formula_run() wants it. */
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].rated) {
            out->record[out->count] = &list->at[i];
            out->events[out->count++] = record_event(&list->at[i]);
        }
    }
    struct constants constants = constants_default();

    out->sum = formula_run(out->events, out->count, &constants, out->lines);
    return VLT_OK;
}

int32_t
summing_gap(const struct summing *summing, size_t i)
{
    const struct formula_event *event = &summing->events[i];
    struct constants constants = constants_default();
    struct formula_sum before =
        formula_run(summing->events, i, &constants, NULL);

    return event->perceived - (event->expected == FORMULA_INFERRED
                                   ? before.expects
                                   : event->expected);
}
