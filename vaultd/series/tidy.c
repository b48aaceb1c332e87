/*
 * tidy: chunks of a lane are merged where they are short or overlap.
 */
#include <stdlib.h>
#include <string.h>

#include "series/pack_internal.h"

/* Chunks that are merged together. */
struct group {
    struct chunk_entry entry[PACK_GROUP];
    bool full[PACK_GROUP];
    size_t count;
    bool too_many;
    int64_t first, last;
};

static void
add(struct group *group, const struct chunk_entry *entry, bool full)
{
    if (group->count == PACK_GROUP) {
        group->too_many = true;
        return;
    }
    if (group->count == 0 || entry->first < group->first) {
        group->first = entry->first;
    }
    if (group->count == 0 || entry->last > group->last) {
        group->last = entry->last;
    }
    group->entry[group->count] = *entry;
    group->full[group->count++] = full;
}

static bool
has(const struct group *group, uint64_t no)
{
    for (size_t i = 0; i < group->count; i++) {
        if (group->entry[i].no == no) {
            return true;
        }
    }
    return false;
}

/* ---- merging ---- */

static int
by_no(const void *a, const void *b)
{
    const struct chunk_entry *x = a;
    const struct chunk_entry *y = b;

    return x->no < y->no ? -1 : x->no > y->no;
}

/* All rows of the group: of one time in the order in which they arrived, which
 * is that of the numbers. */
static enum vlt_status
open_group(const struct lane_work *work, const struct group *group,
           struct chunk_rows *out)
{
    struct chunk_entry order[PACK_GROUP];
    struct vlt_rows *all = NULL;
    enum vlt_status st = vlt_rows_new(&work->marking, &all);

    memcpy(order, group->entry, group->count * sizeof *order);
    qsort(order, group->count, sizeof *order, by_no);
    for (size_t i = 0; st == VLT_OK && i < group->count; i++) {
        struct vlt_rows *rows = NULL;

        st = work_open(work, order[i].no, &rows);
        if (st == VLT_OK) {
            st = vlt_rows_append(all, rows, vlt_rows_all(rows));
            vlt_rows_free(rows);
        }
    }
    if (st == VLT_OK) {
        st = vlt_rows_sort(all);
    }
    if (st != VLT_OK) {
        vlt_rows_free(all);
        return st;
    }
    return chunk_rows_make(&work->schema, all, out);
}

static enum vlt_status
drop_short(struct lane_work *work, uint64_t no)
{
    for (size_t i = 0; i < work->record.shorts; i++) {
        if (work->record.entry[i].no == no) {
            lane_drop_short(&work->record, i);
            return VLT_OK;
        }
    }
    return VLT_E_STORAGE;
}

static enum vlt_status
drop_group(struct lane_work *work, const struct group *group)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < group->count; i++) {
        const struct chunk_entry *entry = &group->entry[i];

        st = group->full[i] ? heads_drop(work, entry)
                            : drop_short(work, entry->no);
        if (st == VLT_OK) {
            st = store_piece_delete(work->txn, STORE_CHUNK, entry->no);
        }
        work->record.rows -= entry->rows;
    }
    return st;
}

/* Are rows of it in roll-ups? */
static bool
is_rolled(const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        if (group->entry[i].rolled) {
            return true;
        }
    }
    return false;
}

static uint8_t
level_above(const struct group *group)
{
    uint8_t level = 0;

    for (size_t i = 0; i < group->count; i++) {
        level = group->entry[i].level > level ? group->entry[i].level : level;
    }
    return level < PACK_LEVEL_MAX ? (uint8_t)(level + 1) : level;
}

/* The chunks of a group become others that hold the same rows.  Where some were
 * in roll-ups, whatever hours the new ones touch are made anew. */
static enum vlt_status
merge(struct lane_work *work, const struct group *group, enum chunk_rest rest)
{
    struct chunk_rows rows = { NULL, NULL };
    size_t done = 0;
    bool rolled = is_rolled(group);
    struct chunk_how how = { .rest = rest,
                             .level = level_above(group),
                             .unrolled = rolled };
    enum vlt_status st = open_group(work, group, &rows);

    if (st == VLT_OK) {
        st = drop_group(work, group);
    }
    if (st == VLT_OK) {
        st = chunk_emit(work, &rows, vlt_rows_all(rows.plain), how, &done);
    }
    if (st == VLT_OK && rolled) {
        st = rolls_rebuild(work, group->first, group->last);
    }
    chunk_rows_free(&rows);
    return st;
}

/* ---- what to merge ---- */

static bool
touches(const struct group *group, int64_t first, int64_t last)
{
    return first <= group->last && last >= group->first;
}

/* Which full chunks must go along with a group? */
typedef bool goes_along_fn(const struct group *group,
                           const struct chunk_entry *entry);

static bool
overlaps(const struct group *group, const struct chunk_entry *entry)
{
    return touches(group, entry->first, entry->last);
}

/* Is it newer than one that it touches?  What the group becomes is newer than
 * all, so it would come to stand on the wrong side of equal times. */
static bool
outdates(const struct group *group, const struct chunk_entry *entry)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct chunk_entry *mine = &group->entry[i];

        if (mine->no < entry->no && mine->first <= entry->last &&
            mine->last >= entry->first) {
            return true;
        }
    }
    return false;
}

/* Add all full chunks that go along. */
static enum vlt_status
add_fulls(const struct lane_work *work, struct group *group,
          goes_along_fn *goes_along)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < work->record.heads; i++) {
        const struct head_ref *ref = &work->record.head[i];
        struct head_record head;

        if (!touches(group, ref->first, ref->last)) {
            continue;
        }
        st = heads_read(work, ref, &head);
        for (size_t j = 0; st == VLT_OK && j < head.count; j++) {
            const struct chunk_entry *entry = &head.entry[j];

            if (goes_along(group, entry) && !has(group, entry->no)) {
                add(group, entry, true);
            }
        }
        if (st == VLT_OK) {
            head_record_free(&head);
        }
    }
    return st;
}

static void
add_shorts(const struct lane_work *work, struct group *group)
{
    for (size_t i = 0; i < work->record.shorts; i++) {
        const struct chunk_entry *entry = &work->record.entry[i];

        if (touches(group, entry->first, entry->last) &&
            !has(group, entry->no)) {
            add(group, entry, false);
        }
    }
}

/* All that touches what touches it; *some: a full chunk is among it. */
static enum vlt_status
close_group(const struct lane_work *work, struct group *group, bool *some)
{
    size_t before = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && before != group->count && !group->too_many) {
        before = group->count;
        st = add_fulls(work, group, overlaps);
        /* Shorts that only touch each other wait for their level. */
        if (st == VLT_OK && (before > 1 || group->count > 1)) {
            add_shorts(work, group);
        }
    }
    *some = false;
    for (size_t i = 0; i < group->count; i++) {
        *some = *some || group->full[i];
    }
    return st;
}

/* The first short that touches a full chunk, with all that must go along. */
static enum vlt_status
find_overlap(const struct lane_work *work, struct group *out, bool *found)
{
    enum vlt_status st = VLT_OK;

    *found = false;
    for (size_t i = 0; st == VLT_OK && !*found && i < work->record.shorts;
         i++) {
        *out = (struct group){ .count = 0 };
        add(out, &work->record.entry[i], false);
        st = close_group(work, out, found);
        *found = *found && !out->too_many;
    }
    return st;
}

/* ---- levels ---- */

static const struct chunk_entry *
newest_below(const struct lane_record *record, uint64_t no)
{
    const struct chunk_entry *newest = NULL;

    for (size_t i = 0; i < record->shorts; i++) {
        const struct chunk_entry *entry = &record->entry[i];

        if (entry->no < no && (newest == NULL || entry->no > newest->no)) {
            newest = entry;
        }
    }
    return newest;
}

/* The newest shorts, whatever their level, until enough of one level are among
 * them.  Those between cannot be left out: see outdates(). */
static void
gather_newest(const struct lane_work *work, size_t most, size_t level,
              struct group *out)
{
    const struct chunk_entry *entry = newest_below(&work->record, UINT64_MAX);
    size_t of_level = 0;

    *out = (struct group){ .count = 0 };
    while (entry != NULL && out->count < most && of_level < PACK_MERGE) {
        add(out, entry, false);
        of_level += entry->level == level;
        entry = newest_below(&work->record, entry->no);
    }
}

/* As many of the newest shorts as can be merged with what must go along.
 * *found: two at least, or the only one. */
static enum vlt_status
find_newest(const struct lane_work *work, size_t level, struct group *out,
            bool *found)
{
    enum vlt_status st = VLT_OK;

    *found = false;
    for (size_t most = PACK_GROUP; st == VLT_OK && !*found && most >= 2;
         most /= 2) {
        size_t before = 0;

        gather_newest(work, most, level, out);
        while (st == VLT_OK && before != out->count && !out->too_many) {
            before = out->count;
            st = add_fulls(work, out, outdates);
        }
        *found = out->count > 0 && !out->too_many;
    }
    return st;
}

/* The lowest level that has so many shorts that they are merged. */
static bool
find_level(const struct lane_work *work, size_t *out)
{
    size_t counts[PACK_LEVEL_MAX + 1] = { 0 };
    const struct lane_record *record = &work->record;

    for (size_t i = 0; i < record->shorts; i++) {
        if (record->entry[i].level <= PACK_LEVEL_MAX) {
            counts[record->entry[i].level]++;
        }
    }
    for (size_t level = 0; level <= PACK_LEVEL_MAX; level++) {
        if (counts[level] >= PACK_MERGE) {
            *out = level;
            return true;
        }
    }
    return false;
}

static enum vlt_status
tidy_levels(struct lane_work *work)
{
    bool found = true;
    size_t level = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && found && *work->left > 0 &&
           find_level(work, &level)) {
        struct group group;

        st = find_newest(work, level, &group, &found);
        if (st == VLT_OK && found) {
            st = merge(work, &group, CHUNK_REST_SHORT);
        }
    }
    return st;
}

/* ---- a lane ---- */

enum vlt_status
tidy_lane(struct lane_work *work)
{
    struct group group;
    bool found = true;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && found && *work->left > 0) {
        st = find_overlap(work, &group, &found);
        if (st == VLT_OK && found) {
            st = merge(work, &group, CHUNK_REST_SHORT);
        }
    }
    return st == VLT_OK ? tidy_levels(work) : st;
}

static size_t
shorts_in(const struct group *group)
{
    size_t shorts = 0;

    for (size_t i = 0; i < group->count; i++) {
        shorts += !group->full[i];
    }
    return shorts;
}

enum vlt_status
tidy_epoch(struct lane_work *work)
{
    enum vlt_status st = tidy_lane(work);
    bool found = true;

    while (st == VLT_OK && found && *work->left > 0 &&
           work->record.shorts > 0) {
        struct group group;

        st = find_newest(work, PACK_LEVEL_MAX + 1, &group, &found);
        if (st == VLT_OK && found) {
            bool all = shorts_in(&group) == work->record.shorts;

            st = merge(work, &group, all ? CHUNK_REST_FULL : CHUNK_REST_SHORT);
        }
    }
    return st;
}
