#include "wire/rpc.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

/* Decode one text; the document is freed by the caller. */
static enum vlt_status
decode(const char *text, struct vlt_json **document, struct vlt_rpc *out)
{
    *document = NULL;
    return vlt_rpc_decode(vlt_slice_text(text), document, out);
}

static void
assert_text(struct vlt_slice got, const char *want)
{
    if (!vlt_slice_is(got, want)) {
        fail_msg("got %.*s, want %s", (int)got.len, (const char *)got.at, want);
    }
}

static void
a_request_is_read(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;

    assert_int_equal(decode("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":"
                            "\"data.query\",\"params\":{\"limit\":3}}",
                            &document, &rpc),
                     VLT_OK);
    assert_int_equal(rpc.kind, VLT_RPC_REQUEST);
    assert_int_equal(rpc.id.kind, VLT_RPC_ID_INT);
    assert_int_equal(rpc.id.number, 7);
    assert_text(rpc.method, "data.query");
    assert_int_equal(vlt_json_int_of(vlt_json_get(rpc.params, "limit")), 3);
    vlt_json_free(document);
}

static void
a_request_without_id_is_a_notification(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;

    assert_int_equal(decode("{\"method\":\"flow.credit\",\"jsonrpc\":\"2.0\"}",
                            &document, &rpc),
                     VLT_OK);
    assert_int_equal(rpc.kind, VLT_RPC_NOTIFICATION);
    assert_int_equal(rpc.id.kind, VLT_RPC_ID_NONE);
    assert_null(rpc.params);
    vlt_json_free(document);
}

static void
a_response_may_carry_its_evidence(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;

    assert_int_equal(decode("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":null,"
                            "\"audit\":{\"ref\":1}}",
                            &document, &rpc),
                     VLT_OK);
    assert_int_equal(rpc.kind, VLT_RPC_RESPONSE);
    assert_string_equal(rpc.id.text, "a");
    assert_int_equal(vlt_json_kind(rpc.result), VLT_JSON_NULL);
    assert_int_equal(vlt_json_int_of(vlt_json_get(rpc.audit, "ref")), 1);
    vlt_json_free(document);
}

static void
an_error_is_read_with_all_it_says(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;

    assert_int_equal(
        decode("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":5,"
               "\"message\":\"Slower.\",\"data\":{\"reason\":\"rate\","
               "\"retry_after_ms\":250,\"at\":\"x\",\"waits_for\":\"owner\","
               "\"exceeds\":[\"every\"],\"of_tomorrow\":1}}}",
               &document, &rpc),
        VLT_OK);
    assert_int_equal(rpc.kind, VLT_RPC_ERROR);
    assert_int_equal(rpc.id.kind, VLT_RPC_ID_NONE);
    assert_int_equal(rpc.error.code, VLT_RPC_RATE);
    assert_text(rpc.error.message, "Slower.");
    assert_text(rpc.error.reason, "rate");
    assert_text(rpc.error.at, "x");
    assert_text(rpc.error.waits_for, "owner");
    assert_int_equal(rpc.error.retry_after_ms, 250);
    assert_int_equal(vlt_json_count(rpc.error.exceeded), 1);
    vlt_json_free(document);
}

#define V "\"jsonrpc\":\"2.0\""

/* What is no message, and what is said of it. */
static const struct {
    const char *says;
    const char *text;
    int code;
    const char *at;
} refused[] = {
    { "no JSON", "{", VLT_RPC_PARSE, "" },
    { "two values", "{" V ",\"method\":\"m\"} {}", VLT_RPC_PARSE, "" },
    { "a member twice", "{" V ",\"method\":\"m\",\"method\":\"m\"}",
      VLT_RPC_PARSE, "" },
    { "a batch", "[{" V ",\"id\":1,\"method\":\"m\"}]", VLT_RPC_INVALID, "" },
    { "a text", "\"m\"", VLT_RPC_INVALID, "" },
    { "no version", "{\"id\":1,\"method\":\"m\"}", VLT_RPC_INVALID, "jsonrpc" },
    { "another version", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}",
      VLT_RPC_INVALID, "jsonrpc" },
    { "a number for version", "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}",
      VLT_RPC_INVALID, "jsonrpc" },
    { "nothing in it", "{" V ",\"id\":1}", VLT_RPC_INVALID, "" },
    { "an unknown member", "{" V ",\"id\":1,\"method\":\"m\",\"x\":1}",
      VLT_RPC_INVALID, "" },
    { "method and result", "{" V ",\"id\":1,\"method\":\"m\",\"result\":1}",
      VLT_RPC_INVALID, "" },
    { "result and error",
      "{" V ",\"id\":1,\"result\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
      VLT_RPC_INVALID, "" },
    { "a method that is a number", "{" V ",\"id\":1,\"method\":7}",
      VLT_RPC_INVALID, "method" },
    { "an empty method", "{" V ",\"id\":1,\"method\":\"\"}", VLT_RPC_INVALID,
      "method" },
    { "a list of parameters", "{" V ",\"id\":1,\"method\":\"m\",\"params\":[]}",
      VLT_RPC_INVALID, "params" },
    { "null parameters", "{" V ",\"id\":1,\"method\":\"m\",\"params\":null}",
      VLT_RPC_INVALID, "params" },
    { "a null id", "{" V ",\"id\":null,\"method\":\"m\"}", VLT_RPC_INVALID,
      "id" },
    { "a negative id", "{" V ",\"id\":-1,\"method\":\"m\"}", VLT_RPC_INVALID,
      "id" },
    { "an id over 2^53", "{" V ",\"id\":9007199254740993,\"method\":\"m\"}",
      VLT_RPC_INVALID, "id" },
    { "a real id", "{" V ",\"id\":1.5,\"method\":\"m\"}", VLT_RPC_INVALID,
      "id" },
    { "an empty id", "{" V ",\"id\":\"\",\"method\":\"m\"}", VLT_RPC_INVALID,
      "id" },
    { "an id that is a list", "{" V ",\"id\":[],\"method\":\"m\"}",
      VLT_RPC_INVALID, "id" },
    { "a response without id", "{" V ",\"result\":1}", VLT_RPC_INVALID, "id" },
    { "evidence that is a text",
      "{" V ",\"id\":1,\"result\":1,\"audit\":\"x\"}", VLT_RPC_INVALID,
      "audit" },
    { "an error without code", "{" V ",\"id\":1,\"error\":{\"message\":\"m\"}}",
      VLT_RPC_INVALID, "error" },
    { "an error that is a text", "{" V ",\"id\":1,\"error\":\"m\"}",
      VLT_RPC_INVALID, "error" },
};

static void
what_is_no_message_is_refused_by_name(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].says);
        assert_int_equal(decode(refused[i].text, &document, &rpc),
                         VLT_E_FORMAT);
        assert_null(document);
        assert_int_equal(rpc.error.code, refused[i].code);
        assert_text(rpc.error.at, refused[i].at);
        assert_true(rpc.error.message.len > 0);
    }
}

static void
a_refusal_can_be_answered_under_its_id(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;

    assert_int_equal(decode("{\"id\":41,\"method\":\"m\"}", &document, &rpc),
                     VLT_E_FORMAT);
    assert_int_equal(rpc.id.kind, VLT_RPC_ID_INT);
    assert_int_equal(rpc.id.number, 41);
    assert_int_equal(rpc.method.len, 0); /* nothing points into the text */
}

static void
ids_have_bounds_that_hold(void **state)
{
    struct vlt_json *document;
    struct vlt_rpc rpc;
    char text[256];
    char id[70];

    assert_int_equal(decode("{" V ",\"id\":9007199254740992,\"method\":\"m\"}",
                            &document, &rpc),
                     VLT_OK);
    assert_int_equal(rpc.id.number, VLT_LIMIT_ID);
    vlt_json_free(document);
    for (size_t len = 64; len <= 65; len++) {
        memset(id, 'a', len);
        id[len] = '\0';
        snprintf(text, sizeof text, "{" V ",\"id\":\"%s\",\"method\":\"m\"}",
                 id);
        assert_int_equal(decode(text, &document, &rpc),
                         len == 64 ? VLT_OK : VLT_E_FORMAT);
        vlt_json_free(document);
        snprintf(text, sizeof text, "{" V ",\"id\":0,\"method\":\"%s\"}", id);
        assert_int_equal(decode(text, &document, &rpc),
                         len == 64 ? VLT_OK : VLT_E_FORMAT);
        vlt_json_free(document);
    }
}

static void
what_is_too_large_or_deep_is_beyond_a_limit(void **state)
{
    struct vlt_json *document = NULL;
    struct vlt_rpc rpc;
    static char text[VLT_LIMIT_TEXT + 2];
    struct vlt_buf deep = { 0 };

    memset(text, ' ', sizeof text);
    memcpy(text, "{" V ",\"method\":\"m\"}", 30);
    assert_int_equal(
        vlt_rpc_decode(vlt_slice_of(text, VLT_LIMIT_TEXT + 1), &document, &rpc),
        VLT_E_LIMIT);
    assert_int_equal(rpc.error.code, VLT_RPC_PARSE);
    for (int depth = 29; depth <= 33; depth++) {
        vlt_buf_clear(&deep);
        vlt_buf_put_text(&deep, "{" V ",\"method\":\"m\",\"params\":{\"a\":");
        for (int i = 2; i < depth; i++) {
            vlt_buf_put_u8(&deep, '[');
        }
        for (int i = 2; i < depth; i++) {
            vlt_buf_put_u8(&deep, ']');
        }
        vlt_buf_put_text(&deep, "}}");
        assert_int_equal(decode(vlt_buf_text(&deep), &document, &rpc),
                         depth <= VLT_LIMIT_DEPTH ? VLT_OK : VLT_E_LIMIT);
        vlt_json_free(document);
        document = NULL;
    }
    vlt_buf_free(&deep);
}

static void
what_is_written_is_read_back(void **state)
{
    static const char *const exceeds[] = { "every", "stats", NULL };
    struct vlt_rpc_id id = vlt_rpc_id_int(VLT_LIMIT_ID);
    struct vlt_rpc_id none = { .kind = VLT_RPC_ID_NONE };
    struct vlt_rpc_error error = {
        .code = VLT_RPC_SCOPE,
        .message = vlt_slice_text("Too \"much\"."),
        .retry_after_ms = 9,
        .exceeds = exceeds,
    };
    struct vlt_json *document;
    struct vlt_rpc rpc;
    struct vlt_buf buf = { 0 };

    vlt_rpc_put_request(&buf, &id, "m", vlt_slice_text("{\"a\":1}"));
    assert_string_equal(vlt_buf_text(&buf),
                        "{\"jsonrpc\":\"2.0\",\"id\":9007199254740992,"
                        "\"method\":\"m\",\"params\":{\"a\":1}}");
    vlt_buf_clear(&buf);
    vlt_rpc_put_notification(&buf, "m", vlt_slice_text(""));
    assert_string_equal(vlt_buf_text(&buf),
                        "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}");
    vlt_buf_clear(&buf);
    vlt_rpc_put_response(&buf, &id, vlt_slice_text("[]"), vlt_slice_text("{}"));
    assert_int_equal(decode(vlt_buf_text(&buf), &document, &rpc), VLT_OK);
    assert_true(vlt_rpc_id_equal(&rpc.id, &id));
    assert_int_equal(vlt_json_kind(rpc.result), VLT_JSON_LIST);
    assert_non_null(rpc.audit);
    vlt_json_free(document);
    vlt_buf_clear(&buf);
    vlt_rpc_put_error(&buf, &none, &error);
    assert_string_equal(
        vlt_buf_text(&buf),
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":4,\"message\":"
        "\"Too \\\"much\\\".\",\"data\":{\"reason\":\"scope\","
        "\"retry_after_ms\":9,\"exceeds\":[\"every\",\"stats\"]}}}");
    assert_int_equal(decode(vlt_buf_text(&buf), &document, &rpc), VLT_OK);
    assert_text(rpc.error.reason, "scope");
    vlt_json_free(document);
    vlt_buf_free(&buf);
}

static void
an_id_is_equal_to_itself_alone(void **state)
{
    struct vlt_rpc_id one = vlt_rpc_id_int(1);
    struct vlt_rpc_id two = vlt_rpc_id_int(2);
    struct vlt_rpc_id text = { .kind = VLT_RPC_ID_TEXT, .text = "1" };
    struct vlt_rpc_id other = { .kind = VLT_RPC_ID_TEXT, .text = "2" };

    assert_true(vlt_rpc_id_equal(&one, &one));
    assert_true(vlt_rpc_id_equal(&text, &text));
    assert_false(vlt_rpc_id_equal(&one, &two));
    assert_false(vlt_rpc_id_equal(&one, &text));
    assert_false(vlt_rpc_id_equal(&text, &other));
}

static void
each_code_has_one_word_and_each_word_its_code(void **state)
{
    static const int codes[] = {
        -32700, -32600, -32601, -32602, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    };
    enum vlt_rpc_code code;

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const char *word = vlt_rpc_reason(codes[i]);

        assert_non_null(word);
        assert_int_equal(vlt_rpc_code_of(vlt_slice_text(word), &code), VLT_OK);
        assert_int_equal(code, codes[i]);
    }
    assert_null(vlt_rpc_reason(0));
    assert_null(vlt_rpc_reason(13));
    assert_int_equal(vlt_rpc_code_of(vlt_slice_text("nothing"), &code),
                     VLT_E_NOT_FOUND);
}

static void
the_bytes_of_a_member_are_found_as_sent(void **state)
{
    static const char text[] =
        " { \"jsonrpc\" : \"2.0\",\"i\\\"d\":[1,{\"result\":2}], \"result\" :\t"
        "{\"a\":\"}\\\"]\" , \"b\":[ 1.0 ]} ,\"audit\":{}, \"n\": 12}";

    assert_text(vlt_rpc_raw(vlt_slice_text(text), "result"),
                "{\"a\":\"}\\\"]\" , \"b\":[ 1.0 ]}");
    assert_text(vlt_rpc_raw(vlt_slice_text(text), "audit"), "{}");
    assert_text(vlt_rpc_raw(vlt_slice_text(text), "n"), "12");
    assert_text(vlt_rpc_raw(vlt_slice_text(text), "jsonrpc"), "\"2.0\"");
    assert_int_equal(vlt_rpc_raw(vlt_slice_text(text), "a").len, 0);
    assert_int_equal(vlt_rpc_raw(vlt_slice_text(""), "a").len, 0);
    assert_int_equal(vlt_rpc_raw(vlt_slice_text("[]"), "a").len, 0);
    /* Whatever is cut off, nothing is read past the end. */
    for (size_t i = 0; i < sizeof text - 1; i++) {
        (void)vlt_rpc_raw(vlt_slice_of(text, i), "nothing");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read),
        cmocka_unit_test(a_request_without_id_is_a_notification),
        cmocka_unit_test(a_response_may_carry_its_evidence),
        cmocka_unit_test(an_error_is_read_with_all_it_says),
        cmocka_unit_test(what_is_no_message_is_refused_by_name),
        cmocka_unit_test(a_refusal_can_be_answered_under_its_id),
        cmocka_unit_test(ids_have_bounds_that_hold),
        cmocka_unit_test(what_is_too_large_or_deep_is_beyond_a_limit),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(an_id_is_equal_to_itself_alone),
        cmocka_unit_test(each_code_has_one_word_and_each_word_its_code),
        cmocka_unit_test(the_bytes_of_a_member_are_found_as_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
