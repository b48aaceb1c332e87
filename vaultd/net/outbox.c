#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "wiped.h"
#include "wire/limits.h"

struct outbox_message {
    struct outbox_message *next;
    struct release *leave; /* owned; NULL: needs none */
    struct vlt_buf body;
    enum ws_opcode opcode;
    bool held;
    bool released; /* it had a release: grant says of which */
    uint8_t grant[VLT_ID_LEN];
    uint8_t head[WS_HEAD_MAX];
    size_t head_len;
    uint8_t mask[WS_MASK]; /* zeros where none is */
    size_t at;             /* bytes already in turns, header first */
};

static size_t
size_of(const struct outbox_message *message)
{
    return message->head_len + message->body.len;
}

/* A message to the owner may hold a token, one to a firm holds rows. */
static void
message_free(struct outbox_message *message)
{
    if (message != NULL) {
        release_free(message->leave);
        wiped_free(&message->body);
        free(message);
    }
}

static void
free_list(struct outbox_message *message)
{
    while (message != NULL) {
        struct outbox_message *next = message->next;

        message_free(message);
        message = next;
    }
}

void
outbox_fini(struct outbox *outbox)
{
    free_list(outbox->first);
    free_list(outbox->given);
    *outbox = (struct outbox){ .masks = outbox->masks };
}

/* The header of a frame; a client draws a mask for each, a server has none. */
static size_t
put_head(const struct outbox *outbox, uint8_t head[WS_HEAD_MAX],
         enum ws_opcode opcode, size_t len, uint8_t mask[WS_MASK])
{
    size_t head_len = ws_head_put(head, opcode, len);

    if (!outbox->masks) {
        return head_len;
    }
    vlt_random(mask, WS_MASK);
    return ws_head_mask(head, head_len, mask);
}

/* Mask len bytes whose first is byte `from` of its frame. */
static void
apply(uint8_t *bytes, size_t len, size_t from, const uint8_t mask[WS_MASK])
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= mask[(from + i) % WS_MASK];
    }
}

/* A whole control frame into out, which has room.  Returns its length. */
static size_t
put_whole(const struct outbox *outbox, uint8_t *out, enum ws_opcode opcode,
          struct vlt_slice payload)
{
    uint8_t head[WS_HEAD_MAX];
    uint8_t mask[WS_MASK] = { 0 };
    size_t len = put_head(outbox, head, opcode, payload.len, mask);

    memcpy(out, head, len);
    if (payload.len > 0) {
        memcpy(out + len, payload.at, payload.len);
        apply(out + len, payload.len, 0, mask);
    }
    return len + payload.len;
}

void
outbox_drop(struct outbox *outbox)
{
    struct outbox_message *first = outbox->first;

    /* Whoever hears of a release may look here again. */
    outbox->first = NULL;
    outbox->last = NULL;
    outbox->bytes = 0;
    free_list(first);
}

enum vlt_status
outbox_put(struct outbox *outbox, enum ws_opcode opcode, struct vlt_buf *frame,
           struct release *leave, bool held)
{
    struct outbox_message *message = calloc(1, sizeof *message);

    if (message == NULL) {
        release_free(leave);
        wiped_free(frame);
        return VLT_E_NOMEM;
    }
    message->leave = leave;
    message->body = *frame;
    *frame = (struct vlt_buf){ 0 };
    message->opcode = opcode;
    message->held = held;
    if (leave != NULL) {
        message->released = true;
        memcpy(message->grant, release_grant(leave), VLT_ID_LEN);
    }
    message->head_len = put_head(outbox, message->head, opcode,
                                 message->body.len, message->mask);
    if (outbox->last != NULL) {
        outbox->last->next = message;
    } else {
        outbox->first = message;
    }
    outbox->last = message;
    outbox->bytes += size_of(message);
    return VLT_OK;
}

void
outbox_tick(struct outbox *outbox)
{
    for (struct outbox_message *m = outbox->first; m != NULL; m = m->next) {
        m->held = false;
    }
}

void
outbox_pong(struct outbox *outbox, struct vlt_slice payload)
{
    if (payload.len > WS_CONTROL_MAX) {
        payload.len = WS_CONTROL_MAX;
    }
    outbox->pong_len =
        put_whole(outbox, outbox->pong_frame, WS_OP_PONG, payload);
    outbox->pong = true;
}

void
outbox_ping(struct outbox *outbox)
{
    outbox->ping = true;
}

void
outbox_end(struct outbox *outbox, int code, const char *why, bool drain)
{
    struct outbox_close *close = &outbox->close;
    size_t len = why != NULL ? strlen(why) : 0;

    if (close->wanted) {
        close->drain = close->drain && drain;
        return;
    }
    if (len > VLT_LIMIT_CLOSE_REASON) {
        len = VLT_LIMIT_CLOSE_REASON;
    }
    uint8_t payload[WS_CONTROL_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };

    if (len > 0) {
        memcpy(payload + 2, why, len);
    }
    close->len = put_whole(outbox, close->frame, WS_OP_CLOSE,
                           vlt_slice_of(payload, 2 + len));
    close->wanted = true;
    close->drain = drain;
}

static size_t
room(const struct vlt_writer *turn)
{
    return turn->cap - turn->len;
}

bool
outbox_half(const struct outbox *outbox)
{
    return outbox->first != NULL && outbox->first->at > 0;
}

static bool
put_control(struct vlt_writer *turn, const uint8_t *frame, size_t len)
{
    if (room(turn) < len) {
        return false;
    }
    vlt_write_bytes(turn, frame, len);
    return true;
}

/* May the close frame go now? */
static bool
close_due(const struct outbox *outbox)
{
    const struct outbox_close *close = &outbox->close;

    return close->wanted && !close->put &&
           (!close->drain || outbox->first == NULL);
}

/* Control frames, between messages.  False: the turn is full. */
static bool
fill_control(struct outbox *outbox, struct vlt_writer *turn)
{
    uint8_t ping[WS_HEAD_MAX];
    struct vlt_slice empty = { 0 };

    if (outbox->pong) {
        if (!put_control(turn, outbox->pong_frame, outbox->pong_len)) {
            return false;
        }
        outbox->pong = false;
    }
    if (outbox->ping) {
        if (!put_control(turn, ping,
                         put_whole(outbox, ping, WS_OP_PING, empty))) {
            return false;
        }
        outbox->ping = false;
    }
    if (close_due(outbox)) {
        if (!put_control(turn, outbox->close.frame, outbox->close.len)) {
            return false;
        }
        outbox->close.put = true;
    }
    return true;
}

/* Take the first message out of the queue. */
static struct outbox_message *
pop(struct outbox *outbox)
{
    struct outbox_message *message = outbox->first;

    outbox->first = message->next;
    if (outbox->first == NULL) {
        outbox->last = NULL;
    }
    outbox->bytes -= size_of(message) - message->at;
    message->next = NULL;
    return message;
}

/* Copy what fits of the first message.  True: it is whole. */
static bool
fill_message(struct outbox *outbox, struct vlt_writer *turn)
{
    struct outbox_message *message = outbox->first;

    if (message->at < message->head_len) {
        /* A header is not divided, so that half is always told by at. */
        vlt_write_bytes(turn, message->head, message->head_len);
        message->at = message->head_len;
        outbox->bytes -= message->head_len;
    }
    size_t from = message->at - message->head_len;
    size_t len = message->body.len - from;

    if (len > room(turn)) {
        len = room(turn);
    }
    if (len > 0) {
        vlt_write_bytes(turn, message->body.at + from, len);
        if (outbox->masks) {
            apply(turn->at + turn->len - len, len, from, message->mask);
        }
    }
    message->at += len;
    outbox->bytes -= len;
    return message->at == size_of(message);
}

/* Give the first message back to be decided anew. */
static void
take_back(struct outbox *outbox, struct outbox_again *again)
{
    struct outbox_message *message = pop(outbox);

    *again = (struct outbox_again){ .leave = message->leave,
                                    .frame = message->body,
                                    .binary = message->opcode == WS_OP_BINARY };
    free(message);
}

/* Ask the first message's release.  OUTBOX_EMPTY: it may go; OUTBOX_FULL: it
 * was dropped, look at the next. */
static enum outbox_next
ask_leave(struct outbox *outbox, struct outbox_again *again)
{
    struct outbox_message *message = outbox->first;
    enum release_now now = RELEASE_SEND;

    if (message->leave != NULL) {
        now = release_check(message->leave);
    }
    if (now == RELEASE_DROP && message->at > 0) {
        return OUTBOX_ENDED;
    }
    if (now == RELEASE_DROP) {
        message_free(pop(outbox));
        return OUTBOX_FULL;
    }
    if (now == RELEASE_AGAIN && message->at == 0) {
        take_back(outbox, again);
        return OUTBOX_AGAIN;
    }
    return OUTBOX_EMPTY;
}

/* Say that a message begins, if it does. */
static void
begin(const struct outbox_message *message)
{
    if (message->leave != NULL && message->at == 0) {
        release_begun(message->leave);
    }
}

/* Is there a message that may go on, or begin, in this turn? */
static bool
message_due(const struct outbox *outbox)
{
    if (outbox->first == NULL || outbox->first->held || outbox->close.put) {
        return false;
    }
    return true;
}

/* It is whole in the turn: in order, as its reading counts what has left. */
static void
give(struct outbox *outbox, struct outbox_message *message)
{
    if (outbox->given != NULL) {
        outbox->given_last->next = message;
    } else {
        outbox->given = message;
    }
    outbox->given_last = message;
}

enum outbox_next
outbox_fill(struct outbox *outbox, struct vlt_writer *turn,
            struct outbox_again *again)
{
    for (;;) {
        if (!outbox_half(outbox) && !fill_control(outbox, turn)) {
            return OUTBOX_FULL;
        }
        if (!message_due(outbox)) {
            return OUTBOX_EMPTY;
        }
        if (room(turn) <= WS_HEAD_MAX) {
            return OUTBOX_FULL;
        }
        enum outbox_next next = ask_leave(outbox, again);

        if (next == OUTBOX_FULL) {
            continue;
        }
        if (next != OUTBOX_EMPTY) {
            return next;
        }
        begin(outbox->first);
        if (!fill_message(outbox, turn)) {
            return OUTBOX_FULL;
        }
        give(outbox, pop(outbox));
    }
}

void
outbox_wrote(struct outbox *outbox, bool held)
{
    for (struct outbox_message *m = outbox->given; m != NULL; m = m->next) {
        if (m->leave != NULL) {
            release_sent(m->leave);
            m->leave = NULL;
        }
    }
    if (!held) {
        outbox_flushed(outbox);
    }
}

void
outbox_flushed(struct outbox *outbox)
{
    free_list(outbox->given);
    outbox->given = NULL;
    outbox->given_last = NULL;
}

bool
outbox_ready(const struct outbox *outbox)
{
    return outbox->pong || outbox->ping || close_due(outbox) ||
           message_due(outbox);
}

static bool
of_grant(const struct outbox_message *message, const uint8_t *grant)
{
    return message->released &&
           (grant == NULL || memcmp(message->grant, grant, VLT_ID_LEN) == 0);
}

struct outbox_silence
outbox_silence(struct outbox *outbox, const uint8_t *grant)
{
    struct outbox_silence found = { 0 };
    struct outbox_message **link = &outbox->first;
    struct outbox_message *dropped = NULL;

    for (struct outbox_message *m = outbox->given; m != NULL; m = m->next) {
        found.half = found.half || of_grant(m, grant);
    }
    outbox->last = NULL;
    while (*link != NULL) {
        struct outbox_message *m = *link;

        if (of_grant(m, grant)) {
            found.half = found.half || m->at > 0;
            found.dropped++;
            *link = m->next;
            outbox->bytes -= size_of(m) - m->at;
            m->next = dropped;
            dropped = m;
        } else {
            outbox->last = m;
            link = &m->next;
        }
    }
    free_list(dropped); /* now, as a release that ends may put a message */
    return found;
}
