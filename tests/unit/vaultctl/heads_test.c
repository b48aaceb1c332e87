/*
 * The head that vaultctl keeps: what a vault shows against it, and where it
 * lies.
 */
#include "screen.h"

#include <dirent.h>
#include <sys/file.h>

#include "wire/checkpoint.h"
#include "json/json_write.h"

#define ID_A "vd1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "vd1:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* What the vault shows. */
static struct {
    const char *state, *id; /* no state: it does not say */
    uint64_t size;          /* of its log; 0: it shows no head */
    uint32_t instance;
    const char *head; /* in place of one; NULL: none */
    uint64_t
        restored_at; /* instance 1 went on in the next one; 0: it did not */
} shown;

static struct screen screen;
static char kept[128], folder[96];

static void
put_head(struct vlt_json_out *json)
{
    struct vlt_checkpoint head = { .origin = { .instance = shown.instance },
                                   .size = shown.size };
    struct vlt_buf text = { 0 };

    vlt_checkpoint_put(&head, &text);
    vlt_put_object(json, "head");
    if (shown.head != NULL) {
        vlt_put_text(json, "checkpoint", shown.head);
    } else {
        vlt_put_slice(json, "checkpoint", vlt_buf_slice(&text));
    }
    vlt_put_end(json);
    vlt_buf_free(&text);
}

static void
put_session(struct vlt_json_out *json)
{
    vlt_put_text(json, "state", shown.state);
    vlt_put_text(json, "vault", shown.id);
    if (shown.size > 0 || shown.head != NULL) {
        put_head(json);
    } else {
        vlt_put_null(json, "head");
    }
}

static void
put_restores(struct vlt_json_out *json)
{
    char detail[96];

    snprintf(detail, sizeof detail,
             "{\"event\":\"restored\",\"instance\":\"00000001\",\"size\":%d}",
             (int)shown.restored_at);
    vlt_put_list(json, "entries");
    if (shown.restored_at > 0) {
        vlt_put_object(json, NULL);
        vlt_put_text(json, "type", "restore");
        vlt_put_text(json, "detail", detail);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_buf text = { 0 };
    struct vlt_json_out json = vlt_json_out(&text);

    if (vlt_slice_is(rpc->method, "session.info") && shown.state == NULL) {
        fake_error(fake, rpc->id.number,
                   "{\"code\":8,\"message\":\"Not now.\",\"data\":{"
                   "\"reason\":\"conflict\"}}");
        return true;
    }
    vlt_put_object(&json, NULL);
    if (vlt_slice_is(rpc->method, "session.info")) {
        put_session(&json);
    } else if (vlt_slice_is(rpc->method, "audit.list")) {
        put_restores(&json);
    } else {
        vlt_put_bool(&json, "ok", true);
        vlt_put_text(&json, "checkpoint", "");
    }
    vlt_put_end(&json);
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&text);
    return true;
}

/* Run it against a vault that shows this; its exit code. */
static int
run(const char *line)
{
    fake_stop(screen.vault);
    screen.vault = fake_start(screen.socket, NULL, answer);
    screen_run(&screen, line);
    print_message("%s: %d, %s\n", line, screen.code, screen.err);
    return screen.code;
}

static bool
says(const char *what)
{
    return strstr(screen.err, what) != NULL;
}

/* Is the head of this size what is kept? */
static bool
keeps(const char *path, int size)
{
    char text[1024] = { 0 };
    char line[32];
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        return false;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    snprintf(line, sizeof line, "\n%d\n", size);
    return strstr(text, line) != NULL;
}

static void
put_file(const char *path, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < len; i++) {
        fputc('x', file);
    }
    assert_int_equal(fclose(file), 0);
}

static void
remove_all(const char *path)
{
    DIR *dir = opendir(path);
    char inner[512];

    for (struct dirent *at; dir != NULL && (at = readdir(dir)) != NULL;) {
        if (strcmp(at->d_name, ".") != 0 && strcmp(at->d_name, "..") != 0) {
            snprintf(inner, sizeof inner, "%s/%s", path, at->d_name);
            remove_all(inner);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    (void)remove(path);
}

static char state[64];

/* A vault whose head of 12 entries is kept. */
static int
begin(void **unused)
{
    memset(&shown, 0, sizeof shown);
    shown.state = "ready";
    shown.id = ID_A;
    shown.size = 12;
    shown.instance = 1;
    screen_open(&screen, answer);
    screen_path(&screen, "state", state);
    screen.state = state;
    screen.home = NULL;
    snprintf(folder, sizeof folder, "%.50s/vaultctl/heads", state);
    snprintf(kept, sizeof kept, "%.70s/%.52s", folder, &ID_A[4]);
    return run("audit head --json") == RUN_DONE && keeps(kept, 12) ? 0 : 1;
}

static int
end(void **unused)
{
    remove_all(state);
    screen_close(&screen);
    return 0;
}

static void
a_vault_that_shows_no_head_where_one_was_kept_alarms(void **unused)
{
    static const char *const heads[] = { NULL, "", "no head" };

    shown.size = 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        shown.head = heads[i];
        assert_int_equal(run("audit head --json"), RUN_FAILED);
        assert_true(says("shows no head of its log") && says("12 entries"));
        assert_int_equal(run("audit verify"), RUN_FAILED);
        assert_int_equal(run("audit head --accept --json"), RUN_FAILED);
        assert_true(keeps(kept, 12));
    }
    /* Locked it has none to show. */
    shown.head = NULL;
    shown.state = "locked";
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_string_equal(screen.err, "");
}

static void
what_does_not_answer_is_not_verified(void **unused)
{
    shown.state = NULL;
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_true(says("could not be held against the head kept in"));
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_true(keeps(kept, 12));
}

static void
another_vault_is_told_once_and_fails_a_verification(void **unused)
{
    shown.id = ID_B;
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_true(says("was not shown here before"));
    assert_int_equal(run("audit verify"), RUN_DONE);
    assert_string_equal(screen.err, "");
    shown.id = "vd1:cccccccccccccccccccccccccccccccccccccccccccccccccccc";
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_true(says("was not shown here before"));
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_string_equal(screen.err, "");
    /* One that has no id has nothing by which it could be known. */
    shown.id = "vd1:";
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_true(keeps(kept, 12));
}

static void
a_restore_that_loses_entries_alarms_until_it_is_accepted(void **unused)
{
    shown.instance = 2;
    shown.restored_at = 11;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(run("audit verify"), RUN_FAILED);
        assert_true(says("whose log had 11 entries; 12 were shown here") &&
                    says("is lost") && says("audit head --accept"));
        assert_true(keeps(kept, 12));
    }
    assert_int_equal(run("audit head --accept --json"), RUN_DONE);
    assert_int_equal(run("audit verify"), RUN_DONE);
    assert_string_equal(screen.err, "");
}

static void
what_is_no_head_alarms_until_it_is_accepted(void **unused)
{
    put_file(kept, 10);
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_true(says("holds no head") && says("--accept"));
    assert_int_equal(run("audit head --accept --json"), RUN_DONE);
    assert_true(keeps(kept, 12));
}

static void
what_cannot_be_read_alarms_and_says_why(void **unused)
{
    put_file(kept, 70000);
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_true(says("too large") && !says("--accept"));
    assert_int_equal(remove(kept), 0);
    assert_int_equal(mkdir(kept, 0700), 0);
    assert_int_equal(run("audit verify"), RUN_FAILED);
    assert_true(says("cannot be read: Is a directory") && !says("--accept"));
}

static void
without_a_home_nothing_is_kept(void **unused)
{
    char home[64];

    screen_path(&screen, "state/none", home);
    screen.state = NULL;
    screen.home = home;
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_string_equal(screen.err, "");
    assert_int_not_equal(access(home, F_OK), 0);
    assert_int_equal(run("audit verify"), RUN_DONE);
    assert_true(says("no home"));
}

/* Of a service, say: told where heads matter, and not with each command. */
static void
a_home_that_cannot_be_written_is_as_none(void **unused)
{
    if (mkdir("/sys/vault-test", 0700) == 0) {
        assert_int_equal(rmdir("/sys/vault-test"), 0);
        skip(); /* nothing is mounted there */
    }
    screen.state = NULL;
    screen.home = "/sys"; /* nobody makes a folder there, not even root */
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_string_equal(screen.err, "");
    assert_int_equal(run("audit verify"), RUN_DONE);
    assert_true(says("no home"));
}

static void
a_lock_that_is_held_is_not_waited_for(void **unused)
{
    int fd = open(folder, O_RDONLY | O_CLOEXEC);

    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_string_equal(screen.err, "");
    /* What went back is found all the same. */
    shown.size = 11;
    assert_int_equal(run("audit head --json"), RUN_FAILED);
    assert_true(says("went back"));
    assert_int_equal(run("audit head --accept --json"), RUN_FAILED);
    assert_true(says("locked") && keeps(kept, 12));
    close(fd);
    assert_int_equal(run("audit head --accept --json"), RUN_DONE);
    assert_true(keeps(kept, 11));
}

static void
root_writes_nothing_into_anothers_home(void **unused)
{
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chown(folder, 65534, 65534), 0);
    shown.size = 11;
    assert_int_equal(run("audit head --json"), RUN_FAILED);
    assert_true(says("went back"));
    assert_int_equal(run("audit head --accept --json"), RUN_FAILED);
    assert_true(says("another user's") && keeps(kept, 12));
    /* Nor a folder. */
    remove_all(folder);
    assert_int_equal(chown(state, 65534, 65534), 0);
    char inner[96];

    snprintf(inner, sizeof inner, "%.60s/vaultctl", state);
    assert_int_equal(remove(inner), 0);
    assert_int_equal(run("audit head --json"), RUN_DONE);
    assert_string_equal(screen.err, "");
    assert_int_not_equal(access(inner, F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_vault_that_shows_no_head_where_one_was_kept_alarms),
        TEST(what_does_not_answer_is_not_verified),
        TEST(another_vault_is_told_once_and_fails_a_verification),
        TEST(a_restore_that_loses_entries_alarms_until_it_is_accepted),
        TEST(what_is_no_head_alarms_until_it_is_accepted),
        TEST(what_cannot_be_read_alarms_and_says_why),
        TEST(without_a_home_nothing_is_kept),
        TEST(a_home_that_cannot_be_written_is_as_none),
        TEST(a_lock_that_is_held_is_not_waited_for),
        TEST(root_writes_nothing_into_anothers_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
