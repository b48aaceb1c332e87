#include "series/recent.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

/* Tails of consecutive arrivals. */
struct slab {
    uint64_t first;
    size_t count;
    uint32_t end[RECENT_TAILS]; /* of each block, in bytes */
    uint8_t bytes[RECENT_BYTES];
};

struct recent {
    struct slab *slab[RECENT_SLABS]; /* owned; the oldest first */
    size_t slabs;
};

struct recent *
recent_new(void)
{
    return calloc(1, sizeof(struct recent));
}

static void
slab_free(struct slab *slab)
{
    vlt_wipe(slab, sizeof *slab);
    free(slab);
}

/* Take the oldest out. */
static struct slab *
take_oldest(struct recent *recent)
{
    struct slab *oldest = recent->slab[0];

    recent->slabs--;
    memmove(&recent->slab[0], &recent->slab[1],
            recent->slabs * sizeof recent->slab[0]);
    return oldest;
}

void
recent_free(struct recent *recent)
{
    if (recent == NULL) {
        return;
    }
    while (recent->slabs > 0) {
        slab_free(take_oldest(recent));
    }
    free(recent);
}

static size_t
used(const struct slab *slab)
{
    return slab->count > 0 ? slab->end[slab->count - 1] : 0;
}

static bool
fits(const struct slab *slab, uint64_t arrival, size_t len)
{
    return arrival == slab->first + slab->count && slab->count < RECENT_TAILS &&
           len <= RECENT_BYTES - used(slab);
}

/* A slab that begins with this arrival; NULL: no memory. */
static struct slab *
begin_slab(struct recent *recent, uint64_t arrival)
{
    struct slab *slab = recent->slabs == RECENT_SLABS ? take_oldest(recent)
                                                      : malloc(sizeof *slab);

    if (slab != NULL) {
        slab->first = arrival;
        slab->count = 0;
        recent->slab[recent->slabs++] = slab;
    }
    return slab;
}

void
recent_put(struct recent *recent, uint64_t arrival, struct vlt_slice block)
{
    struct slab *slab =
        recent->slabs > 0 ? recent->slab[recent->slabs - 1] : NULL;

    if (block.len > RECENT_BYTES) {
        return;
    }
    if (slab == NULL || !fits(slab, arrival, block.len)) {
        slab = begin_slab(recent, arrival);
    }
    if (slab != NULL) {
        size_t at = used(slab);

        memcpy(&slab->bytes[at], block.at, block.len);
        slab->end[slab->count++] = (uint32_t)(at + block.len);
    }
}

bool
recent_find(const struct recent *recent, uint64_t arrival,
            struct vlt_slice *out)
{
    for (size_t i = recent->slabs; i > 0; i--) {
        const struct slab *slab = recent->slab[i - 1];

        if (arrival >= slab->first && arrival - slab->first < slab->count) {
            size_t place = (size_t)(arrival - slab->first);
            size_t begin = place > 0 ? slab->end[place - 1] : 0;

            *out = vlt_slice_of(&slab->bytes[begin], slab->end[place] - begin);
            return true;
        }
    }
    return false;
}

void
recent_undo(struct recent *recent, uint64_t end)
{
    while (recent->slabs > 0) {
        struct slab *newest = recent->slab[recent->slabs - 1];

        if (newest->first + newest->count <= end) {
            return;
        }
        if (newest->first < end) {
            newest->count = (size_t)(end - newest->first);
            return;
        }
        slab_free(newest);
        recent->slabs--;
    }
}

void
recent_forget_before(struct recent *recent, uint64_t first)
{
    while (recent->slabs > 0 &&
           recent->slab[0]->first + recent->slab[0]->count <= first) {
        slab_free(take_oldest(recent));
    }
}
