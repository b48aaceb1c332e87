/*
 * audit export: the entries of a log as lines of JSON, as audit.list gives
 * them, and in the last line the signed head that covers them.
 *
 * So the log can be verified without the vault: an entry's hash is SHA-256(00 ‖
 * entry), of a shredded one it is `leaf`, and all of them make the root of the
 * checkpoint (RFC 9162, 2.1.1).  From a later entry on, the last line has the
 * proof that the first one is in that tree: what stands in it for the entries
 * before is all that is missing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/file.h"
#include "cli/progress.h"
#include "vaultctl/audit.h"
#include "vaultctl/heads.h"
#include "wire/checkpoint.h"

enum { PAGE = 1000 };

struct exporting {
    struct run *run;
    const char *path;       /* NULL: stdout */
    struct file_whole file; /* there; else without fd */
    int64_t first, next;
    struct vlt_checkpoint head;
    struct vlt_buf checkpoint, proof; /* texts; owned */
    struct progress progress;
};

/* ---- where it goes ---- */

static int
cannot_write(const struct exporting *exporting)
{
    return run_says(exporting->run, RUN_FAILED, "%s cannot be written: %s",
                    exporting->path, strerror(errno));
}

static int
open_file(struct exporting *exporting)
{
    return file_begin(exporting->path, &exporting->file) == VLT_OK
               ? RUN_DONE
               : cannot_write(exporting);
}

/* What is printed so far goes out. */
static int
put_out(struct exporting *exporting)
{
    struct vlt_buf *text = &exporting->run->text;
    int code = RUN_DONE;

    if (exporting->path == NULL) {
        return run_flush(exporting->run);
    }
    if (vlt_buf_failed(text)) {
        code = run_says(exporting->run, RUN_FAILED, "no memory");
    } else if (file_put(exporting->file.fd, vlt_buf_slice(text)) != VLT_OK) {
        code = cannot_write(exporting);
    }
    vlt_buf_clear(text);
    return code;
}

static int
close_file(struct exporting *exporting, int code)
{
    enum vlt_status st = file_end(&exporting->file, code == RUN_DONE);

    return code == RUN_DONE && st != VLT_OK ? cannot_write(exporting) : code;
}

/* ---- the head that covers it ---- */

/* A tlog-proof ends in its checkpoint, behind an empty line. */
static struct vlt_slice
checkpoint_of(struct vlt_slice proof)
{
    const uint8_t *at = memmem(proof.at, proof.len, "\n\n", 2);
    size_t before = at != NULL ? (size_t)(at - proof.at) + 2 : proof.len;

    return vlt_slice_of(proof.at + before, proof.len - before);
}

/* The newest, with the proof of the first entry where others come before it. */
static int
ask_head(struct exporting *exporting)
{
    struct run *run = exporting->run;
    struct vlt_json_out *put = run_params(run, false);
    bool later = exporting->first > 0;

    run_put_text(run, "firm", "firm");
    if (later) {
        vlt_put_int(put, "index", exporting->first);
    }
    int code = run_ask(run, later ? "audit.prove" : "audit.head");

    if (code != RUN_DONE) {
        return code;
    }
    struct vlt_slice text = vlt_json_text_of(
        vlt_json_get(run->result, later ? "proof" : "checkpoint"));

    if (later) {
        vlt_buf_put_slice(&exporting->proof, text);
        text = checkpoint_of(text);
    }
    vlt_buf_put_slice(&exporting->checkpoint, text);
    return vlt_checkpoint_parse(text, &exporting->head) == VLT_OK
               ? RUN_DONE
               : run_says(run, RUN_FAILED,
                          "the log is empty, or its head is not signed");
}

/* ---- its entries ---- */

static int
put_entries(struct exporting *exporting)
{
    struct run *run = exporting->run;
    const struct vlt_json *entries = vlt_json_get(run->result, "entries");

    for (size_t i = 0; i < vlt_json_count(entries); i++) {
        const struct vlt_json *entry = vlt_json_item(entries, i);

        if (vlt_json_int_of(vlt_json_get(entry, "index")) != exporting->next) {
            break;
        }
        vlt_json_print(entry, false, &run->text);
        vlt_buf_put_u8(&run->text, '\n');
        exporting->next++;
    }
    return put_out(exporting);
}

static int
export_page(struct exporting *exporting)
{
    struct run *run = exporting->run;
    struct vlt_json_out *put = run_params(run, false);
    int64_t before = exporting->next;

    run_put_text(run, "firm", "firm");
    if (before > 0) {
        vlt_put_int(put, "after", before - 1);
    }
    vlt_put_uint(put, "before", exporting->head.size);
    vlt_put_int(put, "limit", PAGE);
    int code = run_ask(run, "audit.list");

    if (code == RUN_DONE) {
        code = put_entries(exporting);
    }
    if (code == RUN_DONE && exporting->next == before) {
        code = run_says(run, RUN_FAILED,
                        "entry %lld is missing of %llu; see vaultctl audit "
                        "verify",
                        (long long)before,
                        (unsigned long long)exporting->head.size);
    }
    return code;
}

static int
put_last_line(struct exporting *exporting)
{
    struct run *run = exporting->run;
    struct vlt_json_out json = vlt_json_out(&run->text);
    char origin[VLT_ORIGIN_TEXT];

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "origin",
                 vlt_origin_print(&exporting->head.origin, origin));
    vlt_put_int(&json, "from", exporting->first);
    vlt_put_uint(&json, "size", exporting->head.size);
    vlt_put_slice(&json, "checkpoint", vlt_buf_slice(&exporting->checkpoint));
    if (exporting->first > 0) {
        vlt_put_slice(&json, "proof", vlt_buf_slice(&exporting->proof));
    } else {
        vlt_put_null(&json, "proof");
    }
    vlt_put_end(&json);
    vlt_buf_put_u8(&run->text, '\n');
    return put_out(exporting);
}

static int
export_all(struct exporting *exporting)
{
    int64_t all;
    int code = RUN_DONE;

    exporting->next = exporting->first;
    all = (int64_t)exporting->head.size - exporting->first;
    exporting->progress =
        progress_begin(exporting->run->err, "entries", (uint64_t)all);
    while (code == RUN_DONE &&
           (uint64_t)exporting->next < exporting->head.size) {
        uint64_t done;

        code = export_page(exporting);
        done = (uint64_t)(exporting->next - exporting->first);
        progress_at(&exporting->progress, done, done);
    }
    progress_end(&exporting->progress);
    return code == RUN_DONE ? put_last_line(exporting) : code;
}

/* What was written, where it is not what is printed. */
static void
tell(const struct exporting *exporting)
{
    struct run *run = exporting->run;
    struct vlt_json_out json = vlt_json_out(&run->text);
    int64_t count = exporting->next - exporting->first;

    if (exporting->path == NULL) {
        return;
    }
    if (run->json) {
        vlt_put_object(&json, NULL);
        vlt_put_text(&json, "file", exporting->path);
        vlt_put_int(&json, "from", exporting->first);
        vlt_put_int(&json, "entries", count);
        vlt_put_uint(&json, "size", exporting->head.size);
        vlt_put_end(&json);
        vlt_buf_put_u8(&run->text, '\n');
    } else {
        vlt_buf_printf(&run->text,
                       "%lld entries and the signed head are in %s\n",
                       (long long)count, exporting->path);
    }
}

static int
read_first(struct run *run, int64_t *out)
{
    const char *text = args_value(run->args, "from-index");

    *out = 0;
    if (text == NULL ||
        (vlt_int_parse(vlt_slice_text(text), out) == VLT_OK && *out >= 0)) {
        return RUN_DONE;
    }
    return run_says(run, RUN_USAGE,
                    "--from-index \"%s\" is no index of an entry; vaultctl "
                    "audit list shows them",
                    text);
}

int
audit_export(struct run *run)
{
    struct exporting exporting = { .run = run,
                                   .path = args_value(run->args, "to"),
                                   .file = { .fd = -1 } };
    int code = read_first(run, &exporting.first);

    vlt_buf_init(&exporting.checkpoint, 0);
    vlt_buf_init(&exporting.proof, 0);
    if (code == RUN_DONE) {
        code = ask_head(&exporting);
    }
    if (code == RUN_DONE && exporting.path != NULL) {
        code = open_file(&exporting);
    }
    if (code == RUN_DONE) {
        code = export_all(&exporting);
    }
    code = close_file(&exporting, code);
    if (code == RUN_DONE) {
        tell(&exporting);
        code = audit_look(run);
    }
    vlt_buf_free(&exporting.checkpoint);
    vlt_buf_free(&exporting.proof);
    return code;
}

const struct args_option audit_export_options[] = {
    { "firm", "NAME", "the log of this firm; else that of all", false },
    { "from-index", "INDEX", "from this entry on; 0", false },
    { "to", "FILE",
      "written whole, or not at all; else stdout, of which the "
      "last line says that it is whole",
      false },
    { .name = NULL },
};
