#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "keys/kek.h"
#include "main/main_internal.h"

enum {
    ROOM = KEK_PASSPHRASE_MAX + 3, /* an end of line, and one to see too much */
};

/* All of a descriptor, at most the length of the secret. */
static ssize_t
read_all(int fd, uint8_t *to, size_t size)
{
    size_t len = 0;

    while (len < size) {
        ssize_t got = read(fd, to + len, size - len);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -1 : (ssize_t)len;
        }
        len += (size_t)got;
    }
    return (ssize_t)len;
}

/* Copy the first len bytes, less one end of a line. */
static enum vlt_status
trimmed(const struct vlt_secret *room, size_t len, struct vlt_secret **out)
{
    const uint8_t *at = vlt_secret_peek(room);

    if (len > 0 && at[len - 1] == '\n') {
        len--;
        if (len > 0 && at[len - 1] == '\r') {
            len--;
        }
    }
    if (len == 0 || len > KEK_PASSPHRASE_MAX) {
        return VLT_E_LIMIT;
    }
    return vlt_secret_copy(vlt_slice_of(at, len), out);
}

/* It is used all the same: whose machine this is we cannot know. */
static void
complain_of_readers(const char *path, int fd)
{
    struct stat about;

    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
        (about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        complain("%s: not only its owner can read this secret; type: chmod "
                 "600 %s",
                 path, path);
    }
}

/* A file's bytes into a new secret of ROOM; *len of them are the file's. */
static enum vlt_status
read_file(const char *path, struct vlt_secret **out, size_t *len)
{
    struct vlt_secret *room = NULL;
    enum vlt_status st = vlt_secret_new(ROOM, &room);

    if (st != VLT_OK) {
        complain("%s: cannot be read: %s", path, vlt_status_word(st));
        return st;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read_all(fd, vlt_secret_bytes(room), ROOM) : -1;

    if (got < 0) {
        complain("%s: cannot be read: %s", path, strerror(errno));
        st = VLT_E_STORAGE;
    } else {
        complain_of_readers(path, fd);
        *len = (size_t)got;
        *out = room;
        room = NULL;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    vlt_secret_free(room);
    return st;
}

/* Say why there is no secret in a file. */
static void
say_unusable(const char *path, enum vlt_status st)
{
    if (st == VLT_E_LIMIT) {
        complain("%s: is empty or over %d bytes; it must hold a passphrase or "
                 "the %d bytes of a key file",
                 path, KEK_PASSPHRASE_MAX, KEK_RANDOM_LEN);
    } else {
        complain("%s: cannot be read: %s", path, vlt_status_word(st));
    }
}

enum vlt_status
passphrase_from_file(const char *path, struct vlt_secret **out)
{
    struct vlt_secret *room = NULL;
    size_t len = 0;
    enum vlt_status st = read_file(path, &room, &len);

    if (st != VLT_OK) {
        return st;
    }
    st = trimmed(room, len, out);
    if (st != VLT_OK) {
        say_unusable(path, st);
    }
    vlt_secret_free(room);
    return st;
}

enum vlt_status
opener_from_file(const char *path, struct opener *out)
{
    struct vlt_secret *room = NULL;
    struct opener opener = { NULL, NULL };
    size_t len = 0;
    enum vlt_status st = read_file(path, &room, &len);

    if (st != VLT_OK) {
        return st;
    }
    st = trimmed(room, len, &opener.passphrase);
    if (st == VLT_OK && len == KEK_RANDOM_LEN) {
        st = vlt_secret_copy(vlt_slice_of(vlt_secret_peek(room), len),
                             &opener.key);
    }
    if (st == VLT_OK) {
        *out = opener;
    } else {
        say_unusable(path, st);
        opener_fini(&opener);
    }
    vlt_secret_free(room);
    return st;
}

void
opener_fini(struct opener *opener)
{
    vlt_secret_free(opener->key);
    vlt_secret_free(opener->passphrase);
    *opener = (struct opener){ NULL, NULL };
}

/* One line without echo.  Its length, or -1. */
static ssize_t
ask(int fd, const char *prompt, struct vlt_secret *room)
{
    struct termios before;
    struct termios silent;
    ssize_t len;

    if (tcgetattr(fd, &before) != 0) {
        return -1;
    }
    silent = before;
    silent.c_lflag &= (tcflag_t) ~(unsigned)ECHO;
    /* Before the question: what is typed on it must be neither shown nor
     * flushed. */
    (void)tcsetattr(fd, TCSAFLUSH, &silent);
    (void)dprintf(fd, "%s", prompt);
    len = read(fd, vlt_secret_bytes(room), ROOM);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)dprintf(fd, "\n");
    return len;
}

static enum vlt_status
ask_new(int fd, const struct vlt_secret *first, struct vlt_secret *room)
{
    struct vlt_secret *second = NULL;
    ssize_t len = ask(fd, "Again: ", room);
    enum vlt_status st =
        len > 0 ? trimmed(room, (size_t)len, &second) : VLT_E_LIMIT;

    if (st == VLT_OK &&
        (vlt_secret_len(second) != vlt_secret_len(first) ||
         !vlt_equal(vlt_secret_peek(second), vlt_secret_peek(first),
                    vlt_secret_len(first)))) {
        complain("the two passphrases differ");
        st = VLT_E_CONFLICT;
    }
    vlt_secret_free(second);
    return st;
}

enum vlt_status
passphrase_from_terminal(const char *flag, bool new, struct vlt_secret **out)
{
    struct vlt_secret *room = NULL;
    struct vlt_secret *first = NULL;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    enum vlt_status st;

    if (fd < 0) {
        complain("there is no terminal to ask for the passphrase on; give %s "
                 "FILE",
                 flag);
        return VLT_E_DENIED;
    }
    st = vlt_secret_new(ROOM, &room);
    if (st == VLT_OK) {
        ssize_t len = ask(fd, new ? "New passphrase: " : "Passphrase: ", room);

        st = len > 0 ? trimmed(room, (size_t)len, &first) : VLT_E_LIMIT;
        if (st == VLT_E_LIMIT) {
            complain("a passphrase has 1 to %d bytes", KEK_PASSPHRASE_MAX);
        }
    }
    if (st == VLT_OK && new) {
        st = ask_new(fd, first, room);
    }
    if (st == VLT_OK) {
        *out = first;
        first = NULL;
    }
    vlt_secret_free(first);
    vlt_secret_free(room);
    (void)close(fd);
    return st;
}

/* A power cut may take a new name away until its directory is synced. */
static enum vlt_status
sync_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = slash == NULL
                     ? strdup(".")
                     : strndup(path, slash > path ? (size_t)(slash - path) : 1);
    int fd = name != NULL ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool done = fd >= 0 && fsync(fd) == 0;

    if (!done) {
        complain("%s: a power cut may take it away: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(name);
    return done ? VLT_OK : VLT_E_STORAGE;
}

enum vlt_status
secret_to_file(const char *path, const struct vlt_secret *secret)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    size_t len = vlt_secret_len(secret);

    if (fd < 0) {
        complain("%s: cannot be made: %s", path, strerror(errno));
        return VLT_E_STORAGE;
    }
    bool done = write(fd, vlt_secret_peek(secret), len) == (ssize_t)len &&
                fsync(fd) == 0;

    if (close(fd) != 0 || !done) {
        complain("%s: cannot be written: %s", path, strerror(errno));
        (void)unlink(path);
        return VLT_E_STORAGE;
    }
    return sync_directory_of(path);
}

void
words_show(const struct vlt_secret *words)
{
    (void)printf("These 24 words open the vault when the passphrase is lost. "
                 "Write them down;\nthey are shown once:\n\n  %.*s\n\n",
                 (int)vlt_secret_len(words),
                 (const char *)vlt_secret_peek(words));
}
