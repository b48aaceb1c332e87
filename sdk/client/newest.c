#include "client/newest.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void
vlt_newest_repeat(struct vlt_newest *newest, bool repeats)
{
    for (size_t i = 0; i < newest->count; i++) {
        newest->list[i].repeats = repeats;
    }
}

static struct vlt_newest_stream *
find(struct vlt_newest *newest, const char *stream)
{
    for (size_t i = 0; i < newest->count; i++) {
        if (strcmp(newest->list[i].stream, stream) == 0) {
            return &newest->list[i];
        }
    }
    return NULL;
}

/* NULL: no memory; then a row may come twice, but none is lost. */
static struct vlt_newest_stream *
add(struct vlt_newest *newest, const char *stream)
{
    struct vlt_newest_stream *more =
        realloc(newest->list, (newest->count + 1) * sizeof *more);

    if (more == NULL) {
        return NULL;
    }
    newest->list = more;
    more[newest->count] = (struct vlt_newest_stream){
        .stream = vlt_text_copy(vlt_slice_text(stream)), .time = INT64_MIN
    };
    return more[newest->count].stream != NULL ? &more[newest->count++] : NULL;
}

size_t
vlt_newest_pass(struct vlt_newest *newest, const char *stream,
                const struct vlt_rows *rows)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t count = vlt_rows_count(rows);
    struct vlt_newest_stream *at = find(newest, stream);
    size_t skipped = 0;

    if (at == NULL) {
        at = add(newest, stream);
    }
    if (at == NULL || count == 0) {
        return 0;
    }
    while (at->repeats && skipped < count && times[skipped] <= at->time) {
        skipped++;
    }
    if (skipped < count) {
        at->repeats = false;
    }
    if (times[count - 1] > at->time) {
        at->time = times[count - 1];
    }
    return skipped;
}

void
vlt_newest_free(struct vlt_newest *newest)
{
    for (size_t i = 0; i < newest->count; i++) {
        free(newest->list[i].stream);
    }
    free(newest->list);
    *newest = (struct vlt_newest){ 0 };
}
