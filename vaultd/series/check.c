/*
 * check: what was packed is what lanes, heads and roll-ups say.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "series/pack_internal.h"

enum {
    SAID_MAX = 20, /* faults that get a line */
    DAYS_MAX = 32, /* an epoch touches 31 */
};

struct checking {
    struct series *series;
    const struct store_view *view;
    struct vlt_buf *why;
    struct series_check *out;
    uint64_t heads, rolls;
    enum vlt_status st;
};

/* One lane under way. */
struct lane_check {
    struct checking *all;
    struct lane_work work;
    struct roll_record day[DAYS_MAX]; /* owned: as the chunks give them */
    size_t days;
    uint64_t rows;
};

static void
fault(struct checking *checking, uint64_t no, const char *what)
{
    checking->out->bad++;
    if (checking->out->bad <= SAID_MAX) {
        vlt_buf_printf(checking->why, "chunk or summary %" PRIu64 " %s\n", no,
                       what);
    }
}

/* ---- one chunk ---- */

static struct roll_record *
find_day(struct lane_check *check, int32_t day, enum vlt_status *st)
{
    for (size_t i = 0; i < check->days; i++) {
        if (check->day[i].day == day) {
            return &check->day[i];
        }
    }
    *st = check->days < DAYS_MAX
              ? rolls_make(&check->work, day, &check->day[check->days])
              : VLT_E_STORAGE;
    return *st == VLT_OK ? &check->day[check->days++] : NULL;
}

static enum vlt_status
sum_days(struct lane_check *check, const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t count = vlt_rows_count(rows);
    size_t at = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && at < count) {
        int32_t day = day_of(times[at]);
        size_t end = vlt_rows_seek(rows, (day + 1) * VLT_DAY);
        struct roll_record *roll = find_day(check, day, &st);

        if (roll != NULL) {
            rolls_sum(roll, rows,
                      (struct vlt_range){ .from = at, .count = end - at });
        }
        at = end;
    }
    return st;
}

static bool
entry_holds(const struct lane_check *check, const struct chunk_entry *entry,
            const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t count = vlt_rows_count(rows);
    size_t column = vlt_rows_columns(rows) - 1;
    uint64_t most = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t arrival = vlt_rows_bits(rows, i, column);

        most = arrival > most ? arrival : most;
    }
    return entry->rows == count && count > 0 && entry->first == times[0] &&
           entry->last == times[count - 1] && entry->arrival == most &&
           epoch_of(entry->first) == check->work.where.epoch &&
           epoch_of(entry->last) == check->work.where.epoch;
}

static bool
same_stat(const struct vlt_stat *a, const struct vlt_stat *b)
{
    struct vlt_buf x;
    struct vlt_buf y;
    bool same;

    vlt_buf_init(&x, 0);
    vlt_buf_init(&y, 0);
    same = vlt_stat_store(a, &x) == VLT_OK && vlt_stat_store(b, &y) == VLT_OK &&
           vlt_slice_equal(vlt_buf_slice(&x), vlt_buf_slice(&y));
    vlt_buf_free(&x);
    vlt_buf_free(&y);
    return same;
}

static bool
stats_hold(const struct vlt_rows *rows, const struct vlt_stat *stat)
{
    for (size_t i = 0; i + 1 < vlt_rows_columns(rows); i++) {
        struct vlt_stat own;

        vlt_stat_init(&own, vlt_rows_column(rows, i).field.type);
        vlt_stat_add(&own, rows, i, vlt_rows_all(rows));
        if (!same_stat(&own, &stat[i])) {
            return false;
        }
    }
    return true;
}

/* stat: its summaries in a head; NULL of a short chunk. */
static enum vlt_status
check_chunk(struct lane_check *check, const struct chunk_entry *entry,
            const struct vlt_stat *stat)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st = work_open(&check->work, entry->no, &rows);

    check->all->out->chunks++;
    check->rows += entry->rows;
    if (st == VLT_E_STORAGE) {
        fault(check->all, entry->no, "does not open");
        return VLT_OK;
    }
    if (st != VLT_OK) {
        return st;
    }
    if (!entry_holds(check, entry, rows)) {
        fault(check->all, entry->no, "is not as its lane says");
    }
    if (stat != NULL && !stats_hold(rows, stat)) {
        fault(check->all, entry->no, "is not what its summary says");
    }
    if (entry->rolled) {
        st = sum_days(check, rows);
    }
    vlt_rows_free(rows);
    return st;
}

/* ---- one lane ---- */

static enum vlt_status
check_head(struct lane_check *check, const struct head_ref *ref)
{
    struct head_record head;
    enum vlt_status st = heads_read(&check->work, ref, &head);

    check->all->heads++;
    if (st == VLT_E_STORAGE) {
        fault(check->all, ref->no, "does not open");
        return VLT_OK;
    }
    if (st == VLT_OK && head.count != ref->chunks) {
        fault(check->all, ref->no, "is not as its lane says");
    }
    for (size_t i = 0; st == VLT_OK && i < head.count; i++) {
        st = check_chunk(check, &head.entry[i],
                         &head.stat[i * head.columns.count]);
    }
    if (st != VLT_E_NOMEM) {
        head_record_free(&head);
    }
    return st;
}

static bool
same_day(const struct roll_record *a, const struct roll_record *b)
{
    if (a->hours != b->hours || a->columns.count != b->columns.count) {
        return false;
    }
    for (size_t i = 0; i < SUMMARY_HOURS * a->columns.count; i++) {
        if (!same_stat(&a->stat[i], &b->stat[i])) {
            return false;
        }
    }
    return true;
}

/* Every day that the chunks give is stored as they give it, and no other. */
static enum vlt_status
check_days(struct lane_check *check)
{
    const struct lane_record *record = &check->work.record;
    enum vlt_status st = VLT_OK;

    check->all->rolls += record->rolls;
    if (record->rolls != check->days) {
        fault(check->all, record->rolls, "roll-ups are not those of its days");
    }
    for (size_t i = 0; st == VLT_OK && i < check->days; i++) {
        struct roll_record stored;

        st = rolls_read(&check->work, check->day[i].day, &stored);
        if (st == VLT_E_STORAGE) {
            fault(check->all, i, "of the roll-ups does not open");
            st = VLT_OK;
        } else if (st == VLT_OK) {
            if (!same_day(&stored, &check->day[i])) {
                fault(check->all, i, "of the roll-ups is not what rows give");
            }
            roll_record_free(&stored);
        }
    }
    return st;
}

static enum vlt_status
check_lane(struct lane_check *check)
{
    const struct lane_record *record = &check->work.record;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < record->heads; i++) {
        st = check_head(check, &record->head[i]);
    }
    for (size_t i = 0; st == VLT_OK && i < record->shorts; i++) {
        st = check_chunk(check, &record->entry[i], NULL);
    }
    if (st == VLT_OK) {
        st = check_days(check);
    }
    if (st == VLT_OK && check->rows != record->rows) {
        fault(check->all, record->rows, "rows are not what the chunks have");
    }
    check->all->out->rows += check->rows;
    return st;
}

static bool
on_lane(void *ctx, const struct store_lane *where, struct vlt_slice plain)
{
    struct checking *checking = ctx;
    struct lane_check *check = calloc(1, sizeof *check);
    const struct stream *stream = series_by_id(checking->series, where->stream);

    (void)plain;
    checking->out->lanes++;
    if (check == NULL) {
        checking->st = VLT_E_NOMEM;
    } else if (stream == NULL) {
        fault(checking, 0, "of a lane without a stream");
    } else {
        check->all = checking;
        checking->st =
            work_look(checking->view, stream, where->epoch, &check->work);
        if (checking->st == VLT_OK) {
            checking->st = check_lane(check);
        }
        for (size_t i = 0; i < check->days; i++) {
            roll_record_free(&check->day[i]);
        }
        work_free(&check->work);
    }
    stream_release(stream);
    free(check);
    return checking->st == VLT_OK;
}

/* ---- all ---- */

static enum vlt_status
check_counts(struct checking *checking)
{
    uint64_t chunks = 0;
    uint64_t heads = 0;
    uint64_t rolls = 0;
    enum vlt_status st =
        store_piece_count(checking->view, STORE_CHUNK, &chunks);

    if (st == VLT_OK) {
        st = store_piece_count(checking->view, STORE_HEAD, &heads);
    }
    if (st == VLT_OK) {
        st = store_piece_count(checking->view, STORE_ROLL, &rolls);
    }
    if (st == VLT_OK &&
        (chunks != checking->out->chunks || heads != checking->heads ||
         rolls != checking->rolls)) {
        fault(checking, chunks, "records are not those that lanes name");
    }
    return st;
}

enum vlt_status
series_check(struct series *series, const struct store_view *view,
             struct vlt_buf *why, struct series_check *out)
{
    struct checking checking = {
        .series = series, .view = view, .why = why, .out = out, .st = VLT_OK
    };
    enum vlt_status st;

    *out = (struct series_check){ .bad = 0 };
    st = store_lane_each(view, on_lane, &checking);
    if (st == VLT_OK) {
        st = checking.st;
    }
    if (st == VLT_OK) {
        st = check_counts(&checking);
    }
    return st == VLT_OK && out->bad > 0 ? VLT_E_AUTH : st;
}
