/* A folder, copied. */
#define _GNU_SOURCE /* O_DIRECTORY */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "sweep.h"

enum { PATH = 4096, PIECE = 1 << 16 };

static bool
copy_bytes(int from, int to)
{
    static char piece[PIECE];
    ssize_t len;

    while ((len = read(from, piece, sizeof piece)) > 0) {
        if (write(to, piece, (size_t)len) != len) {
            return false;
        }
    }
    return len == 0;
}

static bool
copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = in >= 0 && out >= 0 && copy_bytes(in, out);

    if (in >= 0) {
        (void)close(in);
    }
    if (out >= 0) {
        (void)close(out);
    }
    return good;
}

static bool copy_folder(const char *from, const char *to);

static bool
copy_entry(const char *name, const char *from, const char *to)
{
    char in[PATH];
    char out[PATH];
    struct stat about;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return true;
    }
    (void)snprintf(in, sizeof in, "%s/%s", from, name);
    (void)snprintf(out, sizeof out, "%s/%s", to, name);
    if (stat(in, &about) != 0) {
        return false;
    }
    if (S_ISDIR(about.st_mode)) {
        return mkdir(out, 0700) == 0 && copy_folder(in, out);
    }
    return copy_file(in, out);
}

static bool
copy_folder(const char *from, const char *to)
{
    DIR *list = opendir(from);
    struct dirent *entry;
    bool good = list != NULL;

    while (good && (entry = readdir(list)) != NULL) {
        good = copy_entry(entry->d_name, from, to);
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    return good;
}

bool
sweep_copy(const char *from, const char *to)
{
    return disk_empty(to) && copy_folder(from, to);
}
