/*
 * stream.set: category, unit and keep of a stream that is there.
 */
#include <string.h>

#include "base/time.h"
#include "service/arrival.h"
#include "service/guard_internal.h"
#include "service/stream_internal.h"
#include "json/json_write.h"

struct set {
    char name[VLT_NAME_MAX + 1];
    char category[SERIES_CATEGORY_MAX + 1]; /* "": as it is */
    char unit[SERIES_UNIT_MAX + 1];         /* likewise */
    int64_t keep;                           /* 0: as it is */
};

static void
read_keep(struct vlt_walk *params, struct set *set)
{
    struct vlt_slice text =
        vlt_walk_text_or(params, "keep", 2, 32, vlt_slice_text(""));

    if (vlt_slice_is(text, "all")) {
        set->keep = INT64_MAX;
    } else if (text.len > 0 &&
               (vlt_duration_parse(text, &set->keep) != VLT_OK ||
                set->keep < VLT_DAY || set->keep > 100 * 365 * VLT_DAY)) {
        vlt_walk_fault(params, "keep", "must be 1d to 100y, as 2y, or all");
    }
}

enum vlt_status
stream_set_check(struct call *call, struct vlt_walk *params)
{
    struct set *set = call_state(call, sizeof *set);
    struct vlt_slice none = vlt_slice_text("");

    if (set == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(set->name, sizeof set->name,
              vlt_walk_text(params, "name", 1, VLT_NAME_MAX));
    noun_copy(
        set->category, sizeof set->category,
        vlt_walk_text_or(params, "category", 1, SERIES_CATEGORY_MAX, none));
    noun_copy(set->unit, sizeof set->unit,
              vlt_walk_text_or(params, "unit", 1, SERIES_UNIT_MAX, none));
    read_keep(params, set);
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    if (set->category[0] == '\0' && set->unit[0] == '\0' && set->keep == 0) {
        return call_refuse_at(call, "name",
                              "Nothing was said of it that is to change.");
    }
    return set->category[0] != '\0' ? stream_check_category(call, set->category)
                                    : VLT_OK;
}

/* What the vault itself keeps of sources and firms is never given, so nobody
 * may call it something that is. */
static bool
is_vaults_own(const struct stream *stream)
{
    static const char interaction[] = "interaction.";

    return strcmp(stream->category, "vault.quarantine") == 0 ||
           strncmp(stream->category, interaction, sizeof interaction - 1) == 0;
}

static enum vlt_status
change(struct call *call, struct store_txn *txn, const struct stream *stream,
       const struct stream **out)
{
    const struct set *set = call->state;
    struct series_change change = {
        .category = set->category[0] != '\0' ? set->category : NULL,
        .unit = set->unit[0] != '\0' ? set->unit : NULL,
        .keep = set->keep,
    };
    enum vlt_status st;

    if (change.category != NULL && is_vaults_own(stream)) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "What '%s' holds is the vault's own, and keeps its "
                           "category.",
                           stream->name);
    }
    st = series_set(call->service->series, txn, stream->id, &change, out);
    return st == VLT_E_FORMAT
               ? call_refuse_at(call, "unit", "It cannot be shown as text.")
               : st;
}

/* What grants make of its category, where that is another. */
static enum vlt_status
move(struct call *call, struct turn *turn, const struct stream *before,
     const struct stream *now, struct vlt_json_out *json)
{
    enum vlt_status st = VLT_OK;

    vlt_put_list(json, "grants");
    if (strcmp(before->category, now->category) != 0) {
        st = arrival_moved(turn, now, json, &call->after);
    }
    vlt_put_end(json);
    return st;
}

enum vlt_status
stream_set_commit(struct call *call, struct turn *turn)
{
    const struct set *set = call->state;
    struct series *series = call->service->series;
    const struct stream *before = NULL;
    const struct stream *now = NULL;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    before = series_now_by_name(series, vlt_slice_text(set->name));
    st = before != NULL ? change(call, txn, before, &now)
                        : call_not_found(call, "name", "stream", set->name);
    if (st == VLT_OK) {
        st = noun_log_stream(turn, now, "set");
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        stream_put(&json, "stream", series, now);
        st = move(call, turn, before, now, &json);
        vlt_put_end(&json);
    }
    stream_release(before);
    stream_release(now);
    return st;
}
