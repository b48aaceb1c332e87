/*
 * request preview: what would leave under a request, as it would be approved.
 */
#include "cli/table.h"
#include "vaultctl/vaultctl.h"

static const struct view_column stream_columns[] = {
    { "item", "n", VIEW_NUMBER },
    { "stream", "stream", VIEW_TEXT },
    { "the firm sees", "shown", VIEW_TEXT },
    { "rows", "rows", VIEW_NUMBER },
    { .head = NULL },
};

/* Heads of the rows of a stream, the time first; how they stand. */
struct heads {
    struct vlt_buf text[TABLE_COLUMNS];
    const char *at[TABLE_COLUMNS];
    char align[TABLE_COLUMNS + 1];
    size_t count;
};

static void
read_heads(const struct vlt_json *columns, struct heads *out)
{
    *out = (struct heads){ .at = { "time" }, .align = "l", .count = 1 };
    for (size_t i = 0;
         i < vlt_json_count(columns) && out->count < TABLE_COLUMNS; i++) {
        vlt_buf_put_slice(&out->text[out->count],
                          vlt_json_text_of(vlt_json_item(columns, i)));
        out->at[out->count] = vlt_buf_text(&out->text[out->count]);
        if (out->at[out->count] == NULL) {
            out->at[out->count] = "";
        }
        out->align[out->count++] = 'r';
    }
}

static void
free_heads(struct heads *heads)
{
    for (size_t i = 0; i < heads->count; i++) {
        vlt_buf_free(&heads->text[i]);
    }
}

static void
put_row(struct run *run, struct table *table, const struct heads *heads,
        const struct vlt_json *row)
{
    struct vlt_buf cell = { 0 };

    for (size_t i = 0; i < heads->count; i++) {
        vlt_buf_clear(&cell);
        view_value(vlt_json_item(row, i), VIEW_TEXT, run->now, &cell);
        table_put(table, vlt_buf_slice(&cell));
    }
    vlt_buf_free(&cell);
}

/* The newest rows of a stream, the last of all last. */
static void
show_rows(struct run *run, const struct vlt_json *stream)
{
    const struct vlt_json *rows = vlt_json_get(stream, "newest");
    size_t count = vlt_json_count(rows);
    struct heads heads;
    struct table *table;

    if (count == 0) {
        return;
    }
    read_heads(vlt_json_get(stream, "columns"), &heads);
    table = table_new(heads.at, heads.align);
    for (size_t i = count; table != NULL && i > 0; i--) {
        put_row(run, table, &heads, vlt_json_item(rows, i - 1));
    }
    vlt_buf_put_text(&run->text, "\n");
    view_value(vlt_json_get(stream, "shown"), VIEW_TEXT, run->now, &run->text);
    vlt_buf_printf(&run->text, ", the last %zu of %lld%s\n", count,
                   (long long)vlt_json_int_of(vlt_json_get(stream, "rows")),
                   vlt_json_bool_of(vlt_json_get(stream, "more")) ? " and more"
                                                                  : "");
    if (table != NULL) {
        table_print(table, run->out.colour, &run->text);
    }
    table_free(table);
    free_heads(&heads);
}

static void
show_part(struct run *run, const struct vlt_json *part)
{
    const struct vlt_json *streams = vlt_json_get(part, "streams");

    vlt_buf_put_text(&run->text, "for ");
    view_value(vlt_json_get(part, "purpose"), VIEW_TEXT, run->now, &run->text);
    vlt_buf_put_text(&run->text, ": ");
    view_value(view_member(part, "grant.action"), VIEW_TEXT, run->now,
               &run->text);
    vlt_buf_put_text(&run->text, "\n");
    ctl_show_least(run, view_member(part, "grant.items"),
                   vlt_json_int_of(vlt_json_get(part, "min_readings")));
    if (vlt_json_count(streams) == 0) {
        vlt_buf_put_text(&run->text, "no stream of it would be read now\n");
        return;
    }
    view_table(run, stream_columns, streams);
    for (size_t i = 0; i < vlt_json_count(streams); i++) {
        show_rows(run, vlt_json_item(streams, i));
    }
}

int
cmd_request_preview(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);

    ctl_put_word(run, "request", 0);
    int code = ctl_put_only(run, put);

    if (code == RUN_DONE) {
        code = ctl_put_narrow(run, put);
    }
    if (code == RUN_DONE) {
        code = run_put_int(run, "limit", "rows");
    }
    if (code == RUN_DONE) {
        code = run_ask(run, "request.preview");
    }
    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    const struct vlt_json *parts = vlt_json_get(run->result, "parts");

    for (size_t i = 0; i < vlt_json_count(parts); i++) {
        vlt_buf_put_text(&run->text, i > 0 ? "\n" : "");
        show_part(run, vlt_json_item(parts, i));
    }
    if (vlt_json_bool_of(vlt_json_get(run->result, "more"))) {
        vlt_buf_put_text(&run->text, "\nand more streams; name some by "
                                     "--streams\n");
    }
    return code;
}
