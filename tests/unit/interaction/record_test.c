#include "interaction/record.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "unit.h"
#include "json/json.h"

/* 2026-11-25T18:20:42Z */
#define NOW INT64_C(1795630842000000000)

static struct record_stamp
stamp_by(enum record_writer by)
{
    struct record_stamp stamp = { .now = NOW, .by = by };

    memset(stamp.id, 0x11, sizeof stamp.id);
    return stamp;
}

/* Give the vault this text, in which ' stands for a quotation mark. */
static struct vlt_json *
json_of(const char *text)
{
    struct vlt_json *json = NULL;
    char copy[2048];

    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(vlt_json_parse(vlt_slice_text(copy), 4096, 8, NULL, &json),
                     VLT_OK);
    return json;
}

static enum vlt_status
take(const char *text, enum record_writer by, struct record_fault *fault,
     struct record *out)
{
    struct record_stamp stamp = stamp_by(by);
    struct vlt_json *json = json_of(text);
    enum vlt_status st = record_take(json, &stamp, fault, out);

    vlt_json_free(json);
    return st;
}

static enum vlt_status
amend(const struct record *old, const char *text, enum record_writer by,
      struct record_fault *fault, struct record *out)
{
    struct record_stamp stamp = stamp_by(by);
    struct vlt_json *json = json_of(text);

    stamp.now += VLT_HOUR;
    enum vlt_status st = record_amend(old, json, &stamp, fault, out);

    vlt_json_free(json);
    return st;
}

static const char full[] =
    "{'firm':'bright-grid','t_event':'2026-11-25T10:00:00Z','role':'payer',"
    "'channel':'phone','direction':'person-firm','subject':'meter, again',"
    "'perceived':{'scale':'nps','raw':3,'q':300},'weight':3}";

static void
a_record_is_taken_whole(void **state)
{
    struct record_fault fault;
    struct record record;

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    assert_int_equal(record.rev, 1);
    assert_int_equal(record.id[15], 0x11);
    assert_string_equal(record.firm, "bright-grid");
    assert_int_equal(record.t_event, INT64_C(1795600800000000000));
    assert_int_equal(record.t_recorded, NOW);
    assert_int_equal(record.role, RECORD_PAYER);
    assert_int_equal(record.channel, RECORD_PHONE);
    assert_int_equal(record.direction, RECORD_PERSON_FIRM);
    assert_string_equal(record.subject, "meter, again");
    assert_true(record.rated);
    assert_int_equal(record.perceived.q, 300);
    assert_int_equal(record.perceived.at, NOW);
    assert_int_equal(record.weight, 3);
}

static void
only_the_firm_must_be_said(void **state)
{
    struct record_fault fault;
    struct record record;

    assert_int_equal(take("{'firm':'acme'}", RECORD_BY_PERSON, &fault, &record),
                     VLT_OK);
    assert_int_equal(record.t_event, NOW);
    assert_int_equal(record.channel, RECORD_OTHER_CHANNEL);
    assert_int_equal(record.direction, RECORD_MUTUAL);
    assert_int_equal(record.weight, 1);
    assert_false(record.rated);
    assert_string_equal(record.subject, "");
}

/* The stored form is known to the byte: readers of old vaults rely on it. */
static void
the_stored_form_is_fixed(void **state)
{
    struct record_fault fault;
    struct record record;
    struct vlt_buf buf = { 0 };

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    record_print(&record, &buf);
    assert_string_equal(
        vlt_buf_text(&buf),
        "{\"type\":\"interaction\",\"v\":1,"
        "\"id\":\"0H248H248H248H248H248H248H\",\"rev\":1,"
        "\"t_event\":\"2026-11-25T10:00:00Z\","
        "\"t_recorded\":\"2026-11-25T18:20:42Z\",\"firm\":\"bright-grid\","
        "\"role\":\"payer\",\"source\":{\"kind\":\"self\"},"
        "\"asserted_by\":\"person\",\"sens\":\"normal\","
        "\"channel\":\"phone\",\"direction\":\"person-firm\","
        "\"subject\":\"meter, again\",\"perceived\":{\"scale\":\"nps\","
        "\"raw\":3,\"q\":300,\"at\":\"2026-11-25T18:20:42Z\"},\"weight\":3}");
    vlt_buf_free(&buf);
}

static void
what_is_printed_loads_the_same(void **state)
{
    struct record_fault fault;
    struct record record = { 0 };
    struct record loaded = { 0 };
    struct vlt_buf buf = { 0 };
    struct vlt_buf again = { 0 };

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    record_print(&record, &buf);
    assert_int_equal(record_load(vlt_buf_slice(&buf), &fault, &loaded), VLT_OK);
    record_print(&loaded, &again);
    assert_true(vlt_slice_equal(vlt_buf_slice(&buf), vlt_buf_slice(&again)));
    /* The score after reopening is the score before. */
    struct formula_event before = record_event(&record);
    struct formula_event after = record_event(&loaded);

    assert_memory_equal(before.id, after.id, sizeof before.id);
    assert_int_equal(before.t_event, after.t_event);
    assert_int_equal(before.perceived, after.perceived);
    assert_int_equal(before.weight, after.weight);
    vlt_buf_free(&buf);
    vlt_buf_free(&again);
}

static void
a_stored_record_cut_anywhere_is_refused(void **state)
{
    struct record_fault fault;
    struct record record;
    struct vlt_buf buf = { 0 };

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    record_print(&record, &buf);
    for (size_t len = 0; len < buf.len; len++) {
        assert_int_equal(
            record_load(vlt_slice_of(buf.at, len), &fault, &record),
            VLT_E_FORMAT);
    }
    vlt_buf_free(&buf);
}

/* What is refused, at which field, and what the message must hold. */
static const struct {
    const char *says;
    enum record_writer by;
    const char *text;
    const char *at;
    const char *range;
} refused[] = {
    { "no firm", RECORD_BY_PERSON, "{}", "firm", "" },
    { "a name that is no slug", RECORD_BY_PERSON, "{'firm':'Acme'}", "firm",
      "a-z" },
    { "an unknown field", RECORD_BY_PERSON, "{'firm':'a','mood':1}", "mood",
      "" },
    { "a field of the vault", RECORD_BY_PERSON,
      "{'firm':'a','asserted_by':'person'}", "asserted_by", "" },
    { "an id", RECORD_BY_PERSON,
      "{'firm':'a','id':'01ARZ3NDEKTSV4RRFFQ69G5FAV'}", "id", "" },
    { "an unknown channel", RECORD_BY_PERSON, "{'firm':'a','channel':'fax'}",
      "channel", "face" },
    { "an unknown direction", RECORD_BY_PERSON, "{'firm':'a','direction':'up'}",
      "direction", "mutual" },
    { "weight 0", RECORD_BY_PERSON, "{'firm':'a','weight':0}", "weight",
      "1 to 3" },
    { "weight 4", RECORD_BY_PERSON, "{'firm':'a','weight':4}", "weight",
      "1 to 3" },
    { "weight 3 of a device", RECORD_BY_DEVICE, "{'firm':'a','weight':3}",
      "weight", "only the person" },
    { "a feeling of a firm", RECORD_BY_FIRM,
      "{'firm':'a','perceived':{'scale':'nps','raw':10}}", "perceived",
      "the person alone" },
    { "an unknown scale", RECORD_BY_PERSON,
      "{'firm':'a','perceived':{'scale':'stars','raw':1}}", "perceived.scale",
      "likert" },
    { "raw beyond its scale", RECORD_BY_PERSON,
      "{'firm':'a','perceived':{'scale':'nps','raw':11}}", "perceived.raw",
      "0 to 10" },
    { "raw below its scale", RECORD_BY_PERSON,
      "{'firm':'a','perceived':{'scale':'likert-5','raw':0}}", "perceived.raw",
      "1 to 5" },
    { "no raw", RECORD_BY_PERSON, "{'firm':'a','perceived':{'scale':'q'}}",
      "perceived.raw", "" },
    { "another q", RECORD_BY_PERSON,
      "{'firm':'a','perceived':{'scale':'nps','raw':7,'q':701}}", "perceived.q",
      "700" },
    { "an unknown part of it", RECORD_BY_PERSON,
      "{'firm':'a','perceived':{'scale':'nps','raw':7,'why':''}}",
      "perceived.why", "" },
    { "two days ahead", RECORD_BY_PERSON,
      "{'firm':'a','t_event':'2026-11-27T18:20:42Z'}", "t_event", "24 h" },
    { "before all time", RECORD_BY_PERSON,
      "{'firm':'a','t_event':'1700-01-01T00:00:00Z'}", "t_event", "" },
    { "a line break in the subject", RECORD_BY_PERSON,
      "{'firm':'a','subject':'a\\nb'}", "subject", "control" },
    { "gone from the start", RECORD_BY_PERSON, "{'firm':'a','gone':true}",
      "gone", "" },
    { "text as a number", RECORD_BY_PERSON, "{'firm':'a','weight':'1'}",
      "weight", "" },
};

static void
what_is_out_of_range_is_refused_by_name(void **state)
{
    struct record_fault fault;
    struct record record;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].says);
        fault = (struct record_fault){ 0 };
        assert_int_equal(take(refused[i].text, refused[i].by, &fault, &record),
                         VLT_E_FORMAT);
        print_message("  %s %s\n", fault.at, fault.says);
        assert_string_equal(fault.at, refused[i].at);
        assert_non_null(strstr(fault.says, refused[i].range));
    }
}

static void
a_subject_may_be_120_bytes(void **state)
{
    struct record_fault fault;
    struct record record;
    char text[256];

    snprintf(text, sizeof text, "{'firm':'a','subject':'%0120d'}", 7);
    assert_int_equal(take(text, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    assert_int_equal(strlen(record.subject), 120);
    snprintf(text, sizeof text, "{'firm':'a','subject':'%0121d'}", 7);
    assert_int_equal(take(text, RECORD_BY_PERSON, &fault, &record),
                     VLT_E_FORMAT);
    assert_string_equal(fault.at, "subject");
}

static void
an_amendment_is_the_next_revision(void **state)
{
    struct record_fault fault;
    struct record record;
    struct record next;

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    assert_int_equal(amend(&record,
                           "{'perceived':{'scale':'nps','raw':8},'subject':''}",
                           RECORD_BY_PERSON, &fault, &next),
                     VLT_OK);
    assert_int_equal(next.rev, 2);
    assert_int_equal(next.perceived.q, 800);
    assert_int_equal(next.perceived.at, NOW + VLT_HOUR);
    assert_int_equal(next.t_recorded, NOW + VLT_HOUR);
    assert_string_equal(next.subject, "");
    assert_memory_equal(next.id, record.id, sizeof next.id);
    assert_int_equal(next.t_event, record.t_event);
    assert_int_equal(next.channel, RECORD_PHONE);
    assert_true(record_supersedes(&next, &record));
    assert_false(record_supersedes(&record, &next));
}

static void
a_record_can_be_taken_back(void **state)
{
    struct record_fault fault;
    struct record record;
    struct record next;
    struct vlt_buf buf = { 0 };

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    assert_int_equal(
        amend(&record, "{'gone':true}", RECORD_BY_PERSON, &fault, &next),
        VLT_OK);
    record_print(&next, &buf);
    assert_int_equal(record_load(vlt_buf_slice(&buf), &fault, &record), VLT_OK);
    assert_true(record.gone);
    vlt_buf_free(&buf);
}

static void
firm_and_time_stay(void **state)
{
    struct record_fault fault;
    struct record record;
    struct record next;

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    assert_int_equal(
        amend(&record, "{'firm':'other'}", RECORD_BY_PERSON, &fault, &next),
        VLT_E_FORMAT);
    assert_string_equal(fault.at, "firm");
    assert_int_equal(amend(&record, "{'t_event':'2026-11-25T10:00:01Z'}",
                           RECORD_BY_PERSON, &fault, &next),
                     VLT_E_FORMAT);
    assert_string_equal(fault.at, "t_event");
    assert_int_equal(amend(&record,
                           "{'firm':'bright-grid',"
                           "'t_event':'2026-11-25T10:00:00Z','weight':1}",
                           RECORD_BY_PERSON, &fault, &next),
                     VLT_OK);
}

static void
a_device_may_amend_but_not_rate(void **state)
{
    struct record_fault fault;
    struct record record;
    struct record next;

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    /* Weight and perception that the person gave stay as they are. */
    assert_int_equal(
        amend(&record, "{'subject':'x'}", RECORD_BY_DEVICE, &fault, &next),
        VLT_OK);
    assert_int_equal(next.weight, 3);
    assert_int_equal(next.perceived.q, 300);
    assert_int_equal(amend(&record, "{'perceived':{'scale':'nps','raw':8}}",
                           RECORD_BY_DEVICE, &fault, &next),
                     VLT_E_FORMAT);
}

static void
there_are_64_revisions_at_most(void **state)
{
    struct record_fault fault;
    struct record record;

    assert_int_equal(take(full, RECORD_BY_PERSON, &fault, &record), VLT_OK);
    for (int rev = 2; rev <= RECORD_REVS; rev++) {
        assert_int_equal(
            amend(&record, "{'weight':1}", RECORD_BY_PERSON, &fault, &record),
            VLT_OK);
        assert_int_equal(record.rev, rev);
    }
    assert_int_equal(
        amend(&record, "{'weight':1}", RECORD_BY_PERSON, &fault, &record),
        VLT_E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_taken_whole),
        cmocka_unit_test(only_the_firm_must_be_said),
        cmocka_unit_test(the_stored_form_is_fixed),
        cmocka_unit_test(what_is_printed_loads_the_same),
        cmocka_unit_test(a_stored_record_cut_anywhere_is_refused),
        cmocka_unit_test(what_is_out_of_range_is_refused_by_name),
        cmocka_unit_test(a_subject_may_be_120_bytes),
        cmocka_unit_test(an_amendment_is_the_next_revision),
        cmocka_unit_test(a_record_can_be_taken_back),
        cmocka_unit_test(firm_and_time_stay),
        cmocka_unit_test(a_device_may_amend_but_not_rate),
        cmocka_unit_test(there_are_64_revisions_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
