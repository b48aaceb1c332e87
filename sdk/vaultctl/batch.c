#include "vaultctl/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The largest whole number that a double holds with all below it. */
#define WHOLE_MAX (INT64_C(1) << 53)

void
batch_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->room; i++) {
        vlt_buf_free(&batch->groups[i].columns);
        vlt_buf_free(&batch->groups[i].rows);
    }
    free(batch->groups);
    *batch = (struct batch){ 0 };
}

/* The memory stays: the next batch is much like this one. */
void
batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        vlt_buf_clear(&batch->groups[i].columns);
        vlt_buf_clear(&batch->groups[i].rows);
    }
    batch->count = 0;
    batch->next = 0;
    batch->rows = 0;
    batch->bytes = 0;
}

bool
batch_full(const struct batch *batch, size_t bytes)
{
    return batch->rows > 0 &&
           (batch->rows >= BATCH_ROWS || batch->count >= BATCH_GROUPS ||
            batch->bytes + bytes > BATCH_BYTES);
}

static enum vlt_status
misfit(const struct streams_column *column, const struct import_cell *cell,
       char *says)
{
    snprintf(says, IMPORT_SAYS, "%.64s is %s in the stream, and %s here",
             column->name, streams_type_word(column->type),
             streams_type_word(cell->type));
    return VLT_E_FORMAT;
}

static enum vlt_status
put_cell(struct vlt_json_out *put, const struct streams_column *column,
         const struct import_cell *cell, char *says)
{
    bool whole_as_real = column->type == IMPORT_F64 &&
                         cell->type == IMPORT_I64 && cell->whole <= WHOLE_MAX &&
                         cell->whole >= -WHOLE_MAX;

    if (column->type != cell->type && !whole_as_real) {
        return misfit(column, cell, says);
    }
    switch (cell->type) {
    case IMPORT_F64:
        vlt_put_double(put, NULL, cell->real);
        break;
    case IMPORT_I64:
        vlt_put_int(put, NULL, cell->whole);
        break;
    case IMPORT_BOOL:
        vlt_put_bool(put, NULL, cell->whole != 0);
        break;
    case IMPORT_TEXT:
        vlt_put_slice(put, NULL, cell->text);
        break;
    case IMPORT_JSON:
        vlt_put_raw(put, NULL, cell->text);
        break;
    }
    return VLT_OK;
}

enum vlt_status
batch_write(struct stream *stream, const struct import_row *row,
            struct vlt_buf *columns, struct vlt_buf *cells, char *says)
{
    vlt_buf_clear(columns);
    vlt_buf_clear(cells);
    struct vlt_json_out names = vlt_json_out(columns);
    struct vlt_json_out put = vlt_json_out(cells);

    vlt_put_list(&names, NULL);
    vlt_put_list(&put, NULL);
    vlt_put_time(&put, NULL, row->time);
    for (size_t i = 0; i < row->count; i++) {
        const struct import_cell *cell = &row->cells[i];
        const struct streams_column *column =
            streams_column(stream, cell->column);

        if (column == NULL) {
            snprintf(says, IMPORT_SAYS, "the stream has no column %.*s",
                     (int)cell->column.len, (const char *)cell->column.at);
            return VLT_E_FORMAT;
        }
        enum vlt_status st = put_cell(&put, column, cell, says);

        if (st != VLT_OK) {
            return st;
        }
        vlt_put_slice(&names, NULL, cell->column);
    }
    vlt_put_end(&names);
    vlt_put_end(&put);
    if (cells->len + columns->len + strlen(stream->name) > BATCH_BYTES) {
        snprintf(says, IMPORT_SAYS, "the row is too large for one message");
        return VLT_E_FORMAT;
    }
    return vlt_buf_failed(cells) || vlt_buf_failed(columns) ? VLT_E_NOMEM
                                                            : VLT_OK;
}

static bool
is_of(const struct batch_group *group, const struct stream *stream,
      const struct vlt_buf *columns)
{
    return group->stream == stream &&
           vlt_slice_equal(vlt_buf_slice(&group->columns),
                           vlt_buf_slice(columns));
}

/* Streams of a file mostly come in turn, so the group behind the last one is
 * tried first. */
static struct batch_group *
find(struct batch *batch, const struct stream *stream,
     const struct vlt_buf *columns)
{
    for (size_t i = 0; i < batch->count; i++) {
        size_t at = (batch->next + i) % batch->count;

        if (is_of(&batch->groups[at], stream, columns)) {
            batch->next = (at + 1) % batch->count;
            return &batch->groups[at];
        }
    }
    return NULL;
}

static struct batch_group *
add(struct batch *batch, const struct stream *stream,
    const struct vlt_buf *columns)
{
    if (batch->count == batch->room) {
        size_t more = batch->room == 0 ? 16 : batch->room * 2;
        struct batch_group *groups =
            realloc(batch->groups, more * sizeof *groups);

        if (groups == NULL) {
            return NULL;
        }
        memset(groups + batch->room, 0, (more - batch->room) * sizeof *groups);
        batch->groups = groups;
        batch->room = more;
    }
    struct batch_group *group = &batch->groups[batch->count++];

    group->stream = stream;
    vlt_buf_put_slice(&group->columns, vlt_buf_slice(columns));
    batch->bytes += columns->len + strlen(stream->name) + 40;
    batch->next = 0;
    return group;
}

enum vlt_status
batch_put(struct batch *batch, const struct stream *stream,
          const struct vlt_buf *columns, const struct vlt_buf *cells)
{
    struct batch_group *group = find(batch, stream, columns);

    if (group == NULL) {
        group = add(batch, stream, columns);
    }
    if (group == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_buf_put_text(&group->rows, group->rows.len > 0 ? "," : "");
    vlt_buf_put_slice(&group->rows, vlt_buf_slice(cells));
    batch->bytes += cells->len + 1;
    batch->rows++;
    return vlt_buf_status(&group->rows);
}

void
batch_print(const struct batch *batch, struct vlt_json_out *put)
{
    vlt_put_list(put, "streams");
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_group *group = &batch->groups[i];

        vlt_put_object(put, NULL);
        vlt_put_text(put, "stream", group->stream->name);
        vlt_put_raw(put, "columns", vlt_buf_slice(&group->columns));
        vlt_put_list(put, "rows");
        vlt_put_raw(put, NULL, vlt_buf_slice(&group->rows));
        vlt_put_end(put);
        vlt_put_end(put);
    }
    vlt_put_end(put);
}
