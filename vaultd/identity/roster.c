#include "identity/roster_internal.h"

#include <stdlib.h>
#include <string.h>

/* The count of a value that is otherwise never written to. */
static struct firm_box *
firm_box(const struct firm *firm)
{
    return (struct firm_box *)(uintptr_t)firm;
}

static struct source_box *
source_box(const struct source *source)
{
    return (struct source_box *)(uintptr_t)source;
}

const struct firm *
firm_hold(const struct firm *firm)
{
    ref_hold(&firm_box(firm)->ref);
    return firm;
}

void
firm_release(const struct firm *firm)
{
    if (firm != NULL && ref_drop(&firm_box(firm)->ref)) {
        free(firm_box(firm));
    }
}

const struct source *
source_hold(const struct source *source)
{
    ref_hold(&source_box(source)->ref);
    return source;
}

void
source_release(const struct source *source)
{
    if (source == NULL || !ref_drop(&source_box(source)->ref)) {
        return;
    }
    struct source_box *box = source_box(source);

    for (size_t i = 0; box->pattern != NULL && i < box->source.patterns; i++) {
        free(box->pattern[i]);
    }
    free(box->pattern);
    free(box->category);
    free(box);
}

struct roster *
roster_new(void)
{
    struct roster *roster = calloc(1, sizeof *roster);

    if (roster != NULL) {
        ref_init(&roster->ref);
    }
    return roster;
}

struct roster *
roster_copy(const struct roster *from)
{
    struct roster *roster = roster_new();

    if (roster == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < from->firms; i++) {
        roster->firm[i] = firm_hold(from->firm[i]);
    }
    for (size_t i = 0; i < from->sources; i++) {
        roster->source[i] = source_hold(from->source[i]);
    }
    roster->firms = from->firms;
    roster->sources = from->sources;
    roster->invitations = from->invitations;
    memcpy(roster->invitation, from->invitation, sizeof roster->invitation);
    return roster;
}

struct roster *
roster_hold(struct roster *roster)
{
    ref_hold(&roster->ref);
    return roster;
}

void
roster_release(struct roster *roster)
{
    if (roster == NULL || !ref_drop(&roster->ref)) {
        return;
    }
    for (size_t i = 0; i < roster->firms; i++) {
        firm_release(roster->firm[i]);
    }
    for (size_t i = 0; i < roster->sources; i++) {
        source_release(roster->source[i]);
    }
    free(roster);
}

enum vlt_status
roster_put_firm(struct roster *roster, const struct firm *firm)
{
    size_t at = 0;

    for (size_t i = 0; i < roster->firms; i++) {
        if (memcmp(roster->firm[i]->id, firm->id, VLT_ID_LEN) == 0) {
            firm_release(roster->firm[i]);
            roster->firm[i] = firm;
            return VLT_OK;
        }
    }
    if (roster->firms == IDENTITY_FIRMS_MAX) {
        firm_release(firm);
        return VLT_E_LIMIT;
    }
    while (at < roster->firms &&
           strcmp(roster->firm[at]->name, firm->name) < 0) {
        at++;
    }
    memmove(&roster->firm[at + 1], &roster->firm[at],
            (roster->firms - at) * sizeof roster->firm[0]);
    roster->firm[at] = firm;
    roster->firms++;
    return VLT_OK;
}

enum vlt_status
roster_put_source(struct roster *roster, const struct source *source)
{
    size_t at = 0;

    for (size_t i = 0; i < roster->sources; i++) {
        if (memcmp(roster->source[i]->id, source->id, VLT_ID_LEN) == 0) {
            source_release(roster->source[i]);
            roster->source[i] = source;
            return VLT_OK;
        }
    }
    if (roster->sources == IDENTITY_SOURCES_MAX) {
        source_release(source);
        return VLT_E_LIMIT;
    }
    while (at < roster->sources &&
           strcmp(roster->source[at]->name, source->name) < 0) {
        at++;
    }
    memmove(&roster->source[at + 1], &roster->source[at],
            (roster->sources - at) * sizeof roster->source[0]);
    roster->source[at] = source;
    roster->sources++;
    return VLT_OK;
}

const struct firm *
roster_firm_by_id(const struct roster *roster, const uint8_t id[VLT_ID_LEN])
{
    for (size_t i = 0; i < roster->firms; i++) {
        if (memcmp(roster->firm[i]->id, id, VLT_ID_LEN) == 0) {
            return roster->firm[i];
        }
    }
    return NULL;
}

/* Of two with one key or name: the one that was not forgotten. */
static const struct firm *
rather(const struct firm *found, const struct firm *other)
{
    return found == NULL || found->state == IDENTITY_FORGOTTEN ? other : found;
}

const struct firm *
roster_firm_by_key(const struct roster *roster, const uint8_t key[VLT_SIGN_PK])
{
    const struct firm *found = NULL;

    for (size_t i = 0; i < roster->firms; i++) {
        if (memcmp(roster->firm[i]->key, key, VLT_SIGN_PK) == 0) {
            found = rather(found, roster->firm[i]);
        }
    }
    return found;
}

const struct firm *
roster_firm_by_name(const struct roster *roster, const char *name)
{
    const struct firm *found = NULL;

    for (size_t i = 0; i < roster->firms; i++) {
        if (strcmp(roster->firm[i]->name, name) == 0) {
            found = rather(found, roster->firm[i]);
        }
    }
    return found;
}

const struct source *
roster_source_by_name(const struct roster *roster, const char *name)
{
    for (size_t i = 0; i < roster->sources; i++) {
        if (strcmp(roster->source[i]->name, name) == 0) {
            return roster->source[i];
        }
    }
    return NULL;
}
