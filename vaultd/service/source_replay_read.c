/*
 * The reading half of source.replay: parts of a quarantine into a pour.
 */
#include <stdlib.h>

#include "service/noun_internal.h"
#include "service/replay_internal.h"
#include "service/source_internal.h"

enum {
    BYTES = 8 << 20, /* of parts, decoded */
};

/* Columns of a quarantine. */
enum { REASON, PLACE, RAW, HOW };

static enum vlt_status
scan(struct call *call, struct replay *replay)
{
    struct series_want want = { .from = replay->from.time,
                                .to = replay->until };
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(call->service->store, &read);

    replay->at = replay->from;
    if (st == VLT_OK) {
        st = quarantine_rows_new(replay->stream, &replay->rows);
    }
    if (st == VLT_OK) {
        st = series_scan(call->service->series, store_read_view(read),
                         replay->stream, &want, &replay->at, REPLAY_PARTS,
                         BYTES, replay->rows, &replay->more);
    }
    store_read_end(read);
    return st;
}

/* The next one begins with part i, which this one leaves. */
static void
go_on_at(struct replay *replay, size_t i)
{
    const int64_t *times = vlt_rows_times(replay->rows);
    size_t before = 0;

    while (before < i && times[i - before - 1] == times[i]) {
        before++;
    }
    replay->at.time = times[i];
    replay->at.count = (uint32_t)before;
    if (before == i && times[i] == replay->from.time) {
        replay->at.count += replay->from.count;
    }
    replay->more = true;
}

/* At most so many.  Those at the last time, where others may follow at it,
 * wait: what lies in the stretch is known whole. */
static void
count_whole(struct replay *replay)
{
    const int64_t *times = vlt_rows_times(replay->rows);
    size_t all = vlt_rows_count(replay->rows);
    size_t most = replay->most > 0 ? replay->most : 1;
    size_t next = most < all ? most : all - 1; /* the first that may wait */

    replay->count = all;
    if (most < all || (replay->more && all > 1)) {
        replay->count = next;
        while (replay->count > 1 && times[replay->count - 1] == times[next]) {
            replay->count--;
        }
        go_on_at(replay, replay->count);
    }
}

/* Part i as it came.  *how: with no adapter where that is not known. */
static enum vlt_status
read_part(const struct replay *replay, size_t i, struct quarantine_how *how,
          struct vlt_buf *raw)
{
    struct vlt_slice text = vlt_rows_text(replay->rows, i, RAW);

    *how = (struct quarantine_how){ .adapter = NULL };
    if (replay->stream->columns <= HOW ||
        !quarantine_how_get(vlt_rows_text(replay->rows, i, HOW), how)) {
        return VLT_OK;
    }
    vlt_buf_clear(raw);
    if (!how->coded) {
        vlt_buf_put_slice(raw, text);
    } else if (vlt_base64_get(text, raw) != VLT_OK) {
        how->adapter = NULL;
    }
    return vlt_buf_status(raw);
}

static enum vlt_status
pour_again(struct replay *replay, size_t i, struct vlt_buf *raw)
{
    struct quarantine_how how;
    enum vlt_status st = read_part(replay, i, &how, raw);

    replay->stays[i] = true;
    quarantine_clear(replay->pour); /* what is bad lies there already */
    if (st != VLT_OK || how.adapter == NULL) {
        replay->unread++;
        return st;
    }
    struct adapter_input input = { .body = vlt_buf_slice(raw),
                                   .received = how.received,
                                   .precision = how.precision };

    st = pour_more(replay->pour, how.adapter, &input);
    if (st == VLT_OK && replay->pour->bad_count == 0) {
        replay->stays[i] = false;
        replay->first = replay->good == 0 ? i : replay->first;
        replay->end = i + 1;
        replay->good++;
    }
    return st;
}

/* The same; one that cannot be read through stays.  Where it may be that all
 * together are too much the read ends before it: VLT_E_LIMIT. */
static enum vlt_status
try_again(struct replay *replay, size_t i, struct vlt_buf *raw)
{
    bool some = replay->pour->count > 0;
    enum vlt_status st = pour_again(replay, i, raw);

    if (st == VLT_E_LIMIT && some) {
        replay->most = i;
        return st;
    }
    if (st == VLT_E_LIMIT) {
        pour_clear(replay->pour); /* half a row may stand there */
    }
    return st == VLT_E_LIMIT || st == VLT_E_FORMAT ? VLT_OK : st;
}

/* What bears the times of the stretch goes with it. */
static void
widen(struct replay *replay)
{
    const int64_t *times = vlt_rows_times(replay->rows);

    while (replay->good > 0 && replay->first > 0 &&
           times[replay->first - 1] == times[replay->first]) {
        replay->first--;
    }
    while (replay->good > 0 && replay->end < replay->count &&
           times[replay->end] == times[replay->end - 1]) {
        replay->end++;
    }
}

static enum vlt_status
read_all(struct replay *replay)
{
    struct vlt_buf raw;
    enum vlt_status st = VLT_OK;

    replay->stays = calloc(replay->count + 1, sizeof *replay->stays);
    if (replay->stays == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_init(&raw, 2 * SAMPLE_RAW);
    for (size_t i = 0; st == VLT_OK && i < replay->count; i++) {
        replay->stays[i] = true;
        st = replay->most > 0 ? try_again(replay, i, &raw) : VLT_OK;
    }
    vlt_buf_free(&raw);
    widen(replay);
    return st;
}

/* What was read before goes. */
static void
begin_again(struct replay *replay)
{
    pour_clear(replay->pour);
    vlt_rows_free(replay->rows);
    free(replay->stays);
    replay->rows = NULL;
    replay->stays = NULL;
    replay->count = 0;
    replay->first = replay->end = 0;
    replay->good = replay->unread = 0;
}

static enum vlt_status
read_some(struct call *call, struct replay *replay)
{
    enum vlt_status st;

    do {
        begin_again(replay);
        st = scan(call, replay);
        if (st == VLT_OK) {
            count_whole(replay);
            st = read_all(replay);
        }
    } while (st == VLT_E_LIMIT && replay->most < replay->count);
    return st;
}

enum vlt_status
source_replay_prepare(struct call *call)
{
    struct replay *replay = call->state;
    const struct source *source;

    if (replay->pour != NULL) { /* less of it, this time */
        return read_some(call, replay);
    }
    source = identity_source_by_name(call->service->identity, replay->name);
    if (source == NULL) {
        return call_not_found(call, "source", "source", replay->name);
    }
    replay->stream = quarantine_find(call->service, source);
    if (replay->stream == NULL) {
        source_release(source);
        return VLT_OK;
    }
    replay->pour = pour_new(call->service, source);
    if (replay->pour == NULL) {
        source_release(source);
        return VLT_E_NOMEM;
    }
    return read_some(call, replay);
}
