/* Records on standard input and output: the options, and what is said about them. */
#pragma once

#include "cli/command.h"
#include "ipc/channel.h"
#include "ipc/framing.h"
#include "ipc/framing_writer.h"

/* -F, --framing, where a line is a record unless told otherwise. */
extern const struct opt record_opts[];

/* The same where bytes are plain unless it is given: FIFOs and stream sockets. */
extern const struct opt record_stream_opts[];

/* -J, --json: -F json where records are printed. */
extern const struct opt record_json_opts[];

/* --text: records that end with a NUL, as C programs send strings. */
extern const struct opt record_text_opts[];
extern bool arg_text;

/** Whether -F was given. */
bool records_framing_given(void);

/** Whether -F or -J was: records are wanted where plain bytes are the default. */
bool records_asked_for(void);

/** The framing asked for, by -F or -J. Returns CLI_OK, or CLI_USAGE behind a message. */
int records_framing(enum framing *ret);

/**
 * The same where records lie in a stream: -F says how, and -J only that they are printed as JSON.
 * Returns CLI_OK, or CLI_USAGE behind a message.
 */
int records_wire(enum framing *ret, bool *ret_json);

/** Begins to write records to standard output; escaped if that is a terminal. */
void records_writer_init(struct ipc_writer *w, enum framing framing);

/** Says once that a record held what separates records. */
void records_warn_ambiguous(const struct ipc_writer *w);

/** -EPIPE if nobody reads standard output any more, as far as that can be known without writing; else 0. */
int records_output_lost(const struct ipc_writer *w);

/**
 * Says why reading records ended early, and how many were taken from the input before.
 *
 * r: what ipc_reader_next() returned
 * what: "send to queue '/jobs'"
 * Returns the exit status.
 */
int records_read_failed(const struct ipc_reader *reader, int r, const char *what);
