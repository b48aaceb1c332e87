#include "service/interact_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "service/noun_internal.h"

static const struct stream_column columns[] = {
    { .id = 0, .type = VLT_TYPE_TEXT, .name = "id" },
    { .id = 1, .type = VLT_TYPE_I64, .name = "rev" },
    { .id = 2, .type = VLT_TYPE_JSON, .name = "rec" },
};

enum {
    ID,
    REV,
    REC,
    COLUMNS,
    SLICE_ROWS = 4096,
    SLICE_BYTES = 4 << 20,
};

void
interactions_free(struct interactions *list)
{
    free(list->at);
    *list = (struct interactions){ .count = 0 };
}

static enum vlt_status
new_rows(struct vlt_rows **out)
{
    struct vlt_field fields[COLUMNS];
    struct vlt_schema schema = { .fields = fields, .count = COLUMNS };

    for (size_t i = 0; i < COLUMNS; i++) {
        fields[i] =
            (struct vlt_field){ .id = columns[i].id,
                                .type = (enum vlt_type)columns[i].type };
    }
    return vlt_rows_new(&schema, out);
}

/* ---- reading ---- */

struct gathering {
    struct service *service;
    const struct store_view *view;
    const struct interact_scope *scope;
    struct interactions *out;
    enum vlt_status st;
};

/* The newest revision of an id stays. */
static enum vlt_status
keep(struct interactions *list, const struct record *record)
{
    for (size_t i = list->count; i > 0; i--) {
        struct record *at = &list->at[i - 1];

        if (memcmp(at->id, record->id, VLT_ID_LEN) == 0) {
            if (!record_supersedes(at, record)) {
                *at = *record;
            }
            return VLT_OK;
        }
        if (at->t_event < record->t_event) {
            break; /* rows come by time, and all revisions have one time */
        }
    }
    if (list->count == INTERACT_MAX) {
        return VLT_E_LIMIT;
    }
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 64 : 2 * list->cap;
        struct record *more = realloc(list->at, cap * sizeof *more);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        list->at = more;
        list->cap = cap;
    }
    list->at[list->count++] = *record;
    return VLT_OK;
}

static enum vlt_status
keep_rows(struct gathering *gathering, const struct vlt_rows *rows)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < vlt_rows_count(rows); i++) {
        struct record_fault fault;
        struct record record;

        st = record_load(vlt_rows_text(rows, i, REC), &fault, &record);
        st = st == VLT_OK ? keep(gathering->out, &record) : VLT_E_STORAGE;
    }
    return st;
}

static enum vlt_status
read_stream(struct gathering *gathering, const struct stream *stream)
{
    struct series_want want = { .from = gathering->scope->from,
                                .to = gathering->scope->to };
    struct series_at at = { .time = want.from };
    struct vlt_rows *rows = NULL;
    bool more = true;
    enum vlt_status st = new_rows(&rows);

    while (st == VLT_OK && more) {
        st = series_scan(gathering->service->series, gathering->view, stream,
                         &want, &at, SLICE_ROWS, SLICE_BYTES, rows, &more);
        if (st == VLT_OK) {
            st = keep_rows(gathering, rows);
        }
    }
    vlt_rows_free(rows);
    return st;
}

static bool
gather(void *ctx, const struct stream *stream)
{
    struct gathering *gathering = ctx;
    const char *slug = gathering->scope->slug;
    char pattern[64];

    (void)snprintf(pattern, sizeof pattern, "interaction/%s/record",
                   slug[0] != '\0' ? slug : "*");
    if (vlt_pattern_matches(vlt_slice_text(pattern),
                            vlt_slice_text(stream->name))) {
        gathering->st = read_stream(gathering, stream);
    }
    return gathering->st == VLT_OK;
}

static int
by_time(const void *a, const void *b)
{
    const struct record *x = a;
    const struct record *y = b;

    if (x->t_event != y->t_event) {
        return x->t_event < y->t_event ? -1 : 1;
    }
    return memcmp(x->id, y->id, VLT_ID_LEN);
}

static void
drop_gone(struct interactions *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (!list->at[i].gone) {
            list->at[kept++] = list->at[i];
        }
    }
    list->count = kept;
}

enum vlt_status
interact_load(struct service *service, const struct store_view *view,
              const struct interact_scope *scope, struct interactions *out)
{
    struct gathering gathering = { .service = service,
                                   .view = view,
                                   .scope = scope,
                                   .out = out,
                                   .st = VLT_OK };

    *out = (struct interactions){ .count = 0 };
    series_each(service->series, gather, &gathering);
    if (gathering.st != VLT_OK) {
        interactions_free(out);
        return gathering.st;
    }
    if (!scope->gone) {
        drop_gone(out);
    }
    if (out->count > 1) {
        qsort(out->at, out->count, sizeof *out->at, by_time);
    }
    return VLT_OK;
}

/* ---- writing ---- */

static enum vlt_status
find_or_make(struct turn *turn, const char *slug, const struct stream **out)
{
    struct series *series = turn->service->series;
    struct stream wish = { .unit = "1",
                           .category = "interaction.record",
                           .keep = INT64_MAX,
                           .columns = COLUMNS,
                           .column = columns };
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    (void)snprintf(wish.name, sizeof wish.name, "interaction/%s/record", slug);
    *out = series_now_by_name(series, vlt_slice_text(wish.name));
    if (*out != NULL) {
        return VLT_OK;
    }
    vlt_buf_init(&why, 512);
    st = series_create(series, txn, &wish, &why, out);
    vlt_buf_free(&why);
    return st == VLT_OK ? noun_log_stream(turn, *out, "created") : st;
}

static enum vlt_status
fill_row(const struct record *record, struct vlt_rows *rows)
{
    char id[VLT_ULID_TEXT];
    struct vlt_buf rec;
    enum vlt_status st = vlt_rows_add(rows, record->t_event);

    vlt_buf_init(&rec, RECORD_MAX);
    record_print(record, &rec);
    if (st == VLT_OK) {
        st = vlt_buf_status(&rec);
    }
    if (st == VLT_OK) {
        st = vlt_rows_set_text(rows, ID,
                               vlt_slice_text(vlt_ulid_print(record->id, id)));
    }
    if (st == VLT_OK) {
        vlt_rows_set(rows, REV, (uint64_t)record->rev);
        st = vlt_rows_set_text(rows, REC, vlt_buf_slice(&rec));
    }
    vlt_buf_free(&rec);
    return st;
}

enum vlt_status
interact_put(struct turn *turn, const struct record *record)
{
    const struct stream *stream = NULL;
    struct series_stored stored;
    struct series_part part;
    struct series_batch batch = { .parts = 1, .part = &part };
    struct vlt_rows *rows = NULL;
    struct store_txn *txn;
    enum vlt_status st = guard_rows(turn, NULL);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = find_or_make(turn, record->firm, &stream);
    }
    if (st == VLT_OK) {
        st = new_rows(&rows);
    }
    if (st == VLT_OK) {
        st = fill_row(record, rows);
    }
    if (st == VLT_OK) {
        part = (struct series_part){ .stream = stream, .rows = rows };
        st = series_append(turn->service->series, txn, &batch, &stored);
    }
    vlt_rows_free(rows);
    stream_release(stream);
    return st;
}
