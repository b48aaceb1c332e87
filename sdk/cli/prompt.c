#define _GNU_SOURCE
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/file.h"
#include "vault/owner.h"

void
prompt_wipe(struct prompt_secret *secret)
{
    vault_wipe(secret, sizeof *secret);
    munlock(secret, sizeof *secret);
}

/* Read to the end, or (a terminal) to the end of the line, into the secret and
 * nowhere else. */
static enum vlt_status
take(int fd, bool line, struct prompt_secret *out)
{
    while (out->len < sizeof out->at) {
        ssize_t got = read(fd, out->at + out->len, sizeof out->at - out->len);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return VLT_E_STORAGE;
        }
        if (got == 0) {
            break;
        }
        out->len += (size_t)got;
        if (line && out->at[out->len - 1] == '\n') {
            break;
        }
    }
    return VLT_OK;
}

static enum vlt_status
check(const struct prompt_secret *secret)
{
    if (secret->len > PROMPT_SECRET) {
        return VLT_E_LIMIT;
    }
    return secret->len == 0 ? VLT_E_FORMAT : VLT_OK;
}

/* A passphrase: one end of a line is no part of it. */
static enum vlt_status
fill(int fd, bool line, struct prompt_secret *out)
{
    enum vlt_status st = take(fd, line, out);

    if (st != VLT_OK) {
        return st;
    }
    if (out->len > 0 && out->at[out->len - 1] == '\n') {
        out->len--;
        if (out->len > 0 && out->at[out->len - 1] == '\r') {
            out->len--;
        }
    }
    return check(out);
}

static int
open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void
say(int fd, const char *text)
{
    enum vlt_status st = file_put(fd, vlt_slice_text(text));

    (void)st; /* a question that cannot be shown gets no answer either */
}

static enum vlt_status
typed(const char *ask, struct prompt_secret *out)
{
    struct termios before;
    int fd = open_terminal();

    if (fd < 0) {
        return VLT_E_NOT_FOUND;
    }
    if (tcgetattr(fd, &before) != 0) {
        close(fd);
        return VLT_E_NOT_FOUND;
    }
    struct termios quiet = before;

    quiet.c_lflag &= (tcflag_t)~ECHO;
    /* Before the question: what is typed on it must not be flushed. */
    tcsetattr(fd, TCSAFLUSH, &quiet);
    say(fd, ask);
    enum vlt_status st = fill(fd, true, out);

    tcsetattr(fd, TCSAFLUSH, &before);
    say(fd, "\n");
    close(fd);
    return st;
}

static enum vlt_status
from_fd(const char *text, struct prompt_secret *out)
{
    int64_t fd;

    if (vlt_int_parse(vlt_slice_text(text), &fd) != VLT_OK || fd < 0 ||
        fd > 1 << 20) {
        return VLT_E_FORMAT;
    }
    return fill((int)fd, false, out);
}

static enum vlt_status
from_file(const char *path, struct prompt_secret *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return VLT_E_STORAGE;
    }
    enum vlt_status st = fill(fd, false, out);
    int why = errno;

    close(fd);
    errno = why;
    return st;
}

enum vlt_status
prompt_secret(const char *file, const char *fd, const char *ask,
              struct prompt_secret *out)
{
    enum vlt_status st;

    mlock(out, sizeof *out); /* where RLIMIT_MEMLOCK allows it */
    out->len = 0;
    if (file != NULL) {
        st = from_file(file, out);
    } else if (fd != NULL) {
        st = from_fd(fd, out);
    } else {
        st = typed(ask, out);
    }
    if (st != VLT_OK) {
        int why = errno;

        prompt_wipe(out);
        errno = why;
    }
    return st;
}

enum vlt_status
prompt_bytes(const char *file, struct prompt_secret *out)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT ? VLT_E_NOT_FOUND : VLT_E_STORAGE;
    }
    mlock(out, sizeof *out);
    out->len = 0;
    enum vlt_status st = take(fd, false, out);
    int why = errno;

    close(fd);
    if (st == VLT_OK) {
        st = check(out);
    }
    if (st != VLT_OK) {
        prompt_wipe(out);
    }
    errno = why;
    return st;
}

enum vlt_status
prompt_line(const char *ask, char out[PROMPT_LINE])
{
    int fd = open_terminal();
    size_t len = 0;

    if (fd < 0) {
        return VLT_E_NOT_FOUND;
    }
    say(fd, ask);
    while (len < PROMPT_LINE - 1) {
        ssize_t got = read(fd, out + len, 1);

        if (got <= 0 || out[len] == '\n') {
            break;
        }
        len++;
    }
    bool whole = len < PROMPT_LINE - 1 && out[len] == '\n';

    out[len] = '\0';
    close(fd);
    return whole ? VLT_OK : VLT_E_NOT_FOUND;
}

enum vlt_status
prompt_yes(const char *ask, bool *out)
{
    char line[PROMPT_LINE] = "";
    enum vlt_status st = prompt_line(ask, line);

    if (st == VLT_OK) {
        *out = strcmp(line, "y") == 0 || strcmp(line, "yes") == 0;
    }
    return st;
}
