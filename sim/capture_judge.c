/* SPDX-License-Identifier: MIT */
/*
 * capture_judge.c - what is played is what a device could have received:
 * Ethernet frames up to 1514 bytes. A frame that was cut while capturing is
 * left out unless asked for, since its checksums cannot hold.
 */
#include "capture_judge.h"
#include "wire_pcap.h"
#include <pcap/pcap.h>
#include <string.h>

#define RUNT_BYTES 60 /* Ethernet pads to this much, before the checksum */

struct trial {
    const struct replay_options *options;
    const struct capture_record *record;
    struct wire_pcap_counts *counts;
    char *why;
    size_t why_bytes;
};

static enum capture_verdict apply(const struct trial *trial,
                                  enum replay_policy policy,
                                  uint64_t *skipped, const char *what)
{
    if (policy == REPLAY_PLAY)
        return CAPTURE_PLAYED;
    (*skipped)++;
    if (policy != REPLAY_STOP)
        return CAPTURE_SKIPPED;
    snprintf(trial->why, trial->why_bytes, "%s", what);
    return CAPTURE_STOPPED;
}

/* Locally administered addresses, to one from the other. */
static enum capture_verdict wrap(const struct trial *trial,
                                 struct capture_frame *frame)
{
    static const uint8_t header[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    const struct capture_record *record = trial->record;
    bool is_ip = record->link == DLT_RAW || record->link == DLT_IPV4 ||
                 record->link == DLT_IPV6;
    int version = record->captured > 0 ? record->data[0] >> 4 : 0;

    if (!is_ip || (version != 4 && version != 6)) {
        trial->counts->skipped_linktype++;
        return CAPTURE_SKIPPED;
    }
    memcpy(frame->header, header, sizeof(header));
    frame->header[12] = version == 4 ? 0x08 : 0x86;
    frame->header[13] = version == 4 ? 0x00 : 0xdd;
    frame->prefix = sizeof(header);
    return CAPTURE_PLAYED;
}

bool capture_link_is_other(int link, char words[CAPTURE_LINK_BYTES])
{
    const char *name;

    if (link == DLT_EN10MB)
        return false;
    name = pcap_datalink_val_to_name(link);
    snprintf(words, CAPTURE_LINK_BYTES, "link type %d (%.30s) is not Ethernet",
             link, name ? name : "unknown");
    return true;
}

static enum capture_verdict judge_link(const struct trial *trial,
                                       struct capture_frame *frame)
{
    enum capture_verdict verdict;
    char what[CAPTURE_LINK_BYTES];

    if (!capture_link_is_other(trial->record->link, what))
        return CAPTURE_PLAYED;
    verdict = apply(trial, trial->options->link_type,
                    &trial->counts->skipped_linktype, what);
    return verdict == CAPTURE_PLAYED ? wrap(trial, frame) : verdict;
}

static enum capture_verdict judge_size(const struct trial *trial,
                                       struct capture_frame *frame)
{
    const struct capture_record *record = trial->record;
    struct wire_pcap_counts *counts = trial->counts;
    uint64_t length = (uint64_t)record->length + frame->prefix;
    uint64_t captured = (uint64_t)record->captured + frame->prefix;
    enum capture_verdict verdict = CAPTURE_PLAYED;

    frame->is_cut = length > WIRE_PCAP_FRAME_MAX;
    if (frame->is_cut) {
        verdict = apply(trial, trial->options->oversize,
                        &counts->skipped_oversize, "longer than 1514 bytes");
        length = WIRE_PCAP_FRAME_MAX;
    }
    frame->is_truncated = captured < length;
    if (frame->is_truncated && verdict == CAPTURE_PLAYED) {
        verdict = apply(trial, trial->options->truncated,
                        &counts->skipped_truncated, "not captured whole");
        length = captured;
    }
    if (verdict == CAPTURE_PLAYED && length < WIRE_PCAP_FRAME_MIN) {
        counts->skipped_short++;
        verdict = CAPTURE_SKIPPED;
    }
    frame->bytes = (uint32_t)length - frame->prefix;
    return verdict;
}

static enum capture_verdict judge_time(const struct trial *trial,
                                       uint64_t *newest)
{
    if (trial->record->nanoseconds >= *newest) {
        *newest = trial->record->nanoseconds;
        return CAPTURE_PLAYED;
    }
    trial->counts->backwards++;
    return apply(trial, trial->options->backwards,
                 &trial->counts->skipped_backwards,
                 "time stamp before that of an earlier frame");
}

enum capture_verdict capture_judge(const struct replay_options *options,
                                   const struct capture_record *record,
                                   uint64_t *newest,
                                   struct wire_pcap_counts *counts,
                                   struct capture_frame *frame, char *why,
                                   size_t why_bytes)
{
    const struct trial trial = {options, record, counts, why, why_bytes};
    enum capture_verdict verdict;

    counts->records++;
    frame->data = record->data;
    frame->prefix = 0;
    verdict = judge_link(&trial, frame);
    if (verdict == CAPTURE_PLAYED)
        verdict = judge_size(&trial, frame);
    if (verdict == CAPTURE_PLAYED)
        verdict = judge_time(&trial, newest);
    if (verdict != CAPTURE_PLAYED)
        return verdict;
    counts->playable++;
    counts->played_truncated += frame->is_truncated;
    counts->played_oversize += frame->is_cut && !frame->is_truncated;
    counts->runts += frame->bytes + frame->prefix < RUNT_BYTES;
    return CAPTURE_PLAYED;
}
