/*
 * screen: what vaultctl prints, run against a vault of a few lines.
 *
 * The command runs in a child of its own, with files for stdout and stderr.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <fcntl.h>
#include <sys/stat.h>

#include "fake_vault.h"
#include "unit.h"
#include "vaultctl/vaultctl.h"

enum {
    SCREEN_WORDS = 24,
    SCREEN_TEXT = 32768,
    SCREEN_LINE = 512,
    SCREEN_GUARD_S = 60
};

struct screen {
    char dir[40];
    char socket[64];
    pid_t vault;       /* 0: none */
    const char *state; /* XDG_STATE_HOME; NULL: none, and no head is kept */
    const char *home;  /* HOME, likewise */
    int code;          /* of the last command */
    char out[SCREEN_TEXT];
    char err[SCREEN_TEXT];
};

static inline void
screen_path(const struct screen *screen, const char *name, char out[64])
{
    snprintf(out, 64, "%s/%s", screen->dir, name);
}

/* A vault that answers by fn; end it by screen_close(). */
static inline void
screen_open(struct screen *screen, fake_fn *fn)
{
    snprintf(screen->dir, sizeof screen->dir, "/tmp/screen-test-XXXXXX");
    assert_non_null(mkdtemp(screen->dir));
    screen_path(screen, "socket", screen->socket);
    screen->vault = fake_start(screen->socket, NULL, fn);
}

static inline void
screen_read(const struct screen *screen, const char *name,
            char out[SCREEN_TEXT])
{
    char path[64];

    screen_path(screen, name, path);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    out[fread(out, 1, SCREEN_TEXT - 1, file)] = '\0';
    fclose(file);
}

static inline void
screen_divert(const struct screen *screen, const char *name, int fd)
{
    char path[64];

    screen_path(screen, name, path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (file < 0 || dup2(file, fd) < 0) {
        _exit(99);
    }
    close(file);
}

static inline void
screen_env(const char *name, const char *value)
{
    if (value == NULL) {
        unsetenv(name);
    } else {
        setenv(name, value, 1);
    }
}

/* Run a command of words apart by blanks: code, out and err are set. */
static inline void
screen_run(struct screen *screen, const char *line)
{
    char words[SCREEN_LINE];
    char name[] = "vaultctl";
    char socket[] = "--socket";
    char *argv[SCREEN_WORDS + 1] = { name, socket, screen->socket };
    int argc = 3;
    int status;

    assert_true(strlen(line) < sizeof words);
    memcpy(words, line, strlen(line) + 1);
    for (char *at = strtok_r(words, " ", &argv[SCREEN_WORDS]); at != NULL;
         at = strtok_r(NULL, " ", &argv[SCREEN_WORDS])) {
        assert_true(argc < SCREEN_WORDS);
        argv[argc++] = at;
    }
    fflush(NULL);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with a test that is cut */
        alarm(SCREEN_GUARD_S);            /* nor does one that hangs */
        screen_env("XDG_STATE_HOME", screen->state);
        screen_env("HOME", screen->home);
        screen_divert(screen, "out", STDOUT_FILENO);
        screen_divert(screen, "err", STDERR_FILENO);
        _exit(run_main(&vaultctl_program, argc, argv));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    screen->code = WEXITSTATUS(status);
    screen_read(screen, "out", screen->out);
    screen_read(screen, "err", screen->err);
}

static inline void
screen_close(struct screen *screen)
{
    static const char *const names[] = { "socket", "out", "err" };
    char path[64];

    fake_stop(screen->vault);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        screen_path(screen, names[i], path);
        unlink(path);
    }
    rmdir(screen->dir);
}

#endif
