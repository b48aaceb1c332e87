/*
 * check: read everything of a vault that nobody has open, in a child process:
 * a damaged LMDB file can crash its reader.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/audit.h"
#include "main/main_internal.h"
#include "series/series.h"
#include "store/record.h"

struct checking {
    struct store *store;
    struct series *series;
    bool bad;
};

static void
on_problem(void *ctx, const char *problem)
{
    struct checking *checking = ctx;

    (void)printf("%s\n", problem);
    checking->bad = true;
}

static enum vlt_status
check_store(struct checking *checking, const struct store_view *view)
{
    struct store_check found = { 0 };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 64 << 10);
    st = store_check(view, &why, &found);
    if (st == VLT_E_AUTH) {
        (void)printf("%s", vlt_buf_text(&why));
        checking->bad = true;
        st = VLT_OK;
    }
    if (st == VLT_OK) {
        (void)printf("records %llu, of which bad %llu\n",
                     (unsigned long long)found.records,
                     (unsigned long long)found.bad);
    }
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
check_audit(struct checking *checking, const struct store_view *view)
{
    struct audit *audit = NULL;
    struct audit_head head = { 0 };
    enum vlt_status st = audit_new(checking->store, &audit);

    if (st == VLT_OK) {
        st = audit_verify(audit, view, on_problem, checking, &head);
    }
    if (st == VLT_OK) {
        (void)printf("log entries %llu\n", (unsigned long long)head.size);
    }
    audit_free(audit);
    return st;
}

/* What was packed is what lanes and summaries say. */
static enum vlt_status
check_packed(struct checking *checking, struct series *series,
             const struct store_view *view)
{
    struct series_check packed;
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = series_check(series, view, &why, &packed);
    if (st == VLT_OK || st == VLT_E_AUTH) {
        (void)printf("lanes %llu, chunks %llu, rows in them %llu\n",
                     (unsigned long long)packed.lanes,
                     (unsigned long long)packed.chunks,
                     (unsigned long long)packed.rows);
    }
    if (st == VLT_E_AUTH || st == VLT_E_STORAGE) {
        (void)printf("%.*s", (int)why.len, (const char *)why.at);
        checking->bad = true;
        st = VLT_OK;
    }
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
check_rows(struct checking *checking, const struct store_view *view)
{
    struct series *series = checking->series;
    struct series_totals totals = { 0 };
    enum vlt_status st = series_load(series, view);

    if (st == VLT_OK) {
        series_totals(series, &totals);
        (void)printf("streams %llu, rows %llu\n",
                     (unsigned long long)totals.streams,
                     (unsigned long long)totals.rows);
        st = check_packed(checking, series, view);
    } else {
        (void)printf("the rows do not read: %s\n", vlt_status_word(st));
        checking->bad = true;
        st = VLT_OK;
    }
    return st;
}

static enum vlt_status
check_all(struct checking *checking)
{
    struct store_read *read = NULL;
    enum vlt_status st = series_new(checking->store, &checking->series);

    /* What was erased is not damaged. */
    if (st == VLT_OK) {
        st = series_load_tombs(checking->series);
    }
    if (st == VLT_OK) {
        st = store_read_begin(checking->store, &read);
    }
    if (st != VLT_OK) {
        return st;
    }
    const struct store_view *view = store_read_view(read);

    st = check_store(checking, view);
    if (st == VLT_OK) {
        st = check_rows(checking, view);
    }
    if (st == VLT_OK) {
        st = check_audit(checking, view);
    }
    store_read_end(read);
    return st;
}

static enum vlt_status
open_with(struct store *store, const struct opener *opener, struct vlt_buf *why)
{
    struct vlt_secret *root = NULL;
    enum vlt_status st = VLT_E_AUTH;

    if (opener->key != NULL) {
        st = store_root_key(store, STORE_KEY_FILE, opener->key, &root);
    }
    if (st == VLT_E_AUTH) {
        st = store_root_key(store, STORE_TYPED, opener->passphrase, &root);
    }
    if (st == VLT_OK) {
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
check(const char *dir, const struct opener *opener)
{
    struct checking checking = { .bad = false };
    struct vlt_buf why;

    vlt_buf_init(&why, 4096);

    enum vlt_status st = store_open(dir, NULL, &why, &checking.store);

    if (st == VLT_OK) {
        st = open_with(checking.store, opener, &why);
    }
    if (st == VLT_OK) {
        st = check_all(&checking);
    }
    if (st != VLT_OK) {
        complain("check: %s",
                 why.len > 0 ? vlt_buf_text(&why) : vlt_status_word(st));
    }
    series_free(checking.series);
    store_close(checking.store);
    vlt_buf_free(&why);
    if (st != VLT_OK) {
        return code_of(st);
    }
    (void)printf(checking.bad ? "the vault is damaged\n" : "all is well\n");
    return checking.bad ? EXIT_FAILED : EXIT_DONE;
}

/* Secrets do not cross a fork, so the child reads its own. */
static int
check_with(const char *dir, const char *file)
{
    struct opener opener = { NULL, NULL };
    enum vlt_status st = file != NULL
                             ? opener_from_file(file, &opener)
                             : passphrase_from_terminal("--unlock-file", false,
                                                        &opener.passphrase);

    if (st != VLT_OK) {
        return st == VLT_E_DENIED ? EXIT_USAGE : EXIT_FAILED;
    }
    int code = check(dir, &opener);

    opener_fini(&opener);
    return code;
}

/* Wait for the child's end; false: nothing can be told of it. */
static bool
wait_for(pid_t child, int *how)
{
    pid_t ended = -1;

    do {
        ended = waitpid(child, how, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == child;
}

/* In a child: what it says is what we say.  Whoever started us may have had
 * ends of children ignored; then nobody would be told of ours. */
static int
check_in_child(const char *dir, const char *file)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };
    int how = 0;

    (void)sigaction(SIGCHLD, &usual, NULL);
    pid_t child = fork();

    if (child < 0) {
        complain("check: no process can be made: %s", strerror(errno));
        return EXIT_FAILED;
    }
    if (child == 0) {
        int code = check_with(dir, file);

        (void)fflush(stdout);
        _exit(code);
    }
    if (!wait_for(child, &how)) {
        complain("check: the reader is lost: %s", strerror(errno));
        return EXIT_FAILED;
    }
    if (WIFSIGNALED(how)) {
        complain("check: the reader died by signal %d: the vault is damaged",
                 WTERMSIG(how));
        return EXIT_FAILED;
    }
    return WEXITSTATUS(how);
}

static int
run(int argc, char **argv)
{
    const char *dir = NULL;
    const char *file = NULL;
    const struct option rows[] = {
        { "--dir", "DIR", true, "the vault; nobody may have it open", &dir },
        { "--unlock-file", "FILE", false,
          "a passphrase or key file; else the passphrase is asked for", &file },
        { .name = NULL },
    };
    int code = options_read(&cmd_check, rows, NULL, argc, argv);

    return code >= 0 ? code : check_in_child(dir, file);
}

const struct command cmd_check = {
    .name = "check",
    .words = "read everything and say whether all agrees; changes nothing",
    .examples = "  vaultd check --dir /var/lib/vaultd/home\n"
                "  vaultd check --dir ./vault --unlock-file ./pass\n",
    .run = run,
};
