/* SPDX-License-Identifier: MIT */
/*
 * decoder.h - the host's side of the interface decoder (decoder.idl): a file's
 * bytes in, pixels out, by a domain that is believed nothing.
 *
 * Each file has a life of the domain for itself, so that none can harm the
 * next one's pixels.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct domain;

#define DECODER_REASON_MAX 64

enum decoder_outcome {
    DECODER_DECODED,
    DECODER_REFUSED, /* no image, damaged, or too large for the quota */
    DECODER_DIED,    /* the domain: of the file, or of its budget */
    DECODER_LIED,    /* the domain answered what cannot be */
    DECODER_STOPPED, /* the sink did not want any more */
    DECODER_GONE,    /* the domain cannot be had any more */
};

/* @reason: printable; empty after DECODER_DECODED and DECODER_STOPPED. */
struct decoded {
    enum decoder_outcome outcome;
    uint32_t width, height; /* 1 or more, and their product fits the quota */
    uint32_t channels;      /* of the file; three come out */
    char reason[DECODER_REASON_MAX];
};

/*
 * Where pixels go: rows from the top, three bytes a pixel, in pieces. The
 * bytes lie where the domain could have changed them until now, and cannot as
 * long as this runs. Returns false to have no more.
 */
struct decoder_sink {
    bool (*take)(struct decoder_sink *sink, const struct decoded *image,
                 const uint8_t *pixels, size_t bytes);
};

/* @is_used: the present life has had a file. The members are its own. */
struct decoder {
    struct domain *domain;
    uint64_t piece, report; /* shared objects of the domain's */
    uint64_t pixels_max;    /* bytes of an image */
    bool is_used;
};

/*
 * @domain: loaded, affine, and allowed to be restarted as often as need be.
 * Errors: false: it does not export the interface decoder.
 */
bool decoder_open(struct decoder *decoder, struct domain *domain);

/*
 * Decode the @size bytes of a file. @sink: NULL to have the pixels forgotten,
 * but for whether there are as many as there should be.
 * Needs:  a kernel thread, the same for each call.
 * Errors: @image says what came of it; what the sink has got is no image then.
 */
void decoder_decode(struct decoder *decoder, const uint8_t *bytes, size_t size,
                    struct decoder_sink *sink, struct decoded *image);
