/*
 * page_gap: rows of the times in which a grant was suspended (a worker).
 *
 * They are withheld for ever, unless the owner says otherwise.  Of buckets
 * those are, whole, that touch a gap: what is left of one would be told as if
 * it were all.
 */
#include "service/page_internal.h"

const struct grant_gap *
page_gap_at(const struct reading *reading, const struct read_stream *at,
            int64_t time)
{
    int64_t every = at->want.every;

    for (size_t i = 0; i < reading->gaps; i++) {
        const struct grant_gap *gap = &reading->gap[i];

        if (time < gap->to &&
            (every != 0 ? time + every > gap->from : time >= gap->from)) {
            return gap;
        }
    }
    return NULL;
}

void
page_look_at_gaps(struct reading *reading)
{
    const struct grant *grant =
        reading->who.role == ROLE_FIRM && reading->resolved
            ? consent_grant_find(reading->service->consent, reading->grant)
            : NULL;

    if (grant != NULL) {
        reading->gaps = grant_gaps(grant, reading->gap);
    }
    grant_release(grant);
}

/* How many lie in one; *told: in one that the firm may notice. */
static size_t
count_in_gaps(const struct reading *reading, const struct read_stream *at,
              const struct vlt_rows *rows, bool *told)
{
    size_t count = 0;

    *told = false;
    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        const struct grant_gap *gap =
            page_gap_at(reading, at, vlt_rows_times(rows)[i]);

        count += gap != NULL;
        *told = *told || (gap != NULL && !gap->hidden);
    }
    return count;
}

enum vlt_status
page_leave_gaps(const struct reading *reading, const struct read_stream *at,
                struct vlt_rows **rows, bool *told)
{
    struct vlt_range none = { .from = 0, .count = 0 };
    struct vlt_rows *kept = NULL;
    enum vlt_status st;

    *told = false;
    if (reading->gaps == 0 || count_in_gaps(reading, at, *rows, told) == 0) {
        return VLT_OK;
    }
    st = vlt_rows_slice(*rows, none, &kept);
    for (size_t i = 0; st == VLT_OK && i < vlt_rows_count(*rows); i++) {
        struct vlt_range one = { .from = i, .count = 1 };

        if (page_gap_at(reading, at, vlt_rows_times(*rows)[i]) == NULL) {
            st = vlt_rows_append(kept, *rows, one);
        }
    }
    if (st != VLT_OK) {
        vlt_rows_free(kept);
        return st;
    }
    vlt_rows_free(*rows);
    *rows = kept;
    return VLT_OK;
}
