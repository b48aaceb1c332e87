#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/file.h"
#include "cli/frame.h"
#include "cli/query.h"

enum { CURSOR_MAX = 8192 + 1, SUBSCRIBE_MS = 30000 };

struct watch {
    struct run *run;
    struct vault_subscription *subscription;
    const char *cursor_file;
    const char *grant;
    const volatile int *stop;
    int code;
    bool ended;
};

static void
put_json_value(struct vlt_json_out *put, const struct vault_column *column,
               size_t row)
{
    const struct vault_text *text = column->text;

    switch (column->type) {
    case VAULT_F64:
        vlt_put_double(put, column->name, column->f64[row]);
        return;
    case VAULT_I64:
        vlt_put_int(put, column->name, column->i64[row]);
        return;
    case VAULT_BOOL:
        vlt_put_bool(put, column->name, column->flag[row] != 0);
        return;
    case VAULT_TEXT:
        vlt_put_slice(put, column->name,
                      vlt_slice_of(text[row].at, text[row].len));
        return;
    case VAULT_JSON:
        vlt_put_raw(put, column->name,
                    vlt_slice_of(text[row].at, text[row].len));
        return;
    }
}

/* As a line of NDJSON, which import and data put read. */
static void
put_json_row(const struct vault_page *page, size_t row, struct vlt_buf *out)
{
    struct vlt_json_out put = vlt_json_out(out);

    vlt_put_object(&put, NULL);
    vlt_put_text(&put, "stream", page->stream);
    vlt_put_time(&put, "time", page->time[row]);
    vlt_put_object(&put, "values");
    for (size_t i = 0; i < page->columns; i++) {
        if (vault_present(&page->column[i], row)) {
            put_json_value(&put, &page->column[i], row);
        }
    }
    vlt_put_end(&put);
    vlt_put_end(&put);
    vlt_buf_put_u8(out, '\n');
}

static void
put_text_row(const struct watch *watch, const struct vault_page *page,
             size_t row, struct vlt_buf *out)
{
    char time[VLT_TIME_TEXT];
    struct vlt_buf cell = { 0 };

    vlt_buf_printf(out, "%s  %s", vlt_time_print(page->time[row], time),
                   watch->grant != NULL ? "» " : "");
    vlt_text_put_escaped(out, vlt_slice_text(page->stream));
    for (size_t i = 0; i < page->columns; i++) {
        if (!vault_present(&page->column[i], row)) {
            continue;
        }
        vlt_buf_clear(&cell);
        frame_put_cell(&page->column[i], row, &cell);
        vlt_buf_put_text(out, "  ");
        vlt_text_put_escaped(out, vlt_slice_text(page->column[i].name));
        vlt_buf_put_text(out, " ");
        vlt_text_put_escaped(out, vlt_buf_slice(&cell));
    }
    if ((page->flags & VAULT_PAGE_LATE) != 0) {
        vlt_buf_put_text(out, "  (late)");
    }
    vlt_buf_put_u8(out, '\n');
    vlt_buf_free(&cell);
}

/* The place is kept behind what was printed: a row may come twice after a
 * crash, none is lost. */
static int
keep_cursor(struct watch *watch)
{
    if (watch->cursor_file == NULL || watch->subscription == NULL) {
        return RUN_DONE;
    }
    const char *cursor = vault_subscription_cursor(watch->subscription);

    if (file_write(watch->cursor_file, vlt_slice_text(cursor)) != VLT_OK) {
        return run_says(watch->run, RUN_FAILED, "%s cannot be written: %s",
                        watch->cursor_file, strerror(errno));
    }
    return RUN_DONE;
}

static int
on_page(void *ctx, const struct vault_page *page)
{
    struct watch *watch = ctx;
    struct run *run = watch->run;

    if (page->stream == NULL) {
        return 0;
    }
    if ((page->flags & VAULT_PAGE_GAP) != 0 && !run->json) {
        /* Gaps are of grants; the owner's only catches up. */
        vlt_buf_put_text(
            &run->text,
            watch->grant != NULL
                ? "(rows may be withheld here, or more came than was taken)\n"
                : "(more came than was taken: none is left out)\n");
    }
    for (size_t row = 0; row < page->rows; row++) {
        if (run->json) {
            put_json_row(page, row, &run->text);
        } else {
            put_text_row(watch, page, row, &run->text);
        }
    }
    watch->code = run_flush(run);
    return watch->code != RUN_DONE ? 1 : 0;
}

/* Told here, since the client's sentence does not outlive the next call. */
static void
on_end(void *ctx, enum vault_status status)
{
    struct watch *watch = ctx;

    if (watch->code == RUN_DONE) {
        watch->code = keep_cursor(watch);
    }
    if (status != VAULT_OK && *watch->stop == 0) {
        watch->code = run_fail(watch->run, status);
    }
    watch->ended = true;
    watch->subscription = NULL;
}

/* Until ^C, an end, or a fault: the cursor is kept after every turn. */
static int
turn(struct watch *watch)
{
    while (!watch->ended && watch->code == RUN_DONE && *watch->stop == 0) {
        enum vault_status status =
            vault_run(watch->run->client, watch->stop, 500);

        if (status != VAULT_OK && status != VAULT_E_TIMEOUT &&
            *watch->stop == 0 && !watch->ended) {
            return run_fail(watch->run, status);
        }
        if (watch->code == RUN_DONE) {
            watch->code = keep_cursor(watch);
        }
    }
    if (watch->code != RUN_DONE) {
        return watch->code;
    }
    return *watch->stop != 0 ? RUN_INTERRUPTED : RUN_DONE;
}

static int
read_cursor(struct watch *watch, struct vlt_buf *out)
{
    if (watch->cursor_file == NULL) {
        return RUN_DONE;
    }
    enum vlt_status st = file_read(watch->cursor_file, CURSOR_MAX, out);

    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        return run_says(watch->run, RUN_FAILED,
                        "%s holds no cursor that could be read",
                        watch->cursor_file);
    }
    return RUN_DONE;
}

int
query_watch(struct run *run, const char *grant, const char *cursor_file)
{
    struct vlt_buf cursor = { 0 };
    struct watch watch = { .run = run,
                           .cursor_file = cursor_file,
                           .grant = grant };
    int code = query_patterns(run);

    if (code == RUN_DONE) {
        code = read_cursor(&watch, &cursor);
    }
    if (code == RUN_DONE) {
        code = run_connect(run);
    }
    if (code != RUN_DONE) {
        vlt_buf_free(&cursor);
        return code;
    }
    struct vault_subscribe subscribe = {
        .size = sizeof subscribe,
        .grant = grant,
        .streams = run->args->words,
        .cursor = cursor.len > 0 ? vlt_buf_text(&cursor) : NULL,
    };

    watch.stop = run_catch();
    enum vault_status status =
        vault_subscribe_wait(run->client, &subscribe, on_page, on_end, &watch,
                             SUBSCRIBE_MS, &watch.subscription);

    code = status == VAULT_OK ? turn(&watch) : run_fail(run, status);
    if (code == RUN_INTERRUPTED && watch.subscription != NULL) {
        vault_unsubscribe(watch.subscription);
    }
    vlt_buf_free(&cursor);
    return code;
}
