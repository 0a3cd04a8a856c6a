/* SPDX-License-Identifier: MIT */
/*
 * wire_pcap.c - a wire between two capture files.
 *
 * Frames are read ahead into one store, as records that follow each other, so
 * that a run is not timed by file reading. A capture that fits is in memory
 * before the first frame moves, and further loops are played from there; a
 * larger one refills the store when it is empty, and is read again for each
 * loop. The store grows as it is needed, to its limit.
 *
 * A frame's due time is found once, when it is the next one, from the start of
 * the replay (replay.c). The file is hostile: capture_reader.c and libpcap
 * bound each record, capture_judge.c each frame.
 */
#include "wire_pcap.h"
#include "arch/platform.h"
#include "capture_judge.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STORE_BYTES_FIRST ((size_t)1 << 16)
#define FRAMES_A_LOOK 64 /* at the clock, where it is not needed */

/* A frame in the store. Records start on multiples of 16. */
struct wire_pcap_record {
    uint64_t nanoseconds;
    uint32_t bytes;
    uint32_t zero;
    uint8_t frame[];
};

static size_t record_bytes(uint32_t frame_bytes)
{
    size_t bytes = sizeof(struct wire_pcap_record) + frame_bytes;

    return (bytes + 15) & ~(size_t)15;
}

/* The first error is the one that is told. */
static const char *fail(struct wire_pcap *pcap, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *fail(struct wire_pcap *pcap, const char *format, ...)
{
    va_list arguments;

    if (pcap->error[0] != '\0')
        return pcap->error;
    va_start(arguments, format);
    vsnprintf(pcap->error, sizeof(pcap->error), format, arguments);
    va_end(arguments);
    return pcap->error;
}

static bool is_stopped(const struct wire_pcap *pcap)
{
    return __atomic_load_n(&pcap->stopped, __ATOMIC_RELAXED);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/* --- reading -------------------------------------------------------------- */

/* Whether a frame of any size has room. */
static bool store_has_room(struct wire_pcap *pcap)
{
    const size_t needed =
        pcap->store_used + record_bytes(WIRE_PCAP_FRAME_MAX);
    size_t bytes = pcap->store_bytes ? pcap->store_bytes * 2
                                     : STORE_BYTES_FIRST;
    uint8_t *larger;

    if (needed <= pcap->store_bytes)
        return true;
    if (bytes > pcap->store_limit)
        bytes = pcap->store_limit;
    if (needed > bytes)
        return false;
    larger = realloc(pcap->store, bytes);
    if (!larger)
        return false;
    pcap->store = larger;
    pcap->store_bytes = bytes;
    return true;
}

static void store_frame(struct wire_pcap *pcap, uint64_t nanoseconds,
                        const struct capture_frame *frame)
{
    struct wire_pcap_record *record;

    record = (struct wire_pcap_record *)(pcap->store + pcap->store_used);
    record->nanoseconds = nanoseconds;
    record->bytes = frame->prefix + frame->bytes;
    memcpy(record->frame, frame->header, frame->prefix);
    memcpy(record->frame + frame->prefix, frame->data, frame->bytes);
    pcap->store_used += record_bytes(record->bytes);
    if (pcap->counts.loops_done == 0)
        capture_flows_add(&pcap->flows, record->frame, record->bytes);
}

/* Returns false if reading is to end here. */
static bool record_take(struct wire_pcap *pcap,
                        const struct capture_record *record)
{
    struct wire_pcap_counts again = {0}, *counts = &pcap->counts;
    struct capture_frame frame;
    char why[96] = "";

    if (counts->loops_done > 0)
        counts = &again;
    switch (capture_judge(&pcap->options, record, &pcap->newest, counts,
                          &frame, why, sizeof(why))) {
    case CAPTURE_PLAYED:
        store_frame(pcap, record->nanoseconds, &frame);
        return --pcap->to_read > 0;
    case CAPTURE_STOPPED:
        pcap->is_failed = true;
        pcap->is_refused = true;
        fail(pcap, "%s: record %llu: %s", pcap->name,
             (unsigned long long)pcap->counts.records, why);
        return false;
    case CAPTURE_SKIPPED:
    default:
        return true;
    }
}

static bool record_read(struct wire_pcap *pcap)
{
    struct capture_record record;

    switch (capture_next(&pcap->reader, &record)) {
    case CAPTURE_RECORD:
        return record_take(pcap, &record);
    case CAPTURE_DAMAGED:
        if (is_stopped(pcap))
            return false;
        pcap->is_failed = true;
        pcap->counts.errors++;
        fail(pcap, "%s: input capture damaged: %s", pcap->name,
             pcap->reader.reason);
        return false;
    case CAPTURE_END:
    default:
        return false;
    }
}

/* Fill the empty store; closes the reader when there is no more. */
static void store_fill(struct wire_pcap *pcap)
{
    pcap->store_used = 0;
    pcap->store_next = 0;
    while (store_has_room(pcap)) {
        if (!is_stopped(pcap) && record_read(pcap))
            continue;
        capture_close(&pcap->reader);
        break;
    }
    if (pcap->store_used == 0 && pcap->reader.capture) { /* not even one */
        capture_close(&pcap->reader);
        pcap->is_failed = true;
        fail(pcap, "%s: no memory to read a capture into", pcap->name);
    }
    if (pcap->counts.loops_done == 0) {
        pcap->counts.flows = pcap->flows.count;
        pcap->counts.flows_overflow = pcap->flows.overflow;
        if (!pcap->reader.capture)
            capture_flows_end(&pcap->flows);
    }
}

static const char *reader_open(struct wire_pcap *pcap)
{
    int descriptor = fcntl(pcap->input, F_DUPFD_CLOEXEC, 0);
    const char *wrong;

    if (descriptor < 0)
        return fail(pcap, "%s: %s", pcap->name, strerror(errno));
    wrong = capture_open(&pcap->reader, descriptor, &pcap->stopped);
    pcap->newest = 0;
    return wrong ? fail(pcap, "%s: not a capture: %s", pcap->name, wrong)
                 : NULL;
}

/* --- loops ---------------------------------------------------------------- */

static bool is_last_loop(const struct wire_pcap *pcap)
{
    return pcap->is_failed || pcap->loop_frames == 0 || pcap->to_read == 0 ||
           is_stopped(pcap) ||
           pcap->counts.loops_done == pcap->options.loops;
}

static bool capture_rewind(struct wire_pcap *pcap)
{
    if (pcap->is_whole) {
        pcap->store_next = 0;
        return true;
    }
    if (lseek(pcap->input, 0, SEEK_SET) == 0)
        return reader_open(pcap) == NULL;
    fail(pcap, "%s: cannot be read a second time: %s", pcap->name,
         strerror(errno));
    return false;
}

/* Everything was played once more. */
static void loop_end(struct wire_pcap *pcap)
{
    uint64_t delay = pcap->options.loop_delay_ns;

    if (pcap->loop_frames > 0 && pcap->to_read > 0)
        pcap->counts.loops_done++;
    if (is_last_loop(pcap) || !capture_rewind(pcap)) {
        pcap->is_done = true;
        return;
    }
    pcap->shift = sum(pcap->shift, pcap->loop_newest - pcap->loop_first);
    pcap->shift = sum(pcap->shift, delay);
    pcap->loop_frames = 0;
    if (pcap->is_timed)
        replay_pacer_loop(&pcap->pacer, clock_nanoseconds() - pcap->start,
                          delay);
}

static bool is_used_up(const struct wire_pcap *pcap)
{
    return pcap->store_next == pcap->store_used;
}

/* Whether there is a frame, now or later. */
static bool frames_left(struct wire_pcap *pcap)
{
    while (__builtin_expect(is_used_up(pcap), 0) && !pcap->is_done) {
        if (pcap->reader.capture)
            store_fill(pcap);
        if (!pcap->reader.capture && is_used_up(pcap))
            loop_end(pcap);
    }
    return !pcap->is_done && !is_stopped(pcap);
}

/* --- playing -------------------------------------------------------------- */

static void start(struct wire_pcap *pcap)
{
    pcap->is_started = true;
    pcap->start = clock_nanoseconds();
}

static const struct wire_pcap_record *record_next(const struct wire_pcap *pcap)
{
    return (const struct wire_pcap_record *)(pcap->store + pcap->store_next);
}

/*
 * When the next frame is due. False if that is after the end of the run, which
 * has come then.
 */
static bool find_due(struct wire_pcap *pcap, uint64_t now)
{
    uint64_t end = sum(pcap->start, pcap->options.duration_ns);

    if (!pcap->is_due_known)
        pcap->due = sum(pcap->start,
                        replay_pacer_due(&pcap->pacer,
                                         record_next(pcap)->nanoseconds));
    pcap->is_due_known = true;
    if (pcap->options.duration_ns > 0 && (now >= end || pcap->due >= end))
        pcap->is_done = true;
    return !pcap->is_done;
}

/* In a timed replay: whether the next frame may be taken now. */
static bool time_has_come(struct wire_pcap *pcap)
{
    uint64_t now = clock_nanoseconds();

    if (!find_due(pcap, now) || now < pcap->due)
        return false;
    if (pcap->options.pace != REPLAY_TOP)
        histogram_record(&pcap->lateness, now - pcap->due);
    replay_pacer_played(&pcap->pacer, record_next(pcap)->bytes);
    pcap->is_due_known = false;
    pcap->counts.last_ns = now;
    if (pcap->counts.packets_in == 0)
        pcap->counts.first_ns = now;
    return true;
}

static void look_at_clock(struct wire_pcap *pcap)
{
    pcap->counts.last_ns = clock_nanoseconds();
    if (pcap->counts.packets_in == 0)
        pcap->counts.first_ns = pcap->counts.last_ns;
}

/* The time stamps of a loop, for those of the next one. */
static void follow_loop(struct wire_pcap *pcap, uint64_t stamp)
{
    if (pcap->loop_frames++ == 0) {
        pcap->loop_first = stamp;
        pcap->loop_newest = stamp;
    }
    if (stamp > pcap->loop_newest)
        pcap->loop_newest = stamp;
}

/*
 * The end of the capture is seen with its last frame, where possible. The store
 * is left as it is: the frame is still to be used.
 */
static void frame_count(struct wire_pcap *pcap,
                        const struct wire_pcap_record *record)
{
    pcap->store_next += record_bytes(record->bytes);
    follow_loop(pcap, record->nanoseconds);
    __atomic_store_n(&pcap->stamp, sum(record->nanoseconds, pcap->shift),
                     __ATOMIC_RELAXED);
    pcap->counts.packets_in++;
    pcap->counts.bytes_in += record->bytes;
    if (is_used_up(pcap) && !pcap->reader.capture)
        loop_end(pcap);
    if (--pcap->to_play == 0)
        pcap->is_done = true;
}

static const uint8_t *frame_receive(struct wire *wire, uint32_t *bytes)
{
    struct wire_pcap *pcap = (struct wire_pcap *)wire;
    const struct wire_pcap_record *record;

    if (__builtin_expect(!pcap->is_started, 0))
        start(pcap);
    if (!frames_left(pcap))
        return NULL;
    if (pcap->is_timed && !time_has_come(pcap))
        return NULL;
    if (!pcap->is_timed && pcap->counts.packets_in % FRAMES_A_LOOK == 0)
        look_at_clock(pcap);
    record = record_next(pcap);
    frame_count(pcap, record);
    *bytes = record->bytes;
    return record->frame;
}

static bool frame_next(struct wire *wire, uint64_t *nanoseconds)
{
    struct wire_pcap *pcap = (struct wire_pcap *)wire;
    uint64_t now = clock_nanoseconds();

    if (!pcap->is_started)
        start(pcap);
    if (!frames_left(pcap) || (pcap->is_timed && !find_due(pcap, now)))
        return false;
    *nanoseconds = pcap->is_timed && pcap->due > now ? pcap->due : now;
    return true;
}

/*
 * After the last frame of a capture that was not known to end there, this is
 * only true once receive() or next() has looked.
 */
static bool frames_ended(const struct wire *wire)
{
    const struct wire_pcap *pcap = (const struct wire_pcap *)wire;

    if (pcap->is_done || is_stopped(pcap))
        return true;
    return pcap->options.duration_ns > 0 && pcap->is_started &&
           clock_nanoseconds() - pcap->start >= pcap->options.duration_ns;
}

static void frame_send(struct wire *wire, const uint8_t *frame, uint32_t bytes)
{
    struct wire_pcap *pcap = (struct wire_pcap *)wire;

    pcap->counts.packets_out++;
    pcap->counts.bytes_out += bytes;
    if (pcap->writer.dumper)
        capture_writer_add(&pcap->writer,
                           __atomic_load_n(pcap->stamp_sent, __ATOMIC_RELAXED),
                           frame, bytes);
}

static const struct wire_ops wire_pcap_ops = {
    .receive = frame_receive,
    .next = frame_next,
    .ended = frames_ended,
    .send = frame_send,
};

/* --- opening and closing -------------------------------------------------- */

static void release(struct wire_pcap *pcap)
{
    const char *wrong = capture_writer_close(&pcap->writer);

    if (wrong)
        fail(pcap, "output capture: %s", wrong);
    capture_close(&pcap->reader);
    capture_flows_end(&pcap->flows);
    if (pcap->input >= 0)
        close(pcap->input);
    pcap->input = -1;
    free(pcap->store);
    pcap->store = NULL;
    pcap->store_used = 0;
    pcap->store_next = 0;
    pcap->is_done = true;
}

static const char *begin(struct wire_pcap *pcap,
                         const struct replay_options *options)
{
    const char *wrong = replay_check(options);

    memset(pcap, 0, sizeof(*pcap));
    pcap->wire.ops = &wire_pcap_ops;
    pcap->input = -1;
    pcap->stamp_sent = &pcap->stamp;
    pcap->options = *options;
    pcap->to_read = options->limit ? options->limit : UINT64_MAX;
    pcap->to_play = pcap->to_read;
    pcap->is_timed = options->pace != REPLAY_TOP || options->duration_ns > 0 ||
                     options->loop_delay_ns > 0;
    if (wrong)
        return fail(pcap, "%s", wrong);
    replay_pacer_begin(&pcap->pacer, options);
    return NULL;
}

static const char *check_link(struct wire_pcap *pcap)
{
    char what[CAPTURE_LINK_BYTES];

    if (pcap->reader.stream.is_pcapng ||
        pcap->options.link_type != REPLAY_STOP ||
        !capture_link_is_other(pcap->reader.link, what))
        return NULL;
    return fail(pcap, "%s: %s", pcap->name, what);
}

/* As much as there is room for; or all of it, or why it cannot be played. */
static const char *read_first(struct wire_pcap *pcap)
{
    if (reader_open(pcap) || check_link(pcap))
        return pcap->error;
    store_fill(pcap);
    pcap->is_whole = !pcap->reader.capture;
    if (pcap->is_refused && pcap->counts.playable == 0)
        return pcap->error;
    if (pcap->options.preload && !pcap->is_whole)
        return fail(pcap, "%s: more than %zu MiB of frames: too much to preload",
                    pcap->name, pcap->store_limit >> 20);
    if (pcap->is_whole && pcap->store_used == 0)
        loop_end(pcap);
    return NULL;
}

static const char *plug(struct wire_pcap *pcap, const char *output)
{
    const char *wrong;

    if (pcap->input < 0)
        pcap->is_done = true;
    else if (read_first(pcap))
        return pcap->error;
    if (!output)
        return NULL;
    wrong = capture_writer_open(&pcap->writer, output, pcap->reader.is_micro,
                                pcap->input);
    return wrong ? fail(pcap, "%s: %s", output, wrong) : NULL;
}

const char *wire_pcap_open_descriptor(struct wire_pcap *pcap, int descriptor,
                                      const char *name, size_t store_bytes,
                                      const char *output,
                                      const struct replay_options *options)
{
    const char *wrong = begin(pcap, options);

    pcap->input = descriptor;
    pcap->name = name;
    pcap->store_limit = store_bytes;
    if (!wrong)
        wrong = plug(pcap, output);
    if (wrong)
        release(pcap);
    return wrong;
}

const char *wire_pcap_open(struct wire_pcap *pcap, const char *input,
                           const char *output,
                           const struct replay_options *options)
{
    int descriptor = -1;

    if (input) {
        descriptor = open(input, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) {
            const char *why = strerror(errno);

            begin(pcap, options);
            return fail(pcap, "%s: %s", input, why);
        }
    }
    return wire_pcap_open_descriptor(
        pcap, descriptor, input,
        options->preload ? WIRE_PCAP_PRELOAD_BYTES : WIRE_PCAP_STORE_BYTES,
        output, options);
}

void wire_pcap_stamp_like(struct wire_pcap *pcap,
                          const struct wire_pcap *other)
{
    pcap->stamp_sent = &other->stamp;
}

const char *wire_pcap_close(struct wire_pcap *pcap)
{
    release(pcap);
    return pcap->error[0] != '\0' ? pcap->error : NULL;
}

void wire_pcap_stop(struct wire_pcap *pcap)
{
    __atomic_store_n(&pcap->stopped, true, __ATOMIC_RELAXED);
}
