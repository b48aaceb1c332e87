#define _GNU_SOURCE
#include "vaultctl/heads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/file.h"
#include "vaultctl/heads_folder.h"
#include "vaultctl/heads_judge.h"

enum {
    HEAD_MAX = 65536,
    RESTORES = 1000, /* entries that are looked through */
};

/* Two heads, and where the first one lies. */
struct looking {
    struct run *run;
    struct heads_look *look;
    struct heads_folder folder;
    struct vlt_checkpoint kept, shown;
    bool has_kept, has_shown;
    struct vlt_buf text; /* of the head that is shown; owned */
};

static void
cannot_keep(struct looking *looking, const char *why)
{
    (void)run_says(looking->run, RUN_FAILED,
                   "the log's head cannot be kept in %s: %s; a rollback of the "
                   "vault would not be seen",
                   looking->folder.path, why);
}

/* Nothing is known, and nothing is kept. */
static bool
not_known(struct looking *looking, const char *kept_in, enum vault_status why)
{
    (void)run_says(looking->run, RUN_FAILED,
                   "the vault's log could not be held against the head kept in "
                   "%s: %s",
                   kept_in, vault_strerror(why));
    looking->look->alarm = looking->look->strict;
    return false;
}

/* ---- what is shown, what was kept ---- */

/* Which vault it is, and the head that it shows now.  False: it is locked, or
 * did not answer. */
static bool
ask_shown(struct looking *looking)
{
    struct run *run = looking->run;

    run_params(run, false);
    enum vault_status status = run_try(run, "session.info");

    if (status != VAULT_OK) {
        return looking->look->strict &&
               not_known(looking, looking->folder.path, status);
    }
    struct vlt_slice id = vlt_json_text_of(vlt_json_get(run->result, "vault"));
    struct vlt_slice head =
        vlt_json_text_of(view_member(run->result, "head.checkpoint"));

    if (heads_is_id(id)) {
        heads_folder_file(&looking->folder, id, looking->look->path);
    }
    vlt_buf_clear(&looking->text);
    vlt_buf_put_slice(&looking->text, head);
    looking->has_shown =
        vlt_checkpoint_parse(head, &looking->shown) == VLT_OK &&
        looking->shown.size > 0 && !vlt_buf_failed(&looking->text);
    return vlt_slice_is(vlt_json_text_of(vlt_json_get(run->result, "state")),
                        "ready");
}

/* The system says why it cannot be read; what can be is no head. */
static bool
tell_unread(struct looking *looking, enum vlt_status st)
{
    const char *path = looking->look->path;
    const char *why = st == VLT_E_LIMIT   ? "it is too large for a head"
                      : st == VLT_E_NOMEM ? "no memory"
                                          : strerror(errno);

    vlt_buf_clear(&looking->look->kept);
    looking->look->alarm = true;
    if (st == VLT_OK) {
        (void)run_says(looking->run, RUN_FAILED,
                       "%s holds no head of a log any more: the vault's log "
                       "cannot be held against what was shown before. To keep "
                       "the head of now there: vaultctl audit head --accept",
                       path);
    } else {
        (void)run_says(looking->run, RUN_FAILED,
                       "%s cannot be read: %s; the vault's log cannot be held "
                       "against what was shown before",
                       path, why);
    }
    return false;
}

/* False: there is a file that is none of ours, or cannot be read; that is
 * told. */
static bool
read_kept(struct looking *looking)
{
    struct vlt_buf *kept = &looking->look->kept;
    enum vlt_status st = file_read(looking->look->path, HEAD_MAX, kept);

    if (st == VLT_E_NOT_FOUND || (st == VLT_E_STORAGE && errno == ENOTDIR)) {
        return true;
    }
    looking->has_kept =
        st == VLT_OK &&
        vlt_checkpoint_parse(vlt_buf_slice(kept), &looking->kept) == VLT_OK;
    return looking->has_kept || tell_unread(looking, st);
}

static void
keep(struct looking *looking)
{
    const struct heads_folder *folder = &looking->folder;
    struct heads_look *look = looking->look;

    if (folder->why == NULL) {
        if (file_write(look->path, vlt_buf_slice(&looking->text)) != VLT_OK) {
            cannot_keep(looking, strerror(errno));
        }
    } else if (folder->fault || look->strict || look->accept) {
        cannot_keep(looking, folder->why);
        look->alarm = look->alarm || look->accept;
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

/* The vault is unlocked, and shows nothing that could be held against it. */
static bool
shows_none(struct looking *looking)
{
    if (looking->has_kept) {
        (void)run_says(looking->run, RUN_FAILED,
                       "the vault shows no head of its log, and the head kept "
                       "in %s has %llu entries. What it says of its log cannot "
                       "be relied on: see vaultctl doctor, and keep the file",
                       looking->look->path,
                       (unsigned long long)looking->kept.size);
    } else if (looking->look->accept) {
        (void)run_says(looking->run, RUN_FAILED,
                       "the vault shows no head of its log that could be kept");
    }
    if (looking->has_kept || looking->look->accept) {
        looking->look->alarm = true;
    }
    return false;
}

/* None of this vault is kept.  That is how each vault begins here; but another
 * one in its place is not found otherwise. */
static void
meet(struct looking *looking)
{
    if (!heads_folder_holds_other(&looking->folder, looking->look->path)) {
        return;
    }
    (void)run_says(
        looking->run, RUN_DONE,
        "this vault was not shown here before: the heads kept in %s "
        "are of other ones. If it is no other one of yours, somebody "
        "put it in its place",
        looking->folder.path);
    looking->look->alarm = looking->look->strict;
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
        return not_known(looking, looking->look->path, status);
    }
    return heads_extends(&looking->kept, &looking->shown,
                         vlt_json_get(run->result, "path")) ||
           sound(looking, says);
}

/* What was restored is told once; what was lost by it until the owner says
 * that it is right. */
static bool
tell_restored(struct looking *looking, uint64_t size)
{
    bool lost = looking->kept.size > size;

    (void)run_says(
        looking->run, lost ? RUN_FAILED : RUN_DONE,
        "the vault was restored from a backup whose log had %llu "
        "entries; %llu were shown here before%s%s",
        (unsigned long long)size, (unsigned long long)looking->kept.size,
        lost ? ", so that what came after the backup is lost.\n" : "",
        lost ? advice : "");
    looking->look->alarm = lost;
    vlt_buf_clear(&looking->look->kept); /* of another origin */
    return !lost;
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
        return not_known(looking, looking->look->path, status);
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

/* May what is shown be kept? */
static bool
may_be_kept(struct looking *looking)
{
    struct heads_look *look = looking->look;

    if (!ask_shown(looking)) {
        return false;
    }
    if (!look->accept && look->path[0] != '\0' && !read_kept(looking)) {
        return false;
    }
    /* Without the lock a later one may have been kept since it was asked. */
    if (looking->has_kept && looking->folder.lock < 0 && !ask_shown(looking)) {
        return false;
    }
    if (!look->accept && !looking->has_kept) {
        meet(looking);
    }
    if (!looking->has_shown || look->path[0] == '\0') {
        return shows_none(looking);
    }
    return !looking->has_kept || goes_on(looking);
}

static void
look_there(struct looking *looking)
{
    if (looking->folder.path[0] != '\0') {
        if (may_be_kept(looking)) {
            keep(looking);
        }
    } else if (looking->look->strict) {
        (void)run_says(looking->run, RUN_DONE,
                       "no head of the log is kept outside the vault: %s; a "
                       "rollback of the vault would not be seen",
                       looking->folder.why);
    }
}

void
heads_look(struct run *run, struct heads_look *look)
{
    struct looking looking = { .run = run, .look = look };

    vlt_buf_init(&looking.text, HEAD_MAX);
    vlt_buf_init(&look->kept, HEAD_MAX);
    look->path[0] = '\0';
    if (run_connect(run) == RUN_DONE) {
        heads_folder_open(&looking.folder);
        look_there(&looking);
        heads_folder_close(&looking.folder);
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
