/* Is a vault as its acknowledged operations left it? */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judge_vault.h"
#include "keys/current.h"
#include "keys/files.h"
#include "look.h"
#include "model.h"
#include "util/log.h"

/* Global, since there is one judge in a program. */
static struct {
    uint64_t seed;
    unsigned ops;
    uint8_t (*hash)[VLT_HASH_LEN]; /* after so many operations */
} script;

static void
log_nowhere(void *ctx, enum log_level level, const char *line)
{
    (void)ctx;
    (void)level;
    (void)line;
}

bool
judge_begin(uint64_t seed, unsigned ops)
{
    struct model *model;

    script.seed = seed;
    script.ops = ops;
    script.hash = calloc(ops + 1, sizeof *script.hash);
    if (script.hash == NULL || vlt_secret_init() != VLT_OK) {
        return false;
    }
    model = model_new(seed);
    for (unsigned i = 0; i < ops; i++) {
        model_do(model);
        parts_hash(model_parts(model), script.hash[i + 1]);
    }
    model_free(model);
    if (getenv("CRASH_LOG") == NULL) {
        log_set_sink(log_nowhere, NULL);
    }
    return true;
}

static bool
say(const char *what, enum vlt_status st, const struct rig *rig,
    char why[JUDGE_WHY])
{
    (void)snprintf(why, JUDGE_WHY, "%s: status %d: %s", what, (int)st,
                   rig->why);
    return false;
}

/* How it differs from what is acknowledged. */
static bool
differs(const struct judge_marks *marks, const struct parts *is,
        char why[JUDGE_WHY])
{
    struct model *model = model_new(script.seed);
    struct vlt_buf text = { 0 };

    for (unsigned i = 0; i < marks->done; i++) {
        model_do(model);
    }
    parts_differ(model_parts(model), is, &text);
    (void)snprintf(why, JUDGE_WHY, "%.500s", vlt_buf_text(&text));
    vlt_buf_free(&text);
    model_free(model);
    return false;
}

/* After how many operations it is so; -1: never. */
static long
as_after(const struct judge_marks *marks, const struct parts *is)
{
    uint8_t hash[VLT_HASH_LEN];

    parts_hash(is, hash);
    for (unsigned i = marks->done; i <= marks->sent && i <= script.ops; i++) {
        if (memcmp(hash, script.hash[i], sizeof hash) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* The generation of key files that is in force; 0: it is not readable. */
static uint64_t
generation(const struct rig *rig)
{
    struct vlt_buf bytes = { 0 };
    uint64_t n = 0;
    int fd = open(rig->path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 &&
        (files_read(fd, "CURRENT", CURRENT_LEN, &bytes, NULL) != VLT_OK ||
         current_decode(vlt_buf_slice(&bytes), &n) != VLT_OK)) {
        n = 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    vlt_buf_free(&bytes);
    return n;
}

/* Is an erase that was acknowledged done, and does each have a generation of
 * its own?  One that was under way may wait for its keys to go. */
static bool
erased(const struct rig *rig, const struct judge_marks *marks,
       char why[JUDGE_WHY])
{
    bool waits =
        marks->sent > marks->done && script_kind(marks->done) == SCRIPT_ERASE;
    uint64_t least = 1;

    for (unsigned i = 0; i < marks->done; i++) {
        least += script_kind(i) == SCRIPT_ERASE;
    }
    if ((series_erase_next(rig->series) != SERIES_ERASE_KEYS || waits) &&
        generation(rig) >= least) {
        return true;
    }
    (void)snprintf(why, JUDGE_WHY,
                   "keys of what was erased are on the disk still");
    return false;
}

bool
judge_work(struct rig *rig, const struct judge_marks *marks,
           char why[JUDGE_WHY])
{
    static struct parts parts;
    struct look_about about = { .ops = marks->sent, .done = marks->done };
    struct vlt_buf text = { 0 };
    bool good = look(rig, &about, &parts, &text);

    if (!good) {
        (void)snprintf(why, JUDGE_WHY, "%.1500s", vlt_buf_text(&text));
    }
    vlt_buf_free(&text);
    return good && erased(rig, marks, why) &&
           (as_after(marks, &parts) >= 0 || differs(marks, &parts, why));
}

/* ---- copies ---- */

/* One that is there is whole; of an acknowledged one that no other took the
 * place of, it is there. */
static bool
judge_backup(struct rig *rig, unsigned op, bool must, char why[JUDGE_WHY])
{
    char path[STORE_PATH_MAX];

    rig_backup_path(rig, op, path);
    if (access(path, F_OK) != 0) {
        (void)snprintf(why, JUDGE_WHY, "backup %u is gone", op);
        return !must;
    }
    if (rig_backup_whole(rig, op)) {
        return true;
    }
    (void)snprintf(why, JUDGE_WHY, "backup %u is not whole: %.900s", op,
                   rig->why);
    return false;
}

static bool
judge_backups(struct rig *rig, const struct judge_marks *marks,
              char why[JUDGE_WHY])
{
    unsigned newest = script_backup(marks->sent);

    if (newest == 0) {
        return true;
    }
    if (!judge_backup(rig, newest, newest < marks->done, why)) {
        return false;
    }
    unsigned before = script_backup(newest);

    return before == 0 || judge_backup(rig, before, false, why);
}

/* How it differs from what it was at its backup; no anchor knows it yet. */
static bool
looks_as_after(struct rig *rig, unsigned ops, char why[JUDGE_WHY])
{
    static struct parts parts;
    struct look_about about = { .ops = ops };
    struct judge_marks then = { .sent = ops, .done = ops };
    struct vlt_buf text = { 0 };
    bool good = look(rig, &about, &parts, &text);

    if (!good) {
        (void)snprintf(why, JUDGE_WHY, "restored: %.1500s",
                       vlt_buf_text(&text));
    }
    vlt_buf_free(&text);
    return good &&
           (as_after(&then, &parts) >= 0 || differs(&then, &parts, why));
}

/* A restored vault is as the one was at its backup. */
static bool
judge_restored(const struct rig *rig, unsigned op, char why[JUDGE_WHY])
{
    unsigned of = script_backup(op);
    struct rig other;

    rig_init(&other, rig->folder, rig->seed);
    rig_restore_path(rig, op, other.path);
    (void)snprintf(other.anchor, sizeof other.anchor, "%.3700s/elsewhere",
                   rig->folder);
    (void)mkdir(other.anchor, 0700); /* it is there, or will be missed */
    enum vlt_status st = rig_open(&other);
    bool good = st == VLT_OK ? looks_as_after(&other, of, why)
                             : say("open what was restored", st, &other, why);

    rig_close(&other);
    return good;
}

static bool
judge_restores(const struct rig *rig, const struct judge_marks *marks,
               char why[JUDGE_WHY])
{
    unsigned newest = script_before(marks->sent, SCRIPT_RESTORE);
    char path[STORE_PATH_MAX];

    if (newest == 0 || script_backup(newest) == 0) {
        return true;
    }
    rig_restore_path(rig, newest, path);
    if (access(path, F_OK) == 0) {
        return judge_restored(rig, newest, why);
    }
    (void)snprintf(why, JUDGE_WHY, "what was restored is gone");
    return newest >= marks->done;
}

static bool
judge_copies(struct rig *rig, const struct judge_marks *marks,
             char why[JUDGE_WHY])
{
    return judge_backups(rig, marks, why) && judge_restores(rig, marks, why);
}

/* The operation that was under way is done again, as whoever sent it does, and
 * the next one. */
static bool
use(struct rig *rig, const struct judge_marks *marks, char why[JUDGE_WHY])
{
    struct judge_marks after = *marks;
    enum vlt_status st;

    for (unsigned i = marks->done; i < script.ops && i <= marks->done + 1;
         i++) {
        st = rig_do(rig, i);
        if (st != VLT_OK) {
            return say(script_name(script_kind(i)), st, rig, why);
        }
        after.done = i + 1;
        after.sent = i + 1;
    }
    st = rig_open(rig);
    return st == VLT_OK ? judge_work(rig, &after, why)
                        : say("open after use", st, rig, why);
}

bool
judge(const struct judge_case *what, char why[JUDGE_WHY])
{
    const struct judge_marks *marks = &what->marks;
    struct rig rig;
    bool good = true;

    rig_init(&rig, what->folder, script.seed);
    if (access(rig.path, F_OK) == 0 || marks->done > 0) {
        enum vlt_status st = rig_open(&rig);

        good = st == VLT_OK ? judge_work(&rig, marks, why) &&
                                  judge_copies(&rig, marks, why)
                            : say("open", st, &rig, why);
    }
    /* Where there is none yet, that the next try makes one is always asked. */
    if (good && (what->use || rig.store == NULL)) {
        good = use(&rig, marks, why);
    }
    rig_close(&rig);
    return good;
}
