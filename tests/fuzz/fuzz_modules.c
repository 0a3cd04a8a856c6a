/* SPDX-License-Identifier: MIT */
/*
 * fuzz_modules.c - what a loader brought to the bare-metal kernel: an archive,
 * and the same bytes as a capture.
 */
#include "fuzz.h"
#include "modules.h"
#include "wire_memory.h"
#include <string.h>

static uint64_t no_time(void)
{
    return 0;
}

static void ignore(const void *bytes, size_t count)
{
    (void)bytes, (void)count;
}

static void play(const uint8_t *data, size_t size)
{
    struct wire_memory wire;
    const uint8_t *frame;
    uint32_t bytes;

    if (wire_memory_open(&wire, data, size, no_time, ignore))
        return;
    while ((frame = wire.wire.ops->receive(&wire.wire, &bytes))) {
        CLAIM(frame >= data && frame + bytes <= data + size);
        wire.wire.ops->send(&wire.wire, frame, bytes);
    }
    CLAIM(wire.wire.ops->ended(&wire.wire));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "forward.dom", "in.pcap", ""};
    static struct boot_info info;
    struct module_file file;
    size_t i;

    info.module_count = 1;
    info.modules[0].place = (struct boot_range){(uintptr_t)data,
                                                (uintptr_t)data + size};
    modules_init(&info);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (modules_find(names[i], &file))
            CLAIM(file.bytes >= data && file.bytes + file.size <= data + size);
    play(data, size);
    return 0;
}
