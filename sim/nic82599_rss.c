/* SPDX-License-Identifier: MIT */
/*
 * nic82599_rss.c - which receive queue a frame goes to: a hash of its addresses
 * and ports, and a table of queues.
 *
 * The frame comes from a capture and may be anything: nothing beyond its bytes
 * is read, and what is no whole header is hashed without it.
 * Source: Intel 82599 datasheet, "Receive-Side Scaling (RSS)"; Microsoft,
 * "RSS Hashing Functions", for the hash (after Toeplitz).
 */
#include "nic82599_internal.h"

#define ETHERTYPE_VLAN 0x8100u
#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* What is hashed: at most two IPv6 addresses and two ports. */
struct rss_input {
    uint8_t bytes[36];
    uint32_t length; /* 0: the frame is not hashed */
    uint32_t type;   /* as the descriptor names it */
};

static uint32_t read16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* Each bit of the input that is set adds the key from that bit on. */
uint32_t nic_rss_hash(const uint8_t *key, const uint8_t *input, uint32_t length)
{
    uint32_t window = read16(key) << 16 | read16(key + 2), hash = 0;
    uint32_t i, bit;

    for (i = 0; i < length; i++)
        for (bit = 0; bit < 8; bit++) {
            if (input[i] >> (7 - bit) & 1)
                hash ^= window;
            window = window << 1 | (key[i + 4] >> (7 - bit) & 1);
        }
    return hash;
}

/* Add the ports of @protocol if @modes has it hashed with them. */
static bool take_ports(struct rss_input *input, const uint8_t *ports,
                       const uint8_t *end, uint32_t protocol, uint32_t modes,
                       uint32_t tcp, uint32_t udp)
{
    if (!((protocol == PROTOCOL_TCP && (modes & tcp)) ||
          (protocol == PROTOCOL_UDP && (modes & udp))) ||
        end - ports < 4)
        return false;
    __builtin_memcpy(input->bytes + input->length, ports, 4);
    input->length += 4;
    return true;
}

static void take_ipv4(struct rss_input *input, const uint8_t *ip,
                      const uint8_t *end, uint32_t modes)
{
    uint32_t header;

    if (end - ip < 20 || ip[0] >> 4 != 4)
        return;
    header = (ip[0] & 0xfu) * 4;
    __builtin_memcpy(input->bytes, ip + 12, 8);
    input->length = 8;
    input->type = 2;
    /* a fragment's ports are those of its datagram, which it may not have */
    if (header >= 20 && end - ip >= header && (read16(ip + 6) & 0x3fff) == 0 &&
        take_ports(input, ip + header, end, ip[9], modes, NIC_MRQC_TCP_IPV4,
                   NIC_MRQC_UDP_IPV4))
        input->type = ip[9] == PROTOCOL_TCP ? 1 : 7;
    else if (!(modes & NIC_MRQC_IPV4))
        input->length = 0;
}

static void take_ipv6(struct rss_input *input, const uint8_t *ip,
                      const uint8_t *end, uint32_t modes)
{
    if (end - ip < 40 || ip[0] >> 4 != 6)
        return;
    __builtin_memcpy(input->bytes, ip + 8, 32);
    input->length = 32;
    input->type = 5;
    if (take_ports(input, ip + 40, end, ip[6], modes, NIC_MRQC_TCP_IPV6,
                   NIC_MRQC_UDP_IPV6))
        input->type = ip[6] == PROTOCOL_TCP ? 3 : 8;
    else if (!(modes & NIC_MRQC_IPV6))
        input->length = 0;
}

static void take_input(struct rss_input *input, const uint8_t *frame,
                       uint32_t bytes, uint32_t modes)
{
    const uint8_t *end = frame + bytes;
    uint32_t at = 12;

    input->length = 0;
    input->type = 0;
    if (bytes >= 18 && read16(frame + at) == ETHERTYPE_VLAN)
        at += 4;
    if (bytes < at + 2)
        return;
    if (read16(frame + at) == ETHERTYPE_IPV4)
        take_ipv4(input, frame + at + 2, end, modes);
    else if (read16(frame + at) == ETHERTYPE_IPV6)
        take_ipv6(input, frame + at + 2, end, modes);
}

struct nic_rss nic_rss(struct nic82599 *nic, const uint8_t *frame,
                       uint32_t bytes)
{
    uint32_t mrqc = *nic_register(nic, NIC_MRQC), word;
    struct nic_rss rss = {0};
    struct rss_input input;
    uint8_t key[40];

    if (NIC_MRQC_MODE(mrqc) != NIC_MRQC_RSS)
        return rss;
    take_input(&input, frame, bytes, mrqc);
    if (input.length == 0)
        return rss;
    /* the first byte of the key is the lowest of the first register */
    __builtin_memcpy(key, nic_register(nic, NIC_RSSRK), sizeof(key));
    rss.hash = nic_rss_hash(key, input.bytes, input.length);
    rss.type = input.type;
    word = *nic_register(nic, NIC_RETA + (rss.hash & 0x7f) / 4 * 4);
    rss.queue = word >> (rss.hash & 3) * 8 & 0xf;
    return rss;
}
