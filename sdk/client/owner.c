#include <vault/owner.h>

#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "client/client_internal.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "json/json_write.h"

enum { KEY_FILE = 32, WORDS = 24 };

void
vault_ulid(char out[27])
{
    uint8_t id[VLT_ID_LEN];

    vlt_ulid_new(vlt_client_utc_ns(), id);
    vlt_ulid_print(id, out);
}

void
vault_wipe(void *at, size_t len)
{
    vlt_wipe(at, len);
}

/* 24 words between blanks are those on paper, not a passphrase. */
static bool
is_words(struct vlt_slice text)
{
    size_t words = 0;
    bool inside = false;

    for (size_t i = 0; i < text.len; i++) {
        bool letter = text.at[i] >= 'a' && text.at[i] <= 'z';

        if (!letter && text.at[i] != ' ') {
            return false;
        }
        words += letter && !inside ? 1 : 0;
        inside = letter;
    }
    return words == WORDS;
}

static bool
is_passphrase(struct vlt_slice text)
{
    return text.len > 0 && text.len <= VLT_LIMIT_PASSPHRASE &&
           vlt_utf8_valid(text);
}

static void
put_secret(struct vlt_buf *out, struct vlt_slice secret, bool key_file)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    if (key_file) {
        vlt_put_base64(&json, "key", secret);
    } else {
        vlt_put_slice(&json, is_words(secret) ? "recovery" : "passphrase",
                      secret);
    }
    vlt_put_end(&json);
}

enum vault_status
vault_unlock_wait(struct vault_client *client, const void *secret, size_t len,
                  int is_key_file, int timeout_ms)
{
    struct vlt_slice bytes = vlt_slice_of(secret, len);
    struct vlt_buf params;
    enum vault_status status;

    if (is_key_file != 0 ? len != KEY_FILE : !is_passphrase(bytes)) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a passphrase is 1 to 1024 bytes of UTF-8, a "
                                "key file has 32 bytes");
    }
    vlt_buf_init_secret(&params, 0);
    put_secret(&params, bytes, is_key_file != 0);
    status = vlt_buf_failed(&params)
                 ? vlt_client_fault(client, VAULT_E_NOMEM, "out of memory")
                 : vlt_call_wait(client, "vault.unlock", vlt_buf_slice(&params),
                                 timeout_ms, NULL);
    vlt_buf_free(&params);
    /* The only thing that can be wrong here is the secret. */
    if (status == VAULT_E_REAUTH) {
        status = VAULT_E_AUTH;
    }
    return status;
}

/* The members of params with one more, which no parser has seen. */
static void
put_passphrase(const char *params, struct vlt_slice passphrase,
               struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);
    size_t len = strlen(params);
    bool some = strchr(params, '"') != NULL; /* a member has a name */

    while (params[len - 1] != '}') {
        len--;
    }
    vlt_buf_put(out, params, len - 1);
    vlt_buf_put_text(out, some ? ",\"passphrase\":" : "\"passphrase\":");
    vlt_put_slice(&json, NULL, passphrase);
    vlt_buf_put_text(out, "}");
}

enum vault_status
vault_call_with_passphrase_wait(struct vault_client *client, const char *method,
                                const char *params, const void *passphrase,
                                size_t len, int timeout_ms, char **result)
{
    struct vlt_slice secret = vlt_slice_of(passphrase, len);
    struct vlt_json *document = NULL;
    struct vlt_buf all;

    if (!is_passphrase(secret)) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a passphrase is 1 to 1024 bytes of UTF-8");
    }
    params = params != NULL ? params : "{}";
    enum vault_status status = vlt_call_check(client, params, &document);

    vlt_json_free(document);
    if (status != VAULT_OK) {
        return status;
    }
    vlt_buf_init_secret(&all, 0);
    put_passphrase(params, secret, &all);
    status = vlt_buf_failed(&all)
                 ? vlt_client_fault(client, VAULT_E_NOMEM, "out of memory")
                 : vlt_call_wait(client, method, vlt_buf_slice(&all),
                                 timeout_ms, result);
    vlt_buf_free(&all);
    return status;
}
