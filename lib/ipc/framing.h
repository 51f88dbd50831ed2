/*
 * Framing: how records lie in a stream of bytes, and getting them out of it.
 *
 * The decoder is fed bytes and gives records, so that a poll(2) loop or a test can drive it; the reader
 * is a decoder with a file descriptor. Records are views into the decoder's buffer: nothing is copied.
 * Memory is bounded by the largest record that is allowed, whatever the input says.
 * The other direction is in framing_writer.h.
 */
#pragma once

#include "ipc/buffer.h"
#include "ipc/record.h"

#include <sys/types.h>

enum framing {
	FRAMING_LINE,
	FRAMING_NUL,
	FRAMING_NETSTRING,
	FRAMING_JSON,
	FRAMING_WHOLE,
	FRAMING_COUNT,
};

struct ipc_decoder;

struct ipc_framing {
	const char *name; /* as `-F` takes it */
	const char *help;

	/* The rest is for framing.c and framing_writer.c. */
	int separator;              /* the byte that ends a record and can't be told from data; -1: none */
	bool detached;              /* the text of a record does not hold its bytes as they are */
	size_t (*room)(size_t len); /* the longest text of a record of len bytes */
	size_t (*lead)(size_t len); /* what stands before the data in it */
	int (*decode)(struct ipc_decoder *d, struct ipc_record *ret);
	size_t (*encode)(
		char *dst, const struct ipc_record *r); /* r->data may be dst + lead(r->len) or more */
	int (*unpack)(const char *text, size_t len, struct ipc_buffer *data, struct ipc_record *ret);
};

/* Every framing, indexed by enum framing; the entry behind the last has no name. */
extern const struct ipc_framing ipc_framings[FRAMING_COUNT + 1];

/** The framing of that name, or -EINVAL. */
int ipc_framing_find(const char *name);

/* What was wrong with the input. Numbers count from the start of the input; bytes from 0, records from 1. */
struct ipc_framing_error {
	int code; /* 0, -EBADMSG, -EMSGSIZE or -ENOMEM */
	const char
		*text; /* -EBADMSG: what is wrong, a constant phrase; NULL: the input ends within a record */
	uint64_t record; /* the number of the record */
	uint64_t offset; /* -EBADMSG: the byte that is wrong; -EMSGSIZE: where the record begins */
	uint64_t size;   /* -EMSGSIZE: bytes in the record; input that ends: bytes that are left over */
	bool at_least;   /* the end of the record was not seen: it has at least size bytes */
};

/* Room for what ipc_framing_explain writes. */
enum { FRAMING_ERROR_SIZE = 160 };

/**
 * Says it in words: "record 17: expected ':' after the length, at byte 5003", "record 17 has 9000 bytes,
 * the limit is 8192". Printable text.
 *
 * Returns ret.
 */
const char *ipc_framing_explain(
	const struct ipc_framing_error *e, size_t max_record, char ret[FRAMING_ERROR_SIZE]);

/* Bytes to records. Use the functions; records, consumed, fed and error may be read. */
struct ipc_decoder {
	const struct ipc_framing *framing;
	size_t max;           /* bytes a record may have */
	struct ipc_buffer in; /* fed and not yet given out: start to end */
	size_t start, end;
	size_t scanned; /* of these, how many were searched for a separator already */
	bool at_end;
	struct ipc_buffer data; /* the record, where the framing has it in another form */
	uint64_t fed;           /* bytes */
	uint64_t consumed;      /* bytes, to the end of the last record given out */
	uint64_t records;       /* given out */
	struct ipc_framing_error error;
};

/** Begins; allocates nothing yet. max_record: bytes that a record may have (of data, not of JSON text). */
void ipc_decoder_init(struct ipc_decoder *d, enum framing framing, size_t max_record);

void ipc_decoder_free(struct ipc_decoder *d);

/**
 * Where the next bytes of input are to be put, at least one; the last record becomes invalid.
 *
 * To be called when ipc_decoder_next returned -EAGAIN (or before the first one).
 * Returns 0 or -ENOMEM.
 */
int ipc_decoder_room(struct ipc_decoder *d, char **ret, size_t *ret_len);

/** Tells that len bytes were put there; 0 is the end of the input. */
void ipc_decoder_fed(struct ipc_decoder *d, size_t len);

/** Copies bytes in. Returns how many were taken (at least one; the rest is for later) or -ENOMEM. */
ssize_t ipc_decoder_feed(struct ipc_decoder *d, const void *buf, size_t len);

/**
 * Feeds by one read(2); for poll loops.
 *
 * Returns the number of bytes, 0 at the end of the input, or -errno: -EAGAIN if there are none now.
 */
ssize_t ipc_decoder_read(struct ipc_decoder *d, int fd);

/**
 * Gets the next record.
 *
 * ret->data points into the decoder and is valid until the next call. The BUFFER_MARGIN bytes before it and
 * the one behind it may be overwritten through ipc_decoder_data(): a message type, a closing NUL.
 * Returns 1; 0 at the end of the input; -EAGAIN if more must be fed; or, from then on always, -EMSGSIZE
 * if a record is over the limit, -EBADMSG if the input is malformed (d->error says more), -ENOMEM.
 */
int ipc_decoder_next(struct ipc_decoder *d, struct ipc_record *ret);

/** The data of r, which the last ipc_decoder_next gave, writable with its margin. */
char *ipc_decoder_data(struct ipc_decoder *d, const struct ipc_record *r);

/** Bytes that were fed and did not come out in a record: what is lost if the caller stops here. */
static inline uint64_t ipc_decoder_left(const struct ipc_decoder *d)
{
	return d->fed - d->consumed;
}

/* A decoder and where its bytes come from; the descriptor stays the caller's. */
struct ipc_reader {
	struct ipc_decoder d;
	int fd;
};

void ipc_reader_init(struct ipc_reader *r, int fd, enum framing framing, size_t max_record);
void ipc_reader_free(struct ipc_reader *r);

#define AUTO_READER_FREE __attribute__((cleanup(ipc_reader_free)))

/**
 * Gets the next record as ipc_decoder_next does, and reads when there is none: never further than it
 * must, so that a record is given out as soon as it is there. EINTR is retried, and a descriptor that
 * somebody made non-blocking is waited for.
 *
 * Returns 1, 0 at the end of the input, or -errno; r->d.error.code is 0 if it was read(2) that failed.
 */
int ipc_reader_next(struct ipc_reader *r, struct ipc_record *ret);
