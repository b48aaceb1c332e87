#include <stdio.h>
#include <unistd.h>

#include "crypto/random.h"
#include "keys/kek.h"
#include "main/main_internal.h"
#include "main/size.h"
#include "store/store.h"
#include "util/clock.h"

static int
exit_code(enum vlt_status st)
{
    return st == VLT_E_LIMIT      ? EXIT_USAGE
           : st == VLT_E_CONFLICT ? EXIT_CONFLICT
                                  : EXIT_FAILED;
}

/* The key file is made after the vault, so that a vault that could not be made
 * leaves no key behind; without its key file the vault still opens by
 * passphrase. */
static int
make(const char *dir, const struct store_init *init, const char *key_path)
{
    struct vlt_secret *words = NULL;
    struct vlt_buf why;
    int code = EXIT_DONE;

    vlt_buf_init(&why, 4096);

    enum vlt_status st = store_create(dir, init, &why, &words);

    if (st != VLT_OK) {
        complain("init: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
        code = exit_code(st);
    } else {
        (void)printf("A vault was made in %s.\n", dir);
        if (words != NULL) {
            words_show(words);
        }
        if (key_path != NULL) {
            st = secret_to_file(key_path, init->key_file);
            code = st == VLT_OK ? EXIT_DONE : EXIT_FAILED;
        }
        if (key_path != NULL && st == VLT_OK) {
            (void)printf("%s opens it too: keep it off this disk, or whoever "
                         "takes the disk has the data.\n",
                         key_path);
        }
    }
    vlt_secret_free(words);
    vlt_buf_free(&why);
    return code;
}

/* What sizes were said; nothing said leaves the default.  An exit code, or -1
 * to go on. */
static int
take_sizes(const char *quota, const char *memory, struct store_init *init,
           struct kek_cost *cost)
{
    uint64_t bytes = 0;

    if (quota != NULL &&
        size_parse(vlt_slice_text(quota), &init->quota) != VLT_OK) {
        complain("init: --quota %s is no size, as 512MiB or 40GiB", quota);
        return EXIT_USAGE;
    }
    if (memory == NULL) {
        return -1;
    }
    if (size_parse(vlt_slice_text(memory), &bytes) == VLT_OK) {
        *cost = (struct kek_cost){
            .t = KEK_T_DEFAULT,
            .m_kib = bytes >> 10 <= KEK_M_MAX ? (uint32_t)(bytes >> 10) : 0,
        };
        init->cost = cost;
    }
    if (!kek_cost_valid(*cost)) {
        complain("init: --kdf-memory %s: say 64MiB to 1GiB", memory);
        return EXIT_USAGE;
    }
    return -1;
}

static int
run(int argc, char **argv)
{
    const char *dir = NULL;
    const char *passphrase_file = NULL;
    const char *key_path = NULL;
    const char *quota = NULL;
    const char *memory = NULL;
    const struct option rows[] = {
        { "--dir", "DIR", true, "where; must not exist", &dir },
        { "--passphrase-file", "FILE", false,
          "holds the passphrase; else it is asked for", &passphrase_file },
        { "--key-file", "FILE", false,
          "also write a new key file (mode 0400) that opens the vault",
          &key_path },
        { "--quota", "SIZE", false,
          "what it may take, as 40GiB; else half of what is free, at most "
          "60GiB",
          &quota },
        { "--kdf-memory", "SIZE", false,
          "what a try at the passphrase costs, 64MiB to 1GiB; else 256MiB, or "
          "a quarter of the memory where that is less",
          &memory },
        { .name = NULL },
    };
    struct clock clock = clock_system();
    struct store_init init = { .words = true,
                               .quota = STORE_QUOTA_FITTING,
                               .now_ns = clock_wall(&clock) };
    struct kek_cost cost = { 0 };
    struct vlt_secret *passphrase = NULL;
    struct vlt_secret *key = NULL;
    int code = options_read(&cmd_init, rows, NULL, argc, argv);

    if (code >= 0) {
        return code;
    }
    code = take_sizes(quota, memory, &init, &cost);
    if (code >= 0) {
        return code;
    }
    if (key_path != NULL && access(key_path, F_OK) == 0) {
        complain("init: %s exists already; name a new file", key_path);
        return EXIT_CONFLICT;
    }
    enum vlt_status st =
        passphrase_file != NULL
            ? passphrase_from_file(passphrase_file, &passphrase)
            : passphrase_from_terminal("--passphrase-file", true, &passphrase);

    if (st == VLT_OK && key_path != NULL) {
        st = vlt_secret_random(KEK_RANDOM_LEN, &key);
    }
    code = EXIT_FAILED;
    if (st == VLT_E_DENIED) {
        code = EXIT_USAGE;
    }
    if (st == VLT_OK) {
        init.passphrase = passphrase;
        init.key_file = key;
        code = make(dir, &init, key_path);
    }
    vlt_secret_free(passphrase);
    vlt_secret_free(key);
    return code;
}

const struct command cmd_init = {
    .name = "init",
    .words = "make a vault and show its 24 recovery words once",
    .examples = "  vaultd init --dir /var/lib/vaultd/home\n"
                "  vaultd init --dir ./vault --passphrase-file ./pass\n",
    .run = run,
};
