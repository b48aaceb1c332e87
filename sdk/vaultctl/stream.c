#include <string.h>

#include "vaultctl/streams.h"
#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "stream", "name", VIEW_TEXT },
    { "samples", "samples", VIEW_NUMBER },
    { "unit", "unit", VIEW_TEXT },
    { "category", "category", VIEW_TEXT },
    { "last", "last", VIEW_AGO },
    { "size", "bytes", VIEW_BYTES },
    { .head = NULL },
};

static const struct view_column show_columns[] = {
    { "stream", "name", VIEW_TEXT },
    { "id", "id", VIEW_TEXT },
    { "unit", "unit", VIEW_TEXT },
    { "category", "category", VIEW_TEXT },
    { "kept", "keep", VIEW_TEXT },
    { "samples", "samples", VIEW_NUMBER },
    { "first", "first", VIEW_TEXT },
    { "last", "last", VIEW_TEXT },
    { "size", "bytes", VIEW_BYTES },
    { "created", "created", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column column_columns[] = {
    { "column", "name", VIEW_TEXT },
    { "type", "type", VIEW_TEXT },
    { .head = NULL },
};

/* "temp:f64", or "temp", which is f64. */
static void
put_column(struct vlt_json_out *put, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);

    vlt_put_object(put, NULL);
    vlt_put_slice(put, "name", vlt_slice_of(text, len));
    vlt_put_text(put, "type", colon != NULL ? colon + 1 : "f64");
    vlt_put_end(put);
}

static int
create(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "name", 0);
    vlt_put_list(put, "columns");
    if (!args_has(run->args, "column")) {
        put_column(put, "value:f64");
    }
    for (size_t i = 0; args_each(run->args, "column", i) != NULL; i++) {
        put_column(put, args_each(run->args, "column", i));
    }
    vlt_put_end(put);
    if (args_has(run->args, "unit")) {
        streams_put_unit(run, put, args_word(run->args, 0),
                         args_value(run->args, "unit"));
    }
    run_put_text(run, "category", "category");
    run_put_text(run, "keep", "keep");
    return view_answer(run, "stream.create", "stream", show_columns);
}

static int
fill_list(struct run *run)
{
    ctl_put_word(run, "match", 0);
    run_put_text(run, "category", "category");
    return RUN_DONE;
}

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "stream.list",
        .array = "streams",
        .columns = list_columns,
        .none = "no streams; type: vaultctl stream create NAME --unit UCUM "
                "--category CATEGORY",
        .fill = fill_list,
    };

    return view_list(run, &view);
}

static int
show(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "name", 0);
    int code = view_answer(run, "stream.show", "stream", show_columns);

    if (code != RUN_DONE || run->json) {
        return code;
    }
    const struct vlt_json *grants = vlt_json_get(run->result, "grants");

    vlt_buf_put_text(&run->text, "\n");
    view_table(run, column_columns, view_member(run->result, "stream.columns"));
    vlt_buf_printf(&run->text, "\n%zu grant%s reach%s it\n",
                   vlt_json_count(grants),
                   vlt_json_count(grants) == 1 ? "" : "s",
                   vlt_json_count(grants) == 1 ? "es" : "");
    return code;
}

static const struct view_column erased_columns[] = {
    { "erase", "erase", VIEW_TEXT }, { "rows", "rows", VIEW_NUMBER },
    { "from", "from", VIEW_TEXT },   { "to", "to", VIEW_TEXT },
    { "state", "state", VIEW_TEXT }, { .head = NULL },
};

/* clang-format off */
static const struct view_column erasure_columns[] = {
    { "erase", "erase", VIEW_TEXT },
    { "stream", "stream", VIEW_TEXT },
    { "at", "at", VIEW_AGO },
    { "rows", "rows", VIEW_NUMBER },
    { "from", "from", VIEW_TEXT },
    { "to", "to", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { .head = NULL },
};
/* clang-format on */

/* What is destroyed is named: a yes is said too fast. */
static int
erase_confirm(struct run *run)
{
    const char *name = args_word(run->args, 0);
    struct vlt_buf ask;
    int code;

    vlt_buf_init(&ask, 0);
    vlt_buf_printf(&ask,
                   args_has(run->args, "from") || args_has(run->args, "to")
                       ? "The rows of that time of %s will be gone for good, "
                         "for you as well. Type its name"
                       : "The stream %s will be gone for good, for you as "
                         "well. Type its name",
                   name);
    code = run_confirm_name(run, vlt_buf_text(&ask), name);
    vlt_buf_free(&ask);
    return code;
}

static void
show_erased(struct run *run)
{
    struct vlt_slice state =
        vlt_json_text_of(vlt_json_get(run->result, "state"));

    if (!vlt_json_bool_of(vlt_json_get(run->result, "in_place"))) {
        vlt_buf_put_text(&run->text,
                         "\nThis file system does not write over what was "
                         "there: key files that were destroyed may be on the "
                         "disk until it uses their place again.\n");
    }
    if (vlt_slice_is(state, "pending")) {
        vlt_buf_put_text(&run->text,
                         "\nNobody reads it any more, but its keys are on the "
                         "disk still: they could not be destroyed now, and "
                         "that is tried again. See: vaultctl stream "
                         "erasures\n");
    }
    long long backups =
        vlt_json_int_of(vlt_json_get(run->result, "backups_all"));

    if (backups > 0) {
        vlt_buf_printf(&run->text,
                       "\n%lld backup%s that the vault knows of hold%s it "
                       "still; see: vaultctl backup list\n",
                       backups, backups == 1 ? "" : "s",
                       backups == 1 ? "s" : "");
    }
}

int
ctl_stream_erase(struct run *run)
{
    int code = erase_confirm(run);

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, true);
    ctl_put_word(run, "name", 0);
    code = run_put_time(run, "from", "from");
    if (code == RUN_DONE) {
        code = run_put_time(run, "to", "to");
    }
    if (code == RUN_DONE) {
        code = view_answer(run, "stream.erase", NULL, erased_columns);
    }
    if (code == RUN_DONE && !run->json) {
        show_erased(run);
    }
    return code;
}

static int
erasures(struct run *run)
{
    static const struct view_list view = {
        .method = "stream.erasures",
        .array = "erasures",
        .columns = erasure_columns,
        .none = "nothing was erased",
    };

    return view_list(run, &view);
}

static const struct view_column set_columns[] = {
    { "stream", "stream.name", VIEW_TEXT },
    { "unit", "stream.unit", VIEW_TEXT },
    { "category", "stream.category", VIEW_TEXT },
    { "kept", "stream.keep", VIEW_TEXT },
    { "grants that gave it, and do no more", "grants", VIEW_LIST },
    { .head = NULL },
};

/* What is older than it is kept is gone by tomorrow. */
static int
set(struct run *run)
{
    const char *keep = args_value(run->args, "keep");
    int code = RUN_DONE;

    if (keep != NULL && strcmp(keep, "all") != 0) {
        code = run_confirm(run, "Rows that are older will be gone for good, "
                                "for you as well. Go on?");
    }
    if (code != RUN_DONE) {
        return code;
    }
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "name", 0);
    run_put_text(run, "category", "category");
    if (args_has(run->args, "unit")) {
        streams_put_unit(run, put, args_word(run->args, 0),
                         args_value(run->args, "unit"));
    }
    run_put_text(run, "keep", "keep");
    return view_answer(run, "stream.set", NULL, set_columns);
}

static const struct args_option set_options[] = {
    { "category", "CATEGORY",
      "as home.climate; grants of another category lose it", false },
    { "unit", "UCUM", "of the numbers that are there, as Cel", false },
    { "keep", "SPAN", "as 2y, or all", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

static const struct args_option erase_options[] = {
    { "from", "TIME", "rows from here on; from the first where it is not said",
      false },
    { "to", "TIME", "rows before; to the last where it is not said", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

static const struct args_option create_options[] = {
    { "column", "NAME:TYPE",
      "f64, i64, bool, text or json; value:f64 where none is named", true },
    { "unit", "UCUM", "as Cel, kW.h, or °C, kWh; 1 where it is not said",
      false },
    { "category", "CATEGORY", "as home.climate; unsorted is never given",
      false },
    { "keep", "SPAN", "as 2y; for ever where it is not said", false },
    { .name = NULL },
};

static const struct args_option list_options[] = {
    { "category", "CATEGORY", "only these, and what is below", false },
    { .name = NULL },
};

const struct args_command noun_stream[] = {
    { .name = "create",
      .takes = "NAME",
      .says = "make a stream",
      .examples = { "stream create home/kitchen/temperature --unit Cel "
                    "--category home.climate",
                    "stream create me/ride --column lat:f64 --column lon:f64 "
                    "--category location.precise" },
      .min = 1,
      .max = 1,
      .options = create_options,
      .run = create },
    { .name = "list",
      .takes = "[PATTERN]",
      .says = "streams, how much they hold, when something came last",
      .examples = { "stream list", "stream list 'home/**'" },
      .max = 1,
      .options = list_options,
      .run = list },
    { .name = "show",
      .takes = "NAME",
      .says = "one stream, with its columns",
      .examples = { "stream show home/kitchen/temperature",
                    "stream show home/kitchen/temperature --json" },
      .min = 1,
      .max = 1,
      .run = show },
    { .name = "set",
      .takes = "NAME",
      .says = "its category, its unit, or how long rows are kept",
      .examples = { "stream set home/new --category home.climate",
                    "stream set home/kitchen/temperature --keep 2y" },
      .min = 1,
      .max = 1,
      .options = set_options,
      .run = set },
    { .name = "erase",
      .takes = "NAME",
      .says = "destroy a stream, or the rows of a time of it, for good",
      .examples = { "stream erase home/kitchen/temperature",
                    "stream erase me/ride --from 2026-05-01 --to 2026-06-01" },
      .min = 1,
      .max = 1,
      .options = erase_options,
      .run = ctl_stream_erase },
    { .name = "erasures",
      .says = "what was erased, and how far that is",
      .examples = { "stream erasures" },
      .run = erasures },
    { .name = NULL },
};
