#include <stdlib.h>

#include "yaml/walk_internal.h"

static int
by_key(const void *a, const void *b)
{
    const struct vlt_yaml_node *one = *(const struct vlt_yaml_node *const *)a;
    const struct vlt_yaml_node *other = *(const struct vlt_yaml_node *const *)b;
    int order = vlt_slice_order(one->key, other->key);

    if (order != 0) {
        return order;
    }
    if (one->key_line != other->key_line) {
        return one->key_line < other->key_line ? -1 : 1;
    }
    return (one->key_column > other->key_column) -
           (one->key_column < other->key_column);
}

static void
refuse(const struct vlt_yaml_node *node, const struct vlt_yaml_node *first,
       struct vlt_yaml_faults *faults)
{
    struct vlt_yaml_place at = { node->key_line, node->key_column };
    struct vlt_yaml_fault *fault =
        vlt_yaml_faults_add(faults, VLT_YAML_DUPLICATE, at, node->key);

    if (fault != NULL) {
        fault->other_line = first->key_line;
    }
}

/* By sorting, so that a map of many keys costs no more than it must. */
enum vlt_status
vlt_yaml_refuse_duplicates(const struct vlt_yaml_node *map, size_t count,
                           struct vlt_yaml_faults *faults)
{
    const struct vlt_yaml_node **all = calloc(count + 1, sizeof *all);
    size_t first = 0;
    size_t i = 0;

    if (all == NULL) {
        return VLT_E_NOMEM;
    }
    for (const struct vlt_yaml_node *node = map->first; node != NULL;
         node = node->next) {
        all[i] = node;
        i++;
    }
    qsort(all, count, sizeof all[0], by_key);
    for (i = 1; i < count; i++) {
        if (vlt_slice_equal(all[i]->key, all[first]->key)) {
            refuse(all[i], all[first], faults);
        } else {
            first = i;
        }
    }
    free(all);
    return VLT_OK;
}
