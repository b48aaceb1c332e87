/*
 * check: read everything of a vault that nobody has open, in a child process:
 * a damaged LMDB file can crash its reader.
 */
#include <stdio.h>

#include "main/main_internal.h"
#include "store/store.h"

/* What the child is told. */
struct wish {
    const char *dir;
    const char *file; /* where the secret is; NULL: it is typed */
};

static void
say_wrong(const char *file, struct vlt_buf *why)
{
    if (file != NULL) {
        vlt_buf_printf(why, "%s does not open this vault", file);
    } else {
        vlt_buf_printf(why, "what was typed does not open this vault");
    }
    vlt_buf_printf(why,
                   ": it is neither a passphrase of it, nor its 24 words"
                   "%s",
                   file != NULL ? ", nor one of its key files" : "");
}

static enum vlt_status
open_with(struct store *store, const struct opener *opener, const char *file,
          struct vlt_buf *why)
{
    struct vlt_secret *root = NULL;
    enum vlt_status st = VLT_E_AUTH;

    if (opener->key != NULL) {
        st = store_root_key(store, STORE_KEY_FILE, opener->key, &root);
    }
    if (st == VLT_E_AUTH) {
        st = store_root_key(store, STORE_TYPED, opener->passphrase, &root);
    }
    if (st == VLT_E_AUTH) {
        say_wrong(file, why);
    } else if (st == VLT_OK) {
        st = store_unlock(store, root, why);
        /* The secret has opened its slot: it is not what is wrong. */
        st = st == VLT_E_AUTH ? VLT_E_STORAGE : st;
    }
    vlt_secret_free(root);
    return st;
}

static int
code_of(enum vlt_status st)
{
    return st == VLT_E_AUTH       ? EXIT_LOCKED
           : st == VLT_E_CONFLICT ? EXIT_CONFLICT
                                  : EXIT_FAILED;
}

static int
check(const struct wish *wish, const struct opener *opener)
{
    struct store *store = NULL;
    bool good = false;
    struct vlt_buf why;

    vlt_buf_init(&why, 4096);

    enum vlt_status st = store_open(wish->dir, NULL, &why, &store);

    if (st == VLT_OK) {
        st = open_with(store, opener, wish->file, &why);
    }
    if (st == VLT_OK) {
        st = inspect(store, &good);
    }
    if (st != VLT_OK) {
        complain("check: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    }
    store_close(store);
    vlt_buf_free(&why);
    if (st != VLT_OK) {
        return code_of(st);
    }
    (void)printf(good ? "all is well\n" : "the vault is damaged\n");
    return good ? EXIT_DONE : EXIT_FAILED;
}

/* Secrets do not cross a fork, so the child reads its own. */
static int
check_with(void *ctx)
{
    const struct wish *wish = ctx;
    struct opener opener = { NULL, NULL };
    enum vlt_status st = wish->file != NULL
                             ? opener_from_file(wish->file, &opener)
                             : passphrase_from_terminal("--unlock-file", false,
                                                        &opener.passphrase);

    if (st != VLT_OK) {
        return st == VLT_E_DENIED ? EXIT_USAGE : EXIT_FAILED;
    }
    int code = check(wish, &opener);

    opener_fini(&opener);
    return code;
}

static int
run(int argc, char **argv)
{
    struct wish wish = { .dir = NULL };
    const struct option rows[] = {
        { "--dir", "DIR", true, "the vault; nobody may have it open",
          &wish.dir },
        { "--unlock-file", "FILE", false,
          "a passphrase or key file; else the passphrase is asked for",
          &wish.file },
        { .name = NULL },
    };
    int code = options_read(&cmd_check, rows, NULL, argc, argv);

    return code >= 0 ? code : in_child("check", check_with, &wish);
}

const struct command cmd_check = {
    .name = "check",
    .words = "read everything and say whether all agrees; repairs nothing",
    .examples = "  vaultd check --dir /var/lib/vaultd/home\n"
                "  vaultd check --dir ./vault --unlock-file ./pass\n",
    .run = run,
};
