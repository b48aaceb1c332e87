#include "interaction/record.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "interaction/record_internal.h"
#include "json/json.h"

/* The greatest time an interaction may lie ahead of now. */
static const int64_t AHEAD = VLT_DAY;

/* Copy a text that fits, and its zero. */
static void
keep(char *to, struct vlt_slice text)
{
    if (text.len > 0) {
        memcpy(to, text.at, text.len);
    }
    to[text.len] = '\0';
}

static void
read_firm(struct vlt_walk *walk, struct record *record)
{
    struct vlt_slice firm = vlt_walk_text(walk, "firm", 1, SLUG_MAX);

    if (vlt_walk_failed(walk)) {
        return;
    }
    if (!slug_valid(firm)) {
        vlt_walk_fault(walk, "firm", "must be 1 to %d of a-z, 0-9 and -",
                       SLUG_MAX);
        return;
    }
    keep(record->firm, firm);
}

/* A printable text of at most max bytes into to; without it, to stays. */
static void
read_text(struct vlt_walk *walk, const char *name, size_t max, char *to)
{
    if (!vlt_walk_has(walk, name)) {
        (void)vlt_walk_any(walk, name);
        return;
    }
    struct vlt_slice text = vlt_walk_text(walk, name, 0, max);

    if (vlt_walk_failed(walk)) {
        return;
    }
    if (!vlt_text_printable(text)) {
        vlt_walk_fault(walk, name, "must not hold control characters");
        return;
    }
    keep(to, text);
}

/* A time that a row may have; `other` when the member is absent. */
static int64_t
read_time(struct vlt_walk *walk, const char *name, int64_t other)
{
    int64_t time = vlt_walk_time_or(walk, name, other);

    if (!vlt_walk_failed(walk) &&
        (time < VLT_TIME_MIN || time >= VLT_TIME_MAX)) {
        vlt_walk_fault(walk, name, "must be from 1823-11 to before 2116-02");
    }
    return time;
}

static void
read_scale(struct vlt_walk *walk, struct formula_scale *out)
{
    struct vlt_slice word = vlt_walk_text(walk, "scale", 1, FORMULA_WORD - 1);

    if (!vlt_walk_failed(walk) && formula_scale_parse(word, out) != VLT_OK) {
        vlt_walk_fault(walk, "scale",
                       "must be likert-2 to likert-11, ces1, nps, thumb or q");
    }
}

static void
read_perceived(struct vlt_walk *outer, struct record *record)
{
    struct record_perceived perceived = { .at = record->t_recorded };
    struct vlt_walk walk;

    if (!vlt_walk_has(outer, "perceived")) {
        (void)vlt_walk_any(outer, "perceived");
        return;
    }
    vlt_walk_into(&walk, outer, "perceived");
    read_scale(&walk, &perceived.scale);
    if (!vlt_walk_failed(&walk)) {
        perceived.raw =
            vlt_walk_int(&walk, "raw", formula_raw_min(perceived.scale),
                         formula_raw_max(perceived.scale));
    }
    if (!vlt_walk_failed(&walk)) {
        perceived.q = formula_q(perceived.scale, perceived.raw);
    }
    int64_t q = vlt_walk_int_or(&walk, "q", 0, FORMULA_Q, (int64_t)perceived.q);

    if (!vlt_walk_failed(&walk) && q != perceived.q) {
        vlt_walk_fault(&walk, "q", "is %lld, must be %d or left out",
                       (long long)q, (int)perceived.q);
    }
    perceived.at = read_time(&walk, "at", perceived.at);
    if (vlt_walk_end(&walk) == VLT_OK) {
        record->rated = true;
        record->perceived = perceived;
    }
}

/* What callers and the store both give; record holds the values that stand
 * when a field is absent. */
static void
read_body(struct vlt_walk *walk, struct record *record)
{
    record->role = (enum record_role)vlt_walk_word_or(
        walk, "role", record_roles, (int)record->role);
    record->channel = (enum record_channel)vlt_walk_word_or(
        walk, "channel", record_channels, (int)record->channel);
    record->direction = (enum record_direction)vlt_walk_word_or(
        walk, "direction", record_directions, (int)record->direction);
    read_text(walk, "subject", RECORD_SUBJECT, record->subject);
    read_perceived(walk, record);
    record->weight = (int32_t)vlt_walk_int_or(walk, "weight", 1, FORMULA_WEIGHT,
                                              record->weight);
    record->gone = vlt_walk_bool_or(walk, "gone", record->gone);
}

/* What only the person may say (rules G6 and 3.2). */
static void
check_writer(struct vlt_walk *walk, const struct record *record)
{
    if (vlt_walk_failed(walk) || record->asserted_by == RECORD_BY_PERSON) {
        return;
    }
    if (record->rated && vlt_walk_has(walk, "perceived")) {
        vlt_walk_fault(walk, "perceived", "is written by the person alone");
    } else if (record->weight == FORMULA_WEIGHT &&
               vlt_walk_has(walk, "weight")) {
        vlt_walk_fault(walk, "weight", "is 3, which only the person may say");
    }
}

static void
check_time(struct vlt_walk *walk, const struct record *record, int64_t now)
{
    char limit[VLT_TIME_TEXT];

    if (!vlt_walk_failed(walk) && record->t_event > now + AHEAD) {
        vlt_walk_fault(walk, "t_event", "must be at most 24 h ahead, %s",
                       vlt_time_print(now + AHEAD, limit));
    }
}

/* End the walk; its fault goes to the caller, its record on success. */
static enum vlt_status
finish(struct vlt_walk *walk, const struct record *record,
       struct record_fault *fault, struct record *out)
{
    enum vlt_status st = vlt_walk_end(walk);

    if (st != VLT_OK) {
        snprintf(fault->at, sizeof fault->at, "%s", walk->at);
        snprintf(fault->says, sizeof fault->says, "%s", walk->says);
        return st;
    }
    *out = *record;
    return VLT_OK;
}

static void
apply_stamp(struct record *record, const struct record_stamp *stamp)
{
    record->t_recorded = stamp->now;
    record->asserted_by = stamp->by;
    record->source = stamp->source;
    keep(record->ref, vlt_slice_text(stamp->ref != NULL ? stamp->ref : ""));
}

enum vlt_status
record_take(const struct vlt_json *given, const struct record_stamp *stamp,
            struct record_fault *fault, struct record *out)
{
    struct record record = { .rev = 1,
                             .channel = RECORD_OTHER_CHANNEL,
                             .direction = RECORD_MUTUAL,
                             .weight = 1 };
    struct vlt_walk walk;

    memcpy(record.id, stamp->id, sizeof record.id);
    apply_stamp(&record, stamp);
    vlt_walk_begin(&walk, given);
    read_firm(&walk, &record);
    record.t_event = read_time(&walk, "t_event", stamp->now);
    check_time(&walk, &record, stamp->now);
    read_body(&walk, &record);
    check_writer(&walk, &record);
    if (!vlt_walk_failed(&walk) && record.gone) {
        vlt_walk_fault(&walk, "gone", "takes back a record that exists");
    }
    return finish(&walk, &record, fault, out);
}

/* A field that an amendment may repeat, but not change. */
static void
check_fixed(struct vlt_walk *walk, const struct record *old)
{
    struct record given = *old;

    if (vlt_walk_has(walk, "firm")) {
        read_firm(walk, &given);
    }
    given.t_event = vlt_walk_time_or(walk, "t_event", old->t_event);
    if (vlt_walk_failed(walk)) {
        return;
    }
    if (strcmp(given.firm, old->firm) != 0) {
        vlt_walk_fault(walk, "firm", "is %s, which cannot change", old->firm);
    } else if (given.t_event != old->t_event) {
        vlt_walk_fault(walk, "t_event",
                       "cannot change: take the record back, add another");
    }
}

enum vlt_status
record_amend(const struct record *old, const struct vlt_json *given,
             const struct record_stamp *stamp, struct record_fault *fault,
             struct record *out)
{
    struct record record = *old;
    struct vlt_walk walk;

    if (old->rev >= RECORD_REVS) {
        *fault = (struct record_fault){ 0 };
        snprintf(fault->says, sizeof fault->says,
                 "has %d revisions already, the most there may be",
                 RECORD_REVS);
        return VLT_E_LIMIT;
    }
    record.rev++;
    apply_stamp(&record, stamp);
    vlt_walk_begin(&walk, given);
    check_fixed(&walk, old);
    read_body(&walk, &record);
    check_writer(&walk, &record);
    return finish(&walk, &record, fault, out);
}

static void
read_source(struct vlt_walk *outer, struct record *record)
{
    struct vlt_walk walk;

    vlt_walk_into(&walk, outer, "source");
    int kind = vlt_walk_word(&walk, "kind", record_sources);

    read_text(&walk, "ref", RECORD_REF, record->ref);
    if (vlt_walk_end(&walk) == VLT_OK) {
        record->source = (enum record_source)kind;
    }
}

static void
read_stored_head(struct vlt_walk *walk, struct record *record)
{
    static const char *const types[] = { "interaction", NULL };
    static const char *const senses[] = { "normal", NULL };

    (void)vlt_walk_word(walk, "type", types);
    (void)vlt_walk_int(walk, "v", RECORD_V, RECORD_V);
    vlt_walk_ulid(walk, "id", record->id);
    record->rev = vlt_walk_int(walk, "rev", 1, RECORD_REVS);
    /* Out of range where absent, so both are required. */
    record->t_event = read_time(walk, "t_event", INT64_MAX);
    record->t_recorded = read_time(walk, "t_recorded", INT64_MAX);
    read_firm(walk, record);
    read_source(walk, record);
    record->asserted_by =
        (enum record_writer)vlt_walk_word(walk, "asserted_by", record_writers);
    (void)vlt_walk_word(walk, "sens", senses);
}

enum vlt_status
record_load(struct vlt_slice rec, struct record_fault *fault,
            struct record *out)
{
    struct record record = { .channel = RECORD_OTHER_CHANNEL,
                             .direction = RECORD_MUTUAL,
                             .weight = 1 };
    struct vlt_json_fault json_fault = { 0 };
    struct vlt_json *json = NULL;
    struct vlt_walk walk;
    enum vlt_status st;

    st = vlt_json_parse(rec, RECORD_MAX, RECORD_DEPTH, &json_fault, &json);
    if (st != VLT_OK) {
        *fault = (struct record_fault){ 0 };
        snprintf(fault->says, sizeof fault->says, "%s", json_fault.says);
        return st;
    }
    vlt_walk_begin(&walk, json);
    read_stored_head(&walk, &record);
    read_body(&walk, &record);
    st = finish(&walk, &record, fault, out);
    vlt_json_free(json);
    return st;
}
