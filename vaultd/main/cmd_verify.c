/*
 * verify: open every piece of a backup, make a vault of it in a scratch folder,
 * and check that one, in a child process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "main/main_internal.h"
#include "store/backup.h"

/* What the child is told. */
struct wish {
    const char *file;
    const char *passphrase;
    const char *key_fd;
    const char *scratch; /* folder for scratch folders */
    char folder[STORE_PATH_MAX];
    char vault[STORE_PATH_MAX + 8];
};

/* The backup's own key, from whoever has it. */
static enum vlt_status
take_key(struct store_bundle *bundle, const char *number)
{
    struct vlt_secret *key = NULL;
    int64_t fd = -1;
    enum vlt_status st = vlt_int_parse(vlt_slice_text(number), &fd);

    if (st != VLT_OK || fd < 0 || fd > 1023) {
        complain("verify: --key-fd %s is no descriptor", number);
        return VLT_E_FORMAT;
    }
    st = vlt_secret_new(VLT_KEY_LEN, &key);
    if (st == VLT_OK &&
        read((int)fd, vlt_secret_bytes(key), VLT_KEY_LEN) != VLT_KEY_LEN) {
        complain("verify: no key comes by descriptor %s", number);
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        st = store_bundle_take(bundle, key);
    }
    vlt_secret_free(key);
    return st;
}

static enum vlt_status
take_typed(struct store_bundle *bundle, const char *file)
{
    struct vlt_secret *typed = NULL;
    enum vlt_status st =
        file != NULL
            ? passphrase_from_file(file, &typed)
            : passphrase_from_terminal("--passphrase-file", false, &typed);

    if (st == VLT_OK) {
        st = store_bundle_typed(bundle, typed, NULL);
        st = st == VLT_E_LIMIT ? VLT_E_AUTH : st;
    }
    vlt_secret_free(typed);
    return st;
}

/* A backup is not bad because it could not be looked at. */
static int
code_of(enum vlt_status st)
{
    switch (st) {
    case VLT_E_NOMEM:
    case VLT_E_STORAGE:
    case VLT_E_UNKNOWN:
        return EXIT_NOT_RUN;
    default:
        return EXIT_FAILED;
    }
}

static int
look(struct store_restore *restore)
{
    const struct store_bundle_about *about = store_restore_about(restore);
    char when[VLT_TIME_TEXT];
    bool good = false;

    vlt_time_print(about->time_ns, when);
    (void)printf("made %s, of commit %llu\n", when,
                 (unsigned long long)about->commit);
    enum vlt_status st = inspect(store_restore_store(restore), &good);

    if (st != VLT_OK) {
        complain("verify: %s", vlt_status_word(st));
        return st == VLT_E_NOMEM ? EXIT_NOT_RUN : EXIT_FAILED;
    }
    (void)printf(good ? "all is well\n" : "what is in the backup is damaged\n");
    return good ? EXIT_DONE : EXIT_FAILED;
}

static int
verify(const struct wish *wish, struct store_bundle *bundle,
       struct vlt_buf *why)
{
    struct store_restore_wish into = { .dir = wish->vault };
    struct store_restore *restore = NULL;
    enum vlt_status st = wish->key_fd != NULL
                             ? take_key(bundle, wish->key_fd)
                             : take_typed(bundle, wish->passphrase);

    if (st == VLT_E_AUTH) {
        complain("verify: that does not open %.1000s", wish->file);
        return EXIT_LOCKED;
    }
    if (st != VLT_OK) {
        return st == VLT_E_DENIED ? EXIT_USAGE : code_of(st);
    }
    st = store_restore_begin(bundle, &into, why, &restore);

    int code = code_of(st);

    if (st == VLT_OK) {
        code = look(restore);
    } else {
        complain("verify: %s",
                 why->len > 0 ? vlt_buf_text(why) : vlt_status_word(st));
    }
    store_restore_end(restore);
    return code;
}

/* Secrets do not cross a fork, so the child reads its own. */
static int
verify_with(void *ctx)
{
    const struct wish *wish = ctx;
    struct store_bundle *bundle = NULL;
    struct vlt_buf why;
    int code = EXIT_FAILED;

    vlt_buf_init(&why, 4096);
    enum vlt_status st = store_bundle_open(wish->file, &why, &bundle);

    if (st != VLT_OK) {
        code = code_of(st);
        complain("verify: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    } else {
        code = verify(wish, bundle, &why);
    }
    store_bundle_free(bundle);
    vlt_buf_free(&why);
    return code;
}

/* Where there is room for what is in the backup. */
static bool
make_folder(struct wish *wish)
{
    const char *named = getenv("TMPDIR");
    const char *in = wish->scratch != NULL               ? wish->scratch
                     : named != NULL && named[0] != '\0' ? named
                                                         : "/var/tmp";
    int len = snprintf(wish->folder, sizeof wish->folder,
                       "%s/vaultd-verify-XXXXXX", in);

    if (len < 0 || (size_t)len >= sizeof wish->folder ||
        mkdtemp(wish->folder) == NULL) {
        complain("verify: no scratch folder can be made in %.1000s: %s", in,
                 strerror(errno));
        return false;
    }
    (void)snprintf(wish->vault, sizeof wish->vault, "%s/vault", wish->folder);
    return true;
}

static int
verify_in_child(struct wish *wish)
{
    if (!make_folder(wish)) {
        return EXIT_NOT_RUN;
    }
    int code = in_child("verify", verify_with, wish);

    /* Whatever became of the child. */
    if (store_restore_clear(wish->vault, NULL) != VLT_OK ||
        rmdir(wish->folder) != 0) {
        complain("verify: the scratch folder %.1000s could not be removed",
                 wish->folder);
    }
    return code;
}

static int
run(int argc, char **argv)
{
    struct wish wish = { .file = NULL };
    const struct option rows[] = {
        { "--passphrase-file", "FILE", false,
          "holds the passphrase or the 24 words of then; else they are asked "
          "for",
          &wish.passphrase },
        { "--scratch", "DIR", false,
          "where there is room for a copy; else $TMPDIR, or /var/tmp",
          &wish.scratch },
        { "--key-fd", "N", false, "the backup's own key comes from there",
          &wish.key_fd },
        { .name = NULL },
    };
    int code = options_read(&cmd_verify, rows, &wish.file, argc, argv);

    if (code >= 0) {
        return code;
    }
    if (wish.file == NULL) {
        complain("verify: name the backup");
        return EXIT_USAGE;
    }
    return verify_in_child(&wish);
}

const struct command cmd_verify = {
    .name = "verify",
    .words = "open every piece of a backup and check what is in it",
    .examples = "  vaultd verify /media/disk/home.backup\n"
                "  vaultd verify home.backup --passphrase-file ./pass\n",
    .run = run,
};
