/*
 * What flow.h is for bytes, where a relay has to see what passes: messages that keep their boundaries,
 * descriptors that travel beside the bytes, and a record of it all. One read, one write, memory of the largest message.
 */
#pragma once

#include "ipc/fdpass.h"
#include "ipc/flow.h"

struct conduit;

/**
 * Told what was read, before it is sent on. A negative return ends the conduit with it, and nothing was sent.
 */
typedef int conduit_tap_fn(struct conduit *c, const char *data, size_t len, size_t fds, void *arg);

/* A message that no buffer of this size holds is refused. */
#define CONDUIT_MESSAGE_MAX ((size_t)64 << 20)

struct conduit {
	int in, out;    /* sockets; not owned */
	uint64_t moved; /* bytes sent on */
	uint64_t count; /* messages sent on */
	bool in_ended;  /* the end of the input was seen */
	/* The rest is for conduit.c. */
	bool messages, pass_fds, held;
	conduit_tap_fn *tap;
	void *arg;
	char *buffer;
	size_t size, len, sent;
	struct fdpass *fds;
};

#define CONDUIT_NONE                                                                                         \
	{                                                                                                    \
		.in = -1, .out = -1                                                                          \
	}

enum {
	CONDUIT_MESSAGES = 1, /* SOCK_SEQPACKET: what is read at once is sent at once */
	CONDUIT_FDS = 2,      /* descriptors are passed on; else they are closed */
};

/**
 * Begins. With CONDUIT_MESSAGES the input gets SO_PASSCRED, which tells an empty message from the end.
 *
 * tap: may be NULL
 */
void conduit_init(struct conduit *c, int in, int out, unsigned flags, conduit_tap_fn *tap, void *arg);
void conduit_clear(struct conduit *c);

#define AUTO_CONDUIT __attribute__((cleanup(conduit_clear), unused))

/**
 * Moves what can be moved without waiting, at most about a megabyte.
 *
 * Returns FLOW_WANTS_IN, FLOW_WANTS_OUT, FLOW_ENDED, 0 (step again), or -errno: what receiving, sending or
 * the tap said; -EMFILE if more descriptors came than this process may have open; -EMSGSIZE for a message that
 * can't be passed on.
 */
int conduit_step(struct conduit *c);
