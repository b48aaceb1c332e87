#define _GNU_SOURCE
#include "vaultctl/heads_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing is kept, and that is how things are here. */
static void
is_so(struct heads_folder *folder, const char *why)
{
    folder->why = why;
    folder->fault = false;
}

/* errno says why nothing is kept. */
static void
is_fault(struct heads_folder *folder)
{
    folder->why = strerror(errno);
    folder->fault = true;
}

/* Where it is; false: nowhere. */
static bool
find(struct heads_folder *folder)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    struct stat about;
    int len = -1;

    /* A path that is none from the root on counts as not said. */
    if (state != NULL && state[0] == '/') {
        len = snprintf(folder->path, sizeof folder->path, "%s/vaultctl/heads",
                       state);
    } else if (home != NULL && home[0] == '/' && stat(home, &about) == 0) {
        len = snprintf(folder->path, sizeof folder->path,
                       "%s/.local/state/vaultctl/heads", home);
    }
    if (len > 0 && (size_t)len < sizeof folder->path) {
        return true;
    }
    folder->path[0] = '\0';
    is_so(folder, "there is no home to keep it in");
    return false;
}

/* Is it root's to write there?  What is not there yet is his who has what it
 * will lie in. */
static bool
is_foreign(const struct heads_folder *folder)
{
    char path[sizeof folder->path];
    char *end = path + strlen(folder->path);
    struct stat about;

    if (geteuid() != 0) {
        return false; /* the system says by itself who may */
    }
    memcpy(path, folder->path, sizeof path);
    while (stat(path, &about) != 0 && end != NULL && end != path) {
        end = strrchr(path, '/');
        end[end == path ? 1 : 0] = '\0';
    }
    return stat(path, &about) == 0 && about.st_uid != 0;
}

/* Make it and what it lies in. */
static bool
make(char *path)
{
    for (char *at = path + 1;; at++) {
        char was = *at;

        if (was != '/' && was != '\0') {
            continue;
        }
        *at = '\0';
        bool there = mkdir(path, 0700) == 0 || errno == EEXIST;

        *at = was;
        if (!there || was == '\0') {
            return there;
        }
    }
}

/* A home in which nobody may make anything, as that of a service or in a
 * container, is as none: it stays so, and nothing was ever kept there. */
static void
cannot_make(struct heads_folder *folder)
{
    if (errno == EACCES || errno == EPERM || errno == EROFS) {
        is_so(folder, "nothing can be made there, so there is no home to keep "
                      "it in");
    } else {
        is_fault(folder);
    }
}

/* False: errno says why, EWOULDBLOCK that another one has it. */
static bool
lock(struct heads_folder *folder)
{
    int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;

        close(fd);
        errno = why;
        return false;
    }
    folder->lock = fd;
    return true;
}

void
heads_folder_open(struct heads_folder *folder)
{
    *folder = (struct heads_folder){ .lock = -1 };
    if (!find(folder)) {
        return;
    }
    if (is_foreign(folder)) {
        is_so(folder, "it is another user's, and you are root");
    } else if (!make(folder->path)) {
        cannot_make(folder);
    } else if (!lock(folder) && errno != EWOULDBLOCK) {
        is_fault(folder);
    } else if (folder->lock < 0) {
        is_so(folder, "another vaultctl has it locked just now");
    }
}

void
heads_folder_close(struct heads_folder *folder)
{
    if (folder->lock >= 0) {
        close(folder->lock);
    }
    folder->lock = -1;
}

static bool
is_name(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!(at[i] >= 'a' && at[i] <= 'z') &&
            !(at[i] >= '2' && at[i] <= '7')) {
            return false;
        }
    }
    return len == HEADS_ID;
}

bool
heads_is_id(struct vlt_slice text)
{
    return text.len >= 4 + HEADS_ID && memcmp(text.at, "vd1:", 4) == 0 &&
           is_name((const char *)text.at + 4, HEADS_ID);
}

void
heads_folder_file(const struct heads_folder *folder, struct vlt_slice id,
                  char out[HEADS_PATH])
{
    (void)snprintf(out, HEADS_PATH, "%s/%.*s", folder->path, HEADS_ID,
                   (const char *)id.at + 4);
}

bool
heads_folder_holds_other(const struct heads_folder *folder, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;
    DIR *dir = opendir(folder->path);
    bool found = false;

    for (struct dirent *at = NULL;
         dir != NULL && !found && (at = readdir(dir)) != NULL;) {
        found = is_name(at->d_name, strlen(at->d_name)) &&
                strcmp(at->d_name, name) != 0;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}
