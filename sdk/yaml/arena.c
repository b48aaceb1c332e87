#include <stdalign.h>
#include <stdlib.h>

#include "yaml/walk_internal.h"

enum {
    CHUNK_LEN = 16 * 1024,
    ALIGNMENT = alignof(max_align_t),
};

struct vlt_yaml_chunk {
    struct vlt_yaml_chunk *older;
    size_t len;
    size_t used;
    alignas(max_align_t) uint8_t bytes[];
};

static struct vlt_yaml_chunk *
chunk_of(size_t len, struct vlt_yaml_chunk *older)
{
    struct vlt_yaml_chunk *chunk = calloc(1, sizeof *chunk + len);

    if (chunk != NULL) {
        chunk->older = older;
        chunk->len = len;
    }
    return chunk;
}

void *
vlt_yaml_arena_take(struct vlt_yaml_arena *arena, size_t len)
{
    struct vlt_yaml_chunk *chunk = arena->newest;
    size_t whole = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

    if (chunk == NULL || whole > chunk->len - chunk->used) {
        chunk = chunk_of(whole > CHUNK_LEN ? whole : (size_t)CHUNK_LEN, chunk);
        if (chunk == NULL) {
            return NULL;
        }
        arena->newest = chunk;
    }
    void *taken = chunk->bytes + chunk->used;

    chunk->used += whole;
    return taken;
}

void
vlt_yaml_arena_free(struct vlt_yaml_arena *arena)
{
    struct vlt_yaml_chunk *chunk = arena->newest;

    while (chunk != NULL) {
        struct vlt_yaml_chunk *older = chunk->older;

        free(chunk);
        chunk = older;
    }
    arena->newest = NULL;
}
