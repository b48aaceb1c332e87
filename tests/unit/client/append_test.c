/*
 * Batches: which one of which counter (WIRE.md, data.append).
 */
#include "scene.h"

static const char batch[] = "{\"streams\":[{\"stream\":\"a\",\"rows\":[]}]}";

enum { BOOT_TEXT = 16 };

/* The parameters, back. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    struct vlt_buf text = { 0 };

    if (!vlt_slice_is(rpc->method, "data.append")) {
        _exit(1);
    }
    vlt_json_print(rpc->params, false, &text);
    fake_result(fake, rpc->id.number, vlt_buf_text(&text));
    vlt_buf_free(&text);
    return true;
}

static struct vlt_json *
append(struct scene *scene, const char *what, uint64_t seq)
{
    struct vlt_json *document = NULL;
    char *result = NULL;

    assert_int_equal(
        vault_append_wait(scene->client, what, seq, WAIT_MS, &result),
        VAULT_OK);
    assert_int_equal(
        vlt_json_parse(vlt_slice_text(result), 4096, 8, NULL, &document),
        VLT_OK);
    vault_free(result);
    return document;
}

/* The boot id of a batch, which must be hex digits. */
static void
boot_of(struct scene *scene, uint64_t seq, char out[BOOT_TEXT + 1])
{
    struct vlt_json *document = append(scene, batch, seq);
    struct vlt_slice boot = vlt_json_text_of(vlt_json_get(document, "boot"));
    uint8_t bytes[BOOT_TEXT / 2];

    assert_int_equal(vlt_hex_parse(boot, bytes, sizeof bytes), VLT_OK);
    assert_int_equal(vlt_json_int_of(vlt_json_get(document, "seq")), seq);
    assert_int_equal(vlt_json_count(vlt_json_get(document, "streams")), 1);
    memcpy(out, boot.at, BOOT_TEXT);
    out[BOOT_TEXT] = '\0';
    vlt_json_free(document);
}

/* A counter that begins anew must not meet the numbers of the one before: the
 * vault would take the batch for one that it has. */
static void
each_client_counts_by_itself(void **state)
{
    char first[BOOT_TEXT + 1];
    char again[BOOT_TEXT + 1];
    char other[BOOT_TEXT + 1];
    struct scene *scene = scene_ready(answer, 0);

    boot_of(scene, 1, first);
    boot_of(scene, 2, again);
    assert_string_equal(first, again);
    scene_end(scene);
    scene = scene_ready(answer, 0);
    boot_of(scene, 1, other);
    assert_string_not_equal(first, other);
    scene_end(scene);
}

static void
a_counter_that_is_kept_keeps_its_boot_id(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vlt_json *document =
        append(scene, " {\"boot\":\"00f1c2d3e4a5b697\",\"streams\":[]}", 7);

    assert_true(vlt_slice_is(vlt_json_text_of(vlt_json_get(document, "boot")),
                             "00f1c2d3e4a5b697"));
    assert_int_equal(vlt_json_int_of(vlt_json_get(document, "seq")), 7);
    vlt_json_free(document);
    scene_end(scene);
}

static void
without_a_number_a_batch_is_sent_as_it_is(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vlt_json *document = append(scene, batch, 0);

    assert_null(vlt_json_get(document, "seq"));
    assert_null(vlt_json_get(document, "boot"));
    vlt_json_free(document);
    scene_end(scene);
}

static void
large_numbers_are_text(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vlt_json *document = append(scene, batch, (uint64_t)INT64_MAX);

    assert_true(vlt_slice_is(vlt_json_text_of(vlt_json_get(document, "seq")),
                             "9223372036854775807"));
    vlt_json_free(document);
    scene_end(scene);
}

static const struct {
    const char *batch;
    uint64_t seq;
} refused[] = {
    { "[]", 4 },
    { "{", 4 },
    { "{}", (uint64_t)INT64_MAX + 1 },
};

static void
what_is_no_batch_is_not_sent(void **state)
{
    struct scene *scene = scene_ready(answer, 0);

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        print_message("%s\n", refused[i].batch);
        assert_int_equal(vault_append_wait(scene->client, refused[i].batch,
                                           refused[i].seq, WAIT_MS, NULL),
                         VAULT_E_USAGE);
    }
    scene_end(scene);
}

static void
an_empty_object_takes_a_number_too(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vlt_json *document = append(scene, "{ }", 3);

    assert_int_equal(vlt_json_int_of(vlt_json_get(document, "seq")), 3);
    vlt_json_free(document);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_client_counts_by_itself),
        cmocka_unit_test(a_counter_that_is_kept_keeps_its_boot_id),
        cmocka_unit_test(without_a_number_a_batch_is_sent_as_it_is),
        cmocka_unit_test(large_numbers_are_text),
        cmocka_unit_test(what_is_no_batch_is_not_sent),
        cmocka_unit_test(an_empty_object_takes_a_number_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
