/*
 * vector_file: a file of tests/vectors with one field a line, `name value`.
 */
#ifndef TESTS_VECTOR_FILE_H
#define TESTS_VECTOR_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"

enum { VECTOR_VALUE = 4096 };

/* Read tests/vectors/PATH, which must be there, into out. */
static inline void
vector_read(const char *path, struct vlt_buf *out)
{
    char name[512];
    char bytes[512];
    size_t len;

    (void)snprintf(name, sizeof name, VAULT_SOURCE "/tests/vectors/%s", path);

    FILE *file = fopen(name, "rb");

    if (file == NULL) {
        perror(name);
        abort();
    }
    vlt_buf_init(out, 0);
    while ((len = fread(bytes, 1, sizeof bytes, file)) > 0) {
        vlt_buf_put(out, bytes, len);
    }
    fclose(file);
}

/* The value of a field, which must be there; empty where it has none. */
static inline const char *
vector_text(struct vlt_buf *file, const char *name, char out[VECTOR_VALUE])
{
    const char *line = vlt_buf_text(file);
    size_t len = strlen(name);

    while (line != NULL && (strncmp(line, name, len) != 0 ||
                            strchr(" \n", line[len]) == NULL)) {
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    if (line == NULL) {
        (void)fprintf(stderr, "no field %s\n", name);
        abort();
    }
    line += len + (line[len] == ' ');
    (void)snprintf(out, VECTOR_VALUE, "%.*s", (int)strcspn(line, "\n"), line);
    return out;
}

/* The same as bytes, of which it has its value's half: how many. */
static inline size_t
vector_bytes(struct vlt_buf *file, const char *name, void *out)
{
    char text[VECTOR_VALUE];
    size_t len = strlen(vector_text(file, name, text)) / 2;

    if (vlt_hex_parse(vlt_slice_text(text), out, len) != VLT_OK) {
        abort();
    }
    return len;
}

#endif
