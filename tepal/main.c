/* SPDX-License-Identifier: MIT */
/* main.c - the program tepal: finds the command and hands over. */
#include "tepal.h"
#include "config.h"
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: tepal run SYSTEM --in DEVICE=FILE [OPTION]...\n"
    "       tepal systems [--json] [--lib DIR]\n"
    "       tepal top [PID | --all] [--once]\n"
    "       tepal ctl [PID] list [--json] | kill DOMAIN | restart DOMAIN |\n"
    "                       replace DOMAIN FILE.dom\n"
    "       tepal inject SYSTEM --in DEVICE=FILE --faults N [--seed S]\n"
    "                    [--json FILE] [OPTION]...\n"
    "       tepal decode FILE... [-o FILE.ppm | --output-dir DIR]\n"
    "                    [--memory BYTES] [--budget TIME]\n"
    "                    [--flavour base|gs] [--json FILE] [--quiet]\n"
    "       tepal inspect FILE.dom [--json]\n"
    "       tepal bench crossing|heap|network|code|verify [--json FILE]\n"
    "                   [--lib DIR]\n"
    "       tepal --help | --version\n"
    "\n"
    "Runs C code in fault-isolated domains of one address space.\n"
    "\n"
    "  run      start a system: a manifest, or the name of one that comes\n"
    "           with tepal. Frames of the capture given with --in arrive at\n"
    "           the device; Ctrl-C ends the run with a report.\n"
    "  systems  list the systems that come with tepal\n"
    "  top      show what running systems do, each second; q ends it\n"
    "  ctl      list, kill, restart and replace domains of a running system\n"
    "  inject   inject faults while a system runs, and check that nothing but\n"
    "           what they hit is harmed\n"
    "  decode   images that nobody vouches for, each in a domain of its own,\n"
    "           to PPM; one that kills its domain is named, and the next comes\n"
    "  inspect  verify a domain file and describe it\n"
    "  bench    measure calls between domains beside plain calls, the shared\n"
    "           heap beside libc's, packets beside code without isolation\n"
    "\n"
    "Options of run; those marked * take DEVICE=VALUE, or VALUE for all:\n"
    "  --in DEVICE=FILE, --out DEVICE=FILE   captures to play and to write\n"
    "  --pace top|original|Npps|Nmbps *      how fast; --speed X *,\n"
    "                                        --max-gap SECONDS * for original\n"
    "  --loop N *, --loop-delay SECONDS *    how often; 0 is for ever\n"
    "  --limit FRAMES *, --duration SECONDS *, --preload\n"
    "  --on-truncated, --on-oversize, --on-backwards,\n"
    "  --on-linktype skip|play|stop *        records that are no plain frames\n"
    "  --fault DEVICE=NAME[@AFTER][xTIMES]   what goes wrong in the device\n"
    "  --drop-when-full                      frames do not wait for a driver\n"
    "  --data DOMAIN=FILE, --args DOMAIN=TEXT  instead of the manifest's\n"
    "  --kill DOMAIN=SECONDS                 kill it, again and again\n"
    "  --samples FILE                        a table of packets and time\n"
    "  --clock real|virtual, --seed N, --costs FILE   simulated time\n"
    "  --progress, --stats, --quiet          what is shown\n"
    "  --json FILE                           the report; - is standard output\n"
    "  --trace FILE                          calls between domains, to look at\n"
    "                                        in Perfetto or chrome://tracing\n"
    "  --lib DIR                             where systems and domains are\n"
    "\n"
    "Exit codes: 0 all is well; 1 a domain crashed or a capture is damaged;\n"
    "2 wrong usage; 3 a file was refused. More: man tepal\n";

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

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int run_command(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (is_help(command) || (argc == 3 && is_help(argv[2]))) {
        fputs(usage, stdout);
        return EXIT_FINE;
    }
    if (strcmp(command, "--version") == 0) {
        puts(PACKAGE_STRING);
        return EXIT_FINE;
    }
    if (strcmp(command, "run") == 0)
        return command_run(argc - 2, argv + 2);
    if (strcmp(command, "systems") == 0)
        return command_systems(argc - 2, argv + 2);
    if (strcmp(command, "top") == 0)
        return command_top(argc - 2, argv + 2);
    if (strcmp(command, "ctl") == 0)
        return command_ctl(argc - 2, argv + 2);
    if (strcmp(command, "inspect") == 0)
        return command_inspect(argc - 2, argv + 2);
    if (strcmp(command, "inject") == 0)
        return command_inject(argc - 2, argv + 2);
    if (strcmp(command, "decode") == 0)
        return command_decode(argc - 2, argv + 2);
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
