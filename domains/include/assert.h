/* SPDX-License-Identifier: MIT */
/* assert.h - a false assertion ends the domain, with a message in the log. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition)                                                      \
    ((condition) ? (void)0 : __assert_fail(#condition, __FILE__, __LINE__))
#endif

#ifndef TEPAL_ASSERT_H
#define TEPAL_ASSERT_H
#define static_assert _Static_assert
_Noreturn void __assert_fail(const char *condition, const char *file,
                             unsigned line);
#endif
