#include "yaml/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum {
    TEXT_MAX = 4096,
    DEPTH_MAX = 8,
};

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The faults of one text, which come in the order of the file. */
struct told {
    int count;
    int line;
};

static void
on_fault(void *ctx, const struct vlt_yaml_fault *fault)
{
    struct told *told = ctx;

    told->count++;
    must(fault->line >= told->line && fault->line >= 1 && fault->column >= 1);
    must((fault->why == VLT_YAML_DUPLICATE) == (fault->other_line > 0));
    must(fault->other_line <= fault->line);
    must(vlt_text_printable(vlt_slice_text(fault->says)));
    told->line = fault->line;
}

/* Children lie behind their parent, and each is found by its key. */
static void
check(const struct vlt_yaml_node *node, unsigned depth)
{
    must(node->line >= 1 && node->column >= 1);
    must(depth <= DEPTH_MAX + 1);
    must(vlt_utf8_valid(node->text) && vlt_utf8_valid(node->key));
    for (const struct vlt_yaml_node *part = node->first; part != NULL;
         part = part->next) {
        must(node->kind != VLT_YAML_SCALAR && part->line >= node->line);
        if (node->kind == VLT_YAML_MAP) {
            char *key = vlt_text_copy(part->key);

            must(key != NULL && vlt_yaml_get(node, key) == part);
            free(key);
        }
        check(part, depth + 1);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct told told = { 0 };
    struct vlt_yaml *yaml = NULL;
    enum vlt_status st = vlt_yaml_parse(vlt_slice_of(bytes, len), TEXT_MAX,
                                        DEPTH_MAX, on_fault, &told, &yaml);

    must((st == VLT_OK) == (told.count == 0));
    must((st == VLT_OK) == (yaml != NULL));
    if (yaml != NULL && vlt_yaml_root(yaml) != NULL) {
        check(vlt_yaml_root(yaml), 1);
    }
    vlt_yaml_free(yaml);
    return 0;
}
