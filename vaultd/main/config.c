#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "main/config_keys.h"
#include "main/main_internal.h"
#include "main/size.h"
#include "yaml/walk.h"

enum {
    FILE_MAX = 64 << 10,
    FILE_DEPTH = 3,
};

/* A file being read, and whether a fault was found. */
struct reading {
    const char *path;
    struct config *config;
    bool failed;
};

void
config_init(struct config *config)
{
    *config = (struct config){ .workers = 1 };
}

static void
free_list(char **list)
{
    for (size_t i = 0; i < CONFIG_LIST; i++) {
        free(list[i]);
    }
}

void
config_free(struct config *config)
{
    free(config->socket);
    free(config->listen);
    free(config->http);
    free(config->sealed);
    free(config->unlock_file);
    free(config->anchor);
    free(config->home);
    free_list(config->backups);
    free_list(config->origins);
    free_list(config->hosts);
    free_list(config->dial);
}

enum vlt_status
config_set(char **at, const char *value)
{
    if (value == NULL) {
        return VLT_OK;
    }
    char *copy = vlt_text_copy(vlt_slice_text(value));

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    free(*at);
    *at = copy;
    return VLT_OK;
}

static void
fault(struct reading *reading, int line, int column, const char *what)
{
    (void)fprintf(stderr, "%s:%d:%d: %s\n", reading->path, line, column, what);
    reading->failed = true;
}

static void
yaml_fault(void *ctx, const struct vlt_yaml_fault *found)
{
    struct reading *reading = ctx;
    char what[256];

    switch (found->why) {
    case VLT_YAML_DUPLICATE:
        (void)snprintf(what, sizeof what,
                       "'%s' is given twice (first at line %d)", found->says,
                       found->other_line);
        break;
    case VLT_YAML_TOO_BIG:
        (void)snprintf(what, sizeof what, "the file is over %d bytes",
                       FILE_MAX);
        break;
    case VLT_YAML_ENCODING:
        (void)snprintf(what, sizeof what, "%s is not UTF-8", found->says);
        break;
    case VLT_YAML_SYNTAX:
        (void)snprintf(what, sizeof what, "%s", found->says);
        break;
    case VLT_YAML_FEATURE:
        (void)snprintf(what, sizeof what, "%s is not allowed here",
                       found->says);
        break;
    case VLT_YAML_CONTROL:
        (void)snprintf(what, sizeof what, "the text contains %s", found->says);
        break;
    }
    fault(reading, found->line, found->column, what);
}

/* ---- values ---- */

static void
take_number(struct reading *reading, const struct config_key *key,
            const struct vlt_yaml_node *node)
{
    long *at = (long *)((char *)reading->config + key->offset);
    char what[128];
    int64_t value;

    if (node->kind != VLT_YAML_SCALAR ||
        vlt_int_parse(node->text, &value) != VLT_OK || value < key->least ||
        value > key->most) {
        (void)snprintf(what, sizeof what,
                       "%s must be a whole number from %ld to %ld", key->name,
                       key->least, key->most);
        fault(reading, node->line, node->column, what);
        return;
    }
    *at = (long)value;
}

static void
take_flag(struct reading *reading, const struct config_key *key,
          const struct vlt_yaml_node *node)
{
    bool *at = (bool *)((char *)reading->config + key->offset);
    char what[128];
    bool yes =
        node->kind == VLT_YAML_SCALAR && vlt_slice_is(node->text, "true");

    if (!yes &&
        (node->kind != VLT_YAML_SCALAR || !vlt_slice_is(node->text, "false"))) {
        (void)snprintf(what, sizeof what, "%s must be true or false",
                       key->name);
        fault(reading, node->line, node->column, what);
        return;
    }
    *at = yes;
}

static void
take_mib(struct reading *reading, const struct config_key *key,
         const struct vlt_yaml_node *node)
{
    uint64_t *at = (uint64_t *)((char *)reading->config + key->offset);
    char what[128];
    uint64_t value;

    if (node->kind != VLT_YAML_SCALAR ||
        size_parse(node->text, &value) != VLT_OK ||
        value < (uint64_t)key->least << 20 ||
        value > (uint64_t)key->most << 20) {
        (void)snprintf(what, sizeof what,
                       "%s must be a size as 512MiB or 40GiB, from %ld to %ld "
                       "MiB",
                       key->name, key->least, key->most);
        fault(reading, node->line, node->column, what);
        return;
    }
    *at = value;
}

static char *
take_text(struct reading *reading, const struct config_key *key,
          const struct vlt_yaml_node *node)
{
    char what[128];

    if (node->kind != VLT_YAML_SCALAR || node->text.len < (size_t)key->least ||
        node->text.len > (size_t)key->most || !vlt_text_printable(node->text)) {
        (void)snprintf(what, sizeof what,
                       "%s must be one line of %ld to %ld bytes", key->name,
                       key->least, key->most);
        fault(reading, node->line, node->column, what);
        return NULL;
    }
    return vlt_text_copy(node->text);
}

static void
take_texts(struct reading *reading, const struct config_key *key,
           const struct vlt_yaml_node *node)
{
    char **at = (char **)((char *)reading->config + key->offset);
    const struct vlt_yaml_node *item =
        node->kind == VLT_YAML_LIST ? node->first : node;
    size_t count = 0;

    for (; item != NULL; item = item->next) {
        if (count == CONFIG_LIST) {
            fault(reading, item->line, item->column,
                  "the list has over 32 values");
            return;
        }
        free(at[count]);
        at[count++] = take_text(reading, key, item);
        if (node->kind != VLT_YAML_LIST) {
            return;
        }
    }
}

static const struct config_key *
find_key(struct vlt_slice name)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        if (vlt_slice_is(name, key->name)) {
            return key;
        }
    }
    return NULL;
}

static void
unknown_key(struct reading *reading, const struct vlt_yaml_node *node)
{
    char name[64];
    char what[256];
    const char *best = NULL;
    size_t least = 4;

    (void)snprintf(name, sizeof name, "%.*s", (int)node->key.len,
                   (const char *)node->key.at);
    for (const struct config_key *key = config_keys; key->name != NULL; key++) {
        size_t far = vlt_text_distance(key->name, name);

        if (far < least) {
            least = far;
            best = key->name;
        }
    }
    (void)snprintf(what, sizeof what, "unknown key '%s'%s%s%s", name,
                   best != NULL ? "; did you mean '" : "",
                   best != NULL ? best : "", best != NULL ? "'?" : "");
    fault(reading, node->key_line, node->key_column, what);
}

static void
take(struct reading *reading, const struct vlt_yaml_node *node)
{
    const struct config_key *key = find_key(node->key);
    char **at;

    if (key == NULL) {
        unknown_key(reading, node);
        return;
    }
    switch (key->type) {
    case CONFIG_NUMBER:
        take_number(reading, key, node);
        return;
    case CONFIG_MIB:
        take_mib(reading, key, node);
        return;
    case CONFIG_FLAG:
        take_flag(reading, key, node);
        return;
    case CONFIG_TEXTS:
        take_texts(reading, key, node);
        return;
    case CONFIG_TEXT:
        at = (char **)((char *)reading->config + key->offset);
        free(*at);
        *at = take_text(reading, key, node);
        return;
    }
}

static enum vlt_status
read_file(const char *path, struct vlt_buf *out)
{
    FILE *file = fopen(path, "re");
    uint8_t piece[4096];
    size_t got;

    if (file == NULL) {
        complain("%s: cannot be read: %s", path, strerror(errno));
        return VLT_E_STORAGE;
    }
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) {
        vlt_buf_put(out, piece, got);
    }
    bool bad = ferror(file) != 0;

    (void)fclose(file);
    if (bad) {
        complain("%s: cannot be read", path);
        return VLT_E_STORAGE;
    }
    return vlt_buf_status(out);
}

enum vlt_status
config_read(struct config *config, const char *path)
{
    struct reading reading = { .path = path, .config = config };
    struct vlt_yaml *yaml = NULL;
    struct vlt_buf text;
    enum vlt_status st;

    vlt_buf_init(&text, FILE_MAX + 1);
    st = read_file(path, &text);
    if (st == VLT_OK) {
        st = vlt_yaml_parse(vlt_buf_slice(&text), FILE_MAX, FILE_DEPTH,
                            yaml_fault, &reading, &yaml);
    }
    if (st == VLT_OK) {
        const struct vlt_yaml_node *root = vlt_yaml_root(yaml);

        if (root != NULL && root->kind != VLT_YAML_MAP) {
            fault(&reading, root->line, root->column,
                  "must be keys and values, as 'listen: 127.0.0.1:7443'");
        }
        for (const struct vlt_yaml_node *node = root != NULL ? root->first
                                                             : NULL;
             node != NULL; node = node->next) {
            take(&reading, node);
        }
        st = reading.failed ? VLT_E_FORMAT : VLT_OK;
    }
    vlt_yaml_free(yaml);
    vlt_buf_free(&text);
    return st;
}
