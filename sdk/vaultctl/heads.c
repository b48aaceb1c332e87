#define _GNU_SOURCE
#include "vaultctl/heads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/file.h"
#include "vaultctl/heads_judge.h"

enum {
    HEAD_MAX = 65536,
    ID_TEXT = 52,
    SHOWN_MAX = 4096,
    RESTORES = 1000, /* entries that are looked through */
};

/* Two heads, and where the first one lies. */
struct looking {
    struct run *run;
    struct heads_look *look;
    int lock; /* of the folder; -1: none */
    struct vlt_checkpoint kept, shown;
    bool has_kept;
    struct vlt_buf text; /* of the head that is shown; owned */
};

/* ---- the folder ---- */

/* Make it and what it lies in. */
static bool
make_folders(char *path)
{
    for (char *at = path + 1;; at++) {
        char was = *at;

        if (was != '/' && was != '\0') {
            continue;
        }
        *at = '\0';
        bool there = mkdir(path, 0700) == 0 || errno == EEXIST;

        *at = was;
        if (!there || was == '\0') {
            return there;
        }
    }
}

/* Where heads are kept, into out; false: nowhere. */
static bool
put_folder(char out[SHOWN_MAX])
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int len = -1;

    /* A path that is none from the root on counts as not said. */
    if (state != NULL && state[0] == '/') {
        len = snprintf(out, SHOWN_MAX, "%s/vaultctl/heads", state);
    } else if (home != NULL && home[0] == '/') {
        len = snprintf(out, SHOWN_MAX, "%s/.local/state/vaultctl/heads", home);
    }
    return len > 0 && len < SHOWN_MAX - ID_TEXT - 1;
}

/* One look at a time: a head that another one keeps meanwhile would be taken
 * for a later one. */
static int
lock_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int locked;

    if (fd < 0) {
        return fd;
    }
    do {
        locked = flock(fd, LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    if (locked != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void
cannot_keep(struct looking *looking, const char *path)
{
    (void)run_says(looking->run, RUN_FAILED,
                   "the log's head cannot be kept in %s: %s; a rollback of the "
                   "vault would not be seen",
                   path, strerror(errno));
}

/* The folder, locked.  False: there is none. */
static bool
open_folder(struct looking *looking, char folder[SHOWN_MAX])
{
    if (!put_folder(folder)) {
        return false;
    }
    if (make_folders(folder)) {
        looking->lock = lock_folder(folder);
    }
    if (looking->lock < 0) {
        cannot_keep(looking, folder);
        return false;
    }
    return true;
}

/* ---- what is shown, what was kept ---- */

/* "vd1:" and 52 characters that a file's name may have. */
static bool
is_id(struct vlt_slice text)
{
    if (text.len < 4 + ID_TEXT || memcmp(text.at, "vd1:", 4) != 0) {
        return false;
    }
    for (size_t i = 4; i < 4 + ID_TEXT; i++) {
        uint8_t c = text.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7')) {
            return false;
        }
    }
    return true;
}

/* The head that the vault shows now; false: it shows none. */
static bool
ask_shown(struct looking *looking, const char *folder)
{
    struct run *run = looking->run;

    run_params(run, false);
    if (run_try(run, "session.info") != VAULT_OK) {
        return false;
    }
    struct vlt_slice id = vlt_json_text_of(vlt_json_get(run->result, "vault"));
    struct vlt_slice head =
        vlt_json_text_of(view_member(run->result, "head.checkpoint"));

    if (!is_id(id) || vlt_checkpoint_parse(head, &looking->shown) != VLT_OK ||
        looking->shown.size == 0) {
        return false;
    }
    vlt_buf_put_slice(&looking->text, head);
    (void)snprintf(looking->look->path, sizeof looking->look->path, "%s/%.*s",
                   folder, ID_TEXT, (const char *)id.at + 4);
    return !vlt_buf_failed(&looking->text);
}

/* False: there is a file that is none of ours, which is told. */
static bool
read_kept(struct looking *looking)
{
    const char *path = looking->look->path;
    struct vlt_buf *kept = &looking->look->kept;
    enum vlt_status st = file_read(path, HEAD_MAX, kept);

    if (st == VLT_E_NOT_FOUND) {
        return true;
    }
    looking->has_kept =
        st == VLT_OK &&
        vlt_checkpoint_parse(vlt_buf_slice(kept), &looking->kept) == VLT_OK;
    if (!looking->has_kept) {
        vlt_buf_clear(kept);
        (void)run_says(looking->run, RUN_FAILED,
                       "%s holds no head of a log any more: the vault's log "
                       "cannot be held against what was shown before. To keep "
                       "the head of now there: vaultctl audit head --accept",
                       path);
    }
    return looking->has_kept;
}

static void
keep(struct looking *looking)
{
    if (file_write(looking->look->path, vlt_buf_slice(&looking->text)) !=
        VLT_OK) {
        cannot_keep(looking, looking->look->path);
    }
}

/* ---- holding one against the other ---- */

static const char advice[] =
    "If you put an earlier copy back yourself: vaultctl audit head --accept. "
    "If not, somebody else did: grants that you took back may be in force "
    "again. See vaultctl grant list and vaultctl audit list, and keep the file";

static bool
sound(struct looking *looking, const char *says)
{
    (void)run_says(looking->run, RUN_FAILED,
                   "%s: it has %llu entries, and the head kept in %s has "
                   "%llu.\n%s",
                   says, (unsigned long long)looking->shown.size,
                   looking->look->path, (unsigned long long)looking->kept.size,
                   advice);
    looking->look->alarm = true;
    return false;
}

/* The vault did not answer: nothing is known, and nothing is kept. */
static bool
not_known(struct looking *looking, enum vault_status status)
{
    (void)run_says(looking->run, RUN_FAILED,
                   "the vault's log could not be held against the head kept in "
                   "%s: %s",
                   looking->look->path, vault_strerror(status));
    return false;
}

/* Does the vault prove that what is shown goes on from that head?  Else says
 * is told. */
static bool
proves(struct looking *looking, const char *says)
{
    struct run *run = looking->run;
    struct vlt_json_out *put = run_params(run, false);
    enum vault_status status;

    vlt_put_uint(put, "from", looking->kept.size);
    vlt_put_uint(put, "size", looking->shown.size);
    status = run_try(run, "audit.prove");
    if (status != VAULT_OK) {
        return not_known(looking, status);
    }
    return heads_extends(&looking->kept, &looking->shown,
                         vlt_json_get(run->result, "path")) ||
           sound(looking, says);
}

static bool
tell_restored(struct looking *looking, uint64_t size)
{
    (void)run_says(looking->run, RUN_DONE,
                   "the vault was restored from a backup whose log had %llu "
                   "entries; %llu were shown here before%s",
                   (unsigned long long)size,
                   (unsigned long long)looking->kept.size,
                   looking->kept.size <= size
                       ? ""
                       : ", so that what came after the backup is lost");
    vlt_buf_clear(&looking->look->kept); /* of another origin */
    return true;
}

/* A new instance goes on from what the backup held, and says so in the log. */
static bool
carried_on(struct looking *looking)
{
    struct run *run = looking->run;
    struct vlt_json_out *put = run_params(run, false);
    uint64_t size = 0;
    enum vault_status status;

    vlt_put_list(put, "types");
    vlt_put_text(put, NULL, "restore");
    vlt_put_end(put);
    vlt_put_bool(put, "newest", true);
    vlt_put_int(put, "limit", RESTORES);
    status = run_try(run, "audit.list");
    if (status != VAULT_OK) {
        return not_known(looking, status);
    }
    if (!heads_carried_on(vlt_json_get(run->result, "entries"),
                          looking->kept.origin.instance, &size)) {
        return sound(looking, "the vault's log begins anew, and has no word "
                              "of a backup that was restored");
    }
    if (looking->kept.size <= size &&
        !proves(looking, "the vault was restored, and its log is not the one "
                         "that was")) {
        return false;
    }
    return tell_restored(looking, size);
}

/* Does it go on from what was kept? */
static bool
goes_on(struct looking *looking)
{
    switch (heads_compare(&looking->kept, &looking->shown)) {
    case HEADS_SAME:
        return true;
    case HEADS_GREW:
        return proves(looking,
                      "the vault's log does not go on from what it was");
    case HEADS_BACK:
        return sound(looking, "the vault's log went back");
    case HEADS_FORKED:
        return sound(looking, "the vault's log is another one");
    case HEADS_OTHER:
        break;
    }
    return carried_on(looking);
}

void
heads_look(struct run *run, struct heads_look *look)
{
    struct looking looking = { .run = run, .look = look, .lock = -1 };
    char folder[SHOWN_MAX];

    vlt_buf_init(&looking.text, HEAD_MAX);
    vlt_buf_init(&look->kept, HEAD_MAX);
    look->path[0] = '\0';
    if (run_connect(run) == RUN_DONE && open_folder(&looking, folder) &&
        ask_shown(&looking, folder)) {
        bool whole = look->accept || read_kept(&looking);

        if (whole && (!looking.has_kept || goes_on(&looking))) {
            keep(&looking);
        }
    }
    if (looking.lock >= 0) {
        close(looking.lock);
    }
    vlt_buf_free(&looking.text);
}

void
heads_look_end(struct heads_look *look)
{
    vlt_buf_free(&look->kept);
}

void
heads_note(struct run *run)
{
    struct heads_look look = { .accept = false };

    heads_look(run, &look);
    heads_look_end(&look);
}
