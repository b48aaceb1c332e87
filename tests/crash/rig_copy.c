/* Copies of the vault: backups, and vaults out of them. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "store/bundle.h"
#include "store/slots.h"

void
rig_backup_path(const struct rig *rig, unsigned op, char out[STORE_PATH_MAX])
{
    (void)snprintf(out, STORE_PATH_MAX, "%.3700s/backup.%u", rig->folder, op);
}

void
rig_restore_path(const struct rig *rig, unsigned op, char out[STORE_PATH_MAX])
{
    (void)snprintf(out, STORE_PATH_MAX, "%.3700s/restored.%u", rig->folder, op);
}

/* Those before make room: what does not go now, goes the next time. */
static void
remove_folder(const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;

    if (list == NULL) {
        return;
    }
    while ((entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            (void)unlinkat(dirfd(list), entry->d_name, 0);
        }
    }
    (void)closedir(list);
    (void)rmdir(path);
}

static void
keep_why(struct rig *rig, struct vlt_buf *why)
{
    const char *text = vlt_buf_text(why);

    (void)snprintf(rig->why, sizeof rig->why, "%s", text != NULL ? text : "");
    vlt_buf_free(why);
}

static enum vlt_status
write_it(struct store_backup *backup, struct vlt_buf *why)
{
    enum vlt_status st = VLT_OK;
    bool over = false;

    while (st == VLT_OK && !over) {
        st = store_backup_step(backup, why, &over);
    }
    return st == VLT_OK ? store_backup_finish(backup, why) : st;
}

enum vlt_status
rig_backup(struct rig *rig, unsigned op)
{
    char path[STORE_PATH_MAX];
    struct store_backup_wish wish = { .now_ns = script_now(op) };
    struct store_backup *backup = NULL;
    struct vlt_buf why = { 0 };
    unsigned of[SCRIPT_WORDS];

    if (script_words(op, of) == 0) {
        return VLT_OK; /* nothing would open it */
    }
    rig_backup_path(rig, script_backup(op), path);
    (void)unlink(path);
    rig_backup_path(rig, op, path);
    rig_id(wish.id, RIG_BACKUP, op);
    enum vlt_status st = store_backup_open(rig->store, path, &why, &backup);

    if (st == VLT_OK) {
        st = store_backup_begin(backup, &wish, &why);
    }
    if (st == VLT_OK) {
        st = write_it(backup, &why);
    } else if (st == VLT_E_CONFLICT) {
        st = VLT_OK; /* done before */
    }
    store_backup_free(backup);
    keep_why(rig, &why);
    return st;
}

/* ---- a vault out of one ---- */

/* By words that opened the vault when it was made. */
static enum vlt_status
open_by_words(struct store_bundle *bundle, unsigned op)
{
    struct vlt_secret *words = NULL;
    bool were = false;
    unsigned of[SCRIPT_WORDS];

    (void)script_words(op, of);
    enum vlt_status st = rig_words(of[0], &words);

    if (st == VLT_OK) {
        st = store_bundle_typed(bundle, words, &were);
    }
    vlt_secret_free(words);
    return st;
}

static enum vlt_status
words_slot(unsigned of, struct store_draft **out)
{
    struct vlt_secret *words = NULL;
    enum vlt_status st = rig_words(of, &words);

    if (st == VLT_OK) {
        st = store_draft_words(words, out);
    }
    vlt_secret_free(words);
    return st;
}

enum { SLOTS = 1 + SCRIPT_WORDS };

/* What opens the new vault is what opened the old one. */
static enum vlt_status
make_slots(unsigned op, struct store_draft *slot[SLOTS])
{
    unsigned of[SCRIPT_WORDS];
    unsigned count = script_words(op, of);
    struct vlt_secret *key = NULL;
    enum vlt_status st = rig_key(&key);

    if (st == VLT_OK) {
        st = store_draft_key_file(key, &slot[0]);
    }
    for (unsigned i = 0; st == VLT_OK && i < count; i++) {
        st = words_slot(of[i], &slot[1 + i]);
    }
    vlt_secret_free(key);
    return st;
}

static enum vlt_status
restore_into(const char *dir, struct store_bundle *bundle, unsigned from,
             struct vlt_buf *why)
{
    struct store_restore_wish wish = { .dir = dir };
    struct store_restore *restore = NULL;
    struct store_draft *slot[SLOTS] = { NULL };
    enum vlt_status st = make_slots(from, slot);

    for (unsigned i = 0; i < SLOTS; i++) {
        wish.slot[i] = slot[i];
    }
    if (st == VLT_OK) {
        st = store_restore_begin(bundle, &wish, why, &restore);
    }
    if (st == VLT_OK) {
        st = store_restore_commit(restore, why);
    }
    store_restore_end(restore);
    for (unsigned i = 0; i < SLOTS; i++) {
        store_draft_free(slot[i]);
    }
    return st;
}

enum vlt_status
rig_restore(struct rig *rig, unsigned op)
{
    char path[STORE_PATH_MAX];
    struct store_bundle *bundle = NULL;
    struct vlt_buf why = { 0 };
    unsigned from = script_backup(op);

    if (from == 0) {
        return VLT_OK;
    }
    rig_restore_path(rig, script_before(op, SCRIPT_RESTORE), path);
    remove_folder(path);
    rig_backup_path(rig, from, path);
    enum vlt_status st = store_bundle_open(path, &why, &bundle);

    if (st == VLT_OK) {
        st = open_by_words(bundle, from);
    }
    if (st == VLT_OK) {
        rig_restore_path(rig, op, path);
        st = restore_into(path, bundle, from, &why);
    }
    store_bundle_free(bundle);
    keep_why(rig, &why);
    return st == VLT_E_CONFLICT ? VLT_OK : st; /* done before */
}

/* ---- looking ---- */

bool
rig_backup_whole(struct rig *rig, unsigned op)
{
    struct bundle_front front = { .ring = NULL };
    struct store_bundle *bundle = NULL;
    struct vlt_buf why = { 0 };
    char path[STORE_PATH_MAX];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    rig_backup_path(rig, op, path);
    enum vlt_status st = store_bundle_open(path, &why, &bundle);

    if (st == VLT_OK) {
        st = open_by_words(bundle, op);
    }
    if (st == VLT_OK) {
        st = bundle_unpack(bundle, nowhere, &why, &front);
    }
    keyring_free(front.ring);
    store_bundle_free(bundle);
    if (nowhere >= 0) {
        (void)close(nowhere);
    }
    keep_why(rig, &why);
    return st == VLT_OK;
}
