#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "vaultctl/source.h"
#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "source", "name", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "way", "way", VIEW_TEXT },
    { "over", "over", VIEW_LIST },
    { "streams", "streams", VIEW_LIST },
    { "rows", "rows", VIEW_NUMBER },
    { "last", "last", VIEW_AGO },
    { "quarantine", "quarantine", VIEW_NUMBER },
    { .head = NULL },
};

int
source_check_patterns(struct run *run)
{
    for (size_t i = 0; args_each(run->args, "streams", i) != NULL; i++) {
        const char *text = args_each(run->args, "streams", i);

        while (*text != '\0') {
            size_t len = strcspn(text, ",");

            if (len > 0 && !vlt_pattern_valid(vlt_slice_of(text, len))) {
                return run_says(run, RUN_USAGE,
                                "--streams \"%.*s\" is no pattern of streams; "
                                "type one as home/hall/temperature or "
                                "'home/house/**'",
                                (int)len, text);
            }
            text += len + (text[len] == ',' ? 1 : 0);
        }
    }
    return RUN_DONE;
}

int
source_print_token(struct run *run)
{
    const struct vlt_json *token = vlt_json_get(run->result, "token");

    if (run->json) {
        run_print_answer(run);
        return RUN_DONE;
    }
    if (vlt_json_kind(token) != VLT_JSON_TEXT) {
        vlt_buf_put_text(&run->text, "added\n");
        return RUN_DONE;
    }
    view_value(token, VIEW_TEXT, run->now, &run->text);
    vlt_buf_put_text(&run->text, "\n");
    return run_flush(run) != RUN_DONE
               ? RUN_FAILED
               : run_says(run, RUN_DONE,
                          "this is the source's token; it is shown this once");
}

/* One part of --quota, as rows=1000.  False: it is none. */
static bool
put_amount(struct vlt_json_out *put, struct vlt_slice part)
{
    static const char *const names[] = { "rows", "bytes", "streams" };
    const uint8_t *at = memchr(part.at, '=', part.len);
    size_t len = at != NULL ? (size_t)(at - part.at) : part.len;
    int64_t amount;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (len < part.len &&
            vlt_slice_is(vlt_slice_of(part.at, len), names[i]) &&
            vlt_int_parse(vlt_slice_of(at + 1, part.len - len - 1), &amount) ==
                VLT_OK) {
            vlt_put_int(put, names[i], amount);
            return true;
        }
    }
    return false;
}

int
source_put_quota(struct run *run, struct vlt_json_out *put)
{
    const char *text = args_value(run->args, "quota");
    bool good = true;

    if (text == NULL) {
        return RUN_DONE;
    }
    vlt_put_object(put, "quota");
    while (good) {
        size_t len = strcspn(text, ",");

        good = put_amount(put, vlt_slice_of(text, len));
        if (text[len] == '\0') {
            break;
        }
        text += len + 1;
    }
    vlt_put_end(put);
    return good ? RUN_DONE
                : run_says(run, RUN_USAGE,
                           "--quota is one or more of rows=N and bytes=N a "
                           "day, and streams=N, as rows=100000,streams=10");
}

static int
add(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "name", 0);
    if (!args_has(run->args, "streams")) {
        return run_says(run, RUN_USAGE,
                        "which streams may it write? say --streams PATTERN");
    }
    int code = source_check_patterns(run);

    if (code != RUN_DONE) {
        return code;
    }
    run_put_list(run, "streams", "streams");
    if (args_has(run->args, "auto")) {
        vlt_put_bool(put, "auto", true);
    }
    run_put_text(run, "category", "category");
    run_put_text(run, "window", "window");
    run_put_text(run, "way", "way");
    run_put_text(run, "key", "key");
    code = source_put_quota(run, put);
    if (code == RUN_DONE) {
        code = run_ask(run, "source.add");
    }
    return code == RUN_DONE ? source_print_token(run) : code;
}

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "source.list",
        .array = "sources",
        .columns = list_columns,
        .none = "no sources; type: vaultctl source add NAME --streams PATTERN",
    };

    return view_list(run, &view);
}

static const struct args_option add_options[] = {
    { "streams", "PATTERN", "what it may write, as 'home/energy/**'", true },
    { "auto", NULL, "it may create streams there", false },
    { "category", "CATEGORY", "of the streams that it creates", false },
    { "window", "SPAN", "how old a row may be, or all; 48h", false },
    { "way", "WAY", "how it must come: bearer, mac, sealed, key; any", false },
    { "quota", "WHAT", "rows=N,bytes=N a day, streams=N; as all may", false },
    { "key", "KEY", "admit this vs1: key, without a token", false },
    { .name = NULL },
};

const struct args_command noun_source[] = {
    { .name = "add",
      .takes = "NAME --streams PATTERN…",
      .says = "let a device write; its token is shown once",
      .examples = { "source add meter --streams 'home/energy/**'",
                    "source add hass --streams 'home/**' --auto --category "
                    "home.climate" },
      .min = 1,
      .max = 1,
      .options = add_options,
      .run = add },
    { .name = "list",
      .says = "sources, what they may write and what came",
      .examples = { "source list", "source list --json" },
      .run = list },
    { .name = "show",
      .takes = "NAME",
      .says = "one source, with all that was said of it",
      .examples = { "source show meter", "source show meter --json" },
      .min = 1,
      .max = 1,
      .run = source_show },
    { .name = "set",
      .takes = "NAME",
      .says = "change what it may write and how it comes, or let it in again",
      .examples = { "source set meter --streams 'home/energy/**' --window all",
                    "source set meter --unblock" },
      .min = 1,
      .max = 1,
      .options = source_set_options,
      .run = source_set },
    { .name = "token",
      .takes = "NAME",
      .says = "a new token, shown once; the old one opens nothing any more",
      .examples = { "source token meter", "source token meter --yes" },
      .min = 1,
      .max = 1,
      .options = ctl_yes,
      .run = source_token },
    { .name = "block",
      .takes = "NAME",
      .says = "let it in no more; what it wrote stays",
      .examples = { "source block meter", "source block meter --json" },
      .min = 1,
      .max = 1,
      .run = source_block },
    { .name = "quarantine",
      .takes = "NAME list|replay|drop",
      .says = "what it sent that could not be understood: show it, read it "
              "again, or destroy it",
      .examples = { "source quarantine meter list --limit 20 --desc",
                    "source quarantine meter replay" },
      .min = 1,
      .max = 2,
      .options = source_quarantine_options,
      .run = source_quarantine },
    { .name = NULL },
};
