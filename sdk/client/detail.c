#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/client_internal.h"
#include "client/status_map.h"

void
vlt_client_clear(struct vault_client *client)
{
    client->detail[0] = '\0';
    client->reason[0] = '\0';
    client->at[0] = '\0';
    client->retry_ms = 0;
}

enum vault_status
vlt_client_fault(struct vault_client *client, enum vault_status status,
                 const char *format, ...)
{
    va_list args;

    vlt_client_clear(client);
    va_start(args, format);
    vsnprintf(client->detail, sizeof client->detail, format, args);
    va_end(args);
    return status;
}

static void
keep(char *out, size_t size, struct vlt_slice text)
{
    snprintf(out, size, "%.*s", (int)(text.len < size ? text.len : size - 1),
             text.len > 0 ? (const char *)text.at : "");
}

/* What exceeded, joined by commas. */
static void
keep_exceeded(struct vault_client *client, const struct vlt_json *list)
{
    size_t len = 0;

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_slice item = vlt_json_text_of(vlt_json_item(list, i));

        if (len + item.len + 2 > sizeof client->at) {
            return;
        }
        if (len > 0) {
            client->at[len++] = ',';
        }
        memcpy(client->at + len, item.at, item.len);
        len += item.len;
        client->at[len] = '\0';
    }
}

static struct vlt_slice
less_stop(struct vlt_slice text)
{
    bool stop = text.len > 0 && text.at[text.len - 1] == '.';

    return stop ? vlt_slice_of(text.at, text.len - 1) : text;
}

/* Does the detail say more than the sentence does?  not_found is a word for
 * programs, which they have as a status. */
static bool
says_more(const struct vlt_rpc_error *error)
{
    return error->detail.len > 0 && !vlt_slice_is(error->detail, "not_found") &&
           !vlt_slice_equal(less_stop(error->detail),
                            less_stop(error->message));
}

enum vault_status
vlt_client_error(struct vault_client *client, const struct vlt_rpc_error *error)
{
    bool more = says_more(error);

    vlt_client_clear(client);
    snprintf(client->detail, sizeof client->detail, "%.*s%s%.*s",
             (int)error->message.len, (const char *)error->message.at,
             more ? " " : "", more ? (int)error->detail.len : 0,
             more ? (const char *)error->detail.at : "");
    keep(client->reason, sizeof client->reason, error->reason);
    keep(client->at, sizeof client->at, error->at);
    if (error->at.len == 0 && vlt_json_kind(error->exceeded) == VLT_JSON_LIST) {
        keep_exceeded(client, error->exceeded);
    }
    client->retry_ms = error->retry_after_ms;
    return vlt_status_of_error(error);
}

enum vault_status
vlt_client_status(enum vlt_status st)
{
    return vlt_status_outside(st);
}

const char *
vault_client_detail(const struct vault_client *client)
{
    return client->detail;
}

const char *
vault_client_reason(const struct vault_client *client)
{
    return client->reason;
}

const char *
vault_client_at(const struct vault_client *client)
{
    return client->at;
}

int64_t
vault_client_retry_ms(const struct vault_client *client)
{
    return client->retry_ms;
}
