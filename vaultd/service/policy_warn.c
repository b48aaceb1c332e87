/*
 * policy_warn: the vault's streams, as warnings about a set look at them.
 */
#include <stdlib.h>
#include <string.h>

#include "service/policy_internal.h"
#include "text/policy_warn.h"

struct gathering {
    struct service *service;
    size_t count, room;
    struct policy_warn_stream *at; /* owned */
    const struct stream **stream;  /* owned: held, their names are borrowed */
    bool failed;
};

static bool
grow(struct gathering *gathering)
{
    size_t room = gathering->room == 0 ? 64 : 2 * gathering->room;
    struct policy_warn_stream *at;
    const struct stream **stream;

    if (gathering->count < gathering->room) {
        return true;
    }
    at = realloc(gathering->at, room * sizeof *at);
    gathering->at = at != NULL ? at : gathering->at;
    stream = realloc(gathering->stream, room * sizeof *stream);
    gathering->stream = stream != NULL ? stream : gathering->stream;
    gathering->room = at != NULL && stream != NULL ? room : gathering->room;
    gathering->failed = at == NULL || stream == NULL;
    return !gathering->failed;
}

/* On average, over all that is stored of it. */
static int64_t
between_two(struct service *service, const struct stream *stream)
{
    uint64_t rows;
    int64_t first;
    int64_t last;

    if (!series_extent(service->series, stream->id, &rows, &first, &last) ||
        rows < 2) {
        return 0;
    }
    return (last - first) / (int64_t)(rows - 1);
}

static bool
take(void *ctx, const struct stream *stream)
{
    struct gathering *gathering = ctx;

    if (!grow(gathering)) {
        return false;
    }
    gathering->at[gathering->count] = (struct policy_warn_stream){
        .name = vlt_slice_text(stream->name),
        .category = noun_category(stream),
        .every_ns = between_two(gathering->service, stream),
    };
    gathering->stream[gathering->count++] = stream_hold(stream);
    return true;
}

enum vlt_status
policy_warn_of(struct service *service, const struct policy_set *set,
               policy_fault_fn *fn, void *ctx)
{
    struct gathering gathering = { .service = service };
    struct policy_warn_input input = { .set = set,
                                       .now = service_effective(service) };
    enum vlt_status st;

    series_each(service->series, take, &gathering);
    input.streams = gathering.count;
    input.stream = gathering.at;
    st = gathering.failed ? VLT_E_NOMEM : policy_warn(&input, fn, ctx);
    for (size_t i = 0; i < gathering.count; i++) {
        stream_release(gathering.stream[i]);
    }
    free(gathering.stream);
    free(gathering.at);
    return st;
}
