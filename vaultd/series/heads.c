/*
 * heads: entries and summaries of a lane's full chunks.
 *
 * A head is written anew when an entry comes or goes: a page for each full
 * chunk, which is four; more pages in a lane that has many heads already.
 */
#include <stdlib.h>
#include <string.h>

#include "series/pack_internal.h"

enum { HEAD_LEAST_CROWDED = 16 };

/* ---- one head in memory, with the stream's columns ---- */

static enum vlt_status
make_room(const struct lane_work *work, size_t entries, struct head_record *out)
{
    size_t columns = work->schema.count;
    struct head_record head = { .columns = { .count = columns } };

    for (size_t i = 0; i < columns; i++) {
        head.columns.id[i] = work->schema.fields[i].id;
    }
    head.entry = calloc(entries + 1, sizeof *head.entry);
    head.stat = calloc(entries * columns + 1, sizeof *head.stat);
    if (head.entry == NULL || head.stat == NULL) {
        head_record_free(&head);
        return VLT_E_NOMEM;
    }
    *out = head;
    return VLT_OK;
}

/* Put an entry behind the others; stat is in order of `columns`. */
static void
put_entry(const struct lane_work *work, struct head_record *head,
          const struct chunk_entry *entry,
          const struct summary_columns *columns, const struct vlt_stat *stat)
{
    struct vlt_stat *to = &head->stat[head->count * head->columns.count];

    head->entry[head->count++] = *entry;
    for (size_t i = 0; i < work->schema.count; i++) {
        size_t at = columns != NULL
                        ? summary_find(columns, work->schema.fields[i].id)
                        : i;

        if (at == SIZE_MAX) {
            vlt_stat_init(&to[i], work->schema.fields[i].type);
        } else {
            to[i] = stat[at];
        }
    }
}

enum vlt_status
heads_read(const struct lane_work *work, const struct head_ref *ref,
           struct head_record *out)
{
    struct head_record stored = { .count = 0 };
    struct vlt_buf room;
    enum vlt_status st;

    vlt_buf_init(&room, 0);
    st = store_piece_get(work->view, STORE_HEAD, ref->no, &room, NULL);
    if (st == VLT_OK) {
        st = head_record_decode(vlt_buf_slice(&room), &work->schema, &stored);
    }
    vlt_buf_free(&room);
    if (st == VLT_OK) {
        st = make_room(work, stored.count + 1, out);
    }
    for (size_t i = 0; st == VLT_OK && i < stored.count; i++) {
        put_entry(work, out, &stored.entry[i], &stored.columns,
                  &stored.stat[i * stored.columns.count]);
    }
    head_record_free(&stored);
    return st == VLT_E_NOMEM || st == VLT_OK ? st : VLT_E_STORAGE;
}

/* Put the new entry, which is the last, in its place. */
static void
sort_in(struct head_record *head, struct vlt_stat *room)
{
    size_t columns = head->columns.count;
    size_t size = columns * sizeof *room;
    size_t at = head->count - 1;
    struct chunk_entry entry = head->entry[at];

    memcpy(room, &head->stat[at * columns], size);
    while (at > 0 && chunk_entry_before(&entry, &head->entry[at - 1])) {
        head->entry[at] = head->entry[at - 1];
        memcpy(&head->stat[at * columns], &head->stat[(at - 1) * columns],
               size);
        at--;
    }
    head->entry[at] = entry;
    memcpy(&head->stat[at * columns], room, size);
}

/* ---- writing ---- */

/* Entries of a head, at least, though they take more than a page: with many
 * columns a page has one alone, and a lane has only so many heads. */
static size_t
least_entries(const struct lane_record *record)
{
    return record->heads < LANE_HEADS_MAX / 2 ? 1 : HEAD_LEAST_CROWDED;
}

/* Entries [from, from + count) of a head as a head of their own; in a lane's
 * record it stands by its first time, so that those are in order too. */
static enum vlt_status
put_part(struct lane_work *work, const struct head_record *head, size_t from,
         size_t count)
{
    struct head_record part = *head;
    struct head_ref ref = { .first = head->entry[from].first,
                            .chunks = (uint32_t)count };
    struct vlt_buf plain;
    enum vlt_status st;

    part.entry += from;
    part.stat += from * head->columns.count;
    part.count = count;
    ref.last = ref.first;
    for (size_t i = 0; i < count; i++) {
        int64_t last = part.entry[i].last;

        ref.last = last > ref.last ? last : ref.last;
    }
    vlt_buf_init(&plain, STORE_PIECE_MAX);
    st = head_record_encode(&part, &plain);
    if (st == VLT_OK && plain.len > STORE_HEAD_FULL &&
        count > least_entries(&work->record)) {
        /* One more at the end begins a head; else it is halved. */
        size_t front = from + count == head->count ? count - 1 : count / 2;

        vlt_buf_free(&plain);
        st = put_part(work, head, from, front);
        return st == VLT_OK ? put_part(work, head, from + front, count - front)
                            : st;
    }
    if (st == VLT_OK) {
        st = store_piece_put(work->txn, STORE_HEAD, &work->where,
                             vlt_buf_slice(&plain), &ref.no);
    }
    vlt_buf_free(&plain);
    return st == VLT_OK ? lane_add_head(&work->record, &ref) : st;
}

static enum vlt_status
drop_head(struct lane_work *work, size_t at)
{
    uint64_t no = work->record.head[at].no;

    lane_drop_head(&work->record, at);
    return store_piece_delete(work->txn, STORE_HEAD, no);
}

/* The head that an entry belongs into: the last one that does not begin behind
 * it. */
static size_t
place_of(const struct lane_record *record, const struct chunk_entry *entry)
{
    size_t at = record->heads;

    while (at > 1 && record->head[at - 1].first > entry->first) {
        at--;
    }
    return at - 1;
}

enum vlt_status
heads_add(struct lane_work *work, const struct chunk_entry *entry,
          const struct vlt_stat *stat)
{
    struct head_record head = { .count = 0 };
    struct vlt_stat *room = NULL;
    enum vlt_status st;

    if (work->record.heads == 0) {
        st = make_room(work, 1, &head);
    } else {
        size_t at = place_of(&work->record, entry);

        st = heads_read(work, &work->record.head[at], &head);
        if (st == VLT_OK) {
            st = drop_head(work, at);
        }
    }
    if (st == VLT_OK) {
        room = calloc(head.columns.count + 1, sizeof *room);
        st = room != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    if (st == VLT_OK) {
        put_entry(work, &head, entry, NULL, stat);
        sort_in(&head, room);
        st = put_part(work, &head, 0, head.count);
    }
    free(room);
    head_record_free(&head);
    return st;
}

static size_t
find_entry(const struct head_record *head, uint64_t no)
{
    for (size_t i = 0; i < head->count; i++) {
        if (head->entry[i].no == no) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* Write the head at a place anew without one entry. */
static enum vlt_status
put_without(struct lane_work *work, const struct head_record *head, size_t at,
            size_t gone)
{
    enum vlt_status st = drop_head(work, at);

    if (st == VLT_OK && gone > 0) {
        st = put_part(work, head, 0, gone);
    }
    if (st == VLT_OK && gone + 1 < head->count) {
        st = put_part(work, head, gone + 1, head->count - gone - 1);
    }
    return st;
}

enum vlt_status
heads_drop(struct lane_work *work, const struct chunk_entry *entry)
{
    for (size_t i = 0; i < work->record.heads; i++) {
        const struct head_ref *ref = &work->record.head[i];
        struct head_record head;
        enum vlt_status st;
        size_t at;

        if (ref->first > entry->first || ref->last < entry->last) {
            continue;
        }
        st = heads_read(work, ref, &head);
        if (st != VLT_OK) {
            return st;
        }
        at = find_entry(&head, entry->no);
        if (at != SIZE_MAX) {
            st = put_without(work, &head, i, at);
            head_record_free(&head);
            return st;
        }
        head_record_free(&head);
    }
    return VLT_E_STORAGE; /* the lane contradicts itself */
}
