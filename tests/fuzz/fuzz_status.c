/* SPDX-License-Identifier: MIT */
/*
 * fuzz_status.c - the file in which a run says what it has done, as "tepal top"
 * reads it. It lies in a folder of its own, and is locked, as by a run.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "status.h"
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define RUN 77 /* its process number */

static int folder = -1, file = -1;
static char path[] = "/dev/shm/tepal-fuzz-XXXXXX";

static void clean_up(void)
{
    unlinkat(folder, "tepal-77.status", 0);
    rmdir(path);
}

static void set_up(void)
{
    CLAIM(mkdtemp(path));
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLAIM(folder >= 0);
    file = openat(folder, "tepal-77.status", O_RDWR | O_CREAT | O_CLOEXEC,
                  0600);
    CLAIM(file >= 0 && flock(file, LOCK_EX) == 0);
    atexit(clean_up);
}

static void look(const struct status *status)
{
    uint32_t i, c;

    CLAIM(status->domain_count <= SYSTEM_DOMAINS_MAX);
    CLAIM(status->device_count <= SYSTEM_DEVICES_MAX);
    claim_is_text(status->system, sizeof(status->system));
    for (i = 0; i < status->device_count; i++)
        claim_is_text(status->devices[i].name,
                      sizeof(status->devices[i].name));
    for (i = 0; i < status->domain_count; i++) {
        const struct status_domain *domain = &status->domains[i];

        claim_is_text(domain->name, sizeof(domain->name));
        CLAIM(domain->counter_count <= STATUS_COUNTERS_MAX);
        for (c = 0; c < domain->counter_count; c++)
            claim_is_text(domain->counters[c].name,
                          sizeof(domain->counters[c].name));
    }
}

/* The head that every such file has; @data is the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct status status;
    static struct status_page page;
    size_t room = sizeof(page.status);

    if (file < 0)
        set_up();
    memset(&page, 0, sizeof(page));
    page.magic = STATUS_MAGIC;
    page.version = STATUS_VERSION;
    page.bytes = sizeof(page);
    memcpy(&page.status, data, size < room ? size : room);
    CLAIM(ftruncate(file, 0) == 0);
    CLAIM(pwrite(file, &page, sizeof(page), 0) == (ssize_t)sizeof(page));
    if (status_read(folder, RUN, &status))
        look(&status);
    /* and the bytes as they are */
    CLAIM(ftruncate(file, 0) == 0);
    CLAIM(pwrite(file, data, size, 0) == (ssize_t)size);
    if (size < sizeof(page) || data[16] % 2 == 0) /* it waits for odd ones */
        CLAIM(!status_read(folder, RUN, &status) || size >= sizeof(page));
    return 0;
}
