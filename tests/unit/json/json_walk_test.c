#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "unit.h"
#include "json/json.h"

/* A walker over a text of its own. */
struct reading {
    struct vlt_json *json;
    struct vlt_walk walk;
};

static void
begin(struct reading *r, const char *text)
{
    assert_int_equal(
        vlt_json_parse(vlt_slice_text(text), 100000, 32, NULL, &r->json),
        VLT_OK);
    vlt_walk_begin(&r->walk, r->json);
}

static void
must_end_well(struct reading *r)
{
    enum vlt_status st = vlt_walk_end(&r->walk);

    if (st != VLT_OK) {
        print_message("%s %s\n", r->walk.at, r->walk.says);
    }
    assert_int_equal(st, VLT_OK);
    vlt_json_free(r->json);
}

static void
must_end_at(struct reading *r, const char *at, const char *says)
{
    assert_int_equal(vlt_walk_end(&r->walk), VLT_E_FORMAT);
    assert_true(vlt_walk_failed(&r->walk));
    assert_string_equal(r->walk.at, at);
    assert_string_equal(r->walk.says, says);
    vlt_json_free(r->json);
}

static const char *const orders[] = { "up", "down", NULL };

static void
members_are_read_by_name_in_any_order(void **state)
{
    const uint8_t id[16] = { 0 };
    uint8_t read[16] = { 1 };
    struct reading r;

    begin(&r, "{\"text\":\"abc\",\"int\":-7,\"yes\":true,\"order\":\"down\","
              "\"at\":\"1970-01-01T00:00:01Z\",\"ns\":5,\"list\":[1,2],"
              "\"id\":\"00000000000000000000000000\",\"any\":[],"
              "\"none\":null}");
    vlt_walk_null(&r.walk, "none");
    vlt_walk_null(&r.walk, "absent");
    vlt_walk_ulid(&r.walk, "id", read);
    assert_memory_equal(read, id, 16);
    assert_int_equal(vlt_json_count(vlt_walk_list(&r.walk, "list", 2, 2)), 2);
    assert_true(vlt_walk_time(&r.walk, "ns") == 5);
    assert_true(vlt_walk_time(&r.walk, "at") == VLT_SECOND);
    assert_int_equal(vlt_walk_word(&r.walk, "order", orders), 1);
    assert_true(vlt_walk_bool(&r.walk, "yes"));
    assert_int_equal(vlt_walk_int(&r.walk, "int", -7, -7), -7);
    assert_true(vlt_slice_is(vlt_walk_text(&r.walk, "text", 3, 3), "abc"));
    assert_non_null(vlt_walk_any(&r.walk, "any"));
    assert_null(vlt_walk_any(&r.walk, "other"));
    must_end_well(&r);
}

static void
members_of_one_value_are_each_asked_for(void **state)
{
    struct reading r;

    begin(&r, "{\"a\":true,\"b\":true,\"c\":null,\"d\":null}");
    assert_true(vlt_walk_bool(&r.walk, "a"));
    assert_true(vlt_walk_bool(&r.walk, "b"));
    vlt_walk_null(&r.walk, "c");
    vlt_walk_null(&r.walk, "d");
    must_end_well(&r);
    begin(&r, "{\"a\":true,\"b\":true}");
    assert_true(vlt_walk_bool(&r.walk, "b"));
    must_end_at(&r, "a", "is not known here");
}

static void
what_is_absent_or_null_is_the_other(void **state)
{
    struct reading r;

    begin(&r, "{\"n\":null}");
    assert_false(vlt_walk_has(&r.walk, "n"));
    assert_false(vlt_walk_has(&r.walk, "x"));
    assert_int_equal(vlt_walk_int_or(&r.walk, "n", 1, 8, -1), -1);
    assert_int_equal(vlt_walk_int_or(&r.walk, "x", 1, 8, -1), -1);
    assert_true(vlt_walk_bool_or(&r.walk, "x", true));
    assert_int_equal(vlt_walk_word_or(&r.walk, "x", orders, 9), 9);
    assert_true(vlt_walk_time_or(&r.walk, "x", -3) == -3);
    assert_true(vlt_slice_is(
        vlt_walk_text_or(&r.walk, "x", 1, 2, vlt_slice_text("other")),
        "other"));
    must_end_well(&r);
}

static void
what_is_there_is_checked_though_it_need_not_be(void **state)
{
    struct reading r;

    begin(&r, "{\"i\":9}");
    assert_true(vlt_walk_has(&r.walk, "i"));
    assert_int_equal(vlt_walk_int_or(&r.walk, "i", 1, 8, 3), 0);
    must_end_at(&r, "i", "is 9, must be 1 to 8");
}

/* One read of one member, in a table. */
enum what { TEXT, INT, BIG, BOOL, TIME, ULID, WORD, LIST, NUL, INTO };

static void
read_one(struct vlt_walk *walk, enum what what)
{
    struct vlt_walk inner;
    uint8_t id[16];

    switch (what) {
    case TEXT:
        assert_int_equal(vlt_walk_text(walk, "m", 1, 4).len, 0);
        break;
    case INT:
        assert_int_equal(vlt_walk_int(walk, "m", 1, 8), 0);
        break;
    case BIG:
        assert_true(vlt_walk_int(walk, "m", INT64_MIN, INT64_MAX) == 0);
        break;
    case BOOL:
        assert_false(vlt_walk_bool(walk, "m"));
        break;
    case TIME:
        assert_true(vlt_walk_time(walk, "m") == 0);
        break;
    case ULID:
        vlt_walk_ulid(walk, "m", id);
        assert_int_equal(id[0] | id[15], 0);
        break;
    case WORD:
        assert_int_equal(vlt_walk_word(walk, "m", orders), 0);
        break;
    case LIST:
        assert_null(vlt_walk_list(walk, "m", 1, 2));
        break;
    case NUL:
        vlt_walk_null(walk, "m");
        break;
    case INTO:
        vlt_walk_into(&inner, walk, "m");
        assert_int_equal(vlt_walk_end(&inner), VLT_E_FORMAT);
        break;
    }
}

static const struct {
    const char *text;
    enum what what;
    const char *says;
} faults[] = {
    { "{}", TEXT, "is missing" },
    { "{\"m\":null}", TEXT, "is null, must be text" },
    { "{\"m\":1}", TEXT, "is a number, must be text" },
    { "{\"m\":\"\"}", TEXT, "is 0 bytes long, must be 1 to 4" },
    { "{\"m\":\"ééé\"}", TEXT, "is 6 bytes long, must be 1 to 4" },
    { "{}", INT, "is missing" },
    { "{\"m\":0}", INT, "is 0, must be 1 to 8" },
    { "{\"m\":9}", INT, "is 9, must be 1 to 8" },
    { "{\"m\":2.0}", INT, "is a number, must be a whole number" },
    { "{\"m\":\"3\"}", INT, "is text, must be a whole number" },
    { "{\"m\":true}", INT, "is true or false, must be a whole number" },
    { "{\"m\":\"9007199254740992\"}", BIG, "is text, must be a whole number" },
    { "{\"m\":\"9223372036854775808\"}", BIG,
      "is text, must be a whole number" },
    { "{\"m\":\"9007199254740993\"}", INT,
      "is 9007199254740993, must be 1 to 8" },
    { "{\"m\":1}", BOOL, "is a number, must be true or false" },
    { "{\"m\":\"yes\"}", BOOL, "is text, must be true or false" },
    { "{\"m\":\"2026-11-25\"}", TIME,
      "is no time, must be RFC 3339 text or nanoseconds" },
    { "{\"m\":2.5}", TIME, "is no time, must be RFC 3339 text or nanoseconds" },
    { "{\"m\":[]}", TIME, "is no time, must be RFC 3339 text or nanoseconds" },
    { "{\"m\":4611686018427387904}", TIME,
      "is out of range, must be from 1823-11 to 2116-02" },
    { "{\"m\":\"2200-01-01T00:00:00Z\"}", TIME,
      "is out of range, must be from 1823-11 to 2116-02" },
    { "{\"m\":\"0\"}", ULID, "is no ULID, must be 26 characters of it" },
    { "{\"m\":7}", ULID, "is no ULID, must be 26 characters of it" },
    { "{}", ULID, "is missing" },
    { "{\"m\":\"left\"}", WORD, "is not one of up, down" },
    { "{\"m\":\"Up\"}", WORD, "is not one of up, down" },
    { "{\"m\":1}", WORD, "is a number, must be text" },
    { "{\"m\":[]}", LIST, "has 0 items, must be 1 to 2" },
    { "{\"m\":[1,2,3]}", LIST, "has 3 items, must be 1 to 2" },
    { "{\"m\":{\"a\":1}}", LIST, "is an object, must be a list" },
    { "{}", LIST, "is missing" },
    { "{\"m\":0}", NUL, "is a number, must be null or absent" },
    { "{}", INTO, "is missing" },
    { "{\"m\":[1]}", INTO, "is a list, must be an object" },
};

static void
a_fault_says_what_is_and_what_must_be(void **state)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct reading r;

        print_message("%s\n", faults[i].text);
        begin(&r, faults[i].text);
        read_one(&r.walk, faults[i].what);
        must_end_at(&r, "m", faults[i].says);
    }
}

static void
the_first_fault_is_the_one_that_is_told(void **state)
{
    struct reading r;

    begin(&r, "{\"a\":9,\"b\":2,\"c\":\"x\"}");
    vlt_walk_int(&r.walk, "a", 1, 8);
    assert_int_equal(vlt_walk_int(&r.walk, "b", 1, 8), 0);
    vlt_walk_bool(&r.walk, "c");
    assert_int_equal(vlt_walk_int_or(&r.walk, "x", 1, 8, 0), 0);
    assert_null(vlt_walk_any(&r.walk, "c"));
    assert_false(vlt_walk_has(&r.walk, "c"));
    must_end_at(&r, "a", "is 9, must be 1 to 8");
}

static void
a_member_that_nobody_asked_for_is_named(void **state)
{
    struct reading r;

    begin(&r, "{\"a\":1,\"efect\":2,\"b\":3}");
    vlt_walk_int(&r.walk, "b", 1, 8);
    vlt_walk_int(&r.walk, "a", 1, 8);
    must_end_at(&r, "efect", "is not known here");
}

static void
asking_twice_does_not_hide_an_unknown_one(void **state)
{
    struct reading r;

    begin(&r, "{\"a\":1,\"b\":3}");
    vlt_walk_int(&r.walk, "a", 1, 8);
    vlt_walk_int(&r.walk, "a", 1, 8);
    vlt_walk_has(&r.walk, "b");
    must_end_at(&r, "b", "is not known here");
}

/* jansson has one true, one false and one null for a whole document. */
static void
members_with_one_value_are_told_apart(void **state)
{
    struct reading r;

    begin(&r, "{\"a\":true,\"b\":true,\"c\":null,\"d\":null}");
    assert_true(vlt_walk_bool(&r.walk, "b"));
    assert_true(vlt_walk_bool(&r.walk, "a"));
    vlt_walk_null(&r.walk, "d");
    must_end_at(&r, "c", "is not known here");
}

static void
an_unknown_name_cannot_move_a_terminal(void **state)
{
    struct reading r;

    begin(&r, "{\"\\u001b[2J\":1}");
    must_end_at(&r, "\\x1B[2J", "is not known here");
}

static void
the_64th_member_may_be_asked_for_and_the_65th_is_refused(void **state)
{
    for (int count = 64; count <= 65; count++) {
        struct vlt_buf text = { 0 };
        struct reading r;

        for (int i = 0; i < count; i++) {
            vlt_buf_printf(&text, "%c\"m%d\":1", i == 0 ? '{' : ',', i);
        }
        vlt_buf_put_u8(&text, '}');
        begin(&r, vlt_buf_text(&text));
        for (int i = 0; i < count; i++) {
            char name[8];

            snprintf(name, sizeof name, "m%d", i);
            assert_int_equal(vlt_walk_int(&r.walk, name, 1, 1), 1);
        }
        if (count == 64) {
            must_end_well(&r);
        } else {
            must_end_at(&r, "m64", "is not known here");
        }
        vlt_buf_free(&text);
    }
}

static void
an_inner_fault_is_told_by_its_whole_way(void **state)
{
    struct vlt_walk outer_item, inner;
    struct reading r;

    begin(&r, "{\"items\":[{\"of\":{}},{\"of\":{\"bucket_s\":0}}]}");
    const struct vlt_json *list = vlt_walk_list(&r.walk, "items", 1, 9);

    for (size_t i = 0; i < 2; i++) {
        vlt_walk_item(&outer_item, &r.walk, "items", list, i);
        vlt_walk_into(&inner, &outer_item, "of");
        vlt_walk_int_or(&inner, "bucket_s", 1, 60, 1);
        assert_int_equal(vlt_walk_end(&inner), i == 0 ? VLT_OK : VLT_E_FORMAT);
        assert_int_equal(vlt_walk_end(&outer_item),
                         i == 0 ? VLT_OK : VLT_E_FORMAT);
    }
    must_end_at(&r, "items[1].of.bucket_s", "is 0, must be 1 to 60");
}

static void
an_unknown_member_inside_is_told_by_its_way(void **state)
{
    struct vlt_walk inner;
    struct reading r;

    begin(&r, "{\"items\":[{\"x\":1}]}");
    const struct vlt_json *list = vlt_walk_list(&r.walk, "items", 1, 9);

    vlt_walk_item(&inner, &r.walk, "items", list, 0);
    assert_int_equal(vlt_walk_end(&inner), VLT_E_FORMAT);
    must_end_at(&r, "items[0].x", "is not known here");
}

static void
an_item_that_is_no_object_is_refused(void **state)
{
    struct vlt_walk inner;
    struct reading r;

    begin(&r, "{\"items\":[7]}");
    const struct vlt_json *list = vlt_walk_list(&r.walk, "items", 1, 9);

    vlt_walk_item(&inner, &r.walk, "items", list, 0);
    assert_int_equal(vlt_walk_end(&inner), VLT_E_FORMAT);
    must_end_at(&r, "items[0]", "is a number, must be an object");
}

static void
what_is_no_object_fails_at_once(void **state)
{
    struct reading r;
    struct vlt_walk nothing;

    begin(&r, "[1]");
    assert_true(vlt_walk_failed(&r.walk));
    must_end_at(&r, "", "is a list, must be an object");
    vlt_walk_begin(&nothing, NULL);
    assert_int_equal(vlt_walk_end(&nothing), VLT_E_FORMAT);
    assert_string_equal(nothing.says, "is missing");
}

static void
a_fault_of_the_caller_s_own_counts(void **state)
{
    struct vlt_walk inner;
    struct reading r;

    begin(&r, "{\"m\":{\"from\":5,\"to\":3}}");
    vlt_walk_into(&inner, &r.walk, "m");
    vlt_walk_time(&inner, "from");
    vlt_walk_time(&inner, "to");
    vlt_walk_fault(&inner, "to", "is not after %s", "from");
    vlt_walk_fault(&inner, "from", "is told too late");
    assert_int_equal(vlt_walk_end(&inner), VLT_E_FORMAT);
    must_end_at(&r, "m.to", "is not after from");
}

static void
large_integers_may_be_text(void **state)
{
    struct reading r;

    begin(&r, "{\"m\":\"-9223372036854775808\",\"n\":9223372036854775807,"
              "\"t\":\"1795630842000000001\"}");
    assert_true(vlt_walk_int(&r.walk, "m", INT64_MIN, 0) == INT64_MIN);
    assert_true(vlt_walk_int(&r.walk, "n", 0, INT64_MAX) == INT64_MAX);
    assert_true(vlt_walk_time(&r.walk, "t") == INT64_C(1795630842000000001));
    must_end_well(&r);
}

static void
long_names_and_long_faults_are_cut_between_characters(void **state)
{
    struct vlt_buf text = { 0 };
    struct reading r;

    vlt_buf_put_text(&text, "{\"x");
    for (int i = 0; i < 200; i++) {
        vlt_buf_put_text(&text, "é");
    }
    vlt_buf_put_text(&text, "\":1}");
    begin(&r, vlt_buf_text(&text));
    assert_int_equal(vlt_walk_end(&r.walk), VLT_E_FORMAT);
    assert_true(vlt_utf8_valid(vlt_slice_text(r.walk.at)));
    assert_int_equal(strlen(r.walk.at), VLT_WALK_AT - 1);
    vlt_json_free(r.json);
    begin(&r, "{}");
    vlt_walk_fault(&r.walk, "", "%s", vlt_buf_text(&text));
    assert_true(vlt_utf8_valid(vlt_slice_text(r.walk.says)));
    assert_true(strlen(r.walk.says) > VLT_WALK_SAYS - 3);
    vlt_json_free(r.json);
    vlt_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_read_by_name_in_any_order),
        cmocka_unit_test(members_of_one_value_are_each_asked_for),
        cmocka_unit_test(what_is_absent_or_null_is_the_other),
        cmocka_unit_test(what_is_there_is_checked_though_it_need_not_be),
        cmocka_unit_test(a_fault_says_what_is_and_what_must_be),
        cmocka_unit_test(the_first_fault_is_the_one_that_is_told),
        cmocka_unit_test(a_member_that_nobody_asked_for_is_named),
        cmocka_unit_test(asking_twice_does_not_hide_an_unknown_one),
        cmocka_unit_test(members_with_one_value_are_told_apart),
        cmocka_unit_test(an_unknown_name_cannot_move_a_terminal),
        cmocka_unit_test(
            the_64th_member_may_be_asked_for_and_the_65th_is_refused),
        cmocka_unit_test(an_inner_fault_is_told_by_its_whole_way),
        cmocka_unit_test(an_unknown_member_inside_is_told_by_its_way),
        cmocka_unit_test(an_item_that_is_no_object_is_refused),
        cmocka_unit_test(what_is_no_object_fails_at_once),
        cmocka_unit_test(a_fault_of_the_caller_s_own_counts),
        cmocka_unit_test(large_integers_may_be_text),
        cmocka_unit_test(long_names_and_long_faults_are_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
