/*
 * A server: the sockets it listens on, who may come in, how many at once, and how it ends. What is done with
 * a client is a mode's: it runs a program (serve_program.h), sends back what comes (serve_echo.h), prints.
 *
 * Everything happens in one loop, from which the mode is called, so that no client holds another. A mode that needs
 * more than its clients (standard input, a shared output) waits for it in the same loop.
 *
 * While all places are taken nobody is accepted, and clients wait in the backlog. The same holds while descriptors,
 * processes or memory have run out: the listening sockets are then left alone until something may have become free.
 */
#pragma once

#include "ipc/access.h"
#include "ipc/attr.h"
#include "ipc/claim.h"
#include "ipc/loop.h"
#include "ipc/peer.h"

struct server;
struct server_client;

/* A socket that clients come in by. */
struct server_listener {
	struct server *server;
	int fd;
	bool owned;                    /* not handed over by the caller */
	enum access_default otherwise; /* who may come in where no rule says so */
	struct claim claim;            /* of a path */
	struct loop_watch watch;
};

enum server_refusal {
	REFUSED_BY_RULE,   /* or by the default */
	REFUSED_PER_USER,  /* too many of the same user, or of the same address */
	REFUSED_UNKNOWN,   /* who it is could not be told */
	REFUSED_BY_CALLER, /* the observer */
};

/* Why somebody was not let in. */
struct server_denial {
	enum server_refusal refusal;
	const struct peer *peer;
	int rule;  /* the index of the rule that decided, -1: none did */
	int error; /* REFUSED_UNKNOWN, REFUSED_BY_CALLER: -errno; else -EACCES */
};

/* What is done with clients. Fields that are NULL are not needed. */
struct server_mode {
	bool blocking; /* sockets of clients are left in blocking mode, for programs */

	/*
	 * A client was let in. Whatever happens to it from now on is the mode's business, until it calls
	 * server_release(). Returns 0 or -errno: it is closed, and end is not called; for one of EAGAIN, EMFILE, ENFILE,
	 * ENOMEM it is tried again when something may have become free, and nobody is accepted until then.
	 */
	int (*begin)(struct server_client *c);

	/* It leaves: what begin made is given back. Its socket is still open. */
	void (*end)(struct server_client *c);

	/* It is to leave soon: the server was asked for the second time to stop. NULL: it leaves at once. */
	void (*hurry)(struct server_client *c);

	/* A datagram socket has something to read. Returns 0 or -errno, which ends the server. */
	int (*datagrams)(struct server_listener *l);

	/* The server was asked to stop; s->stopping says how often. */
	void (*asked)(struct server *s);

	/* Nobody is accepted any more; the server ends when all clients have left (and hold() was let go). */
	void (*stopped)(struct server *s);
};

/* Somebody who was let in. */
struct server_client {
	struct server *server;
	struct server_listener *listener;
	uint64_t number; /* from 1 */
	int fd;
	struct peer peer;
	uint64_t same;           /* how many of its user are in, itself included */
	struct loop_watch watch; /* for the mode */
	struct loop_timer timer; /* for the mode */
	void *data;              /* the mode's */
	uint64_t received, sent; /* bytes, where the mode sees them; for the observer */
	/* The rest is for server.c. */
	bool begun, lingering;
	struct loop_watch linger;
	struct loop_timer idle;
	struct server_client *previous, *next;
};

/** The client whose watch it is: for the mode that waits by it. */
static inline struct server_client *server_client_of_watch(struct loop_watch *w)
{
	return (struct server_client *)((char *)w - offsetof(struct server_client, watch));
}

/** The client whose timer it is. */
static inline struct server_client *server_client_of_timer(struct loop_timer *t)
{
	return (struct server_client *)((char *)t - offsetof(struct server_client, timer));
}

struct server_options {
	int type; /* SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM */
	int backlog;
	mode_t file_mode; /* of a path */
	uid_t uid;        /* its owner; -1: leaves it */
	gid_t gid;
	struct ipc_deadline patience; /* for others that take over the same path: claim_listen() */
	struct access_rules rules;    /* not owned */
	uint64_t max;                 /* clients at once */
	uint64_t max_per_uid;         /* of one user, or of one address where the user is not known */
	int64_t idle_ns;              /* a client that moves nothing for so long leaves; WAIT_FOREVER */
	int64_t wait_ns;              /* how long it waits for a client while it has none; WAIT_FOREVER */
	bool once;                    /* one client, and the end */
};

/* What the terminal side wants to know; each may be NULL. */
struct server_reports {
	void (*denied)(struct server *s, const struct server_denial *d);
	void (*idle)(struct server *s, const struct server_client *c);

	/* Clients wait because something ran out (error); or one was lost (c), since the mode could not begin. */
	void (*trouble)(struct server *s, const struct server_client *c, int error);
};

struct server {
	struct ipc_ctx *ctx;
	const struct ipc_selector *selector;
	struct server_options options;
	const struct server_mode *mode;
	void *mode_data;
	struct server_reports reports;
	void *reports_data;
	struct loop loop;
	struct server_listener *listeners; /* owned */
	size_t listeners_len;
	uint64_t clients_len;    /* at present */
	uint64_t clients_served; /* all there were */
	int stopping;            /* how often it was asked to stop */
	int signal;              /* the first that asked, 0: none did */
	int withdrawn; /* -errno why its path could not be removed: -ESTALE if another one has it by now */
	/* The rest is for server.c. */
	struct server_client *clients;
	struct server_client *waiting; /* let in, and the mode could not begin yet */
	struct loop_timer retry, lonely;
	bool listening, closed, held;
	unsigned want; /* PEER_... */
	int64_t signal_ns;
};

/**
 * Begins. s must stay where it is, and selector, ctx and the rules must outlive it.
 *
 * options: zero fields mean what they say (max 0: nobody), so fill in all
 * Returns 0 or -errno.
 */
int server_init(struct server *s, struct ipc_ctx *ctx, const struct ipc_selector *selector,
	const struct server_options *options, const struct server_mode *mode);

/**
 * Opens the sockets it listens on. From here on clients may come, and wait.
 *
 * error: filled in as by sock_address_resolve()
 * Returns 0 or -errno, those of sock_address_resolve() and claim_listen() included: -EDESTADDRREQ for an address that
 * is neither a path, abstract nor on the loopback and no rules say who may come; -EADDRINUSE; -EINVAL for
 * a socket that was handed over and does not listen, -EPROTOTYPE for one of another type.
 */
int server_listen(struct server *s, struct ipc_selector_error *error);

/** The selector's text for the address a socket has, or NULL; the caller frees it. */
char *server_listener_text(const struct server_listener *l);

/**
 * Serves until it has stopped: at SIGTERM, SIGINT or SIGHUP, after the one client of once, or by server_stop().
 * The first signal stops it, a second half a second later or more makes the clients hurry.
 *
 * Returns 0 or -errno: -ETIMEDOUT or -EAGAIN if nobody came in time.
 */
int server_run(struct server *s);

/**
 * Asks it to stop: paths are withdrawn, nobody is accepted any more, and it ends when all clients have left. Again:
 * clients are told to hurry.
 */
void server_stop(struct server *s);

/** Keeps a server that was stopped and has no clients from ending, until called with false. */
void server_hold(struct server *s, bool on);

/** Withdraws paths and closes everything. */
void server_clear(struct server *s);

enum server_leave {
	/*
	 * What was sent may still be on its way, and the kernel would throw it away if the client's own data were
	 * unread (TCP), or tell it of a reset: so the sending side is closed, and what comes is read for a while.
	 */
	SERVER_LINGER,
	SERVER_CLOSE, /* at once */
};

/** A client leaves. c is gone afterwards, or when it has lingered. */
void server_release(struct server_client *c, enum server_leave how);

/** Something was received from a client or sent to it: its idle time begins anew. */
void server_touch(struct server_client *c);

/**
 * Decides on the sender of a datagram (or anybody else), and reports a denial: to the observer and the terminal side.
 * Returns whether it is admitted.
 */
bool server_admits(struct server_listener *l, const struct peer *p);

/** Tells the observer of a datagram that was admitted. */
void server_took(struct server_listener *l, const struct peer *p, uint64_t bytes);

/** What the mode must ask peer_identify() for. */
unsigned server_peer_wants(const struct server *s);
