/*
 * data: published test vectors, which are not part of the project.
 *
 * They are looked for in $VAULT_TEST_DATA, else in ../shared/data beside the
 * source tree.
 */
#ifndef TESTS_CRYPTO_DATA_H
#define TESTS_CRYPTO_DATA_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATA_PATH = 1024,
    DATA_SKIP = 77, /* what ctest takes for "skipped" */
};

/* The path of a file or folder of the vectors; "" when it is too long. */
static inline const char *
data_path(const char *name, char out[DATA_PATH])
{
    const char *root = getenv("VAULT_TEST_DATA");
    int len =
        snprintf(out, DATA_PATH, "%s/%s",
                 root != NULL ? root : VAULT_SOURCE "/../shared/data", name);

    if (len < 0 || len >= DATA_PATH) {
        out[0] = '\0';
    }
    return out;
}

/* Is this file or folder there?  If not, says so and why it matters. */
static inline bool
data_there(const char *name)
{
    char path[DATA_PATH];
    FILE *file = fopen(data_path(name, path), "rb");

    if (file == NULL) {
        printf("SKIP: no test vectors %s (set VAULT_TEST_DATA)\n", path);
        return false;
    }
    fclose(file);
    return true;
}

/* A JSON file, which the caller gives back with json_decref(). */
static inline json_t *
data_json(const char *name)
{
    char path[DATA_PATH];
    json_error_t error;
    json_t *json = json_load_file(data_path(name, path), 0, &error);

    if (json == NULL) {
        printf("%s:%d: %s\n", path, error.line, error.text);
        abort();
    }
    return json;
}

/* The text of a member, which must be there. */
static inline const char *
data_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    if (text == NULL) {
        printf("no text %s in a test vector\n", member);
        abort();
    }
    return text;
}

#endif
