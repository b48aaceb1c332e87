/* A message of which all is plain is the call that its document is. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/rpc.h"

#define STREAMS "\"streams\":[{\"stream\":\"a/b\",\"rows\":[[1,2]]}]"
#define BEGUN "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"data.append\","

static const char *const whole[] = {
    BEGUN "\"params\":{" STREAMS "}}",
    BEGUN "\"params\":{\"seq\":9007199254740992," STREAMS "}}",
    BEGUN "\"params\":{\"boot\":\"00ff00fF00FF0102\",\"seq\":3," STREAMS "}}",
    BEGUN "\"params\":{\"streams\":[{\"rows\":[[1,2],[3,null]],"
          "\"stream\":\"a\"},{\"stream\":\"a\",\"rows\":[[5,1e3]]}]}}",
    " { \"params\" : {" STREAMS "} ,\t\"method\" : \"data.append\" ,\r\n"
    "\"id\" : 0 , \"jsonrpc\" : \"2.0\" } \n",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"k\xc3\xbc"
          "che\","
          "\"rows\":[[1,2]]}]}}",
};

/* Of all that a call is made of. */
static void
must_be_the_call(const struct vlt_scan *scan, const struct vlt_rpc *rpc)
{
    struct vlt_batch scanned, read;

    assert_int_equal(rpc->kind, VLT_RPC_REQUEST);
    assert_true(vlt_slice_is(rpc->method, "data.append"));
    assert_int_equal(rpc->id.kind, VLT_RPC_ID_INT);
    assert_int_equal(rpc->id.number, scan->id);
    assert_int_equal(vlt_batch_begin_scanned(NULL, scan, &scanned), VLT_OK);
    assert_int_equal(vlt_batch_begin(rpc->params, &read), VLT_OK);
    assert_false(scanned.has_idem || read.has_idem);
    assert_int_equal(scanned.seq, read.seq);
    assert_int_equal(scanned.has_boot, read.has_boot);
    assert_memory_equal(scanned.boot, read.boot, sizeof read.boot);
    assert_int_equal(scanned.block.len, 0);
    assert_int_equal(scanned.rows, read.rows);
    assert_int_equal(scanned.count, read.count);
    for (size_t i = 0; i < read.count; i++) {
        assert_true(vlt_slice_equal(vlt_batch_name(&scanned, i),
                                    vlt_batch_name(&read, i)));
    }
}

static void
a_plain_message_is_the_call_that_its_document_is(void **state)
{
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct vlt_slice text = vlt_slice_text(whole[i]);
        struct vlt_json *document = NULL;
        struct vlt_scan scan;
        struct vlt_rpc rpc;

        print_message("%s\n", whole[i]);
        assert_true(vlt_scan_begin(text, &scan));
        assert_true(scan.plain);
        assert_int_equal(vlt_rpc_decode(text, &document, &rpc), VLT_OK);
        must_be_the_call(&scan, &rpc);
        vlt_json_free(document);
        vlt_scan_free(&scan);
    }
}

static const char *const not_whole[] = {
    BEGUN "\"params\":{\"seq\":0," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":-1," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":1.0," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":01," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":\"1\"," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":9007199254740993," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":1,\"seq\":1," STREAMS "}}",
    BEGUN "\"params\":{\"seq\":null," STREAMS "}}",
    BEGUN "\"params\":{\"boot\":\"00ff\"," STREAMS "}}",
    BEGUN "\"params\":{\"boot\":\"00ff00ff00ff00fg\"," STREAMS "}}",
    BEGUN "\"params\":{\"boot\":\"\\u0030ff00ff00ff0000\"," STREAMS "}}",
    BEGUN "\"params\":{\"idem\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"," STREAMS "}}",
    BEGUN "\"params\":{\"block\":\"a\"," STREAMS "}}",
    BEGUN "\"params\":{\"colour\":1," STREAMS "}}",
    BEGUN "\"params\":{" STREAMS "," STREAMS "}}",
    BEGUN "\"params\":{" STREAMS "},\"params\":{" STREAMS "}}",
    BEGUN "\"params\":{" STREAMS "},\"id\":7}",
    BEGUN "\"params\":{" STREAMS "},\"colour\":7}",
    BEGUN "\"params\":{" STREAMS "}} x",
    BEGUN "\"params\":{" STREAMS "}}}",
    BEGUN "\"params\":{" STREAMS "}",
    BEGUN "\"params\":{" STREAMS ",}}",
    BEGUN "\"params\":{}}",
    BEGUN "\"params\":{\"seq\":1,\"streams\":[]}}",
    BEGUN "\"params\":{\"streams\":[{\"rows\":[[1,2]]}]}}",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"\",\"rows\":[[1,2]]}]}}",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"a//b\",\"rows\":[[1,2]]}]}}",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"\\u0061\","
          "\"rows\":[[1,2]]}]}}",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"a\xff\","
          "\"rows\":[[1,2]]}]}}",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"a\",\"stream\":\"a\","
          "\"rows\":[[1,2]]}]}}",
    BEGUN "\"params\":{\"streams\":[{\"stream\":\"a\",\"columns\":[\"value\"],"
          "\"rows\":[[1,2]]}]}}",
    "{\"id\":7,\"method\":\"data.append\",\"params\":{" STREAMS "}}",
    "{\"jsonrpc\":\"2.0\",\"method\":\"data.append\",\"params\":{" STREAMS "}}",
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"params\":{" STREAMS "}}",
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"data.latest\",\"params\":"
    "{" STREAMS "}}",
    "{\"jsonrpc\":\"1.0\",\"id\":7,\"method\":\"data.append\",\"params\":"
    "{" STREAMS "}}",
    "{\"jsonrpc\":\"2.0\",\"id\":-7,\"method\":\"data.append\",\"params\":"
    "{" STREAMS "}}",
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"data.append\","
    "\"params\":{" STREAMS "}}",
    "[" BEGUN "\"params\":{" STREAMS "}}]",
    "",
};

/* A short one is not scanned; of a long one no more than the rows are. */
static void
a_message_of_anything_else_is_not_plain(void **state)
{
    for (size_t i = 0; i < sizeof not_whole / sizeof not_whole[0]; i++) {
        struct vlt_buf padded = { 0 };
        struct vlt_scan scan;

        print_message("%s\n", not_whole[i]);
        assert_false(vlt_scan_begin(vlt_slice_text(not_whole[i]), &scan));
        vlt_scan_free(&scan);
        while (padded.len < VLT_SCAN_LEAST) {
            vlt_buf_put_u8(&padded, ' ');
        }
        vlt_buf_put_text(&padded, not_whole[i]);
        if (vlt_scan_begin(vlt_buf_slice(&padded), &scan)) {
            assert_false(scan.plain);
            assert_true(scan.rest.len > 0);
        }
        vlt_scan_free(&scan);
        vlt_buf_free(&padded);
    }
}

/* Whatever is cut off of a message; each cut in memory of its own length. */
static void
a_part_of_a_message_is_not_plain(void **state)
{
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        size_t len = (size_t)(strrchr(whole[i], '}') - whole[i]);

        for (; len > 0; len--) {
            struct vlt_scan scan;
            uint8_t *cut = malloc(len);

            assert_non_null(cut);
            memcpy(cut, whole[i], len);
            assert_false(vlt_scan_begin(vlt_slice_of(cut, len), &scan));
            vlt_scan_free(&scan);
            free(cut);
        }
    }
}

static void
a_stream_without_a_column_value_has_no_plain_rows(void **state)
{
    static const struct vlt_batch_column column = {
        { (const uint8_t *)"power", 5 }, { 0, VLT_TYPE_F64 }
    };
    const struct vlt_batch_stream stream = { &column, 1 };
    struct vlt_rows *rows = NULL;
    struct vlt_batch batch;
    struct vlt_scan scan;

    assert_true(vlt_scan_begin(vlt_slice_text(whole[0]), &scan));
    assert_int_equal(vlt_batch_begin_scanned(NULL, &scan, &batch), VLT_OK);
    assert_int_equal(vlt_batch_rows(&batch, 0, &stream, &rows), VLT_E_FORMAT);
    assert_null(rows);
    vlt_scan_free(&scan);
}

/* What a message of so many streams, of so many rows each, is as a batch. */
static enum vlt_status
begin_many(size_t streams, size_t rows)
{
    struct vlt_buf text = { 0 };
    struct vlt_batch batch;
    struct vlt_scan scan;
    enum vlt_status st;

    vlt_buf_put_text(&text, BEGUN "\"params\":{\"streams\":[");
    for (size_t i = 0; i < streams; i++) {
        vlt_buf_put_texts(&text, i > 0 ? "," : "",
                          "{\"stream\":\"a\",\"rows\":[", NULL);
        for (size_t row = 0; row < rows; row++) {
            vlt_buf_put_text(&text, row > 0 ? ",[1,2]" : "[1,2]");
        }
        vlt_buf_put_text(&text, "]}");
    }
    vlt_buf_put_text(&text, "]}}");
    assert_true(vlt_scan_begin(vlt_buf_slice(&text), &scan));
    assert_true(scan.plain);
    st = vlt_batch_begin_scanned(NULL, &scan, &batch);
    vlt_scan_free(&scan);
    vlt_buf_free(&text);
    return st;
}

static void
a_plain_message_has_as_much_as_a_batch_may_have(void **state)
{
    assert_int_equal(begin_many(VLT_BATCH_STREAMS, 1), VLT_OK);
    assert_int_equal(begin_many(VLT_BATCH_STREAMS + 1, 1), VLT_E_FORMAT);
    assert_int_equal(begin_many(1, VLT_BATCH_ROWS), VLT_OK);
    assert_int_equal(begin_many(1, VLT_BATCH_ROWS + 1), VLT_E_FORMAT);
    assert_int_equal(begin_many(2, VLT_BATCH_ROWS / 2 + 1), VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_message_is_the_call_that_its_document_is),
        cmocka_unit_test(a_message_of_anything_else_is_not_plain),
        cmocka_unit_test(a_part_of_a_message_is_not_plain),
        cmocka_unit_test(a_stream_without_a_column_value_has_no_plain_rows),
        cmocka_unit_test(a_plain_message_has_as_much_as_a_batch_may_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
