#include "wire/use.h"

#include "unit.h"
#include "with_keys.h"

/* One use, logged as entry 2 of a tree of 3, with its evidence. */
struct bench {
    struct vlt_signer *vault;
    struct vlt_signer *other;
    uint8_t grant[VLT_ID_LEN];
    uint8_t page[32]; /* digest of the page */
    struct vlt_entry entry;
    uint8_t bytes[VLT_ENTRY_MASTER];
    uint8_t salt[VLT_ENTRY_SALT];
    struct vlt_buf detail;
    struct vlt_checkpoint head;
    struct vlt_buf checkpoint;
    struct vlt_use use;
    struct vlt_use_expected expected;
};

static const struct vlt_use_stream streams[] = {
    { .name = { (const uint8_t *)"energy.electricity/1", 20 },
      .from = INT64_C(1795300000000000000),
      .to = INT64_C(1795300900000000000),
      .rows = 96 },
    { .name = { (const uint8_t *)"energy.heat/1", 13 }, .rows = 4 },
};

/* Put the evidence together from the parts, as a vault does. */
static void
seal(struct bench *bench)
{
    vlt_entry_commit(bench->salt, vlt_buf_slice(&bench->detail),
                     bench->entry.commitment);
    vlt_entry_encode(&bench->entry, bench->bytes);
    assert_int_equal(vlt_checkpoint_sign(bench->vault, &bench->head), VLT_OK);
    vlt_buf_clear(&bench->checkpoint);
    vlt_checkpoint_put(&bench->head, &bench->checkpoint);
    bench->use = (struct vlt_use){
        .ref = 6,
        .seq = 1,
        .index = bench->entry.index,
        .entry = vlt_slice_of(bench->bytes, VLT_ENTRY_LEN),
        .salt = vlt_slice_of(bench->salt, sizeof bench->salt),
        .detail = vlt_buf_slice(&bench->detail),
        .checkpoint = vlt_buf_slice(&bench->checkpoint),
    };
}

static int
set_up(void **state)
{
    static struct bench bench;
    struct vlt_use_detail detail = { .streams = streams,
                                     .stream_count = 2,
                                     .rows = 100,
                                     .bytes = 4096,
                                     .terms = 1 };

    memset(&bench, 0, sizeof bench);
    bench.vault = signer_of(SEED_RFC8037);
    bench.other = signer_of(SEED_OTHER);
    memset(bench.grant, 0x11, sizeof bench.grant);
    memset(bench.page, 0x22, sizeof bench.page);
    memset(bench.salt, 0x33, sizeof bench.salt);
    memcpy(detail.grant, bench.grant, sizeof detail.grant);
    memcpy(detail.sha256, bench.page, sizeof detail.sha256);
    vlt_use_detail_put(&detail, &bench.detail);
    bench.entry = (struct vlt_entry){ .type = 5, .instance = 1, .index = 2 };
    memcpy(bench.entry.subject, bench.grant, sizeof bench.grant);
    bench.head.origin.instance = 1;
    bench.head.size = 3;
    seal(&bench);
    bench.expected =
        (struct vlt_use_expected){ .pk = vlt_signer_pk(bench.vault),
                                   .grant = bench.grant,
                                   .sha256 = bench.page,
                                   .origin = &bench.head.origin };
    *state = &bench;
    return 0;
}

static int
tear_down(void **state)
{
    struct bench *bench = *state;

    vlt_signer_free(bench->vault);
    vlt_signer_free(bench->other);
    vlt_buf_free(&bench->detail);
    vlt_buf_free(&bench->checkpoint);
    return 0;
}

/* Why the evidence is refused; NULL when it holds. */
static const char *
refused(struct bench *bench)
{
    struct vlt_checkpoint checkpoint;
    const char *why = NULL;
    enum vlt_status st =
        vlt_use_verify(&bench->use, &bench->expected, &checkpoint, &why);

    assert_int_equal(st, why == NULL ? VLT_OK : VLT_E_AUTH);
    if (why == NULL) {
        assert_int_equal(checkpoint.size, bench->head.size);
    }
    return why;
}

static void
evidence_is_written_read_and_holds(void **state)
{
    struct bench *bench = *state;
    struct vlt_buf text = { 0 };
    struct vlt_buf held = { 0 };
    struct vlt_json *root = NULL;
    struct vlt_json_out json = vlt_json_out(&text);

    vlt_use_put(&json, NULL, &bench->use);
    assert_int_equal(
        vlt_json_parse(vlt_buf_slice(&text), 1 << 20, 8, NULL, &root), VLT_OK);
    struct vlt_use read;

    assert_int_equal(vlt_use_read(root, &held, &read), VLT_OK);
    assert_int_equal(read.ref, 6);
    assert_int_equal(read.seq, 1);
    bench->use = read;
    assert_null(refused(bench));
    vlt_json_free(root);
    vlt_buf_free(&text);
    vlt_buf_free(&held);
}

static void
every_byte_of_the_evidence_counts(void **state)
{
    struct bench *bench = *state;
    struct {
        uint8_t *at;
        size_t len;
    } parts[] = {
        { bench->bytes, VLT_ENTRY_LEN },
        { bench->salt, sizeof bench->salt },
        { bench->detail.at, bench->detail.len },
        { bench->checkpoint.at, bench->checkpoint.len },
    };

    for (size_t part = 0; part < 4; part++) {
        for (size_t i = 0; i < parts[part].len; i++) {
            /* The entry itself is bound by index, subject and commitment;
             * its time and seq by the tree alone (audit.prove). */
            bool by_tree =
                part == 0 && ((i >= 16 && i < 24) || (i >= 40 && i < 48));

            parts[part].at[i] ^= 1;
            if (by_tree) {
                assert_null(refused(bench));
            } else {
                assert_non_null(refused(bench));
            }
            parts[part].at[i] ^= 1;
        }
    }
}

static void
what_the_firm_knows_must_agree(void **state)
{
    struct bench *bench = *state;
    struct vlt_origin origin = bench->head.origin;

    bench->grant[0] ^= 1;
    assert_non_null(refused(bench));
    bench->grant[0] ^= 1;
    bench->page[0] ^= 1;
    assert_string_equal(refused(bench),
                        "the page is not the one that was logged");
    bench->page[0] ^= 1;
    origin.tree[0] ^= 1;
    bench->expected.origin = &origin;
    assert_string_equal(refused(bench), "the checkpoint is of another log");
    bench->expected.origin = NULL;
    assert_null(refused(bench));
    bench->expected.pk = vlt_signer_pk(bench->other);
    assert_string_equal(refused(bench),
                        "the checkpoint is not signed by the pinned key");
}

static void
an_entry_behind_the_checkpoint_is_not_in_it(void **state)
{
    struct bench *bench = *state;

    bench->head.size = 2;
    seal(bench);
    assert_string_equal(refused(bench),
                        "the checkpoint does not include the entry");
    bench->head.size = 3;
    seal(bench);
    assert_null(refused(bench));
    bench->use.index = 1;
    assert_string_equal(refused(bench), "the entry is of another index");
}

static void
an_entry_of_another_kind_is_no_use(void **state)
{
    struct bench *bench = *state;

    for (uint8_t type = 1; type <= VLT_ENTRY_TYPES; type++) {
        bench->entry.type = type;
        seal(bench);
        assert_int_equal(refused(bench) == NULL, type >= 5 && type <= 7);
    }
    bench->page[0] ^= 1;
    bench->entry.type = 6; /* span.open comes before there is a page */
    seal(bench);
    assert_null(refused(bench));
}

static void
malformed_evidence_is_not_read(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"ref\":1,\"seq\":0,\"index\":2,\"entry\":\"\",\"salt\":\"\","
        "\"detail\":\"{}\",\"checkpoint\":\"x\"}",
        "{\"ref\":1,\"seq\":1,\"index\":2,\"entry\":\"AAAA\",\"salt\":\"AA==\","
        "\"detail\":\"{}\",\"checkpoint\":\"x\"}",
        "{\"ref\":1,\"seq\":1,\"index\":-2,\"entry\":\"AAAA\",\"salt\":"
        "\"AA==\",\"detail\":\"{}\",\"checkpoint\":\"x\",\"more\":1}",
    };
    struct vlt_buf held = { 0 };
    struct vlt_use use;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_json *root = NULL;

        assert_int_equal(
            vlt_json_parse(vlt_slice_text(texts[i]), 4096, 8, NULL, &root),
            VLT_OK);
        assert_int_equal(vlt_use_read(root, &held, &use), VLT_E_FORMAT);
        vlt_json_free(root);
    }
    vlt_buf_free(&held);
}

static void
a_detail_is_read_as_it_was_written(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document = NULL;
    struct vlt_use_detail detail;

    assert_int_equal(
        vlt_use_detail_read(vlt_buf_slice(&bench->detail), &document, &detail),
        VLT_OK);
    assert_memory_equal(detail.grant, bench->grant, sizeof bench->grant);
    assert_memory_equal(detail.sha256, bench->page, sizeof bench->page);
    assert_int_equal(detail.rows, 100);
    assert_int_equal(detail.bytes, 4096);
    assert_int_equal(detail.stream_count, 2);
    struct vlt_use_stream stream = vlt_use_detail_stream(&detail, 0);

    assert_true(vlt_slice_is(stream.name, "energy.electricity/1"));
    assert_int_equal(stream.from, streams[0].from);
    assert_int_equal(stream.to, streams[0].to);
    assert_int_equal(stream.rows, 96);
    stream = vlt_use_detail_stream(&detail, 1);
    assert_true(vlt_slice_is(stream.name, "energy.heat/1"));
    vlt_json_free(document);
}

static int
init(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(evidence_is_written_read_and_holds),
        CASE(every_byte_of_the_evidence_counts),
        CASE(what_the_firm_knows_must_agree),
        CASE(an_entry_behind_the_checkpoint_is_not_in_it),
        CASE(an_entry_of_another_kind_is_no_use),
        CASE(malformed_evidence_is_not_read),
        CASE(a_detail_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
