/* SPDX-License-Identifier: MIT */
/*
 * decoder.c - calls the domain as whoever calls nobody's domain does
 * (crossing_run()): the interface's methods take numbers and lent references,
 * which travel in registers.
 *
 * Piece and report are objects of the domain's own, so that its death frees
 * them and its quota pays for them. It may have dropped them, whatever the
 * interface says: the registry is asked before each look. Numbers in them are
 * copied before they are checked.
 */
#include "decoder.h"
#include "decoder_types.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/restart.h"
#include "tepal_trusted/rref.h"
#include <string.h>

/* As in decoder.idl, in its order. */
enum { METHOD_BEGIN, METHOD_WRITE, METHOD_DECODE, METHOD_READ, METHODS };

enum { ERROR_NO_MEMORY = 1, ERROR_NOT_DECODED = 4 };

struct image_piece {
    uint32_t bytes, reserved0;
    uint64_t reserved[7];
    uint8_t data[262144];
};

struct image_report {
    uint32_t width, height, channels, reserved0;
    uint8_t reason[48];
};

#define CHANNELS 3u

bool decoder_open(struct decoder *decoder, struct domain *domain)
{
    tp_assert(type_decoder_image_piece.bytes == sizeof(struct image_piece));
    tp_assert(type_decoder_image_report.bytes == sizeof(struct image_report));
    memset(decoder, 0, sizeof(*decoder));
    if (domain->export_count != 1 || domain->exports[0].count != METHODS ||
        domain->exports[0].interface_id != interface_decoder.id)
        return false;
    decoder->domain = domain;
    decoder->pixels_max = domain->private_quota;
    return true;
}

static bool end_with(struct decoded *image, enum decoder_outcome outcome,
                     const char *reason)
{
    image->outcome = outcome;
    text_copy(image->reason, sizeof(image->reason), reason);
    return false;
}

static bool lied(struct decoded *image, const char *how)
{
    return end_with(image, DECODER_LIED, how);
}

/* A text of the domain's, which has no end if it does not want one. */
static bool refused(struct decoded *image, const uint8_t *reason, size_t room)
{
    size_t i;

    for (i = 0; i < room && i + 1 < sizeof(image->reason) && reason[i]; i++)
        image->reason[i] =
            reason[i] >= ' ' && reason[i] <= '~' ? (char)reason[i] : '.';
    image->reason[i] = 0;
    image->outcome = DECODER_REFUSED;
    return false;
}

/* What the domain must still have; NULL: it does not. */
static void *payload_of(const struct decoder *decoder, uint64_t handle,
                        const struct type *type)
{
    struct registry_record *record = registry_find(handle);

    if (!record || record->type != type ||
        record->word != owner_expected(handle, decoder->domain->id))
        return NULL;
    return registry_payload(record);
}

static struct image_piece *piece_of(const struct decoder *decoder)
{
    return payload_of(decoder, decoder->piece, &type_decoder_image_piece);
}

/* @error: what the method answered, if it did. */
static bool call(struct decoder *decoder, uint32_t method, uint64_t a,
                 uint64_t b, uint32_t *error, struct decoded *image)
{
    struct domain *domain = decoder->domain;
    struct rpc rpc =
        crossing_run(domain, domain->exports[0].entries[method], a, b, error);

    if (rpc.result == RPC_OK)
        return true;
    return rpc.result == RPC_CRASHED || rpc.result == RPC_DEAD
               ? end_with(image, DECODER_DIED, domain->death.cause)
               : end_with(image, DECODER_GONE, "the domain cannot be called");
}

/* The domain as it was when it was loaded, and its two objects. */
static bool begin_life(struct decoder *decoder, struct decoded *image)
{
    struct domain *domain = decoder->domain;
    struct thread *thread = thread_current();

    if (decoder->is_used)
        domain_restart(domain);
    if (!domain_is_alive(domain) && !domain_revive(domain, thread))
        return end_with(image, DECODER_GONE,
                        "the domain could not be restarted");
    decoder->is_used = true;
    decoder->piece = rref_new(thread, domain, &type_decoder_image_piece);
    decoder->report = rref_new(thread, domain, &type_decoder_image_report);
    if (!decoder->piece || !decoder->report)
        return end_with(image, DECODER_GONE, "no shared memory");
    return true;
}

/* Of @left bytes, what the next piece holds. */
static size_t piece_bytes(uint64_t left)
{
    const size_t most = sizeof(((struct image_piece *)NULL)->data);

    return left < most ? (size_t)left : most;
}

static bool write_piece(struct decoder *decoder, const uint8_t *bytes,
                        size_t offset, size_t count, struct decoded *image)
{
    struct image_piece *piece = piece_of(decoder);
    uint32_t error;

    if (!piece)
        return lied(image, "it dropped what it was lent");
    piece->bytes = (uint32_t)count;
    memcpy(piece->data, bytes + offset, count);
    if (!call(decoder, METHOD_WRITE, offset, decoder->piece, &error, image))
        return false;
    return error ? lied(image, "it did not take the file") : true;
}

static bool hand_over(struct decoder *decoder, const uint8_t *bytes,
                      size_t size, struct decoded *image)
{
    size_t offset, count;
    uint32_t error;

    if (!call(decoder, METHOD_BEGIN, size, 0, &error, image))
        return false;
    if (error)
        return end_with(image, DECODER_REFUSED, "larger than the memory");
    for (offset = 0; offset < size; offset += count) {
        count = piece_bytes(size - offset);
        if (!write_piece(decoder, bytes, offset, count, image))
            return false;
    }
    return true;
}

/* All pixels lie in its private heap, so they are no more than that holds. */
static bool take_report(const struct decoder *decoder,
                        const struct image_report *report,
                        struct decoded *image)
{
    uint64_t pixels;

    if (report->width == 0 || report->height == 0 ||
        __builtin_mul_overflow((uint64_t)report->width * report->height,
                               (uint64_t)CHANNELS, &pixels) ||
        pixels > decoder->pixels_max || report->channels == 0 ||
        report->channels > 4)
        return lied(image, "no image has such a size");
    image->width = report->width;
    image->height = report->height;
    image->channels = report->channels;
    return true;
}

static bool decode(struct decoder *decoder, struct decoded *image)
{
    const struct image_report *shared;
    struct image_report report;
    uint32_t error;

    if (!call(decoder, METHOD_DECODE, decoder->report, 0, &error, image))
        return false;
    shared = payload_of(decoder, decoder->report, &type_decoder_image_report);
    if (!shared)
        return lied(image, "it dropped what it was lent");
    memcpy(&report, shared, sizeof(report));
    if (error == ERROR_NOT_DECODED)
        return refused(image, report.reason, sizeof(report.reason));
    if (error)
        return lied(image, "it knows nothing of the file");
    return take_report(decoder, &report, image);
}

/* @wanted: how many bytes it must have filled. */
static bool read_piece(struct decoder *decoder, uint64_t offset, size_t wanted,
                       struct decoder_sink *sink, struct decoded *image)
{
    const struct image_piece *piece;
    uint32_t error;

    if (!call(decoder, METHOD_READ, offset, decoder->piece, &error, image))
        return false;
    piece = piece_of(decoder);
    if (!piece)
        return lied(image, "it dropped what it was lent");
    if (error || piece->bytes != wanted)
        return lied(image, "it has other pixels than it said");
    if (sink && !sink->take(sink, image, piece->data, wanted))
        return end_with(image, DECODER_STOPPED, "");
    return true;
}

static bool fetch(struct decoder *decoder, struct decoder_sink *sink,
                  struct decoded *image)
{
    uint64_t all = (uint64_t)image->width * image->height * CHANNELS;
    uint64_t offset, count;

    for (offset = 0; offset < all; offset += count) {
        count = piece_bytes(all - offset);
        if (!read_piece(decoder, offset, count, sink, image))
            return false;
    }
    return true;
}

void decoder_decode(struct decoder *decoder, const uint8_t *bytes, size_t size,
                    struct decoder_sink *sink, struct decoded *image)
{
    memset(image, 0, sizeof(*image));
    if (begin_life(decoder, image) &&
        hand_over(decoder, bytes, size, image) && decode(decoder, image) &&
        fetch(decoder, sink, image))
        image->outcome = DECODER_DECODED;
}
