#include "util/read_gate.h"

#include <assert.h>
#include <stdlib.h>

#include "util/lock.h"

struct read_gate {
    struct lock *lock;
    unsigned inside; /* readers between begin and end */
    bool closed;     /* or closing */
};

enum vlt_status
read_gate_new(struct read_gate **out)
{
    struct read_gate *gate = calloc(1, sizeof *gate);

    if (gate == NULL) {
        return VLT_E_NOMEM;
    }
    enum vlt_status st = lock_new(&gate->lock);

    if (st != VLT_OK) {
        free(gate);
        return st;
    }
    *out = gate;
    return VLT_OK;
}

void
read_gate_free(struct read_gate *gate)
{
    if (gate == NULL) {
        return;
    }
    assert(gate->inside == 0);
    lock_free(gate->lock);
    free(gate);
}

void
read_gate_begin(struct read_gate *gate)
{
    lock_take(gate->lock);
    while (gate->closed) {
        lock_wait(gate->lock);
    }
    gate->inside++;
    lock_drop(gate->lock);
}

void
read_gate_end(struct read_gate *gate)
{
    lock_take(gate->lock);
    assert(gate->inside > 0);
    gate->inside--;
    if (gate->inside == 0 && gate->closed) {
        lock_wake_all(gate->lock);
    }
    lock_drop(gate->lock);
}

void
read_gate_close(struct read_gate *gate)
{
    lock_take(gate->lock);
    assert(!gate->closed);
    gate->closed = true;
    while (gate->inside > 0) {
        lock_wait(gate->lock);
    }
    lock_drop(gate->lock);
}

void
read_gate_open(struct read_gate *gate)
{
    lock_take(gate->lock);
    assert(gate->closed);
    gate->closed = false;
    lock_wake_all(gate->lock);
    lock_drop(gate->lock);
}
