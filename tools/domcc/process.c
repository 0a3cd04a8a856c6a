/* SPDX-License-Identifier: MIT */
/*
 * process.c - other programs, and the temporary files they exchange.
 *
 * The paths to remove are kept in an array that only grows, so that the
 * signal handler can use it at any moment: it calls nothing but unlink,
 * rmdir and _exit.
 */
#include "process.h"
#include "arena.h"
#include "diag.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { TEMPORARY_MAX = 4096, DIRECTORY_MAX = 4096 };

static char directory[DIRECTORY_MAX];
static bool is_kept;
static char *volatile temporary[TEMPORARY_MAX];
static volatile sig_atomic_t temporary_count;

void arguments_add(struct arguments *arguments, const char *argument)
{
    if (arguments->count + 1 >= arguments->room) {
        arguments->room = arguments->room ? arguments->room * 2 : 32;
        arguments->list = array_grow(arguments->list, arguments->room,
                                     sizeof *arguments->list);
    }
    arguments->list[arguments->count++] = argument;
    arguments->list[arguments->count] = NULL;
}

void arguments_add_all(struct arguments *arguments,
                       const struct arguments *more)
{
    for (size_t i = 0; i < more->count; i++)
        arguments_add(arguments, more->list[i]);
}

void arguments_free(struct arguments *arguments)
{
    free(arguments->list);
    *arguments = (struct arguments){0};
}

/* posix_spawnp() promises not to write to the strings. */
static bool spawn(const struct arguments *arguments,
                  const posix_spawn_file_actions_t *actions, pid_t *child)
{
    union {
        const char *const *given;
        char *const *wanted;
    } list = {.given = arguments->list};
    int error =
        posix_spawnp(child, list.given[0], actions, NULL, list.wanted, environ);

    if (error)
        diag_error("cannot run %s: %s", list.given[0], strerror(error));
    return !error;
}

static bool wait_for(pid_t child, const char *name)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        diag_error("%s failed with exit status %d", name, WEXITSTATUS(status));
    else
        diag_error("%s was killed by signal %d", name, WTERMSIG(status));
    return false;
}

bool process_run(const struct arguments *arguments)
{
    pid_t child;

    return spawn(arguments, NULL, &child) &&
           wait_for(child, arguments->list[0]);
}

bool process_first_line(const struct arguments *arguments, char *line,
                        size_t bytes)
{
    posix_spawn_file_actions_t actions;
    bool done, read;
    int ends[2];
    pid_t child;
    FILE *output;

    if (pipe(ends) != 0) {
        diag_error("cannot make a pipe: %s", strerror(errno));
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    done = spawn(arguments, &actions, &child);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output = fdopen(ends[0], "r");
    read = output && fgets(line, (int)bytes, output);
    if (output)
        fclose(output);
    if (read)
        line[strcspn(line, "\n")] = 0;
    return done && wait_for(child, arguments->list[0]) && read;
}

static void remove_all(void)
{
    if (is_kept || !directory[0])
        return;
    for (int i = 0; i < temporary_count; i++)
        unlink(temporary[i]);
    rmdir(directory);
}

static void on_signal(int number)
{
    remove_all();
    _exit(128 + number);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

bool temporary_start(const char *keep)
{
    const char *parent = getenv("TMPDIR");
    bool made;

    is_kept = keep;
    if (snprintf(directory, sizeof directory, "%s%s",
                 keep                ? keep
                 : parent && *parent ? parent
                                     : P_tmpdir,
                 keep ? "" : "/domcc.XXXXXX") >= (int)sizeof directory) {
        diag_error("the name of the temporary directory is too long");
        return false;
    }
    if (keep)
        made = mkdir(directory, 0777) == 0 || errno == EEXIST;
    else
        made = mkdtemp(directory);
    if (!made) {
        diag_error("cannot make directory %s: %s", directory, strerror(errno));
        directory[0] = 0;
        return false;
    }
    catch_signals();
    return true;
}

void temporary_end(void)
{
    remove_all();
    directory[0] = 0; /* a signal finds nothing to do any more */
    for (int i = 0; i < temporary_count; i++)
        free(temporary[i]);
    temporary_count = 0;
}

const char *temporary_path(const char *name)
{
    size_t bytes = strlen(directory) + strlen(name) + 2;
    char *path = array_grow(NULL, bytes, 1);

    snprintf(path, bytes, "%s/%s", directory, name);
    if (temporary_count == TEMPORARY_MAX) {
        diag_error("too many files");
        temporary_end();
        exit(1);
    }
    temporary[temporary_count] = path;
    temporary_count++;
    return path;
}

const char *temporary_directory(void)
{
    return directory;
}

char *read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0, used = 0, got;

    if (!file) {
        diag_error("%s: %s", path, strerror(errno));
        return NULL;
    }
    do {
        room = room ? room * 2 : 65536;
        text = array_grow(text, room, 1);
        got = fread(text + used, 1, room - used - 1, file);
        used += got;
    } while (got && used == room - 1);
    if (ferror(file)) {
        diag_error("%s: cannot read", path);
        free(text);
        text = NULL;
    } else {
        text[used] = 0;
        *bytes = used;
    }
    fclose(file);
    return text;
}
