#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/progress.h"
#include "vaultctl/vaultctl.h"

static const struct view_column backup_columns[] = {
    { "id", "id", VIEW_TEXT },
    { "made", "time", VIEW_AGO },
    { "state", "state", VIEW_TEXT },
    { "commit", "commit", VIEW_NUMBER },
    { "bytes", "bytes", VIEW_BYTES },
    { "file", "file", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column verify_columns[] = {
    { "file", "file", VIEW_TEXT },
    { "whole", "ok", VIEW_TEXT },
    { .head = NULL },
};

/* The daemon writes and reads the file: it is told a path from the root on. */
static int
put_file(struct run *run)
{
    const char *word = args_word(run->args, 0);
    struct vlt_buf path = { 0 };
    char here[PATH_MAX];

    if (word[0] != '/') {
        if (getcwd(here, sizeof here) == NULL) {
            return run_says(run, RUN_FAILED,
                            "this folder has no path: %s; name the file from "
                            "the root on",
                            strerror(errno));
        }
        vlt_buf_printf(&path, "%.4000s/", here);
    }
    vlt_buf_put_text(&path, word);
    int code = RUN_DONE;

    if (vlt_buf_failed(&path)) {
        code = run_says(run, RUN_FAILED, "no memory");
    } else {
        vlt_put_slice(&run->put, "file", vlt_buf_slice(&path));
    }
    vlt_buf_free(&path);
    return code;
}

/* How far the daemon says that it is. */
static void
on_notice(void *ctx, const char *method, const char *params)
{
    struct progress *progress = ctx;
    struct vlt_json *document = NULL;

    if (strcmp(method, "job.progress") != 0 ||
        vlt_json_parse(vlt_slice_text(params), 4096, 4, NULL, &document) !=
            VLT_OK) {
        return;
    }
    progress->all = (uint64_t)vlt_json_int_of(vlt_json_get(document, "all"));
    progress_at(progress,
                (uint64_t)vlt_json_int_of(vlt_json_get(document, "done")), 0);
    vlt_json_free(document);
}

/* Ask for what takes a while. */
static int
ask_long(struct run *run, const char *method, const char *what)
{
    struct progress progress = progress_begin(run->err, what, 0);
    int code;

    progress.of_bytes = true;
    run_params(run, false);
    code = put_file(run);
    if (code == RUN_DONE) {
        code = ctl_connect_hearing(run, on_notice, &progress);
    }
    if (code == RUN_DONE) {
        code = run_ask_long(run, method);
    }
    progress_end(&progress);
    return code;
}

static int
create(struct run *run)
{
    int code = ask_long(run, "backup.create", "backup");

    if (code == RUN_DONE) {
        view_result(run, "backup", backup_columns);
    }
    return code;
}

/* Line by line, so that no line break is escaped. */
static void
put_says(struct run *run, struct vlt_slice says)
{
    while (says.len > 0) {
        const uint8_t *end = memchr(says.at, '\n', says.len);
        size_t len = end != NULL ? (size_t)(end - says.at) : says.len;

        vlt_buf_put_text(&run->text, "  ");
        vlt_text_put_escaped(&run->text, vlt_slice_of(says.at, len));
        vlt_buf_put_text(&run->text, "\n");
        len += end != NULL;
        says = vlt_slice_of(says.at + len, says.len - len);
    }
}

static int
verify(struct run *run)
{
    int code = ask_long(run, "backup.verify", "verify");

    if (code != RUN_DONE) {
        return code;
    }
    bool good = vlt_json_bool_of(vlt_json_get(run->result, "ok"));

    view_result(run, NULL, verify_columns);
    if (!run->json) {
        put_says(run, vlt_json_text_of(vlt_json_get(run->result, "says")));
    }
    return good ? RUN_DONE : RUN_FAILED;
}

static int
list(struct run *run)
{
    static const struct view_list list = {
        .method = "backup.list",
        .array = "backups",
        .columns = backup_columns,
        .none = "no backup was made; vaultctl backup create FILE makes one",
    };

    return view_list(run, &list);
}

const struct args_command noun_backup[] = {
    { .name = "create",
      .takes = "FILE",
      .says = "a sealed copy of the whole vault, as it is now; the daemon "
              "writes it",
      .examples = { "backup create /media/disk/home.backup",
                    "backup create home.backup --passphrase-file pass" },
      .min = 1,
      .max = 1,
      .run = create },
    { .name = "verify",
      .takes = "FILE",
      .says = "open every piece of a backup and check what is in it",
      .examples = { "backup verify /media/disk/home.backup" },
      .min = 1,
      .max = 1,
      .run = verify },
    { .name = "list",
      .says = "the backups that the vault knows of",
      .examples = { "backup list" },
      .run = list },
    { .name = NULL },
};
