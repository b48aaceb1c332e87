#include "series/tomb.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "store/record.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    DEPTH = 2,
    KIDS_TEXT_MAX = (TOMB_KIDS_MAX * STORE_KID_LEN + 2) / 3 * 4,
    ID_TEXT_MAX = 24,
};

static const char *const states[] = { "pending", "destroyed", "complete",
                                      NULL };

void
tomb_free(struct tomb *tomb)
{
    if (tomb != NULL) {
        free(tomb->dead.kid);
        free(tomb->live.kid);
        free(tomb);
    }
}

enum vlt_status
tomb_add_kid(struct tomb_kids *kids, const uint8_t kid[STORE_KID_LEN])
{
    if (kids->count == TOMB_KIDS_MAX) {
        return VLT_E_LIMIT;
    }
    if (kids->count == kids->cap) {
        size_t cap = kids->cap == 0 ? 16 : 2 * kids->cap;
        uint8_t *more = realloc(kids->kid, cap * STORE_KID_LEN);

        if (more == NULL) {
            return VLT_E_NOMEM;
        }
        kids->kid = more;
        kids->cap = cap;
    }
    memcpy(kids->kid + kids->count++ * STORE_KID_LEN, kid, STORE_KID_LEN);
    return VLT_OK;
}

void
tomb_set_newest(struct tomb *tomb, int64_t time)
{
    int64_t over = ((time % VLT_MINUTE) + VLT_MINUTE) % VLT_MINUTE;
    int64_t up = over == 0 ? time : time + (VLT_MINUTE - over);
    int64_t most = tomb->said.to < VLT_TIME_MAX ? tomb->said.to : VLT_TIME_MAX;

    tomb->newest = up < most ? up : most - 1;
    tomb->newest_went = true;
}

static void
put_kids(struct vlt_json_out *json, const char *name,
         const struct tomb_kids *kids)
{
    vlt_put_base64(json, name,
                   vlt_slice_of(kids->kid, kids->count * STORE_KID_LEN));
}

void
tomb_print(const struct tomb *tomb, struct vlt_buf *out)
{
    const struct series_erased *said = &tomb->said;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_uint(&json, "arrival", tomb->arrival);
    vlt_put_time(&json, "at", said->at);
    put_kids(&json, "dead", &tomb->dead);
    if (said->whole) {
        vlt_put_null(&json, "from");
    } else {
        vlt_put_time(&json, "from", said->from);
    }
    put_kids(&json, "live", &tomb->live);
    if (tomb->newest_went) {
        vlt_put_time(&json, "newest", tomb->newest);
    }
    vlt_put_uint(&json, "rows", said->rows);
    vlt_put_text(&json, "state", states[said->state]);
    if (said->by_age) {
        vlt_put_null(&json, "stream");
    } else {
        vlt_put_base64(&json, "stream",
                       vlt_slice_of(said->stream, sizeof said->stream));
    }
    if (said->whole || said->to >= VLT_TIME_MAX) {
        vlt_put_null(&json, "to"); /* the end of times is none */
    } else {
        vlt_put_time(&json, "to", said->to);
    }
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
}

static void
read_bytes(struct vlt_walk *walk, const char *name, size_t max,
           struct vlt_buf *out)
{
    struct vlt_slice text =
        vlt_walk_text_or(walk, name, 0, max, vlt_slice_text(""));

    if (text.len > 0 && vlt_base64_get(text, out) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no base64");
    }
}

static enum vlt_status
read_kids(struct vlt_walk *walk, const char *name, struct tomb_kids *out)
{
    struct vlt_buf bytes;
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&bytes, 0);
    read_bytes(walk, name, KIDS_TEXT_MAX, &bytes);
    if (bytes.len % STORE_KID_LEN != 0) {
        vlt_walk_fault(walk, name, "is no list of kids");
    }
    for (size_t i = 0; st == VLT_OK && i + STORE_KID_LEN <= bytes.len;
         i += STORE_KID_LEN) {
        st = tomb_add_kid(out, bytes.at + i);
    }
    vlt_buf_free(&bytes);
    return st;
}

static void
read_stream(struct vlt_walk *walk, struct series_erased *said)
{
    struct vlt_buf bytes;

    vlt_buf_init(&bytes, 0);
    said->by_age = !vlt_walk_has(walk, "stream");
    read_bytes(walk, "stream", ID_TEXT_MAX, &bytes);
    if (!said->by_age && bytes.len != sizeof said->stream) {
        vlt_walk_fault(walk, "stream", "is no id");
    } else if (!said->by_age) {
        memcpy(said->stream, bytes.at, sizeof said->stream);
    }
    vlt_buf_free(&bytes);
}

static enum vlt_status
read_all(struct vlt_walk *walk, struct tomb *tomb)
{
    struct series_erased *said = &tomb->said;
    enum vlt_status st = read_kids(walk, "dead", &tomb->dead);

    if (st == VLT_OK) {
        st = read_kids(walk, "live", &tomb->live);
    }
    if (st != VLT_OK) {
        return st;
    }
    read_stream(walk, said);
    said->whole = !vlt_walk_has(walk, "from");
    said->at = vlt_walk_time(walk, "at");
    said->from = vlt_walk_time_or(walk, "from", INT64_MIN);
    said->to = vlt_walk_time_or(walk, "to", INT64_MAX);
    tomb->newest_went = vlt_walk_has(walk, "newest");
    tomb->newest = vlt_walk_time_or(walk, "newest", 0);
    said->rows = (uint64_t)vlt_walk_int(walk, "rows", 0, INT64_MAX);
    said->state = (enum series_erase_state)vlt_walk_word(walk, "state", states);
    tomb->arrival = (uint64_t)vlt_walk_int(walk, "arrival", 0, INT64_MAX);
    (void)vlt_walk_int(walk, "v", 1, 1);
    return vlt_walk_end(walk);
}

enum vlt_status
tomb_parse(const uint8_t id[VLT_ID_LEN], struct vlt_slice json,
           struct tomb **out)
{
    struct vlt_json *document = NULL;
    struct tomb *tomb = calloc(1, sizeof *tomb);
    struct vlt_walk walk;
    enum vlt_status st = VLT_E_NOMEM;

    if (tomb != NULL) {
        st = vlt_json_parse(json, STORE_META_MAX, DEPTH, NULL, &document);
    }
    if (st == VLT_OK) {
        memcpy(tomb->said.id, id, sizeof tomb->said.id);
        vlt_walk_begin(&walk, document);
        st = read_all(&walk, tomb);
        vlt_json_free(document);
    }
    if (st != VLT_OK) {
        tomb_free(tomb);
        return st;
    }
    *out = tomb;
    return VLT_OK;
}
