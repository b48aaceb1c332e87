/* What opens the vault. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/prompt.h"
#include "vault/owner.h"
#include "vaultctl/vaultctl.h"

enum { KEY_LEN = 32 };

static const struct view_column slot_columns[] = {
    { "slot", "slot", VIEW_NUMBER },
    { "opened by", "type", VIEW_TEXT },
    { "passes", "passes", VIEW_NUMBER },
    { "memory, KiB", "memory_kib", VIEW_NUMBER },
    { .head = NULL },
};

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "key.list",
        .array = "slots",
        .columns = slot_columns,
        .none = "nothing opens this vault",
    };

    return view_list(run, &view);
}

/* ---- secrets that are sent ---- */

/* Put a secret as a member of the call to come, whose buffer is wiped. */
static void
put_secret(struct run *run, const char *member,
           const struct prompt_secret *secret, bool key)
{
    struct vlt_slice bytes = vlt_slice_of(secret->at, secret->len);

    run->params.secret = true;
    if (key) {
        vlt_put_base64(&run->put, member, bytes);
    } else {
        vlt_put_slice(&run->put, member, bytes);
    }
}

static int
tell(struct run *run, const char *what, const char *option, enum vlt_status st)
{
    switch (st) {
    case VLT_E_NOT_FOUND:
        return run_says(run, RUN_USAGE,
                        "there is no terminal to ask for the %s on; give it by "
                        "--%s FILE",
                        what, option);
    case VLT_E_STORAGE:
        return run_says(run, RUN_FAILED, "the %s cannot be read: %s", what,
                        strerror(errno));
    default:
        return run_says(run, RUN_FAILED, "the %s must be of 1 to %d bytes",
                        what, PROMPT_SECRET);
    }
}

/* What is typed once more must be the same. */
static int
typed_again(struct run *run, const struct prompt_secret *first)
{
    struct prompt_secret again = { 0 };
    enum vlt_status st = prompt_secret(NULL, NULL, "again: ", &again);
    int code = RUN_DONE;

    if (st != VLT_OK) {
        return tell(run, "new passphrase", "new-passphrase-file", st);
    }
    if (again.len != first->len ||
        memcmp(again.at, first->at, first->len) != 0) {
        code = run_says(run, RUN_FAILED,
                        "the two are not the same; nothing was changed");
    }
    prompt_wipe(&again);
    return code;
}

static int
put_new_passphrase(struct run *run)
{
    const char *file = args_value(run->args, "new-passphrase-file");
    struct prompt_secret secret = { 0 };
    enum vlt_status st =
        prompt_secret(file, NULL, "the new passphrase: ", &secret);

    if (st != VLT_OK) {
        return tell(run, "new passphrase", "new-passphrase-file", st);
    }
    int code = file == NULL ? typed_again(run, &secret) : RUN_DONE;

    if (code == RUN_DONE) {
        put_secret(run, "new_passphrase", &secret, false);
    }
    prompt_wipe(&secret);
    return code;
}

/* ---- a key file, read or made ---- */

static int
read_key(struct run *run, const char *path, struct prompt_secret *key)
{
    enum vlt_status st = prompt_bytes(path, key);

    if (st == VLT_E_STORAGE) {
        return run_says(run, RUN_FAILED, "%s cannot be read: %s", path,
                        strerror(errno));
    }
    if (st != VLT_OK || key->len != KEY_LEN) {
        return run_says(run, RUN_FAILED,
                        "%s is no key file: a key has %d bytes", path, KEY_LEN);
    }
    return RUN_DONE;
}

static bool
write_key(int fd, const struct prompt_secret *key)
{
    bool done =
        write(fd, key->at, key->len) == (ssize_t)key->len && fsync(fd) == 0;

    return close(fd) == 0 && done;
}

/* Before the vault is asked: a slot whose key was lost on its way would be of
 * no use to anybody. */
static int
make_key(struct run *run, const char *path, struct prompt_secret *key)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

    if (fd < 0) {
        return run_says(run, RUN_FAILED, "%s cannot be made: %s", path,
                        strerror(errno));
    }
    key->len = KEY_LEN;
    if (getrandom(key->at, KEY_LEN, 0) != KEY_LEN || !write_key(fd, key)) {
        int code = run_says(run, RUN_FAILED, "%s cannot be written: %s", path,
                            strerror(errno));

        (void)unlink(path);
        return code;
    }
    return RUN_DONE;
}

/* Put the key of --key-file, which is made where there is none. */
static int
put_key(struct run *run, const char *member, bool *made)
{
    const char *path = args_value(run->args, "key-file");
    struct prompt_secret key = { 0 };

    if (path == NULL) {
        return run_says(run, RUN_USAGE,
                        "where is the key? say --key-file FILE: it is read, or "
                        "made where there is none");
    }
    *made = access(path, F_OK) != 0;
    int code = *made ? make_key(run, path, &key) : read_key(run, path, &key);

    if (code == RUN_DONE) {
        put_secret(run, member, &key, true);
    }
    prompt_wipe(&key);
    return code;
}

/* ---- answers ---- */

static const char beware[] =
    "whoever has the key file opens the vault: with the file on the same disk, "
    "whoever takes the disk has the data";

static int
show_words(struct run *run)
{
    const struct vlt_json *words = vlt_json_get(run->result, "words");

    if (vlt_json_kind(words) != VLT_JSON_TEXT) {
        return RUN_DONE;
    }
    vlt_buf_put_text(&run->text, "\n  ");
    view_value(words, VIEW_TEXT, run->now, &run->text);
    vlt_buf_put_text(&run->text, "\n\n");
    return run_flush(run) != RUN_DONE
               ? RUN_FAILED
               : run_says(run, RUN_DONE,
                          "write these 24 words down; they are shown this "
                          "once, and open the vault when the passphrase is "
                          "lost");
}

static int
show_added(struct run *run, bool credential)
{
    if (run->json) {
        run_print_answer(run);
    } else {
        vlt_buf_put_text(&run->text, "slot ");
        view_value(vlt_json_get(run->result, "slot"), VIEW_NUMBER, run->now,
                   &run->text);
        vlt_buf_put_text(&run->text, "\n");
    }
    int code = run->json ? run_flush(run) : show_words(run);

    return code == RUN_DONE && credential
               ? run_says(run, RUN_DONE, "%s", beware)
               : code;
}

static int
put_secret_of(struct run *run, const char *type, bool *made)
{
    if (strcmp(type, "passphrase") == 0) {
        return put_new_passphrase(run);
    }
    if (strcmp(type, "credential") == 0) {
        return put_key(run, "new_key", made);
    }
    if (strcmp(type, "recovery") == 0) {
        return RUN_DONE;
    }
    return run_says(run, RUN_USAGE,
                    "a slot is opened by a passphrase, recovery words or a "
                    "credential; \"%s\" is none of them",
                    type);
}

/* The key file that was made for a slot which was refused is of no use.  Where
 * it is not known whether it was, the file may be all that opens the vault. */
static void
drop_key(struct run *run, int code)
{
    const char *path = args_value(run->args, "key-file");

    if (code == RUN_USAGE || code == RUN_DENIED || code == RUN_LOCKED ||
        code == RUN_CONFLICT || code == RUN_NOT_FOUND) {
        (void)unlink(path);
        return;
    }
    (void)run_says(run, code,
                   "the vault may have taken the key all the same: %s is "
                   "kept; vaultctl key list shows the slots there are, and "
                   "without one of its own the file can be removed",
                   path);
}

static int
add(struct run *run)
{
    const char *type = args_word(run->args, 0);
    bool made = false;

    run_params(run, true);
    ctl_put_word(run, "type", 0);
    int code = run_put_int(run, "replace", "replace");

    if (code == RUN_DONE) {
        code = run_connect(run);
    }
    if (code == RUN_DONE) {
        code = put_secret_of(run, type, &made);
    }
    if (code != RUN_DONE) {
        return code;
    }
    code = run_ask(run, "key.add");
    if (code != RUN_DONE && made) {
        drop_key(run, code);
    }
    return code == RUN_DONE ? show_added(run, strcmp(type, "credential") == 0)
                            : code;
}

/* ---- rotating ---- */

/* The words on paper, to be kept; or new ones. */
static int
put_words(struct run *run)
{
    const char *file = args_value(run->args, "recovery-file");
    struct prompt_secret words = { 0 };

    if (file == NULL) {
        vlt_put_bool(&run->put, "new_recovery", true);
        return RUN_DONE;
    }
    enum vlt_status st = prompt_secret(file, NULL, "", &words);

    if (st != VLT_OK) {
        return tell(run, "recovery words", "recovery-file", st);
    }
    put_secret(run, "recovery", &words, false);
    prompt_wipe(&words);
    return RUN_DONE;
}

static int
put_all(struct run *run)
{
    const char *key = args_value(run->args, "key-file");
    bool made = false;
    int code = args_has(run->args, "no-recovery") ? RUN_DONE : put_words(run);

    if (code == RUN_DONE && key != NULL && access(key, F_OK) != 0) {
        return run_says(run, RUN_FAILED, "there is no file %s", key);
    }
    if (code == RUN_DONE && key != NULL) {
        code = put_key(run, "new_key", &made);
    }
    if (code == RUN_DONE && args_has(run->args, "new-passphrase-file")) {
        code = put_new_passphrase(run);
    }
    return code;
}

static int
rotate(struct run *run)
{
    static const struct view_column columns[] = {
        { "slots", "slots", VIEW_NUMBER },
        { "gone", "gone", VIEW_NUMBER },
        { .head = NULL },
    };
    int code = run_confirm(
        run, args_has(run->args, "key-file")
                 ? "Is the passphrase you give, with this key file, to open "
                   "the vault from now on, and no other?"
                 : "Is the passphrase you give to open the vault from now on, "
                   "and no other, nor any key file?");

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, true);
    code = put_all(run);
    if (code == RUN_DONE) {
        code = run_ask(run, "key.rotate");
    }
    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    view_fields(run, columns, run->result);
    return show_words(run);
}

static const struct args_option add_options[] = {
    { "replace", "SLOT", "in place of this one: to change a passphrase",
      false },
    { "new-passphrase-file", "FILE", "where the new passphrase is", false },
    { "key-file", "FILE", "of a credential; made where there is none", false },
    { .name = NULL },
};

static const struct args_option rotate_options[] = {
    { "key-file", "FILE", "a credential that opens it from now on, too",
      false },
    { "recovery-file", "FILE",
      "the 24 words, to keep them; else new ones "
      "are shown",
      false },
    { "no-recovery", NULL, "no words open it from now on", false },
    { "new-passphrase-file", "FILE", "another passphrase from now on", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

const struct args_command noun_key[] = {
    { .name = "list",
      .says = "what opens the vault",
      .examples = { "key list", "key list --json" },
      .run = list },
    { .name = "add",
      .takes = "passphrase|recovery|credential",
      .says = "one more thing that opens it, or one in place of another",
      .examples = { "key add passphrase --replace 0",
                    "key add credential --key-file /media/stick/vault.key" },
      .min = 1,
      .max = 1,
      .options = add_options,
      .run = add },
    { .name = "remove",
      .takes = "SLOT",
      .says = "this opens it no more",
      .examples = { "key remove 2", "key remove 2 --yes" },
      .min = 1,
      .max = 1,
      .options = ctl_yes,
      .run = cmd_key_remove },
    { .name = "rotate",
      .says = "another root key: what opened a copy of the old one opens "
              "nothing that comes",
      .examples = { "key rotate",
                    "key rotate --key-file /media/stick/vault.key" },
      .options = rotate_options,
      .run = rotate },
    { .name = NULL },
};
