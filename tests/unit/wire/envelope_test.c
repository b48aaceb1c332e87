/*
 * A device's messages.  Each file of tests/vectors/envelope is one, signed and
 * sealed; a model in Python has computed both.
 */
#include "unit.h"

#include "vector_file.h"
#include "wire/envelope.h"

static const char *const names[] = { "line", "topic", "nothing" };

enum { NAMES = sizeof names / sizeof names[0] };

/* One file, read. */
struct vector {
    struct vlt_buf file;
    struct vlt_secret *secret;
    struct vlt_envelope head;
    char method[VECTOR_VALUE];
    char target[VECTOR_VALUE];
    char header[VECTOR_VALUE];
    uint8_t body[VECTOR_VALUE];
    uint8_t envelope[VECTOR_VALUE];
    size_t body_len, envelope_len;
};

static void
start(struct vector *v, const char *name)
{
    char path[64];
    char text[VECTOR_VALUE];

    print_message("%s\n", name);
    (void)snprintf(path, sizeof path, "envelope/%s.hex", name);
    vector_read(path, &v->file);
    assert_int_equal(vlt_secret_init(), VLT_OK);
    assert_int_equal(vlt_secret_new(VLT_KEY_LEN, &v->secret), VLT_OK);
    (void)vector_bytes(&v->file, "secret", vlt_secret_bytes(v->secret));
    (void)vector_bytes(&v->file, "device", v->head.device);
    (void)vector_bytes(&v->file, "boot", v->head.boot);
    v->head.counter =
        strtoull(vector_text(&v->file, "counter", text), NULL, 10);
    (void)vector_text(&v->file, "method", v->method);
    (void)vector_text(&v->file, "target", v->target);
    (void)vector_text(&v->file, "header", v->header);
    v->body_len = vector_bytes(&v->file, "body", v->body);
    v->envelope_len = vector_bytes(&v->file, "envelope", v->envelope);
}

static void
finish(struct vector *v)
{
    vlt_secret_free(v->secret);
    vlt_buf_free(&v->file);
}

static struct vlt_envelope_request
request_of(const struct vector *v)
{
    return (struct vlt_envelope_request){
        .method = vlt_slice_text(v->method),
        .target = vlt_slice_text(v->target),
        .body = vlt_slice_of(v->body, v->body_len),
    };
}

static enum vlt_status
check_text(const struct vector *v, struct vlt_slice header,
           struct vlt_envelope_request request)
{
    struct vlt_envelope_signed mac;
    enum vlt_status st = vlt_envelope_read_header(header, &mac);

    return st == VLT_OK ? vlt_envelope_check(v->secret, &mac, &request) : st;
}

static enum vlt_status
open_bytes(const struct vector *v, size_t len, const char *target,
           struct vlt_buf *out)
{
    struct vlt_envelope_sealed sealed;
    enum vlt_status st =
        vlt_envelope_read_sealed(vlt_slice_of(v->envelope, len), &sealed);

    return st == VLT_OK ? vlt_envelope_open(v->secret, &sealed,
                                            vlt_slice_text(target), out)
                        : st;
}

/* ---- signed ---- */

static void
what_the_model_signed_holds_and_is_signed_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        struct vector v = { .secret = NULL };
        char text[VLT_ENVELOPE_HEADER + 1];

        start(&v, names[i]);
        struct vlt_envelope_request request = request_of(&v);

        assert_int_equal(vlt_envelope_sign(v.secret, &v.head, &request, text),
                         VLT_OK);
        assert_string_equal(text, v.header);
        assert_int_equal(check_text(&v, vlt_slice_text(text), request), VLT_OK);
        finish(&v);
    }
}

/* Hex may be of either case; nothing else may be another character. */
static void
every_character_of_a_header_counts(void **state)
{
    struct vector v = { .secret = NULL };

    (void)state;
    start(&v, "line");
    for (size_t i = 0; i < strlen(v.header); i++) {
        char kept = v.header[i];

        for (const char *c = "0Af.-_ =\n"; *c != '\0'; c++) {
            bool same = *c == kept || (kept == 'a' && *c == 'A');

            /* The id is not signed: it says whose key holds. */
            v.header[i] = *c;
            if (!same && i >= 16) {
                assert_int_not_equal(
                    check_text(&v, vlt_slice_text(v.header), request_of(&v)),
                    VLT_OK);
            }
        }
        v.header[i] = kept;
    }
    for (size_t len = 0; len < strlen(v.header); len++) {
        assert_int_equal(
            check_text(&v, vlt_slice_of(v.header, len), request_of(&v)),
            VLT_E_FORMAT);
    }
    finish(&v);
}

/* What is no header, by one change of one that is. */
static const struct {
    const char *says, *text;
} no_headers[] = {
    { "nothing", "" },
    { "a counter from zero", "00000000000000ff.ffffffffffffffff.0."
                             "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM" },
    { "a zero in front", "00000000000000ff.ffffffffffffffff.042."
                         "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM" },
    { "a sign", "00000000000000ff.ffffffffffffffff.+42."
                "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM" },
    { "a counter over 64 bits",
      "00000000000000ff.ffffffffffffffff.18446744073709551616."
      "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM" },
    { "a short id", "000000000000ff.ffffffffffffffff.42."
                    "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM" },
    { "a fifth part", "00000000000000ff.ffffffffffffffff.42."
                      "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM." },
    { "leftover bits", "00000000000000ff.ffffffffffffffff.42."
                       "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhN" },
    { "a MAC with padding", "00000000000000ff.ffffffffffffffff.42."
                            "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqh=" },
};

static void
what_is_no_header_is_refused(void **state)
{
    static const char good[] = "00000000000000ff.ffffffffffffffff.42."
                               "JF2yVIaQbqC3T9cZrYvX0r0lq9GZk7mXvS3nE1yXqhM";
    struct vlt_envelope_signed read;

    (void)state;
    assert_int_equal(vlt_envelope_read_header(vlt_slice_text(good), &read),
                     VLT_OK);
    assert_int_equal(read.head.counter, 42);
    for (size_t i = 0; i < sizeof no_headers / sizeof no_headers[0]; i++) {
        struct vlt_envelope_signed mac = { .head = { .counter = 7 } };

        print_message("%s\n", no_headers[i].says);
        assert_int_equal(
            vlt_envelope_read_header(vlt_slice_text(no_headers[i].text), &mac),
            VLT_E_FORMAT);
        assert_int_equal(mac.head.counter, 7);
    }
}

static void
a_signature_is_of_one_method_target_body_and_secret(void **state)
{
    struct vector v = { .secret = NULL };

    (void)state;
    start(&v, "line");
    struct vlt_slice header = vlt_slice_text(v.header);
    struct vlt_envelope_request other = request_of(&v);

    other.method = vlt_slice_text("PUT");
    assert_int_equal(check_text(&v, header, other), VLT_E_AUTH);
    other = request_of(&v);
    other.target = vlt_slice_text("/api/v2/write?precision=ns");
    assert_int_equal(check_text(&v, header, other), VLT_E_AUTH);
    /* A byte moved from one part to the next is another message. */
    other.method = vlt_slice_text("POST/");
    other.target = vlt_slice_text(v.target + 1);
    assert_int_equal(check_text(&v, header, other), VLT_E_AUTH);
    other = request_of(&v);
    other.body.len--;
    assert_int_equal(check_text(&v, header, other), VLT_E_AUTH);
    vlt_secret_bytes(v.secret)[31] ^= 1;
    assert_int_equal(check_text(&v, header, request_of(&v)), VLT_E_AUTH);
    finish(&v);
}

/* ---- sealed ---- */

static void
what_the_model_sealed_opens(void **state)
{
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        struct vector v = { .secret = NULL };
        struct vlt_buf out = { 0 };

        start(&v, names[i]);
        vlt_buf_put_text(&out, "before");
        assert_int_equal(open_bytes(&v, v.envelope_len, v.target, &out),
                         VLT_OK);
        assert_int_equal(out.len, 6 + v.body_len);
        assert_memory_equal(out.at + 6, v.body, v.body_len);
        vlt_buf_free(&out);
        finish(&v);
    }
}

static void
what_is_sealed_here_opens_and_is_never_the_same_twice(void **state)
{
    struct vector v = { .secret = NULL };
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };
    struct vlt_buf out = { 0 };
    struct vlt_envelope_sealed sealed;

    (void)state;
    start(&v, "line");
    struct vlt_slice target = vlt_slice_text(v.target);
    struct vlt_slice body = vlt_slice_of(v.body, v.body_len);

    assert_int_equal(vlt_envelope_seal(v.secret, &v.head, target, body, &one),
                     VLT_OK);
    assert_int_equal(vlt_envelope_seal(v.secret, &v.head, target, body, &two),
                     VLT_OK);
    assert_int_equal(one.len, v.body_len + VLT_ENVELOPE_MORE);
    assert_memory_equal(one.at, v.envelope, 32);
    assert_memory_equal(one.at, two.at, 32);
    assert_memory_not_equal(one.at + 32, two.at + 32, 24);
    assert_memory_not_equal(one.at + 56, two.at + 56, one.len - 56);
    assert_int_equal(vlt_envelope_read_sealed(vlt_buf_slice(&one), &sealed),
                     VLT_OK);
    assert_memory_equal(&sealed.head, &v.head, sizeof v.head);
    assert_int_equal(vlt_envelope_open(v.secret, &sealed, target, &out),
                     VLT_OK);
    assert_int_equal(out.len, v.body_len);
    assert_memory_equal(out.at, v.body, v.body_len);
    vlt_buf_free(&one);
    vlt_buf_free(&two);
    vlt_buf_free(&out);
    finish(&v);
}

static void
every_byte_and_every_bit_of_the_length_counts(void **state)
{
    struct vector v = { .secret = NULL };
    struct vlt_buf out = { 0 };

    (void)state;
    start(&v, "line");
    for (size_t i = 0; i < v.envelope_len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            v.envelope[i] ^= (uint8_t)(1U << bit);
            assert_int_not_equal(open_bytes(&v, v.envelope_len, v.target, &out),
                                 VLT_OK);
            assert_int_equal(out.len, 0);
            v.envelope[i] ^= (uint8_t)(1U << bit);
        }
    }
    for (size_t len = 0; len < v.envelope_len; len++) {
        assert_int_not_equal(open_bytes(&v, len, v.target, &out), VLT_OK);
    }
    v.envelope[v.envelope_len] = 0;
    assert_int_equal(open_bytes(&v, v.envelope_len + 1, v.target, &out),
                     VLT_E_AUTH);
    vlt_buf_free(&out);
    finish(&v);
}

static void
an_envelope_is_for_one_target_and_secret(void **state)
{
    struct vector v = { .secret = NULL };
    struct vlt_buf out = { 0 };

    (void)state;
    start(&v, "line");
    assert_int_equal(open_bytes(&v, v.envelope_len, "/collectd", &out),
                     VLT_E_AUTH);
    assert_int_equal(open_bytes(&v, v.envelope_len, "", &out), VLT_E_AUTH);
    vlt_secret_bytes(v.secret)[0] ^= 1;
    assert_int_equal(open_bytes(&v, v.envelope_len, v.target, &out),
                     VLT_E_AUTH);
    assert_int_equal(out.len, 0);
    vlt_buf_free(&out);
    finish(&v);
}

static void
what_is_too_large_is_refused_before_it_is_looked_at(void **state)
{
    static uint8_t large[VLT_ENVELOPE_MAX + 1] = "VDE\1\1";
    struct vector v = { .secret = NULL };
    struct vlt_envelope_sealed sealed;
    struct vlt_buf out = { 0 };

    (void)state;
    start(&v, "line");
    large[31] = 1; /* a counter */
    assert_int_equal(
        vlt_envelope_read_sealed(vlt_slice_of(large, sizeof large), &sealed),
        VLT_E_LIMIT);
    assert_int_equal(vlt_envelope_read_sealed(
                         vlt_slice_of(large, VLT_ENVELOPE_MAX), &sealed),
                     VLT_OK);
    assert_int_equal(
        vlt_envelope_seal(v.secret, &v.head, vlt_slice_text(v.target),
                          vlt_slice_of(large, VLT_ENVELOPE_MAX - 71), &out),
        VLT_E_LIMIT);
    assert_int_equal(
        vlt_envelope_seal(v.secret, &v.head,
                          vlt_slice_of(large, VLT_ENVELOPE_TARGET + 1),
                          vlt_slice_text("x"), &out),
        VLT_E_LIMIT);
    assert_int_equal(out.len, 0);
    vlt_buf_free(&out);
    finish(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_model_signed_holds_and_is_signed_alike),
        cmocka_unit_test(every_character_of_a_header_counts),
        cmocka_unit_test(what_is_no_header_is_refused),
        cmocka_unit_test(a_signature_is_of_one_method_target_body_and_secret),
        cmocka_unit_test(what_the_model_sealed_opens),
        cmocka_unit_test(what_is_sealed_here_opens_and_is_never_the_same_twice),
        cmocka_unit_test(every_byte_and_every_bit_of_the_length_counts),
        cmocka_unit_test(an_envelope_is_for_one_target_and_secret),
        cmocka_unit_test(what_is_too_large_is_refused_before_it_is_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
