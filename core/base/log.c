/* SPDX-License-Identifier: MIT */
/*
 * log.c - the kernel's log: one line an event, "cycles domain module: text".
 * Nothing on the path of a crossing logs.
 */
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/thread.h"
#include "tepal_trusted/timing.h"

#define LINE_BYTES 640

void log_line(const char *module, const char *format, ...)
{
    char line[LINE_BYTES];
    const struct thread *thread = thread_current();
    const struct domain *domain = thread ? thread->domain : NULL;
    size_t length;
    va_list list;

    length = text_format(line, sizeof(line) - 1, "%016lx %s %s: ",
                         timing_cycles(), domain ? domain->name : "kernel",
                         module);
    va_start(list, format);
    length += text_format_list(line + length, sizeof(line) - 1 - length,
                               format, list);
    va_end(list);
    line[length++] = '\n';
    console_write(line, length);
}
