/*
 * Records to bytes: collected in a buffer, written whole, and accounted for.
 *
 * A message that was taken out of a queue is nowhere else any more. So the writer knows where each record
 * in its buffer ends, and when writing fails it tells which are out and gives the others back. And a
 * message can be received straight into the buffer: reserve, receive, commit.
 */
#pragma once

#include "ipc/framing.h"

enum {
	/* The output is a terminal: data is shown with ESCAPE_DISPLAY (utf8.h), one record a write(2). */
	WRITER_ESCAPE = 1 << 0,
};

/**
 * The text of one record.
 *
 * buffer: where it is put; kept from call to call and freed by the caller
 * Returns 0, -ENOMEM, or -EMSGSIZE if it is over RECORD_MAX.
 */
int ipc_framing_encode(
	enum framing framing, const struct ipc_record *r, struct ipc_buffer *buffer, size_t *ret_len);

struct ipc_writer_mark;

/* Use the functions; records, bytes and ambiguous may be read. */
struct ipc_writer {
	const struct ipc_framing *framing;
	int fd;
	bool escape;
	bool ambiguous;        /* a record held the byte that separates records: worth one warning */
	bool margin_lent;      /* reserve gave out a place, and the bytes before it are in saved */
	struct ipc_buffer out; /* text: used bytes, of which written are out after a failure */
	size_t used, written;
	struct ipc_buffer data;        /* where records are received when their text has another form */
	struct ipc_writer_mark *marks; /* one for each record in out */
	size_t count;
	char *place;     /* where the last record was received */
	size_t received; /* and how many bytes */
	char saved[BUFFER_MARGIN];
	uint64_t records, bytes; /* that are out for sure: whole records, and bytes of text */
};

/** Begins; allocates nothing yet. The descriptor stays the caller's. flags: WRITER_ESCAPE or 0 */
void ipc_writer_init(struct ipc_writer *w, int fd, enum framing framing, unsigned flags);

/** Frees the memory; what was not flushed is lost. */
void ipc_writer_free(struct ipc_writer *w);

#define AUTO_WRITER_FREE __attribute__((cleanup(ipc_writer_free)))

/**
 * Adds a record; writes first if there is no room for it.
 *
 * Returns 0 or -errno, and then the record is not in the writer: a failed write(2), -ENOMEM, -EMSGSIZE if
 * it is over RECORD_MAX.
 */
int ipc_writer_put(struct ipc_writer *w, const struct ipc_record *r);

/**
 * Gives a place to receive a record of up to len bytes; writes first if there is no room for it.
 *
 * So what can fail fails before the message is taken. The BUFFER_MARGIN bytes before the place may be
 * overwritten too (msgrcv(2) puts the type there); commit puts back what was there. The place is valid until
 * the next call with w; reserving and not committing is fine.
 * Returns 0 or -errno, as ipc_writer_put.
 */
int ipc_writer_reserve(struct ipc_writer *w, size_t len, char **ret);

/**
 * Adds the record that lies in the place that was reserved. r->data is ignored, r->len at most what was
 * reserved. Can't fail.
 */
void ipc_writer_commit(struct ipc_writer *w, const struct ipc_record *r);

/**
 * Writes everything out. EINTR is retried, and a descriptor that somebody made non-blocking is waited for.
 *
 * Returns 0 or -errno. After a failure it can be called again and goes on where it stopped, until
 * ipc_writer_unwritten was used.
 */
int ipc_writer_flush(struct ipc_writer *w);

/**
 * Goes through the records that are not completely out, oldest first and once: after a failed flush,
 * to put them back. *cursor is 0 at first.
 *
 * ret: data as in ipc_decoder_next, margin included, valid until the next call; number and tag are those that
 *      were put, also where the framing has no place for them; the time only if it has
 * ret_torn: whether a part of it is out already; may be NULL
 * Returns 1, 0 at the end, or -ENOMEM.
 */
int ipc_writer_unwritten(struct ipc_writer *w, size_t *cursor, struct ipc_record *ret, bool *ret_torn);

/** Records that are in the buffer and not completely out. */
size_t ipc_writer_pending(const struct ipc_writer *w);
