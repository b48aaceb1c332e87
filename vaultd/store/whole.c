#include "store/whole.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_BRANCH = 1,
    PAGE_LEAF = 2,
    PAGE_META = 8,
    NODE_BIG = 1, /* the value is in pages of its own */
    DATA_VERSION = 1,
    PAGE_LEAST = 512,
    PAGE_MOST = 65536,
    DEPTH_MOST = 32,
};

static const uint32_t magic = 0xBEEFC0DE;

/* As LMDB lays them out. */
struct page_head {
    size_t number;
    uint16_t pad, flags, lower, upper;
};

struct tree {
    uint32_t pad; /* of the first: the page size */
    uint16_t flags, depth;
    size_t branches, leaves, overflows, entries, root;
};

struct meta {
    uint32_t magic, version;
    uintptr_t address;
    size_t map;
    struct tree free, main;
    size_t last, txn;
};

struct node {
    uint16_t low, high, flags, key_len;
};

struct walk {
    struct vlt_slice file;
    size_t page;    /* bytes of one */
    size_t have;    /* pages in the file */
    size_t need;    /* pages that there should be */
    uint8_t *found; /* bit i: page have + i is free */
    size_t missing; /* that were not found to be free */
    size_t visited;
};

/* Copy len bytes out of the file; false: they are not all there. */
static bool
copy(struct vlt_slice file, size_t at, void *out, size_t len)
{
    if (at > file.len || len > file.len - at) {
        return false;
    }
    memcpy(out, file.at + at, len);
    return true;
}

static bool
page_head(const struct walk *walk, size_t number, struct page_head *out)
{
    return number < walk->have &&
           copy(walk->file, number * walk->page, out, sizeof *out) &&
           out->number == number;
}

/* ---- meta pages ---- */

static bool
meta_at(struct vlt_slice file, size_t at, struct meta *out)
{
    struct page_head head;

    return copy(file, at, &head, sizeof head) &&
           (head.flags & PAGE_META) != 0 &&
           copy(file, at + sizeof head, out, sizeof *out) &&
           out->magic == magic && out->version == DATA_VERSION;
}

/* The newer of both. */
static bool
newest_meta(struct vlt_slice file, struct meta *out)
{
    struct meta first;
    struct meta second;

    if (!meta_at(file, 0, &first)) {
        return false;
    }
    size_t page = first.free.pad;

    if (page < PAGE_LEAST || page > PAGE_MOST || (page & (page - 1)) != 0 ||
        !meta_at(file, page, &second)) {
        return false;
    }
    *out = second.txn > first.txn ? second : first;
    out->free.pad = (uint32_t)page;
    return true;
}

/* ---- the list of free pages ---- */

static void
note_free(struct walk *walk, size_t number)
{
    if (number < walk->have || number >= walk->need) {
        return;
    }
    size_t i = number - walk->have;
    uint8_t bit = (uint8_t)(1U << (i % 8));

    if ((walk->found[i / 8] & bit) == 0) {
        walk->found[i / 8] |= bit;
        walk->missing--;
    }
}

/* A value of the list: a count, and so many page numbers. */
static bool
read_list(struct walk *walk, size_t at, size_t len)
{
    size_t count;
    size_t number;

    if (len < sizeof count || !copy(walk->file, at, &count, sizeof count) ||
        count > len / sizeof number - 1) {
        return false;
    }
    for (size_t i = 1; i <= count; i++) {
        if (!copy(walk->file, at + i * sizeof number, &number, sizeof number)) {
            return false;
        }
        note_free(walk, number);
    }
    return true;
}

static bool
read_leaf_node(struct walk *walk, size_t at, const struct node *node)
{
    size_t len = node->low | (size_t)node->high << 16;
    size_t data = at + sizeof *node + node->key_len;
    struct page_head head;
    size_t number;

    if ((node->flags & NODE_BIG) == 0) {
        return read_list(walk, data, len);
    }
    return copy(walk->file, data, &number, sizeof number) &&
           page_head(walk, number, &head) &&
           read_list(walk, number * walk->page + sizeof head, len);
}

static size_t
child_of(const struct node *node)
{
    uint64_t child =
        node->low | (uint64_t)node->high << 16 | (uint64_t)node->flags << 32;

    return sizeof(size_t) > 4 ? (size_t)child : (size_t)(child & UINT32_MAX);
}

static bool
walk_page(struct walk *walk, size_t number, unsigned depth)
{
    struct page_head head;
    struct node node;
    uint16_t place;

    /* No page belongs to the tree twice. */
    if (depth > DEPTH_MOST || walk->visited++ > walk->have ||
        !page_head(walk, number, &head) || head.lower < sizeof head ||
        head.lower > walk->page) {
        return false;
    }
    size_t at = number * walk->page;
    bool branch = (head.flags & PAGE_BRANCH) != 0;

    if (!branch && (head.flags & PAGE_LEAF) == 0) {
        return false;
    }
    for (size_t i = sizeof head; i + sizeof place <= head.lower;
         i += sizeof place) {
        if (!copy(walk->file, at + i, &place, sizeof place) ||
            !copy(walk->file, at + place, &node, sizeof node)) {
            return false;
        }
        if (branch ? !walk_page(walk, child_of(&node), depth + 1)
                   : !read_leaf_node(walk, at + place, &node)) {
            return false;
        }
    }
    return true;
}

/* ---- all of it ---- */

/* Pages are missing: are all of them free? */
static enum vlt_status
look_up(struct walk *walk, size_t root)
{
    bool well;

    if (walk->missing > WHOLE_SPARE) {
        return VLT_E_STORAGE;
    }
    walk->found = calloc(walk->missing / 8 + 1, 1);
    if (walk->found == NULL) {
        return VLT_E_NOMEM;
    }
    well = walk_page(walk, root, 0) && walk->missing == 0;
    free(walk->found);
    return well ? VLT_OK : VLT_E_STORAGE;
}

enum vlt_status
whole_check(struct vlt_slice file)
{
    struct walk walk = { .file = file };
    struct meta meta;

    if (!newest_meta(file, &meta)) {
        return VLT_E_FORMAT;
    }
    walk.page = meta.free.pad;
    walk.have = file.len / walk.page;
    if (meta.last < walk.have) {
        return VLT_OK;
    }
    if (meta.last == SIZE_MAX) {
        return VLT_E_STORAGE;
    }
    walk.need = meta.last + 1;
    walk.missing = walk.need - walk.have;
    return look_up(&walk, meta.free.root);
}
