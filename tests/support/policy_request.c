#define _GNU_SOURCE
#include "policy_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terms/value.h"

void
cannot_read(const char *line)
{
    fprintf(stderr, "policy_oracle: cannot read: %s\n", line);
    exit(2);
}

/* A text that lives as long as the request. */
static struct vlt_slice
keep(struct request_lines *lines, const char *text)
{
    if (lines->text_count == REQUEST_TEXTS) {
        cannot_read(text);
    }
    lines->texts[lines->text_count] = strdup(text);
    return vlt_slice_text(lines->texts[lines->text_count++]);
}

static int64_t
seconds(const char *text)
{
    int64_t value;

    if (strcmp(text, "new") == 0) {
        return TERMS_WINDOW_NEW;
    }
    if (terms_parse_duration(vlt_slice_text(text), &value) != VLT_OK) {
        cannot_read(text);
    }
    return value;
}

static int64_t
word(enum vocab_kind kind, const char *text)
{
    const struct vocab_value *value =
        vocab_value_find(kind, text, strlen(text));

    if (value == NULL) {
        cannot_read(text);
    }
    return value->value;
}

/* Words joined by + as bits. */
static int64_t
words(enum vocab_kind kind, char *text)
{
    int64_t bits = 0;

    for (char *one; (one = strsep(&text, "+")) != NULL;) {
        bits |= word(kind, one);
    }
    return bits;
}

static void
set_onward(struct request_lines *lines, char *text)
{
    struct terms_common *common = &lines->request.common;

    for (char *one; (one = strsep(&text, ",")) != NULL;) {
        struct terms_recipient *recipient =
            &common->onward[common->onward_count++];
        char *name = strsep(&one, ":");
        char *country = strsep(&one, ":");

        recipient->name = keep(lines, name);
        recipient->country = vocab_country_find(country, strlen(country));
        recipient->controller = word(VOCAB_ROLE, one) != 0;
    }
}

static void
set_where(struct request_lines *lines, char *text)
{
    struct terms_common *common = &lines->request.common;

    common->where_count = 0;
    for (char *one; (one = strsep(&text, ",")) != NULL;) {
        common->where[common->where_count++] =
            vocab_country_find(one, strlen(one));
    }
}

static void
set_common(struct request_lines *lines, const char *key, char *value)
{
    struct terms_common *common = &lines->request.common;

    if (strcmp(key, "action") == 0) {
        common->action = word(VOCAB_ACTION, value);
    } else if (strcmp(key, "channels") == 0) {
        common->channels = words(VOCAB_CHANNEL, value);
    } else if (strcmp(key, "rate") == 0) {
        if (terms_parse_rate(vlt_slice_text(value), &common->rate) != VLT_OK) {
            cannot_read(value);
        }
    } else if (strcmp(key, "uses") == 0) {
        common->uses =
            strcmp(value, "none") == 0 ? TERMS_UNLIMITED : atoll(value);
    } else if (strcmp(key, "life") == 0) {
        common->life_s = seconds(value);
    } else if (strcmp(key, "keep") == 0) {
        common->keep_s = seconds(value);
    } else if (strcmp(key, "onward") == 0) {
        set_onward(lines, value);
    } else if (strcmp(key, "where") == 0) {
        set_where(lines, value);
    } else if (strcmp(key, "profiling") == 0) {
        common->profiling = word(VOCAB_PROFILING, value);
    } else if (strcmp(key, "automated") == 0) {
        common->automated = strcmp(value, "yes") == 0;
    } else if (strcmp(key, "training") == 0) {
        common->training = strcmp(value, "yes") == 0;
    } else if (strcmp(key, "gatekeeper") == 0) {
        common->gatekeeper = strcmp(value, "yes") == 0;
    } else {
        cannot_read(key);
    }
}

void
request_end(struct request_lines *lines)
{
    while (lines->text_count > 0) {
        free(lines->texts[--lines->text_count]);
    }
}

void
request_begin(struct request_lines *lines)
{
    struct terms_request *request = &lines->request;

    request_end(lines);
    lines->well_formed = false;
    terms_request_init(request);
    request->v = 1;
    request->controller_name = vlt_slice_text("Example Ltd");
    request->controller_contact = vlt_slice_text("mailto:p@firm.example");
    request->controller_address = vlt_slice_text("1 Mill Lane, Leeds");
    request->controller_country = vocab_country_find("GB", 2);
    request->notice_uri = vlt_slice_text("https://firm.example/privacy");
    request->notice_lang = vlt_slice_text("en");
    request->authority = vlt_slice_text("Information Commissioner's Office");
    request->rights = vlt_slice_text("mailto:p@firm.example");
    request->common = (struct terms_common){
        .action = VOCAB_READ,
        .rate = { 4, 86400 },
        .uses = TERMS_UNLIMITED,
        .keep_s = 30 * 86400,
        .where_count = 1,
        .where = { vocab_country_find("GB", 2) },
    };
}

void
request_common(struct request_lines *lines, char *rest)
{
    request_begin(lines);
    for (char *value; (value = strsep(&rest, " ")) != NULL;) {
        char *key = strsep(&value, "=");

        if (*key != '\0' && value == NULL) {
            cannot_read(key);
        }
        if (*key != '\0') {
            set_common(lines, key, value);
        }
    }
}

void
request_purpose(struct request_lines *lines, char *rest)
{
    struct terms_request *request = &lines->request;
    struct terms_purpose *purpose = &request->purposes[request->purpose_count];
    char *id = strsep(&rest, " ");

    lines->well_formed = false;
    if (request->purpose_count++ == TERMS_PURPOSES) {
        cannot_read(id);
    }
    *purpose = (struct terms_purpose){
        .id = vocab_purpose_find(id, strlen(id)),
        .basis = word(VOCAB_BASIS, rest == NULL ? "consent" : rest),
        .text = vlt_slice_text("What we want it for."),
        .lang = vlt_slice_text("en"),
        .if_denied = vlt_slice_text("Nothing happens."),
    };
}

static void
set_detail(struct terms_item *item, const char *text)
{
    enum terms_detail_fault why;
    struct vlt_slice part;

    if (terms_parse_detail(vlt_slice_text(text), &item->stats, &item->bucket_s,
                           &why, &part) != VLT_OK) {
        cannot_read(text);
    }
    item->raw = item->bucket_s == 0;
}

/* for=0+1: the purposes by number. */
static void
set_for(struct terms_item *item, char *text)
{
    for (char *one; (one = strsep(&text, "+")) != NULL;) {
        item->purposes |= 1U << atoi(one);
    }
}

static void
set_item(struct request_lines *lines, struct terms_item *item, const char *key,
         char *value)
{
    if (strcmp(key, "detail") == 0) {
        set_detail(item, value);
    } else if (strcmp(key, "round") == 0) {
        if (terms_parse_step(vlt_slice_text(value), &item->round) != VLT_OK) {
            cannot_read(value);
        }
    } else if (strcmp(key, "window") == 0) {
        item->window_s = seconds(value);
    } else if (strcmp(key, "delay") == 0) {
        item->delay_s = seconds(value);
    } else if (strcmp(key, "every") == 0) {
        item->every_s = seconds(value);
    } else if (strcmp(key, "needed") == 0) {
        item->needed = strcmp(value, "no") != 0;
        item->needed_why = keep(lines, item->needed ? value : "");
    } else if (strcmp(key, "for") == 0) {
        set_for(item, value);
    } else if (strcmp(key, "n") == 0) {
        item->n = atoi(value);
    } else {
        cannot_read(key);
    }
}

void
request_item(struct request_lines *lines, char *rest)
{
    struct terms_request *request = &lines->request;
    struct terms_item *item = &request->items[request->item_count];
    char *data = strsep(&rest, " ");

    lines->well_formed = false;
    if (request->item_count++ == TERMS_ITEMS) {
        cannot_read(data);
    }
    *item = (struct terms_item){
        .n = (int)request->item_count,
        .data = vocab_category_find(data, strlen(data)),
        .stats = 1,
        .bucket_s = 3600,
        .window_s = 30 * 86400,
        .every_s = request->common.action == VOCAB_LIVE ? 60 : 0,
    };
    for (char *value; (value = strsep(&rest, " ")) != NULL;) {
        char *key = strsep(&value, "=");

        if (value == NULL) {
            cannot_read(key);
        }
        set_item(lines, item, key, value);
    }
}
