#include "wire/block_internal.h"

#include "wire/clones_internal.h"
#include "wire/pack.h"

enum {
    GROUP = VLT_PACK_GROUP,
    LANES = 4,
    STEP = 16, /* of a group every so manieth is looked at first */
};

/* ---- decoding ---- */

VLT_CLONES const char *
block_read_deltas(struct vlt_reader *r, uint64_t *m, size_t n)
{
    uint64_t last = vlt_read_u64(r);
    const char *why = vlt_pack_get(r, m + 1, n - 1);

    m[0] = last;
    for (size_t i = 1; i < n && why == NULL; i++) {
        last += vlt_unzigzag(m[i]);
        m[i] = last;
    }
    return why;
}

VLT_CLONES const char *
block_read_offsets(struct vlt_reader *r, uint64_t *m, size_t n)
{
    uint64_t base = vlt_read_u64(r);
    const char *why = vlt_pack_get(r, m, n);

    for (size_t i = 0; i < n && why == NULL; i++) {
        m[i] += base;
    }
    return why;
}

/* ---- encoding ---- */

static size_t
in_group(size_t n, size_t done)
{
    return n - done < GROUP ? n - done : GROUP;
}

/*
 * What is as wide as the widest delta of a group.  d ^ 2d has its first bit one
 * above where the bits of d begin to differ from its sign: as zz(d) has, for
 * less.  Where a group is whole its length is known, and compilers do several
 * at a time.
 */
static uint64_t
all_deltas(const uint64_t *m, size_t count)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t delta = m[i + 1] - m[i];

        all |= delta ^ delta << 1;
    }
    return all;
}

static uint64_t
all_offsets(const uint64_t *m, size_t count, uint64_t base)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++) {
        all |= m[i] - base;
    }
    return all;
}

static size_t
size_deltas(const uint64_t *m, size_t n, uint8_t *widths)
{
    size_t size = 0;

    for (size_t done = 0; done + 1 < n; done += GROUP) {
        size_t count = in_group(n - 1, done);
        uint64_t all = count == GROUP ? all_deltas(m + done, GROUP)
                                      : all_deltas(m + done, count);
        unsigned width = vlt_pack_width_of(all);

        widths[done / GROUP] = (uint8_t)width;
        size += vlt_pack_group_size(count, width);
    }
    return size;
}

static size_t
size_offsets(const uint64_t *m, size_t n, uint64_t base, uint8_t *widths)
{
    size_t size = 0;

    for (size_t done = 0; done < n; done += GROUP) {
        size_t count = in_group(n, done);
        uint64_t all = count == GROUP ? all_offsets(m + done, GROUP, base)
                                      : all_offsets(m + done, count, base);
        unsigned width = vlt_pack_width_of(all);

        widths[done / GROUP] = (uint8_t)width;
        size += vlt_pack_group_size(count, width);
    }
    return size;
}

/* The least of every `step`-th; several apart, so that none waits for the one
 * before. */
static int64_t
least_of(const uint64_t *m, size_t n, size_t step)
{
    int64_t least[LANES] = { (int64_t)m[0], (int64_t)m[0], (int64_t)m[0],
                             (int64_t)m[0] };
    size_t i = 0;

    for (; i + LANES * step <= n; i += LANES * step) {
        for (size_t lane = 0; lane < LANES; lane++) {
            int64_t x = (int64_t)m[i + lane * step];

            least[lane] = x < least[lane] ? x : least[lane];
        }
    }
    for (; i < n; i += step) {
        int64_t x = (int64_t)m[i];

        least[0] = x < least[0] ? x : least[0];
    }
    for (size_t lane = 1; lane < LANES; lane++) {
        least[0] = least[lane] < least[0] ? least[lane] : least[0];
    }
    return least[0];
}

/* At least so many bytes do offsets take: what some of them take, from the
 * least of these. */
static size_t
guess_offsets(const uint64_t *m, size_t n)
{
    uint64_t base = (uint64_t)least_of(m, n, STEP);
    size_t size = 0;

    for (size_t done = 0; done < n; done += GROUP) {
        size_t count = in_group(n, done);
        uint64_t all = 0;

        for (size_t i = 0; i < count; i += STEP) {
            all |= m[done + i] - base;
        }
        size += vlt_pack_group_size(count, vlt_pack_width_of(all));
    }
    return size;
}

/* The same of deltas. */
static size_t
guess_deltas(const uint64_t *m, size_t n)
{
    size_t size = 0;

    for (size_t done = 0; done + 1 < n; done += GROUP) {
        size_t count = in_group(n - 1, done);
        uint64_t all = 0;

        for (size_t i = 0; i < count; i += STEP) {
            all |= vlt_zigzag(m[done + i + 1] - m[done + i]);
        }
        size += vlt_pack_group_size(count, vlt_pack_width_of(all));
    }
    return size;
}

/* What some values take is enough to know of the coding that loses, mostly. */
VLT_CLONES void
block_size_integers(const uint64_t *m, size_t n, struct block_sizes *out)
{
    out->deltas = guess_deltas(m, n);
    out->offsets = guess_offsets(m, n);
    bool deltas_first = out->deltas <= out->offsets;

    if (deltas_first) {
        out->deltas = size_deltas(m, n, out->delta_widths);
    }
    if (!deltas_first || out->offsets <= out->deltas) {
        out->least = least_of(m, n, 1);
        out->offsets =
            size_offsets(m, n, (uint64_t)out->least, out->offset_widths);
    }
    if (!deltas_first && out->deltas <= out->offsets) {
        out->deltas = size_deltas(m, n, out->delta_widths);
    }
}

VLT_CLONES void
block_put_deltas(const uint64_t *m, size_t n, const struct block_sizes *sizes,
                 struct vlt_buf *out)
{
    uint64_t deltas[GROUP];

    block_put_u64(out, m[0]);
    for (size_t done = 0; done + 1 < n; done += GROUP) {
        size_t count = in_group(n - 1, done);

        for (size_t i = 0; i < count; i++) {
            deltas[i] = vlt_zigzag(m[done + i + 1] - m[done + i]);
        }
        vlt_pack_put_group(out, deltas, count,
                           sizes->delta_widths[done / GROUP]);
    }
}

VLT_CLONES void
block_put_offsets(const uint64_t *m, size_t n, const struct block_sizes *sizes,
                  struct vlt_buf *out)
{
    uint64_t base = (uint64_t)sizes->least;
    uint64_t offsets[GROUP];

    block_put_u64(out, base);
    for (size_t done = 0; done < n; done += GROUP) {
        size_t count = in_group(n, done);

        for (size_t i = 0; i < count; i++) {
            offsets[i] = m[done + i] - base;
        }
        vlt_pack_put_group(out, offsets, count,
                           sizes->offset_widths[done / GROUP]);
    }
}
