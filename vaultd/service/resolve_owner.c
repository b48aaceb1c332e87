/*
 * resolve_owner: which streams and columns an answer to the owner has (a
 * worker).
 */
#include <stdio.h>
#include <string.h>

#include "service/resolve_internal.h"

/* Filters that the scan applies: of the owner's only, since a firm's are
 * applied to what it is given. */
static enum vlt_status
pick_where(struct page *page, const struct stream *stream,
           struct series_want *want)
{
    const struct asked *asked = &page->reading->asked;

    for (size_t i = 0; i < asked->wheres; i++) {
        int at =
            stream_column_find(stream, vlt_slice_text(asked->where[i].column));

        if (at < 0 || resolve_is_text(stream->column[at].type)) {
            (void)snprintf(page->fault.at, sizeof page->fault.at,
                           "where[%zu].column", i);
            return resolve_refuse(page, VLT_E_FORMAT, VLT_RPC_PARAMS,
                                  "A stream has no such column of numbers.");
        }
        want->where[i] = (struct series_where){
            .column = stream->column[at].id,
            .compare = asked->where[i].compare,
            .value = asked->where[i].value,
        };
        want->where_count++;
    }
    return VLT_OK;
}

struct gathering {
    struct page *page;
    enum vlt_status st;
};

static bool
gather(void *ctx, const struct stream *stream)
{
    struct gathering *gathering = ctx;
    struct reading *reading = gathering->page->reading;
    struct series_want want = { .columns = 0 };
    struct read_stream *at;

    if (!resolve_matches(&reading->asked, stream->name) ||
        !resolve_columns(&reading->asked, stream, reading->asked.every != 0,
                         &want)) {
        return true;
    }
    gathering->st = pick_where(gathering->page, stream, &want);
    if (gathering->page->refused) {
        return false;
    }
    if (reading->count == READING_STREAMS) {
        gathering->st =
            resolve_refuse(gathering->page, VLT_E_LIMIT, VLT_RPC_PARAMS,
                           "Over 1,024 streams match; ask for fewer.");
        return false;
    }
    at = resolve_add(reading, stream);
    if (at == NULL) {
        gathering->st = VLT_E_NOMEM;
        return false;
    }
    at->want.columns = want.columns;
    memcpy(at->want.column, want.column, sizeof want.column);
    at->want.where_count = want.where_count;
    memcpy(at->want.where, want.where, sizeof want.where);
    return true;
}

/* A name without * that is no stream's: said, with the name. */
static enum vlt_status
check_names(struct page *page)
{
    const struct reading *reading = page->reading;

    for (size_t i = 0; i < reading->asked.patterns; i++) {
        const char *name = reading->asked.pattern[i];
        const struct stream *stream;

        if (resolve_has_star(name)) {
            continue;
        }
        stream = series_by_name(reading->service->series, vlt_slice_text(name));
        if (stream == NULL) {
            (void)snprintf(page->fault.at, sizeof page->fault.at,
                           "streams[%zu]", i);
            (void)snprintf(page->fault.detail, sizeof page->fault.detail,
                           "not_found");
            (void)resolve_refuse(page, VLT_E_NOT_FOUND, VLT_RPC_PARAMS, "");
            (void)snprintf(page->fault.message, sizeof page->fault.message,
                           "There is no stream '%s'.", name);
            return VLT_OK;
        }
        stream_release(stream);
    }
    return VLT_OK;
}

enum vlt_status
resolve_for_owner(struct reading *reading, struct page *page)
{
    struct gathering gathering = { .page = page, .st = VLT_OK };
    enum vlt_status st = check_names(page);

    if (st != VLT_OK || page->refused) {
        return st;
    }
    series_each(reading->service->series, gather, &gathering);
    if (gathering.st == VLT_OK && !page->refused && reading->count == 0 &&
        reading->asked.columns > 0) {
        (void)snprintf(page->fault.at, sizeof page->fault.at, "columns");
        return resolve_refuse(page, VLT_E_FORMAT, VLT_RPC_PARAMS,
                              "No matching stream has such a column.");
    }
    return gathering.st;
}
