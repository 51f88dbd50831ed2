/*
 * What a piece of work needs to know of its surroundings, passed down to everything that touches an
 * object. The core keeps no state of its own: whoever calls it makes one of these and may make two.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ipc_kind;
struct ipc_selector;
struct ipc_ctx;

/* What happened to an object: the words of the audit log and the monitor. */
enum ipc_event_type {
	EVENT_CREATE,
	EVENT_REMOVE,
	EVENT_OPEN,
	EVENT_ATTACH,
	EVENT_SEND,
	EVENT_RECEIVE,
	EVENT_CHANGE,
	EVENT_CONNECT,
	EVENT_DENY,
	EVENT_TYPES,
};

/** The word for an event, e.g. "receive". */
const char *ipc_event_name(enum ipc_event_type type);

/* Who is at the other end of a connection, as far as the kernel tells. */
struct ipc_peer {
	bool known; /* uid and gid are (pid is information only: it is not what was authorised) */
	pid_t pid;  /* 0: not known */
	uid_t uid;
	gid_t gid;
	const char *address; /* printable: "tcp:127.0.0.1:4711", a path; NULL: it has none */
};

/* One use of one object, reported once at its end; a stream reports its sums when it is closed. */
struct ipc_event {
	enum ipc_event_type type;
	const struct ipc_selector *selector;
	uint64_t count; /* messages, units or accesses */
	uint64_t bytes;
	int result;                  /* 0 or -errno */
	const struct ipc_peer *peer; /* of a server: the client that it is about; else NULL */
};

/*
 * Who is told of every use. The public calls of the core report; no command does, and none can forget.
 *
 * before: may be NULL; called ahead of the operation, and a negative return refuses it with that error
 * after: called when the operation is over, however it ended
 */
struct ipc_observer {
	int (*before)(struct ipc_observer *self, const struct ipc_event *event);
	void (*after)(struct ipc_observer *self, const struct ipc_event *event);
};

struct ipc_ctx {
	struct ipc_observer *observer; /* NULL: nobody is told */

	/*
	 * Finds "%word" in the caller's profile. ret gets the text of a selector with its kind, which
	 * the caller frees. NULL: there is no profile. Returns 0 or -ENOENT, and then *ret_nearest may
	 * name a word that was probably meant (not owned by the caller).
	 */
	int (*lookup)(struct ipc_ctx *ctx, const char *word, char **ret, const char **ret_nearest);
	void *profile;

	/* Lists also name what has no name to be found by: unnamed pipes, connected sockets. */
	bool all;

	/* Lists also name segments that have lost their name, which costs a walk through /proc. */
	bool unlinked;

	/* Where FIFOs and socket files are looked for, ended by NULL, not owned; NULL: nowhere. */
	const char *const *dirs;
	/* What was found there: see dirwalk.h. */
	struct dirwalk *dirwalk;

	/*
	 * The descriptor of a socket that was handed over to this process under a name (systemd:NAME), or -ENOENT.
	 * NULL: none was handed over.
	 */
	int (*handed)(struct ipc_ctx *ctx, const char *name);

	/* What the System V lister read last, so that asking about each object it named reads nothing again. */
	struct ipc_sysv_table *sysv;
	bool attributes_only; /* of what is being listed nothing but attributes is to be known */

	/* Who has what: see holders.h. */
	struct holders *holders;
	unsigned holders_wanted; /* HOLDERS_...: what the next walk gathers, too */
	bool holders_counted; /* holders are told apart by their pids alone: their users and commands are not read */

	/* What the proof that somebody is gone needs: see maker.h. */
	struct maker_view *maker;

	/* The IPC namespace that is worked in; NULL: the process's own. And that one's inode: see nspace.h. */
	struct nspace *ns;
	ino_t own_ns;

	/* What ipcctl makes is noted, and notes are looked at: see ledger.h. */
	bool ledger;
	/* $XDG_RUNTIME_DIR, not owned; NULL: it is not set. */
	const char *runtime_dir;
	struct ledgers *ledgers;
	int ledger_error; /* why what was made last could not be noted; 0: it was */

	/* How often somebody who had a file was waited for: see lease.h. */
	unsigned lease_pauses;

	/* The kernel's list of sockets: see sockdiag.h. */
	struct sockdiag *sockdiag;
};

#define IPC_CTX_INIT                                                                                         \
	{                                                                                                    \
		0                                                                                            \
	}

/** Forgets who had what open, and which sockets there were: what has to be asked again before each decision. */
void ipc_ctx_forget(struct ipc_ctx *ctx);

/** The same but for what the processes have open: for what the kernel tells itself who has it, which is asked anyway. */
void ipc_ctx_forget_kernel(struct ipc_ctx *ctx);

/** Frees what was gathered along the way; the context may be used again. */
void ipc_ctx_clear(struct ipc_ctx *ctx);

/** Tells the observer what is about to be done. Returns 0, or the error the operation is refused with. */
int ipc_observe_before(struct ipc_ctx *ctx, const struct ipc_event *event);

/** Tells the observer how it ended. Returns event->result, so that it can stand in a return statement. */
int ipc_observe_after(struct ipc_ctx *ctx, const struct ipc_event *event);
