/*
 * writer: the writers of a client (vault/writer.h), from inside.
 */
#ifndef VLT_CLIENT_WRITER_H
#define VLT_CLIENT_WRITER_H

#include <vault/client.h>

/* Pack and send what is due. */
void vlt_writer_step_all(struct vault_client *client);

/* When the next of them is due, by vlt_client_now_ms(); INT64_MAX: never. */
int64_t vlt_writer_due(const struct vault_client *client);

/* Free those that were let go.  Not from inside a callback. */
void vlt_writer_sweep(struct vault_client *client);

/* The client is freed. */
void vlt_writer_free_all(struct vault_client *client);

#endif
