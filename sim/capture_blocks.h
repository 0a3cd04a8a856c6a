/* SPDX-License-Identifier: MIT */
/*
 * capture_blocks.h - pcapng on its way to libpcap, which refuses a file whose
 * interfaces differ in link type or snapshot length: to it all are made to look
 * like one Ethernet, and what each packet really is stands here.
 * Source: draft-ietf-opsawg-pcapng, sections 3.1, 4.1 to 4.4 and A.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than any machine has; libpcap would take as many as there are. */
#define CAPTURE_INTERFACES_MAX 4096

/* Answers as read(2) does. */
typedef long capture_read_t(void *from, void *buffer, size_t bytes);

struct capture_blocks {
    capture_read_t *read;
    void *from;
    uint8_t *block; /* the newest one */
    size_t room, used, given;
    bool swapped;   /* the section is in the other byte order */
    bool raw;       /* not understood: passed on as it is from here */
    bool crowded;   /* more interfaces than there may be */
    uint32_t interfaces; /* in this section */
    uint32_t snaplen;    /* of the first of them; 0: any */
    uint16_t link[CAPTURE_INTERFACES_MAX];
    /* the newest packet's: */
    uint16_t packet_link;   /* LINKTYPE_ of its interface */
    uint32_t packet_length; /* on the wire, where libpcap cannot know; or 0 */
};

void capture_blocks_begin(struct capture_blocks *blocks, capture_read_t *read,
                          void *from);

/*
 * Some of the next bytes for libpcap, never beyond the end of a block: read
 * without a buffer in between, the newest packet is the one libpcap returned.
 * Errors: -1, when @read says so, without memory, or too many interfaces.
 */
long capture_blocks_read(struct capture_blocks *blocks, void *buffer,
                         size_t bytes);

void capture_blocks_end(struct capture_blocks *blocks);
