/*
 * fault: putting together what is said of a bad part of a file.
 */
#ifndef IMPORT_FAULT_H
#define IMPORT_FAULT_H

#include "import/import.h"

/* The field: escaped, and cut to fit. */
void fault_field(struct import_fault *fault, struct vlt_slice field);

/* The sentence, as printf. */
void fault_says(struct import_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The sentence: a quotation of text, escaped and cut, and what of it. */
void fault_quote(struct import_fault *fault, struct vlt_slice text,
                 const char *rest);

#endif
