#include "store/root.h"

#include "base/reader.h"
#include "base/writer.h"

enum {
    VERSION = 1,
    UNUSED = 8,
};

void
root_encode(const struct root *root, uint8_t out[ROOT_LEN])
{
    struct vlt_writer w = vlt_writer_over(out, ROOT_LEN);

    vlt_write_u32(&w, VERSION);
    vlt_write_u32(&w, 0);
    vlt_write_u64(&w, root->commit);
    vlt_write_u64(&w, root->arrival);
    vlt_write_u64(&w, root->no);
    vlt_write_u64(&w, root->keyring_n);
    vlt_write_u64(&w, root->keyring_g);
    for (size_t i = 0; i < ROOT_TAILS; i++) {
        vlt_write_u64(&w, root->tail[i].segment);
        vlt_write_u64(&w, root->tail[i].first);
        vlt_write_u64(&w, root->tail[i].end);
        vlt_write_u32(&w, (uint32_t)root->tail[i].state);
    }
    vlt_write_bytes(&w, root->set_hash, ROOT_HASH);
    vlt_write_u64(&w, root->audit_size);
    vlt_write_bytes(&w, root->audit_head, ROOT_HASH);
    vlt_write_i64(&w, root->highest_ns);
    vlt_write_u64(&w, root->drained);
    vlt_write_zeros(&w, UNUSED);
}

/* Free slots are empty; an open one has no end; a closed one has. */
static bool
tail_holds(const struct root_tail *tail, uint32_t state, uint64_t arrival)
{
    switch (state) {
    case ROOT_TAIL_FREE:
        return tail->segment == 0 && tail->first == 0 && tail->end == 0;
    case ROOT_TAIL_OPEN:
        return tail->first >= 1 && tail->first <= arrival && tail->end == 0;
    case ROOT_TAIL_CLOSED:
        return tail->first >= 1 && tail->first < tail->end &&
               tail->end <= arrival;
    default:
        return false;
    }
}

static bool
read_tail(struct vlt_reader *r, uint64_t arrival, struct root_tail *out)
{
    out->segment = vlt_read_u64(r);
    out->first = vlt_read_u64(r);
    out->end = vlt_read_u64(r);
    uint32_t state = vlt_read_u32(r);

    out->state = (enum root_tail_state)state;
    return tail_holds(out, state, arrival);
}

/* The open slot and the closed ones before it follow each other. */
static bool
ring_holds(const struct root *root)
{
    size_t open = root_open(root);

    if (open == ROOT_TAILS) {
        return false;
    }
    uint64_t segment = root->tail[open].segment;
    uint64_t first = root->tail[open].first;
    bool ended = false;

    if (segment == 0 || (segment - 1) % ROOT_TAILS != open) {
        return false;
    }
    for (size_t back = 1; back < ROOT_TAILS; back++) {
        const struct root_tail *tail =
            &root->tail[(open + ROOT_TAILS - back) % ROOT_TAILS];

        if (tail->state == ROOT_TAIL_FREE) {
            ended = true;
            continue;
        }
        if (ended || tail->state == ROOT_TAIL_OPEN || segment == 1 ||
            tail->segment != segment - 1 || tail->end != first) {
            return false;
        }
        segment = tail->segment;
        first = tail->first;
    }
    /* Each segment that went had a record at least. */
    return segment == 1 ? first == 1 : first >= segment;
}

enum vlt_status
root_decode(struct vlt_slice bytes, struct root *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    uint32_t version = vlt_read_u32(&r);
    struct root root;
    bool good = true;

    if (bytes.len == ROOT_LEN && version > VERSION) {
        return VLT_E_LIMIT;
    }
    vlt_read_zeros(&r, 4);
    root.commit = vlt_read_u64(&r);
    root.arrival = vlt_read_u64(&r);
    root.no = vlt_read_u64(&r);
    root.keyring_n = vlt_read_u64(&r);
    root.keyring_g = vlt_read_u64(&r);
    for (size_t i = 0; i < ROOT_TAILS; i++) {
        good = read_tail(&r, root.arrival, &root.tail[i]) && good;
    }
    vlt_read_bytes(&r, root.set_hash, ROOT_HASH);
    root.audit_size = vlt_read_u64(&r);
    vlt_read_bytes(&r, root.audit_head, ROOT_HASH);
    root.highest_ns = vlt_read_i64(&r);
    root.drained = vlt_read_u64(&r);
    vlt_read_zeros(&r, UNUSED);

    if (!vlt_reader_done(&r) || version != VERSION || !good ||
        root.commit == 0 || root.arrival == 0 || root.no == 0 ||
        !ring_holds(&root)) {
        return VLT_E_FORMAT;
    }
    *out = root;
    return VLT_OK;
}

size_t
root_open(const struct root *root)
{
    size_t slot = 0;

    while (slot < ROOT_TAILS && root->tail[slot].state != ROOT_TAIL_OPEN) {
        slot++;
    }
    return slot;
}

size_t
root_oldest(const struct root *root)
{
    size_t slot = root_open(root);

    for (size_t back = 1; back < ROOT_TAILS; back++) {
        size_t before = (slot + ROOT_TAILS - 1) % ROOT_TAILS;

        if (root->tail[before].state != ROOT_TAIL_CLOSED) {
            break;
        }
        slot = before;
    }
    return slot;
}

uint64_t
root_end(const struct root *root, size_t slot)
{
    const struct root_tail *tail = &root->tail[slot];

    return tail->state == ROOT_TAIL_OPEN ? root->arrival : tail->end;
}

bool
root_find(const struct root *root, uint64_t arrival, size_t *slot)
{
    for (size_t i = 0; i < ROOT_TAILS; i++) {
        if (root->tail[i].state != ROOT_TAIL_FREE &&
            arrival >= root->tail[i].first && arrival < root_end(root, i)) {
            *slot = i;
            return true;
        }
    }
    return false;
}

enum vlt_status
root_close(struct root *root)
{
    size_t slot = root_open(root);
    size_t next = (slot + 1) % ROOT_TAILS;
    struct root_tail *tail = &root->tail[slot];

    if (tail->first == root->arrival) {
        return VLT_E_CONFLICT;
    }
    if (root->tail[next].state != ROOT_TAIL_FREE) {
        return VLT_E_BUSY;
    }
    tail->end = root->arrival;
    tail->state = ROOT_TAIL_CLOSED;
    root->tail[next] = (struct root_tail){ .segment = tail->segment + 1,
                                           .first = root->arrival,
                                           .state = ROOT_TAIL_OPEN };
    return VLT_OK;
}

enum vlt_status
root_drop(struct root *root, uint64_t segment, size_t *slot)
{
    size_t oldest = root_oldest(root);

    if (root->tail[oldest].state != ROOT_TAIL_CLOSED ||
        root->tail[oldest].segment != segment) {
        return VLT_E_NOT_FOUND;
    }
    root->tail[oldest] = (struct root_tail){ .state = ROOT_TAIL_FREE };
    *slot = oldest;
    return VLT_OK;
}
