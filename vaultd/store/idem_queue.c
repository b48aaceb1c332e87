#include "store/idem_queue.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 64 };

/* Room for so many items, those before the head included. */
static enum vlt_status
make_room(struct idem_item **item, size_t *cap, size_t need)
{
    size_t more = *cap > 0 ? *cap : FIRST;

    while (more < need) {
        more *= 2;
    }
    if (more == *cap) {
        return VLT_OK;
    }
    struct idem_item *moved = realloc(*item, more * sizeof *moved);

    if (moved == NULL) {
        return VLT_E_NOMEM;
    }
    *item = moved;
    *cap = more;
    return VLT_OK;
}

void
idem_queue_free(struct idem_queue *queue)
{
    free(queue->item);
    *queue = (struct idem_queue){ 0 };
}

enum vlt_status
idem_queue_push(struct idem_queue *queue, const struct idem_item *item)
{
    size_t at = queue->head + queue->count;
    enum vlt_status st = make_room(&queue->item, &queue->cap, at + 1);

    if (st == VLT_OK) {
        queue->item[at] = *item;
        queue->count++;
    }
    return st;
}

static int
order(const void *a, const void *b)
{
    const struct idem_item *x = a;
    const struct idem_item *y = b;

    if (x->version != y->version) {
        return x->version < y->version ? -1 : 1;
    }
    return memcmp(x->key, y->key, sizeof x->key);
}

void
idem_queue_sort(struct idem_queue *queue)
{
    if (queue->count > 0) {
        qsort(queue->item + queue->head, queue->count, sizeof *queue->item,
              order);
    }
}

size_t
idem_queue_left(const struct idem_queue *queue,
                const struct idem_change *change)
{
    return queue->count - change->dropped + change->count;
}

const struct idem_item *
idem_queue_oldest(const struct idem_queue *queue,
                  const struct idem_change *change)
{
    return change->dropped < queue->count
               ? &queue->item[queue->head + change->dropped]
               : NULL;
}

enum vlt_status
idem_change_add(struct idem_queue *queue, struct idem_change *change,
                const struct idem_item *item)
{
    size_t end = queue->head + queue->count + change->count + 1;
    enum vlt_status st = make_room(&queue->item, &queue->cap, end);

    if (st != VLT_OK) {
        return st;
    }
    st = make_room(&change->added, &change->cap, change->count + 1);
    if (st != VLT_OK) {
        return st;
    }
    change->added[change->count++] = *item;
    return VLT_OK;
}

void
idem_change_apply(struct idem_queue *queue, const struct idem_change *change)
{
    queue->head += change->dropped;
    queue->count -= change->dropped;
    if (change->count > 0) {
        memcpy(queue->item + queue->head + queue->count, change->added,
               change->count * sizeof *change->added);
        queue->count += change->count;
    }
    /* What was dropped is given back when it is half of the memory. */
    if (queue->head > queue->cap / 2) {
        memmove(queue->item, queue->item + queue->head,
                queue->count * sizeof *queue->item);
        queue->head = 0;
    }
}

void
idem_change_free(struct idem_change *change)
{
    free(change->added);
    *change = (struct idem_change){ 0 };
}
