/* SPDX-License-Identifier: MIT */
/* main.c - the program tepal: finds the command and hands over. */
#include "tepal.h"
#include "config.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: tepal run SYSTEM [--in DEVICE=FILE] [--out DEVICE=FILE]\n"
    "                 [--json FILE] [--lib DIR] [--quiet] [--stats]\n"
    "       tepal inspect FILE.dom [--json]\n"
    "       tepal bench crossing|heap [--json FILE] [--lib DIR]\n"
    "       tepal --help | --version\n"
    "\n"
    "Runs C code in fault-isolated domains of one address space.\n"
    "\n"
    "  run      start a system: a manifest, or the name of one that comes\n"
    "           with tepal (forward, macswap). Frames of the capture given\n"
    "           with --in arrive at the device, what it sends goes to --out.\n"
    "           Ends when the capture has been played; --json - writes the\n"
    "           report to standard output.\n"
    "  inspect  verify a domain file and describe it\n"
    "  bench    measure calls between domains beside plain calls, or the\n"
    "           shared heap beside libc's\n"
    "\n"
    "Exit codes: 0 all is well; 1 a domain crashed or a capture is damaged;\n"
    "2 wrong usage; 3 a file was refused.\n";

int fail(enum exit_code code, const char *format, ...)
{
    va_list list;

    fputs("tepal: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return (int)code;
}

static int run_command(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0) {
        fputs(usage, stdout);
        return EXIT_FINE;
    }
    if (strcmp(command, "--version") == 0) {
        puts(PACKAGE_STRING);
        return EXIT_FINE;
    }
    if (strcmp(command, "run") == 0)
        return command_run(argc - 2, argv + 2);
    if (strcmp(command, "inspect") == 0)
        return command_inspect(argc - 2, argv + 2);
    if (strcmp(command, "bench") == 0)
        return command_bench(argc - 2, argv + 2);
    if (*command)
        fail(EXIT_USAGE, "no command called '%s'", command);
    fputs(usage, stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    int code = run_command(argc, argv);

    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_FINE)
        return fail(EXIT_RUN_FAILED, "standard output: %s", strerror(errno));
    return code;
}
