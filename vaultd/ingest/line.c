#include "ingest/line_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "base/unit.h"
#include "ingest/units.h"

/* One parsing: what all its lines share. */
struct parsing {
    const struct adapter_input *input;
    const struct sample_sink *sink;
    struct line *line;
    uint8_t *scratch;
    struct vlt_buf path;
};

/* What a line means. */
struct meaning {
    int64_t time;
    const char *unit;
    const char *category;
    struct sample_cell cells[SAMPLE_CELLS];
    size_t count;
    bool home; /* Home Assistant's */
};

static const char fact_ending[] = "_str";

static int
order_tags(const void *left, const void *right)
{
    const struct line_tag *a = left;
    const struct line_tag *b = right;

    return vlt_slice_order(a->key, b->key);
}

static int
order_fields(const void *left, const void *right)
{
    const struct sample_cell *a = left;
    const struct sample_cell *b = right;

    return vlt_slice_order(a->column, b->column);
}

static bool
refuse(struct sample_fault *fault, enum sample_reason reason,
       struct vlt_slice field, const char *says)
{
    fault->reason = reason;
    sample_fault_field(fault, field);
    sample_fault_says(fault, "%s", says);
    return false;
}

/* Sort both lists; no key may stand twice. */
static bool
sort(struct line *line, struct sample_fault *fault)
{
    qsort(line->tags, line->tag_count, sizeof line->tags[0], order_tags);
    qsort(line->fields, line->field_count, sizeof line->fields[0],
          order_fields);
    for (size_t i = 1; i < line->tag_count; i++) {
        if (order_tags(&line->tags[i - 1], &line->tags[i]) == 0) {
            return refuse(fault, SAMPLE_SYNTAX, line->tags[i].key,
                          "the tag stands twice");
        }
    }
    for (size_t i = 1; i < line->field_count; i++) {
        if (order_fields(&line->fields[i - 1], &line->fields[i]) == 0) {
            return refuse(fault, SAMPLE_SYNTAX, line->fields[i].column,
                          "the field stands twice");
        }
    }
    return true;
}

static bool
read_time(const struct adapter_input *input, const struct line *line,
          int64_t *out, struct sample_fault *fault)
{
    struct vlt_slice none = { 0 };

    *out = input->received;
    if (line->timed &&
        __builtin_mul_overflow(line->time, input->precision, out)) {
        return refuse(fault, SAMPLE_TIME, none, "the time is out of range");
    }
    return (*out >= VLT_TIME_MIN && *out < VLT_TIME_MAX) ||
           refuse(fault, SAMPLE_TIME, none, "the time is out of range");
}

/* The value of a tag; empty when there is none. */
static struct vlt_slice
tag(const struct line *line, const char *key)
{
    for (size_t i = 0; i < line->tag_count; i++) {
        if (vlt_slice_is(line->tags[i].key, key)) {
            return line->tags[i].value;
        }
    }
    return (struct vlt_slice){ 0 };
}

static bool
ends_in_str(struct vlt_slice name)
{
    size_t len = sizeof fact_ending - 1;

    return name.len > len &&
           memcmp(name.at + name.len - len, fact_ending, len) == 0;
}

static bool
is_fact(const struct meaning *meaning, const struct sample_cell *field)
{
    return meaning->home && field->type == VLT_TYPE_TEXT &&
           ends_in_str(field->column);
}

/* measurement/key=value/… */
static void
put_path(struct vlt_buf *path, const struct line *line)
{
    struct vlt_buf segment = { 0 };

    vlt_name_put_segment(path, line->measurement);
    for (size_t i = 0; i < line->tag_count; i++) {
        vlt_buf_clear(&segment);
        vlt_buf_put_slice(&segment, line->tags[i].key);
        vlt_buf_put_u8(&segment, '=');
        vlt_buf_put_slice(&segment, line->tags[i].value);
        vlt_buf_put_u8(path, '/');
        vlt_name_put_segment(path, vlt_buf_slice(&segment));
    }
    path->failed = path->failed || vlt_buf_failed(&segment);
    vlt_buf_free(&segment);
}

/* domain/entity_id, the unit, and what its class or domain says it is. */
static void
read_home(struct vlt_buf *path, const struct line *line,
          struct meaning *meaning)
{
    struct vlt_slice domain = tag(line, "domain");

    vlt_name_put_segment(path, domain);
    vlt_buf_put_u8(path, '/');
    vlt_name_put_segment(path, tag(line, "entity_id"));
    meaning->unit = vlt_unit_find(line->measurement);
    for (size_t i = 0; i < line->field_count; i++) {
        if (vlt_slice_is(line->fields[i].column, "device_class_str")) {
            meaning->category = units_quantity_category(line->fields[i].text);
        }
    }
    if (meaning->category == NULL) {
        meaning->category = units_quantity_category(domain);
    }
    if (meaning->category == NULL && meaning->unit != NULL) {
        meaning->category = units_category(meaning->unit);
    }
    if (meaning->unit == NULL) {
        meaning->unit = "1";
    }
}

static bool
take_cells(const struct line *line, struct meaning *meaning,
           struct sample_fault *fault)
{
    for (size_t i = 0; i < line->field_count; i++) {
        const struct sample_cell *field = &line->fields[i];

        if (is_fact(meaning, field)) {
            continue;
        }
        if (!vlt_column_valid(field->column)) {
            return refuse(fault, SAMPLE_NAME, field->column,
                          "it cannot be the name of a column");
        }
        if (meaning->count == SAMPLE_CELLS) {
            return refuse(fault, SAMPLE_SIZE, field->column,
                          "a stream has at most 64 columns");
        }
        meaning->cells[meaning->count++] = *field;
    }
    return true;
}

/* Without memory it is not refused: give() then says so. */
static bool
path_fits(const struct vlt_buf *path)
{
    return vlt_buf_failed(path) ? vlt_buf_status(path) == VLT_E_NOMEM
                                : sample_path_valid(vlt_buf_slice(path));
}

/* Find out what a line means; its path goes to p->path. */
static bool
understand(struct parsing *p, struct meaning *meaning,
           struct sample_fault *fault)
{
    struct line *line = p->line;

    if (!sort(line, fault) ||
        !read_time(p->input, line, &meaning->time, fault)) {
        return false;
    }
    meaning->home =
        tag(line, "domain").len > 0 && tag(line, "entity_id").len > 0;
    vlt_buf_clear(&p->path);
    if (meaning->home) {
        read_home(&p->path, line, meaning);
    } else {
        put_path(&p->path, line);
    }
    if (!path_fits(&p->path)) {
        return refuse(fault, SAMPLE_NAME, line->measurement,
                      "the stream's name would be too long");
    }
    return take_cells(line, meaning, fault);
}

static enum vlt_status
give_fact(const struct parsing *p, const struct meaning *meaning,
          struct vlt_slice name, struct vlt_slice value)
{
    struct sample_fact fact = { .path = vlt_buf_slice(&p->path),
                                .name = name,
                                .value = value,
                                .time = meaning->time };

    return p->sink->fact(p->sink->ctx, &fact);
}

/* Home Assistant's other tags and its _str fields. */
static enum vlt_status
give_facts(const struct parsing *p, const struct meaning *meaning)
{
    const struct line *line = p->line;
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < line->tag_count && st == VLT_OK; i++) {
        if (!vlt_slice_is(line->tags[i].key, "domain") &&
            !vlt_slice_is(line->tags[i].key, "entity_id")) {
            st = give_fact(p, meaning, line->tags[i].key, line->tags[i].value);
        }
    }
    for (size_t i = 0; i < line->field_count && st == VLT_OK; i++) {
        struct vlt_slice name = line->fields[i].column;

        if (is_fact(meaning, &line->fields[i])) {
            name.len -= sizeof fact_ending - 1;
            st = give_fact(p, meaning, name, line->fields[i].text);
        }
    }
    return st;
}

static enum vlt_status
give(const struct parsing *p, const struct meaning *meaning,
     struct sample_place place)
{
    struct sample sample = { .path = vlt_buf_slice(&p->path),
                             .time = meaning->time,
                             .unit = meaning->unit,
                             .category = meaning->category,
                             .cells = meaning->cells,
                             .count = meaning->count,
                             .place = place };
    enum vlt_status st = VLT_OK;

    if (vlt_buf_failed(&p->path)) {
        return VLT_E_NOMEM;
    }
    if (sample.count > 0) {
        st = p->sink->sample(p->sink->ctx, &sample);
    }
    if (st == VLT_OK && meaning->home) {
        st = give_facts(p, meaning);
    }
    return st;
}

/* From at on, the next line break or the end. */
static size_t
line_end(struct vlt_slice body, size_t at)
{
    const uint8_t *found =
        at < body.len ? memchr(body.at + at, '\n', body.len - at) : NULL;

    return found != NULL ? (size_t)(found - body.at) : body.len;
}

/* Is there nothing on the line but blanks, or is it a comment? */
static bool
nothing_on(struct vlt_slice body, size_t *at, size_t end)
{
    while (*at < end && (body.at[*at] == ' ' || body.at[*at] == '\r')) {
        (*at)++;
    }
    return *at == end || body.at[*at] == '#';
}

/* One line, from *at on, where nothing_on() said that there is something; *at
 * ends at its line break. */
static enum vlt_status
parse_line(struct parsing *p, size_t *at, size_t number)
{
    struct vlt_slice body = p->input->body;
    struct sample_fault fault = { .place = { number, *at, 0 }, .byte = *at };
    struct meaning meaning = { 0 };
    bool good = line_read(body, at, p->scratch, p->line, &fault);

    if (!good) {
        *at = line_end(body, *at);
    }
    fault.place.len = *at - fault.place.byte;
    if (good && understand(p, &meaning, &fault)) {
        return give(p, &meaning, fault.place);
    }
    return p->sink->fault(p->sink->ctx, &fault);
}

static size_t
count_breaks(struct vlt_slice body, size_t from, size_t to)
{
    size_t count = 0;

    for (size_t i = from; i < to; i++) {
        count += body.at[i] == '\n';
    }
    return count;
}

static enum vlt_status
parse_all(struct parsing *p)
{
    struct vlt_slice body = p->input->body;
    enum vlt_status st = VLT_OK;
    size_t number = 1;
    size_t at = 0;

    while (at < body.len && st == VLT_OK) {
        size_t begin = at;
        size_t end = line_end(body, at);

        if (nothing_on(body, &at, end)) {
            at = end;
        } else {
            st = parse_line(p, &at, number);
        }
        at = at < body.len ? at + 1 : at;
        number += count_breaks(body, begin, at);
    }
    return st;
}

enum vlt_status
line_parse(const struct adapter_input *input, const struct sample_sink *sink)
{
    struct parsing p = { .input = input, .sink = sink };
    enum vlt_status st = VLT_E_NOMEM;

    if (input->body.len > ADAPTER_INFLATED) {
        return VLT_E_LIMIT;
    }
    vlt_buf_init(&p.path, SAMPLE_PATH);
    p.line = malloc(sizeof *p.line);
    p.scratch = malloc(LINE_MAX_BYTES);
    if (p.line != NULL && p.scratch != NULL) {
        st = parse_all(&p);
    }
    free(p.line);
    free(p.scratch);
    vlt_buf_free(&p.path);
    return st;
}
