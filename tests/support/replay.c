/*
 * replay: give each file of the named folders to the fuzz target once, so that
 * a corpus is a regression test under any compiler.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int
replay_file(const char *path)
{
    struct stat about;
    FILE *file = fopen(path, "rb");

    if (file == NULL || fstat(fileno(file), &about) != 0) {
        perror(path);
        exit(1);
    }
    if (!S_ISREG(about.st_mode)) {
        fclose(file);
        return 0;
    }
    /* Exactly as large as the input, so that ASan sees a read past its end. */
    size_t len = (size_t)about.st_size;
    uint8_t *bytes = malloc(len > 0 ? len : 1);

    if (bytes == NULL || fread(bytes, 1, len, file) != len) {
        perror(path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return 1;
}

static int
replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[4096];
    int count = 0;

    if (dir == NULL) {
        perror(folder);
        exit(1);
    }
    while ((entry = readdir(dir)) != NULL) {
        int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);

        if (len > 0 && (size_t)len < sizeof path) {
            count += replay_file(path);
        }
    }
    closedir(dir);
    return count;
}

int
main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        count += replay_folder(argv[i]);
    }
    printf("%d inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
