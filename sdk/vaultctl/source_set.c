/*
 * source show, set, token, block and quarantine: one source.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/query.h"
#include "vaultctl/source.h"
#include "vaultctl/vaultctl.h"

enum { STREAM_NAME = 256 };

static const struct view_column show_columns[] = {
    { "source", "name", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "way", "way", VIEW_TEXT },
    { "over", "over", VIEW_LIST },
    { "token", "device", VIEW_TEXT },
    { "key", "id", VIEW_TEXT },
    { "streams", "streams", VIEW_LIST },
    { "makes streams", "auto", VIEW_TEXT },
    { "category of these", "category", VIEW_TEXT },
    { "rows, back, s", "window", VIEW_TEXT },
    { "rows a day", "quota.rows", VIEW_NUMBER },
    { "bytes a day", "quota.bytes", VIEW_BYTES },
    { "streams at most", "quota.streams", VIEW_NUMBER },
    { "added", "added", VIEW_AGO },
    { "rows", "rows", VIEW_NUMBER },
    { "last", "last", VIEW_AGO },
    { "quarantine", "quarantine", VIEW_NUMBER },
    { .head = NULL },
};

static const struct view_column blocked_columns[] = {
    { "source", "source", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { .head = NULL },
};

int
source_show(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "source", 0);
    return view_answer(run, "source.show", "source", show_columns);
}

int
source_set(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);
    int code = source_check_patterns(run);

    if (args_has(run->args, "auto") && args_has(run->args, "no-auto")) {
        return run_says(run, RUN_USAGE,
                        "--auto and --no-auto do not go together");
    }
    ctl_put_word(run, "source", 0);
    run_put_list(run, "streams", "streams");
    run_put_text(run, "category", "category");
    run_put_text(run, "window", "window");
    run_put_text(run, "way", "way");
    if (args_has(run->args, "auto") || args_has(run->args, "no-auto")) {
        vlt_put_bool(put, "auto", args_has(run->args, "auto"));
    }
    if (args_has(run->args, "unblock")) {
        vlt_put_bool(put, "blocked", false);
    }
    if (code == RUN_DONE) {
        code = source_put_quota(run, put);
    }
    return code == RUN_DONE
               ? view_answer(run, "source.set", "source", show_columns)
               : code;
}

int
source_token(struct run *run)
{
    int code = run_confirm(run, "Its old token, and a key that it was used "
                                "for, will open nothing any more. Go on?");

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, true);
    ctl_put_word(run, "source", 0);
    code = run_ask(run, "source.token");
    return code == RUN_DONE ? source_print_token(run) : code;
}

int
source_block(struct run *run)
{
    run_params(run, true);
    ctl_put_word(run, "source", 0);
    return view_answer(run, "source.block", NULL, blocked_columns);
}

/* The same command about the stream of what could not be understood. */
static int
of_quarantine(struct run *run, int (*fn)(struct run *run))
{
    const struct args *args = run->args;
    struct args other = *args;
    char name[STREAM_NAME];
    const char *words[] = { name, NULL };
    int len =
        snprintf(name, sizeof name, "quarantine/%s", args_word(run->args, 0));

    if (len < 0 || (size_t)len >= sizeof name) {
        return run_says(run, RUN_USAGE, "no source has so long a name");
    }
    other.words = words;
    other.count = 1;
    run->args = &other;
    int code = fn(run);

    run->args = args;
    return code;
}

static int
list(struct run *run)
{
    return query_run(run, NULL, false, NULL);
}

static const struct view_column replayed_columns[] = {
    { "source", "source", VIEW_TEXT },
    { "parts that are good now", "released", VIEW_NUMBER },
    { "rows of these", "rows", VIEW_NUMBER },
    { "rows that were there", "equal", VIEW_NUMBER },
    { "parts that stay", "kept", VIEW_NUMBER },
    { "of these, nobody knows how", "unread", VIEW_NUMBER },
    { .head = NULL },
};

/* What the calls of a replay counted, together. */
static const char *const counted[] = { "released", "rows", "equal", "kept",
                                       "unread" };

enum { COUNTED = sizeof counted / sizeof counted[0] };

/* One call; *cursor is taken, and then where the next begins, or NULL. */
static int
replay_some(struct run *run, char **cursor, uint64_t sums[COUNTED])
{
    struct vlt_json_out *put = run_params(run, true);
    int code;

    ctl_put_word(run, "source", 0);
    if (*cursor != NULL) {
        vlt_put_text(put, "cursor", *cursor);
    }
    free(*cursor);
    *cursor = NULL;
    code = run_ask(run, "source.replay");
    if (code != RUN_DONE) {
        return code;
    }
    const struct vlt_json *next = vlt_json_get(run->result, "cursor");

    for (size_t i = 0; i < COUNTED; i++) {
        sums[i] +=
            (uint64_t)vlt_json_int_of(vlt_json_get(run->result, counted[i]));
    }
    if (vlt_json_kind(next) == VLT_JSON_TEXT) {
        *cursor = vlt_text_copy(vlt_json_text_of(next));
    }
    return RUN_DONE;
}

static void
print_replayed(struct run *run, const uint64_t sums[COUNTED])
{
    struct vlt_json *all = NULL;
    struct vlt_json_out put;
    struct vlt_buf text;

    vlt_buf_init(&text, VLT_BUF_MAX);
    put = vlt_json_out(&text);
    vlt_put_object(&put, NULL);
    vlt_put_text(&put, "source", args_word(run->args, 0));
    for (size_t i = 0; i < COUNTED; i++) {
        vlt_put_uint(&put, counted[i], sums[i]);
    }
    vlt_put_end(&put);
    if (run->json) {
        vlt_buf_put_slice(&run->text, vlt_buf_slice(&text));
        vlt_buf_put_text(&run->text, "\n");
    } else if (vlt_json_parse(vlt_buf_slice(&text), VLT_BUF_MAX, 4, NULL,
                              &all) == VLT_OK) {
        view_fields(run, replayed_columns, all);
    }
    vlt_json_free(all);
    vlt_buf_free(&text);
}

/* All that lies there, a call at a time. */
static int
replay(struct run *run)
{
    uint64_t sums[COUNTED] = { 0 };
    char *cursor = NULL;
    size_t calls = 0;
    int code;

    do {
        code = replay_some(run, &cursor, sums);
        calls += code == RUN_DONE;
    } while (code == RUN_DONE && cursor != NULL);
    free(cursor);
    if (calls > 0) {
        print_replayed(run, sums);
    }
    return code;
}

int
source_quarantine(struct run *run)
{
    static const struct {
        const char *word;
        int (*fn)(struct run *run);
    } acts[] = { { "list", list }, { "drop", ctl_stream_erase } };
    const char *word = args_word(run->args, 1);

    if (word != NULL && strcmp(word, "replay") == 0) {
        return replay(run);
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (word == NULL || strcmp(word, acts[i].word) == 0) {
            return of_quarantine(run, acts[i].fn);
        }
    }
    return run_says(run, RUN_USAGE,
                    "what about it? type list, replay (read it again, by what "
                    "is set now) or drop");
}

const struct args_option source_set_options[] = {
    { "streams", "PATTERN", "what it may write, in place of what it might",
      true },
    { "auto", NULL, "it may create streams there", false },
    { "no-auto", NULL, "it may not", false },
    { "category", "CATEGORY", "of the streams that it creates, or none",
      false },
    { "window", "SPAN", "how old a row may be, or all", false },
    { "way", "WAY",
      "how it must come: key, bearer, mac or sealed; any: as it comes next",
      false },
    { "quota", "WHAT",
      "rows=N,bytes=N a day, streams=N; what is not named is as all may",
      false },
    { "unblock", NULL, "let it in again", false },
    { .name = NULL },
};

const struct args_option source_quarantine_options[] = {
    { "from", "TIME", "what came from here on", false },
    { "to", "TIME", "what came before", false },
    { "limit", "N", "at most so many rows", false },
    { "desc", NULL, "newest first", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};
