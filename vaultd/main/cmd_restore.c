/*
 * restore: a vault out of a backup, after all of it was verified, in a child
 * process.
 */
#define _GNU_SOURCE /* realpath() */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "main/main_internal.h"
#include "service/backup_record.h"
#include "store/backup.h"
#include "store/slots.h"
#include "util/clock.h"

/* What the child is told. */
struct wish {
    const char *dir;
    const char *file;
    const char *passphrase; /* files */
    const char *words;
    const char *new_passphrase;
};

/* What opens the backup, and what will open the vault. */
struct ways {
    struct vlt_secret *typed;
    bool words; /* typed are the words */
    struct store_draft *slot[STORE_RESTORE_SLOTS];
    size_t slots;
    bool costs;           /* the backup has a passphrase, and */
    struct kek_cost cost; /* what a try at it costs */
};

static void
ways_fini(struct ways *ways)
{
    vlt_secret_free(ways->typed);
    for (size_t i = 0; i < ways->slots; i++) {
        store_draft_free(ways->slot[i]);
    }
}

static int
complain_of(enum vlt_status st, const char *what)
{
    complain(st == VLT_E_NOMEM ? "restore: no memory for %s"
                               : "restore: %s cannot be used: see vaultd "
                                 "restore -h",
             what);
    return st == VLT_E_AUTH ? EXIT_LOCKED : EXIT_FAILED;
}

/* ---- what opens it ---- */

static int
open_bundle(const struct wish *wish, struct store_bundle *bundle,
            struct ways *ways)
{
    enum vlt_status st =
        wish->passphrase != NULL
            ? passphrase_from_file(wish->passphrase, &ways->typed)
            : passphrase_from_terminal("--passphrase-file", false,
                                       &ways->typed);

    if (st != VLT_OK) {
        return st == VLT_E_DENIED ? EXIT_USAGE : EXIT_FAILED;
    }
    ways->costs = store_bundle_cost(bundle, &ways->cost);
    st = store_bundle_typed(bundle, ways->typed, &ways->words);
    if (st == VLT_E_AUTH || st == VLT_E_LIMIT) {
        complain("restore: that does not open %.1000s", wish->file);
        return EXIT_LOCKED;
    }
    return st == VLT_OK ? EXIT_DONE : complain_of(st, "the passphrase");
}

/* ---- what will open the vault ---- */

static int
add_passphrase(struct ways *ways, const struct vlt_secret *passphrase)
{
    enum vlt_status st = store_draft_passphrase(
        passphrase, ways->costs ? &ways->cost : NULL, &ways->slot[ways->slots]);

    if (st != VLT_OK) {
        return complain_of(st, "the passphrase");
    }
    ways->slots++;
    return EXIT_DONE;
}

static int
add_new_passphrase(struct ways *ways, const char *file)
{
    struct vlt_secret *passphrase = NULL;
    enum vlt_status st = passphrase_from_file(file, &passphrase);

    if (st != VLT_OK) {
        return EXIT_FAILED;
    }
    int code = add_passphrase(ways, passphrase);

    vlt_secret_free(passphrase);
    return code;
}

/* typed: NULL makes new ones. */
static int
add_words(struct ways *ways, const struct vlt_secret *typed)
{
    enum vlt_status st = store_draft_words(typed, &ways->slot[ways->slots]);

    if (st != VLT_OK) {
        return complain_of(st, "the 24 words");
    }
    ways->slots++;
    return EXIT_DONE;
}

static int
add_words_of(struct ways *ways, const char *file)
{
    struct vlt_secret *typed = NULL;
    enum vlt_status st = passphrase_from_file(file, &typed);

    if (st != VLT_OK) {
        return EXIT_FAILED;
    }
    int code = add_words(ways, typed);

    vlt_secret_free(typed);
    return code;
}

static int
make_slots(const struct wish *wish, struct ways *ways)
{
    int code = EXIT_DONE;

    if (wish->new_passphrase != NULL) {
        code = add_new_passphrase(ways, wish->new_passphrase);
    } else if (!ways->words) {
        code = add_passphrase(ways, ways->typed);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (wish->words != NULL) {
        return add_words_of(ways, wish->words);
    }
    return add_words(ways, ways->words ? ways->typed : NULL);
}

/* ---- the vault ---- */

static void
show(const struct wish *wish, const struct ways *ways,
     const struct store_bundle_about *about)
{
    char when[VLT_TIME_TEXT];

    vlt_time_print(about->time_ns, when);
    (void)printf("The vault of %s, commit %llu, was restored in %s.\n", when,
                 (unsigned long long)about->commit, wish->dir);
    (void)printf("Grants that were revoked since are in force in it, so firms "
                 "get nothing until you have looked: vaultctl confirm "
                 "rollback\n");
    for (size_t i = 0; i < ways->slots; i++) {
        const struct vlt_secret *words = store_draft_words_made(ways->slot[i]);

        if (words != NULL) {
            words_show(words);
        }
    }
    if (ways->words && wish->new_passphrase == NULL) {
        (void)printf("Only its 24 words open it; vaultctl key add passphrase "
                     "adds a passphrase.\n");
    }
}

/* Everything agrees, or there will be no vault. */
static enum vlt_status
check(struct store_restore *restore, struct vlt_buf *why)
{
    bool good = false;
    enum vlt_status st = inspect(store_restore_store(restore), &good);

    if (st == VLT_OK && !good) {
        vlt_buf_put_text(why, "what is in the backup is damaged");
        return VLT_E_STORAGE;
    }
    return st;
}

/* The backup holds the data, too: an erasure has to name it.  It was noted
 * behind its own snapshot, so what was restored does not know it. */
static enum vlt_status
note(struct store_restore *restore, const char *file)
{
    const struct store_bundle_about *about = store_restore_about(restore);
    struct clock clock = clock_system();
    struct store_turn turn = { .now_ns = clock_wall(&clock), .control = true };
    struct backup_record record = { .time = about->time_ns,
                                    .commit = about->commit,
                                    .made = true };
    char path[PATH_MAX];
    struct stat is;
    struct store_txn *txn;

    if (realpath(file, path) == NULL || stat(path, &is) != 0 ||
        strlen(path) > BACKUP_PATH) {
        return VLT_E_STORAGE;
    }
    memcpy(record.id, about->id, sizeof record.id);
    (void)snprintf(record.file, sizeof record.file, "%.3800s", path);
    record.bytes = (uint64_t)is.st_size;
    enum vlt_status st =
        store_txn_begin(store_restore_store(restore), turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    st = backup_record_put(txn, &record);
    if (st != VLT_OK) {
        store_txn_abort(txn);
        return st;
    }
    return store_txn_commit(txn);
}

static int
code_of(enum vlt_status st)
{
    return st == VLT_E_CONFLICT ? EXIT_CONFLICT : EXIT_FAILED;
}

static int
make(const struct wish *wish, struct store_bundle *bundle,
     const struct ways *ways, struct vlt_buf *why)
{
    struct store_restore_wish into = { .dir = wish->dir };
    struct store_restore *restore = NULL;

    for (size_t i = 0; i < ways->slots; i++) {
        into.slot[i] = ways->slot[i];
    }
    enum vlt_status st = store_restore_begin(bundle, &into, why, &restore);

    if (st == VLT_OK) {
        st = check(restore, why);
    }
    if (st == VLT_OK) {
        st = note(restore, wish->file);
    }
    if (st == VLT_OK) {
        st = store_restore_commit(restore, why);
    }
    if (st == VLT_OK) {
        show(wish, ways, store_restore_about(restore));
    } else {
        complain("restore: %s",
                 why->len > 0 ? vlt_buf_text(why) : vlt_status_word(st));
    }
    store_restore_end(restore);
    return st == VLT_OK ? EXIT_DONE : code_of(st);
}

static int
open_and_make(const struct wish *wish, struct store_bundle *bundle,
              struct vlt_buf *why)
{
    struct ways ways = { .slots = 0 };
    int code = open_bundle(wish, bundle, &ways);

    if (code == EXIT_DONE) {
        code = make_slots(wish, &ways);
    }
    if (code == EXIT_DONE) {
        code = make(wish, bundle, &ways, why);
    }
    ways_fini(&ways);
    return code;
}

/* Secrets do not cross a fork, so the child reads its own. */
static int
restore_with(void *ctx)
{
    const struct wish *wish = ctx;
    struct store_bundle *bundle = NULL;
    struct vlt_buf why;
    int code = EXIT_FAILED;

    vlt_buf_init(&why, 4096);
    enum vlt_status st = store_bundle_open(wish->file, &why, &bundle);

    if (st != VLT_OK) {
        complain("restore: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    } else {
        code = open_and_make(wish, bundle, &why);
    }
    store_bundle_free(bundle);
    vlt_buf_free(&why);
    return code;
}

static int
run(int argc, char **argv)
{
    struct wish wish = { .dir = NULL };
    const struct option rows[] = {
        { "--dir", "NEW", true, "where; must not exist", &wish.dir },
        { "--passphrase-file", "FILE", false,
          "holds the passphrase of then, which will open the vault, or the 24 "
          "words; else they are asked for",
          &wish.passphrase },
        { "--words-file", "FILE", false,
          "holds 24 words that will open it; else new ones are made and shown",
          &wish.words },
        { "--new-passphrase-file", "FILE", false,
          "holds another passphrase that will open it", &wish.new_passphrase },
        { .name = NULL },
    };
    int code = options_read(&cmd_restore, rows, &wish.file, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (wish.file == NULL) {
        complain("restore: name the backup");
        return EXIT_USAGE;
    }
    code = in_child("restore", restore_with, &wish);
    if (code == EXIT_FAILED || code == EXIT_NOT_RUN) {
        /* Should the child have died, its half of a vault goes. */
        (void)!store_restore_clear(wish.dir, NULL);
    }
    return code;
}

const struct command cmd_restore = {
    .name = "restore",
    .words = "make a vault out of a backup, after all of it was verified",
    .examples = "  vaultd restore --dir /var/lib/vaultd/home "
                "/media/disk/home.backup\n"
                "  vaultd restore --dir ./vault home.backup "
                "--passphrase-file ./pass\n",
    .run = run,
};
