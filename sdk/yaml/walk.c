#include "yaml/walk.h"

#include <limits.h>
#include <stdlib.h>

#include "yaml/walk_internal.h"

/* Scan and build; what is wrong goes to faults. */
static enum vlt_status
read_all(struct vlt_slice text, unsigned depth, struct vlt_yaml_faults *faults,
         struct vlt_yaml *out)
{
    struct vlt_buf clean;
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&clean, text.len);
    bool good = vlt_yaml_scan(text, faults, &clean);

    if (vlt_buf_failed(&clean)) {
        st = VLT_E_NOMEM;
    } else if (good) {
        st = vlt_yaml_build(vlt_buf_slice(&clean), depth, faults, out);
    }
    vlt_buf_free(&clean);
    return st;
}

static void
refuse_size(struct vlt_slice text, size_t max, struct vlt_yaml_faults *faults)
{
    vlt_yaml_faults_printf(faults, VLT_YAML_TOO_BIG,
                           vlt_yaml_place_of(text, max),
                           "%zu bytes, at most %zu are read", text.len, max);
}

enum vlt_status
vlt_yaml_parse_all(struct vlt_slice text, size_t max, unsigned depth,
                   vlt_yaml_fault_fn *fn, void *ctx, struct vlt_yaml **out)
{
    struct vlt_yaml_faults *faults = calloc(1, sizeof *faults);
    struct vlt_yaml *yaml = calloc(1, sizeof *yaml);
    enum vlt_status st = VLT_E_NOMEM;

    *out = NULL;
    if (faults == NULL || yaml == NULL) {
        goto done;
    }
    /* Lines and columns are ints. */
    if (text.len > max || text.len >= INT_MAX) {
        refuse_size(text, max < INT_MAX ? max : INT_MAX - 1, faults);
        st = VLT_OK;
    } else {
        st = read_all(text, depth, faults, yaml);
    }
    if (st == VLT_OK && faults->count > 0) {
        vlt_yaml_faults_tell(faults, fn, ctx);
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK || (st == VLT_E_FORMAT && yaml->whole)) {
        *out = yaml;
        yaml = NULL; /* the caller's now */
    }

done:
    vlt_yaml_free(yaml);
    free(faults);
    return st;
}

enum vlt_status
vlt_yaml_parse(struct vlt_slice text, size_t max, unsigned depth,
               vlt_yaml_fault_fn *fn, void *ctx, struct vlt_yaml **out)
{
    struct vlt_yaml *yaml = NULL;
    enum vlt_status st = vlt_yaml_parse_all(text, max, depth, fn, ctx, &yaml);

    if (st != VLT_OK) {
        vlt_yaml_free(yaml);
        return st;
    }
    *out = yaml;
    return VLT_OK;
}

void
vlt_yaml_free(struct vlt_yaml *yaml)
{
    if (yaml != NULL) {
        vlt_yaml_arena_free(&yaml->arena);
        free(yaml);
    }
}

const struct vlt_yaml_node *
vlt_yaml_root(const struct vlt_yaml *yaml)
{
    return yaml->root;
}

const struct vlt_yaml_node *
vlt_yaml_get(const struct vlt_yaml_node *map, const char *key)
{
    const struct vlt_yaml_node *node =
        map->kind == VLT_YAML_MAP ? map->first : NULL;

    while (node != NULL && !vlt_slice_is(node->key, key)) {
        node = node->next;
    }
    return node;
}
