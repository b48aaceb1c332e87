#include "cli/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void
free_one(struct frame *frame)
{
    for (size_t i = 0; i < frame->count; i++) {
        free(frame->columns[i].name);
    }
    free(frame->columns);
    free(frame->stream);
    vlt_buf_free(&frame->time);
    vlt_buf_free(&frame->text);
    vlt_buf_free(&frame->ends);
    vlt_buf_free(&frame->there);
}

void
frames_free(struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++) {
        free_one(&frames->at[i]);
    }
    free(frames->at);
    *frames = (struct frames){ 0 };
}

static char *
copy(const char *text)
{
    return vlt_text_copy(vlt_slice_text(text));
}

static bool
same_columns(const struct frame *frame, const struct vault_page *page)
{
    if (frame->count != page->columns) {
        return false;
    }
    for (size_t i = 0; i < frame->count; i++) {
        if (strcmp(frame->columns[i].name, page->column[i].name) != 0) {
            return false;
        }
    }
    return true;
}

static bool
fill_columns(struct frame *frame, const struct vault_page *page)
{
    frame->stream = copy(page->stream);
    frame->columns = calloc(page->columns + 1, sizeof *frame->columns);
    if (frame->stream == NULL || frame->columns == NULL) {
        return false;
    }
    for (size_t i = 0; i < page->columns; i++) {
        frame->columns[i].type = page->column[i].type;
        frame->columns[i].name = copy(page->column[i].name);
        frame->count++;
        if (frame->columns[i].name == NULL) {
            return false;
        }
    }
    return true;
}

/* The frame of the page's stream and columns, new where there is none. */
static struct frame *
frame_for(struct frames *frames, const struct vault_page *page)
{
    for (size_t i = frames->count; i-- > 0;) {
        struct frame *frame = &frames->at[i];

        if (strcmp(frame->stream, page->stream) == 0 &&
            same_columns(frame, page)) {
            return frame;
        }
    }
    struct frame *more =
        realloc(frames->at, (frames->count + 1) * sizeof *frames->at);

    if (more == NULL) {
        return NULL;
    }
    frames->at = more;
    struct frame *frame = &more[frames->count];

    *frame = (struct frame){ 0 };
    if (!fill_columns(frame, page)) {
        free_one(frame);
        return NULL;
    }
    frames->count++;
    return frame;
}

void
frame_put_cell(const struct vault_column *column, size_t row,
               struct vlt_buf *out)
{
    char number[VLT_DOUBLE_TEXT];

    if (!vault_present(column, row)) {
        return;
    }
    switch (column->type) {
    case VAULT_F64:
        vlt_buf_put_text(out, vlt_double_print(column->f64[row], number));
        return;
    case VAULT_I64:
        vlt_buf_printf(out, "%lld", (long long)column->i64[row]);
        return;
    case VAULT_BOOL:
        vlt_buf_put_text(out, column->flag[row] != 0 ? "true" : "false");
        return;
    case VAULT_TEXT:
    case VAULT_JSON:
        vlt_buf_put(out, column->text[row].at, column->text[row].len);
        return;
    }
}

static void
take_row(struct frame *frame, const struct vault_page *page, size_t row)
{
    vlt_buf_put(&frame->time, &page->time[row], sizeof page->time[row]);
    for (size_t i = 0; i < page->columns; i++) {
        frame_put_cell(&page->column[i], row, &frame->text);
        size_t end = frame->text.len;

        vlt_buf_put(&frame->ends, &end, sizeof end);
        vlt_buf_put_u8(&frame->there,
                       vault_present(&page->column[i], row) ? 1 : 0);
    }
    frame->rows++;
}

int
frames_take(void *ctx, const struct vault_page *page)
{
    struct frames *frames = ctx;

    frames->gap = frames->gap || (page->flags & VAULT_PAGE_GAP) != 0;
    if (page->stream == NULL) {
        return 0;
    }
    struct frame *frame = frame_for(frames, page);

    if (frame == NULL) {
        frames->failed = true;
        return 1;
    }
    for (size_t row = 0; row < page->rows; row++) {
        take_row(frame, page, row);
    }
    frames->failed =
        vlt_buf_failed(&frame->time) || vlt_buf_failed(&frame->text) ||
        vlt_buf_failed(&frame->ends) || vlt_buf_failed(&frame->there);
    return frames->failed ? 1 : 0;
}

static size_t
end_of(const struct frame *frame, size_t cell)
{
    size_t end;

    memcpy(&end, frame->ends.at + cell * sizeof end, sizeof end);
    return end;
}

bool
frame_cell(const struct frame *frame, size_t row, size_t column,
           struct vlt_slice *out)
{
    size_t cell = row * frame->count + column;
    size_t begin = cell == 0 ? 0 : end_of(frame, cell - 1);
    size_t len = end_of(frame, cell) - begin;

    *out = len == 0 ? vlt_slice_text("")
                    : vlt_slice_of(frame->text.at + begin, len);
    return frame->there.at[cell] != 0;
}

int64_t
frame_time(const struct frame *frame, size_t row)
{
    int64_t time;

    memcpy(&time, frame->time.at + row * sizeof time, sizeof time);
    return time;
}
