/*
 * The commit half of pour: streams that are new, rows, quarantine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/arrival.h"
#include "service/guard_internal.h"
#include "service/noun_internal.h"
#include "service/pour_internal.h"

/* ---- streams ---- */

static enum vlt_status
make_stream(struct pour *pour, struct turn *turn, struct pour_stream *at)
{
    struct series *series = pour->service->series;
    struct stream wish = { .keep = INT64_MAX,
                           .columns = at->columns,
                           .column = at->column };
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(wish.name, at->name, sizeof wish.name);
    memcpy(wish.unit, at->unit, sizeof wish.unit);
    memcpy(wish.category, at->category, sizeof wish.category);
    vlt_buf_init(&why, 512);
    st = series_create(series, turn->txn, &wish, &why, &at->stream);
    vlt_buf_free(&why);
    if (st == VLT_OK) {
        st = noun_log_stream(turn, at->stream, "created");
    }
    return st == VLT_OK ? arrival_carry(turn, at->stream, &pour->after) : st;
}

/* Is the stream as the plan has it?  VLT_E_CONFLICT: no more. */
static enum vlt_status
hold_against(const struct pour *pour, const struct pour_stream *at)
{
    const struct stream *now =
        series_now_by_name(pour->service->series, vlt_slice_text(at->name));
    bool same = at->stream == NULL
                    ? now == NULL
                    : now != NULL && now->columns == at->known &&
                          memcmp(now->id, at->stream->id, VLT_ID_LEN) == 0;

    stream_release(now);
    return same ? VLT_OK : VLT_E_CONFLICT;
}

static enum vlt_status
add_columns(struct pour *pour, struct store_txn *txn, struct pour_stream *at)
{
    struct series *series = pour->service->series;
    enum vlt_status st = VLT_OK;

    for (size_t i = at->known; st == VLT_OK && i < at->columns; i++) {
        const struct stream *wider = NULL;

        st = series_add_column(series, txn, at->stream->id,
                               vlt_slice_text(at->column[i].name),
                               at->column[i].type, &wider);
        if (st == VLT_OK) {
            stream_release(at->stream);
            at->stream = wider;
        }
    }
    return st;
}

struct counting {
    struct series *series;
    size_t count;
};

static void
count_made(void *ctx, const uint8_t id[VLT_ID_LEN], int64_t first, int64_t last)
{
    struct counting *counting = ctx;
    const struct stream *committed = series_by_id(counting->series, id);

    (void)first;
    (void)last;
    counting->count += committed == NULL;
    stream_release(committed);
}

/* Is there room for all that are new, before the first of them is made?  Those
 * that others made in this turn count too, whoever they were: where that is
 * too many, it is asked again when they are committed. */
static enum vlt_status
check_room(const struct pour *pour)
{
    struct counting counting = { .series = pour->service->series };
    struct series_totals totals;
    size_t made;

    if (pour->fresh == 0) {
        return VLT_OK;
    }
    series_touched(counting.series, count_made, &counting);
    made = counting.count + pour->fresh;
    series_totals(counting.series, &totals);
    /* One more is the quarantine. */
    if (totals.streams + made + 1 > SERIES_STREAMS_MAX) {
        return VLT_E_LIMIT;
    }
    return pour_count_under(pour) + made <= pour_most_streams(pour)
               ? VLT_OK
               : VLT_E_CONFLICT;
}

/* Make what is new, once it is known that all is as planned: what conflicts
 * has made nothing. */
static enum vlt_status
settle(struct pour *pour, struct turn *turn)
{
    enum vlt_status st = check_room(pour);

    for (size_t i = 0; st == VLT_OK && i < pour->count; i++) {
        if (vlt_rows_count(pour->stream[i]->rows) > 0) {
            st = hold_against(pour, pour->stream[i]);
        }
    }
    for (size_t i = 0; st == VLT_OK && i < pour->count; i++) {
        struct pour_stream *at = pour->stream[i];

        if (vlt_rows_count(at->rows) == 0) {
            continue;
        }
        st = at->stream == NULL ? make_stream(pour, turn, at)
                                : add_columns(pour, turn->txn, at);
    }
    return st;
}

/* ---- all of it ---- */

static enum vlt_status
append_all(struct pour *pour, struct store_txn *txn,
           const struct stream *quarantine, const struct vlt_rows *bad,
           struct series_stored *out)
{
    struct series_part *part = calloc(pour->count + 1, sizeof *part);
    struct series_batch batch = { .source = pour->source->number,
                                  .seq = pour->claim.seq,
                                  .part = part };
    struct series_stored stored = { .duplicate = false };
    enum vlt_status st;

    if (part == NULL) {
        return VLT_E_NOMEM;
    }
    memcpy(batch.boot, pour->claim.boot, sizeof batch.boot);
    for (size_t i = 0; i < pour->count; i++) {
        if (vlt_rows_count(pour->stream[i]->rows) > 0) {
            part[batch.parts++] =
                (struct series_part){ .stream = pour->stream[i]->stream,
                                      .rows = pour->stream[i]->rows };
        }
    }
    st = series_append(pour->service->series, txn, &batch, out);
    if (st == VLT_OK && bad != NULL) {
        part[0] = (struct series_part){ .stream = quarantine, .rows = bad };
        batch.parts = 1;
        batch.seq = 0; /* it is noted with the good ones */
        st = series_append(pour->service->series, txn, &batch, &stored);
    }
    free(part);
    /* Too many rows at one time: no other try makes them fewer. */
    return st == VLT_E_CONFLICT ? VLT_E_LIMIT : st;
}

/* Blocked since the body came, or given another token? */
static enum vlt_status
check_source(struct pour *pour, struct store_txn *txn)
{
    struct identity *identity = pour->service->identity;
    const struct source *now = identity_source_still(identity, pour->source->id,
                                                     pour->source->token_id);
    bool good = now != NULL && now->state == IDENTITY_CONFIRMED;

    source_release(now);
    return good ? identity_source_way(identity, txn, pour->source->id,
                                      pour->claim.way, pour->claim.over)
                : VLT_E_DENIED;
}

/* Came it before?  Then it is done, and makes no stream. */
static bool
came_before(struct pour *pour)
{
    struct series *series = pour->service->series;
    const struct pour_claim *claim = &pour->claim;
    uint32_t number = pour->source->number;

    pour->below = series_below(series, number, claim->boot, claim->seq);
    return pour->below || series_knows(series, number, claim->boot, claim->seq);
}

bool
pour_makes(const struct pour *pour)
{
    bool makes =
        pour->fresh > 0 || (pour->bad_count > 0 && !quarantine_is_there(pour));

    for (size_t i = 0; !makes && i < pour->count; i++) {
        makes = pour->stream[i]->columns > pour->stream[i]->known;
    }
    return makes;
}

enum vlt_status
pour_commit(struct pour *pour, struct turn *turn, struct series_stored *out)
{
    const struct stream *quarantine = NULL;
    struct vlt_rows *bad = NULL;
    struct store_txn *txn;
    int64_t now;
    enum vlt_status st = guard_now(turn, &now);

    if (st == VLT_OK) {
        st = guard_rows(turn, NULL);
    }
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = check_source(pour, txn);
    }
    if (st == VLT_OK && came_before(pour)) {
        *out = (struct series_stored){ .duplicate = true };
        return VLT_OK;
    }
    if (st == VLT_OK) {
        st = settle(pour, turn);
    }
    if (st == VLT_OK && pour->bad_count > 0) {
        st = quarantine_stream(pour, turn, &quarantine);
        if (st == VLT_OK) {
            st = quarantine_rows(pour, now, &bad);
        }
    }
    if (st == VLT_OK) {
        st = append_all(pour, txn, quarantine, bad, out);
    }
    vlt_rows_free(bad);
    stream_release(quarantine);
    return st;
}

enum vlt_status
pour_release(struct pour *pour, struct turn *turn, struct series_stored *out)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    pour->claim.seq = 0;
    if (st == VLT_OK) {
        st = settle(pour, turn);
    }
    return st == VLT_OK ? append_all(pour, txn, NULL, NULL, out) : st;
}
