#include "wire/enrol.h"

#include "handshake_pair.h"

static void
an_enrolment_holds_under_its_token_alone(void **state)
{
    static const struct {
        const char *name;
        enum vlt_enrol_with with;
    } cases[] = { { "invite", VLT_ENROL_WITH_INVITE },
                  { "source", VLT_ENROL_WITH_SOURCE } };

    for (size_t i = 0; i < 2; i++) {
        struct pair pair;
        char text[2 * BYTES + 1];
        uint8_t id[VLT_ENROL_ID];
        uint8_t want[VLT_ENROL_ID];

        start(&pair, cases[i].name);
        run_to_m3(&pair);
        assert_int_equal(
            vlt_handshake_server_auth(&pair.v, slice(&pair.m3), &pair.peer),
            VLT_OK);
        struct vlt_secret *token = secret_of(field(&pair, "token", text));

        vlt_enrol_token_id(&pair.peer, id);
        if (i == 0) {
            vlt_invite_id(token, want);
        } else {
            bytes(&pair, "token_id", want);
        }
        assert_memory_equal(id, want, sizeof id);
        assert_true(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        assert_false(vlt_enrol_token_holds(i == 0 ? VLT_ENROL_WITH_SOURCE
                                                  : VLT_ENROL_WITH_INVITE,
                                           token, &pair.peer));
        pair.peer.binding[0] ^= 1; /* another session */
        assert_false(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        pair.peer.binding[0] ^= 1;
        pair.peer.pk[0] ^= 1; /* another key */
        assert_false(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        pair.peer.pk[0] ^= 1;
        vlt_secret_bytes(token)[0] ^= 1;
        assert_false(vlt_enrol_token_holds(cases[i].with, token, &pair.peer));
        vlt_secret_free(token);
        finish(&pair);
    }
}

/* Open enrolment: what is no name and contact. */
static const struct {
    const char *says;
    const char *data;
    size_t len;
} strange[] = {
    { "nothing", "", 0 },
    { "no name", "\0\1a", 3 },
    { "no contact's length", "\1a", 2 },
    { "a byte too many", "\1a\0x", 4 },
    { "a control character", "\1\n\0", 3 },
    { "no UTF-8", "\1\xFF\0", 3 },
    { "a name of 65",
      "\x41"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaa\0",
      67 },
};

static void
strange_words_of_strangers_are_refused(void **state)
{
    struct vlt_enrol_open open;

    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        print_message("%s\n", strange[i].says);
        assert_int_equal(
            vlt_enrol_open_read(vlt_slice_of(strange[i].data, strange[i].len),
                                &open),
            VLT_E_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_enrolment_holds_under_its_token_alone),
        cmocka_unit_test(strange_words_of_strangers_are_refused),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
