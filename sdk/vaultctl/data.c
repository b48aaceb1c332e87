#include "cli/query.h"
#include "cli/table.h"
#include "vaultctl/vaultctl.h"

static int
query(struct run *run)
{
    return query_run(run, NULL, false, NULL);
}

static int
draw(struct run *run)
{
    return query_run(run, NULL, true, NULL);
}

static int
watch(struct run *run)
{
    return query_watch(run, NULL, args_value(run->args, "cursor"));
}

/* Column and value, one by one: series differ in what they have. */
static void
put_series(struct run *run, struct table *table, const struct vlt_json *series)
{
    const struct vlt_json *columns = vlt_json_get(series, "columns");
    const struct vlt_json *values = vlt_json_get(series, "values");
    struct vlt_buf cell = { 0 };

    for (size_t i = 0;
         i < vlt_json_count(columns) && i < vlt_json_count(values); i++) {
        table_put(table, vlt_json_text_of(vlt_json_get(series, "stream")));
        vlt_buf_clear(&cell);
        view_value(vlt_json_get(series, "time"), VIEW_AGO, run->now, &cell);
        table_put(table, vlt_buf_slice(&cell));
        table_put(table, vlt_json_text_of(vlt_json_item(columns, i)));
        vlt_buf_clear(&cell);
        view_value(vlt_json_item(values, i), VIEW_TEXT, run->now, &cell);
        table_put(table, vlt_buf_slice(&cell));
    }
    vlt_buf_free(&cell);
}

static int
latest(struct run *run)
{
    static const char *const heads[] = { "stream", "when", "column", "value" };
    struct vlt_json_out *put = run_params(run, false);
    int code = query_patterns(run);

    if (code != RUN_DONE) {
        return code;
    }
    vlt_put_list(put, "streams");
    for (size_t i = 0; i < run->args->count; i++) {
        vlt_put_text(put, NULL, args_word(run->args, i));
    }
    vlt_put_end(put);
    code = run_ask(run, "data.latest");

    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    const struct vlt_json *all = vlt_json_get(run->result, "series");
    struct table *table = table_new(heads, "lllr");

    for (size_t i = 0; table != NULL && i < vlt_json_count(all); i++) {
        put_series(run, table, vlt_json_item(all, i));
    }
    if (table != NULL && table_rows(table) > 0) {
        table_print(table, run->out.colour, &run->text);
    } else {
        vlt_buf_put_text(&run->text, "no rows\n");
    }
    table_free(table);
    return code;
}

#define TIMES                                                                  \
    { "from", "TIME", "RFC 3339, a date, or 7d: seven days ago", false },      \
        { "to", "TIME", "the same; not included", false },                     \
        { "every", "SPAN", "buckets of so long, as 15min, 1h, 1d", false },    \
        { "stat", "STATS", "mean, min, max, sum, count, first, last", true },  \
        { "where", "TEST", "only rows that pass, as 'value > 20'", false },    \
        { "limit", "N", "at most so many rows", false },                       \
    {                                                                          \
        "column", "NAME", "only these columns", true                           \
    }

static const struct args_option query_options[] = {
    TIMES,
    { "desc", NULL, "newest first", false },
    { "csv", NULL,
      "CSV: of several streams, which import reads back into streams that are "
      "there; of one, which data put NAME does",
      false },
    { "ndjson", NULL, "a JSON object a line, which import reads back", false },
    { "chart", NULL, "a chart in place of the table", false },
    { .name = NULL },
};

static const struct args_option plot_options[] = {
    TIMES,
    { .name = NULL },
};

static const struct args_option watch_options[] = {
    { "cursor", "FILE", "keep the place there, and go on from it", false },
    { .name = NULL },
};

static const struct args_option put_options[] = {
    { "as", "KIND", "csv or ndjson; else told by its beginning", false },
    { .name = NULL },
};

const struct args_command noun_data[] = {
    { .name = "put",
      .takes = "NAME [FILE]",
      .says = "rows into a stream, from a file or stdin: NDJSON, or CSV with "
              "the column time and those of the stream",
      .examples = { "data put home/kitchen/temperature readings.csv",
                    "data put home/kitchen/temperature < readings.ndjson" },
      .min = 1,
      .max = 2,
      .options = put_options,
      .run = cmd_data_put },
    { .name = "query",
      .takes = "PATTERN…",
      .says = "rows of streams, as a table, CSV, JSON or a chart",
      .examples = { "data query home/kitchen/temperature --from 1d",
                    "data query 'home/**' --from 30d --every 1d --stat "
                    "mean,max --json" },
      .min = 1,
      .max = ARGS_MANY,
      .options = query_options,
      .run = query },
    { .name = "latest",
      .takes = "PATTERN…",
      .says = "the newest row of each stream",
      .examples = { "data latest 'home/**'",
                    "data latest home/kitchen/temperature --json" },
      .min = 1,
      .max = ARGS_MANY,
      .run = latest },
    { .name = "watch",
      .takes = "PATTERN…",
      .says = "rows as they come, until ^C",
      .examples = { "data watch 'home/**'", "data watch 'home/**' --json" },
      .min = 1,
      .max = ARGS_MANY,
      .options = watch_options,
      .run = watch },
    { .name = "plot",
      .takes = "PATTERN…",
      .says = "a chart in the terminal",
      .examples = { "data plot home/kitchen/temperature --from 7d",
                    "data plot 'home/energy/**' --from 30d --every 1d" },
      .min = 1,
      .max = ARGS_MANY,
      .options = plot_options,
      .run = draw },
    { .name = NULL },
};
