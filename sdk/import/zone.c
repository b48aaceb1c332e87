#include "import/zone_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"

enum {
    HEAD = 44,      /* bytes of a TZif header */
    TIMES = 10000,  /* changes of a table */
    TYPES = 256,    /* offsets of a table */
    DAY = 86400,    /* s */
    LONG_TIME = 8,  /* bytes of a time in the second part */
    SHORT_TIME = 4, /* and in the first */
};

static const char database[] = "/usr/share/zoneinfo/";

/* The counts of a TZif header. */
struct head {
    uint8_t version;
    uint32_t utc, wall, leaps, times, types, letters;
};

/* A table as it is read. */
struct table {
    struct head head;
    struct vlt_slice times, indices, types;
};

enum vlt_status
zone_fixed(int32_t offset, struct zone **out)
{
    struct zone *zone;

    if (offset < -DAY || offset > DAY) {
        return VLT_E_FORMAT;
    }
    zone = calloc(1, sizeof *zone);
    if (zone == NULL) {
        return VLT_E_NOMEM;
    }
    zone->first = offset;
    *out = zone;
    return VLT_OK;
}

void
zone_free(struct zone *zone)
{
    if (zone != NULL) {
        free(zone->at);
        free(zone->offset);
        free(zone);
    }
}

static struct head
read_head(struct vlt_reader *r)
{
    struct head head = { 0 };

    if (vlt_read_be32(r) != 0x545a6966) { /* "TZif" */
        r->failed = true;
    }
    head.version = vlt_read_u8(r);
    vlt_read_slice(r, 15);
    head.utc = vlt_read_be32(r);
    head.wall = vlt_read_be32(r);
    head.leaps = vlt_read_be32(r);
    head.times = vlt_read_be32(r);
    head.types = vlt_read_be32(r);
    head.letters = vlt_read_be32(r);
    if (head.times > TIMES || head.types == 0 || head.types > TYPES ||
        head.letters > ZONE_FILE || head.leaps > ZONE_FILE ||
        head.utc > TYPES || head.wall > TYPES) {
        r->failed = true;
    }
    return head;
}

static struct table
read_table(struct vlt_reader *r, size_t time_len)
{
    struct table table = { .head = read_head(r) };

    if (r->failed) {
        return table;
    }
    table.times = vlt_read_slice(r, table.head.times * time_len);
    table.indices = vlt_read_slice(r, table.head.times);
    table.types = vlt_read_slice(r, table.head.types * (size_t)6);
    vlt_read_slice(r, table.head.letters);
    vlt_read_slice(r, table.head.leaps * (time_len + 4));
    vlt_read_slice(r, table.head.wall);
    vlt_read_slice(r, table.head.utc);
    return table;
}

/* The offset of a type; -DAY - 1 where there is no such type. */
static int32_t
offset_of(const struct table *table, size_t type)
{
    struct vlt_reader r = vlt_reader_over(table->types);

    vlt_read_slice(&r, type * 6);
    int32_t offset = (int32_t)vlt_read_be32(&r);

    if (r.failed || offset < -DAY || offset > DAY) {
        return -DAY - 1;
    }
    return offset;
}

static enum vlt_status
fill(struct zone *zone, const struct table *table)
{
    struct vlt_reader times = vlt_reader_over(table->times);

    zone->first = offset_of(table, 0);
    if (zone->first < -DAY) {
        return VLT_E_FORMAT;
    }
    zone->at = calloc(table->head.times + 1, sizeof *zone->at);
    zone->offset = calloc(table->head.times + 1, sizeof *zone->offset);
    if (zone->at == NULL || zone->offset == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < table->head.times; i++) {
        zone->at[i] = (int64_t)vlt_read_be64(&times);
        zone->offset[i] = offset_of(table, table->indices.at[i]);
        if (zone->offset[i] < -DAY ||
            (i > 0 && zone->at[i] <= zone->at[i - 1])) {
            return VLT_E_FORMAT;
        }
    }
    zone->count = table->head.times;
    return VLT_OK;
}

/* The footer, a line between two line breaks; it may be empty. */
static enum vlt_status
read_footer(struct vlt_reader *r, struct zone *zone)
{
    struct vlt_slice rest = vlt_read_rest(r);

    if (rest.len < 2 || rest.at[0] != '\n' || rest.at[rest.len - 1] != '\n') {
        return VLT_E_FORMAT;
    }
    struct vlt_slice text = vlt_slice_of(rest.at + 1, rest.len - 2);

    zone->ruled = text.len > 0;
    if (zone->ruled && !zone_rule_read(text, &zone->rule)) {
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

enum vlt_status
zone_parse(struct vlt_slice bytes, struct zone **out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct table table = read_table(&r, SHORT_TIME);
    struct zone *zone = NULL;
    enum vlt_status st;

    if (r.failed || table.head.version < '2') {
        return VLT_E_FORMAT;
    }
    table = read_table(&r, LONG_TIME);
    if (r.failed) {
        return VLT_E_FORMAT;
    }
    st = zone_fixed(0, &zone);
    if (st == VLT_OK) {
        st = fill(zone, &table);
    }
    if (st == VLT_OK) {
        st = read_footer(&r, zone);
    }
    if (st != VLT_OK) {
        zone_free(zone);
        return st;
    }
    *out = zone;
    return VLT_OK;
}

/* Letters, digits, _ + - and single slashes between: no path leads out of the
 * database. */
static bool
name_valid(struct vlt_slice name)
{
    uint8_t before = '/';

    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';

        if (!word && (c != '/' || before == '/')) {
            return false;
        }
        before = c;
    }
    return name.len > 0 && name.len <= ZONE_NAME && before != '/';
}

static enum vlt_status
load_file(struct vlt_slice name, struct zone **out)
{
    char path[sizeof database + ZONE_NAME];
    uint8_t *bytes = NULL;
    FILE *file = NULL;
    enum vlt_status st = VLT_E_NOMEM;
    size_t len;

    snprintf(path, sizeof path, "%s%.*s", database, (int)name.len,
             (const char *)name.at);
    file = fopen(path, "rb");
    if (file == NULL) {
        return VLT_E_NOT_FOUND;
    }
    bytes = malloc(ZONE_FILE);
    if (bytes != NULL) {
        len = fread(bytes, 1, ZONE_FILE, file);
        st = zone_parse(vlt_slice_of(bytes, len), out);
    }
    free(bytes);
    fclose(file);
    return st;
}

static int
two_digits(const uint8_t *at)
{
    bool good = at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9';

    return good ? (at[0] - '0') * 10 + at[1] - '0' : 99;
}

/* +hh:mm or -hh:mm. */
static bool
read_offset(struct vlt_slice name, int32_t *out)
{
    if (name.len != 6 || (name.at[0] != '+' && name.at[0] != '-') ||
        name.at[3] != ':') {
        return false;
    }
    int hours = two_digits(name.at + 1);
    int minutes = two_digits(name.at + 4);

    *out = hours * 3600 + minutes * 60;
    *out = name.at[0] == '-' ? -*out : *out;
    return hours < 24 && minutes < 60;
}

enum vlt_status
zone_load(struct vlt_slice name, struct zone **out)
{
    int32_t offset = 0;

    if (vlt_slice_is(name, "UTC") || vlt_slice_is(name, "Z") ||
        read_offset(name, &offset)) {
        return zone_fixed(offset, out);
    }
    return name_valid(name) ? load_file(name, out) : VLT_E_NOT_FOUND;
}

int32_t
zone_offset(const struct zone *zone, int64_t utc)
{
    size_t low = 0;
    size_t high = zone->count;

    if (zone->ruled && (zone->count == 0 || utc >= zone->at[zone->count - 1])) {
        return zone_rule_offset(&zone->rule, utc);
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at[middle] <= utc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? zone->offset[low - 1] : zone->first;
}

int64_t
zone_utc(const struct zone *zone, int64_t local, struct zone_walk *walk,
         bool *gap)
{
    /* No place changes its offset twice within two days, nor by a day. */
    int32_t before = zone_offset(zone, local - DAY);
    int32_t behind = zone_offset(zone, local + DAY);
    bool early = zone_offset(zone, local - before) == before;
    bool late = zone_offset(zone, local - behind) == behind;
    bool twice = early && late && before != behind;

    walk->later = twice && (walk->later || (walk->any && local < walk->last));
    walk->any = true;
    walk->last = local;
    *gap = !early && !late;
    if (twice) {
        return local - (walk->later ? behind : before);
    }
    return local - (early || *gap ? before : behind);
}
