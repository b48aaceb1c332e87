#include "firm.h"

#include <stdio.h>
#include <string.h>

#include "../bench.h"
#include "../limits/meter.h"
#include "base/text.h"
#include "base/writer.h"
#include "crypto/random.h"
#include "wire/enrol.h"

enum { LINE_TEXT_MAX = 512 };

static const char exporter[] = "EXPORTER-Channel-Binding";

static void
need(enum vlt_status st, const char *what)
{
    if (st != VLT_OK) {
        bench_die(what, 0);
    }
}

/* ---- the file ---- */

static FILE *
open_file(const char *folder, const char *mode)
{
    char path[METER_PATH];

    meter_path(path, folder, "house");
    FILE *file = fopen(path, mode);

    if (file == NULL) {
        bench_die("the folder's file `house` cannot be opened", 0);
    }
    return file;
}

/* One line without its end; false: there is none. */
static bool
read_line(FILE *file, char text[LINE_TEXT_MAX])
{
    if (fgets(text, LINE_TEXT_MAX, file) == NULL) {
        return false;
    }
    text[strcspn(text, "\n")] = '\0';
    return true;
}

static void
read_house(struct house *house, const char *folder)
{
    FILE *file = open_file(folder, "re");
    char text[LINE_TEXT_MAX];

    if (!read_line(file, text) ||
        vlt_address_parse(vlt_slice_text(text), &house->vault) != VLT_OK) {
        bench_die("no address of a vault", 0);
    }
    while (house->granted < FIRM_GRANTED_MAX && read_line(file, text)) {
        struct firm_grants *grants = &house->grants[house->granted++];

        (void)snprintf(grants->read, sizeof grants->read, "%.26s", text);
        (void)snprintf(grants->live, sizeof grants->live, "%.26s", text + 27);
    }
    (void)fclose(file);
}

void
house_write(const struct house *house, const char *folder)
{
    FILE *file = open_file(folder, "we");
    char address[VLT_ADDRESS_TEXT];

    fprintf(file, "%s\n", vlt_address_print(&house->vault, address));
    for (size_t i = 0; i < house->granted; i++) {
        fprintf(file, "%s %s\n", house->grants[i].read, house->grants[i].live);
    }
    if (fclose(file) != 0) {
        bench_die("the file `house` cannot be written", 0);
    }
}

void
house_open(struct house *house, const char *where)
{
    uint64_t port;

    *house = (struct house){ .place = { .context = line_context() } };
    house->bare = vlt_uint_parse(vlt_slice_text(where), &port) == VLT_OK;
    if (!house->bare) {
        read_house(house, where);
        port = house->vault.port;
    }
    house->place.port = (uint16_t)port;
}

void
house_close(struct house *house)
{
    SSL_CTX_free(house->place.context);
}

/* ---- the handshake (wire/handshake.h) ---- */

struct vlt_signer *
firm_signer(size_t i)
{
    uint8_t seed[VLT_SIGN_SEED] = { 'b', 'e', 'n', 'c', 'h' };
    struct vlt_secret *secret;
    struct vlt_signer *signer;

    vlt_store_be64(seed + sizeof seed - 8, i);
    need(vlt_secret_copy(vlt_slice_of(seed, sizeof seed), &secret), "a key");
    need(vlt_signer_new(vlt_key_of(secret), &signer), "a signer");
    vlt_secret_free(secret);
    return signer;
}

/* A message of the handshake. */
static struct vlt_slice
wait_binary(struct line *line)
{
    struct line_frame frame;

    line_wait(line, &frame);
    if (frame.opcode != LINE_BINARY) {
        bench_die("no message of the handshake", 0);
    }
    return vlt_slice_of(frame.at, frame.len);
}

static void
greet(struct vlt_handshake_client *client, const struct house *house,
      const struct vlt_signer *signer, struct line *line)
{
    struct vlt_channel channel = { .vault_dialled = false };
    uint8_t nonce[VLT_HELLO_NONCE];
    uint8_t hello[VLT_HELLO_MAX];
    size_t len;

    if (SSL_export_keying_material(line->ssl, channel.ekm, VLT_EKM_LEN,
                                   exporter, sizeof exporter - 1, NULL, 0,
                                   0) != 1) {
        bench_die("no exporter", 0);
    }
    vlt_handshake_client_init(client, &channel, house->vault.vault, signer);
    vlt_random(nonce, sizeof nonce);
    need(vlt_handshake_client_hello(client, nonce, hello, &len), "no HELLO");
    line_send(line, LINE_BINARY, vlt_slice_of(hello, len));
    need(vlt_handshake_client_challenge(client, wait_binary(line)),
         "the CHALLENGE does not hold");
}

/* AUTH, and what the vault says to it. */
static enum vlt_ready_status
prove(struct vlt_handshake_client *client, const struct vlt_auth *auth,
      struct line *line)
{
    uint8_t m3[VLT_AUTH_MAX];
    struct vlt_ready ready;
    size_t len;

    need(vlt_handshake_client_auth(client, auth, m3, &len), "no AUTH");
    line_send(line, LINE_BINARY, vlt_slice_of(m3, len));
    need(vlt_handshake_client_ready(client, wait_binary(line), &ready),
         "the vault refuses a firm");
    return ready.status;
}

void
firm_connect(const struct house *house, size_t i, struct line *line)
{
    struct vlt_handshake_client client;
    struct vlt_auth auth = { .role = VLT_ROLE_FIRM };

    line_tls(line, &house->place);
    if (house->bare) {
        return;
    }
    struct vlt_signer *signer = firm_signer(i);

    greet(&client, house, signer, line);
    if (prove(&client, &auth, line) != VLT_READY_OK) {
        bench_die("a firm is not confirmed", 0);
    }
    vlt_signer_free(signer);
}

void
firm_enrol(const struct house *house, size_t i, struct vlt_slice url)
{
    struct vlt_enrol_token token = { .with = VLT_ENROL_WITH_INVITE };
    struct vlt_handshake_client client;
    struct vlt_signer *signer = firm_signer(i);
    uint8_t data[VLT_ENROL_TOKEN_LEN];
    struct vlt_auth auth = { .role = VLT_ROLE_FIRM,
                             .enrol = VLT_ENROL_TOKEN,
                             .data = vlt_slice_of(data, sizeof data) };
    struct vlt_address address;
    struct vlt_secret *secret;
    struct line line;

    need(vlt_invite_parse(url, &address, &secret), "no invitation");
    token.token = secret;
    vlt_invite_id(secret, token.id);
    line_tls(&line, &house->place);
    greet(&client, house, signer, &line);
    vlt_enrol_token_write(&token, client.transcript, vlt_signer_pk(signer),
                          data);
    if (prove(&client, &auth, &line) != VLT_READY_WAITING) {
        bench_die("a firm is known already", 0);
    }
    line_close(&line);
    vlt_secret_free(secret);
    vlt_signer_free(signer);
}
