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
summing_run(const struct interactions *list, struct summing *out)
{
    *out = (struct summing){ .count = 0 };
    out->events = calloc(list->count + 1, sizeof *out->events);
    out->lines = calloc(list->count + 1, sizeof *out->lines);
    out->record = calloc(list->count + 1, sizeof *out->record);
    if (out->events == NULL || out->lines == NULL || out->record == NULL) {
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
