/*
 * Processes and the objects between them, as a graph: a model that is put together from objects with their
 * holders, whatever found them. What is left out and what becomes one is decided here; how it looks is not.
 *
 * The two ends of a connection are one object. A connection that a drawn server accepted is no object but an edge
 * from the client to the server, unless others than the server's own processes have it.
 */
#pragma once

#include "ipc/kind.h"

enum {
	SCENE_ALL = 1, /* leave out nothing: each connection by itself, and what nobody has */
	SCENE_NAMELESS =
		2, /* what joins processes and has no name, too: else only connections of named sockets */
};

/* Why an object is in a scene; the strongest counts. */
enum scene_choice {
	SCENE_BESIDE, /* it may be the other end of one that was chosen, or a connection of it */
	SCENE_CHOSEN, /* drawn if it joins processes */
	SCENE_NAMED,  /* drawn in any case */
};

#define SCENE_NONE ((size_t)-1)

struct scene_object {
	struct ipc_object object; /* owned */
	struct ipc_links links;   /* self is 0 where its kind has none */
	enum scene_choice choice;
	struct scene_object *other; /* the other end of the connection, drawn as one with it; NULL: none */
	struct scene_object
		*server; /* what accepted the connection, or what it sends to; NULL: it is not drawn */
	bool turned;     /* of a connection with a server: this is the server's end, and other the client's */
	bool left_out;   /* another one stands for it, or it joins nobody */
	bool folded;     /* it is an edge to the server */
	size_t rank;     /* index in drawn, or SCENE_NONE */
};

struct scene_process {
	pid_t pid;
	uid_t uid;
	bool uid_known;
	const char *command; /* raw bytes; NULL: not known; an object of the scene owns it */
};

struct scene_edge {
	size_t object;  /* index in drawn */
	size_t process; /* index in processes */
	bool behind;    /* the process belongs on the far side of the object: a server, the other end */
	bool reads, writes, blocked;
	bool faint; /* one of many that have this end of a channel without a name: inherited, more likely than used */
	bool bound;           /* the object has its name from the process */
	unsigned connections; /* how many the process has to it as a client; 0: it has the object itself */
	const char
		*how; /* as in struct ipc_holder, of the first of several; an object of the scene owns it */
};

/* Between two objects: a server, and a connection that it accepted and others have. */
struct scene_link {
	size_t from, to; /* indices in drawn */
};

struct scene {
	struct scene_object *v; /* all that was added; owned, as are the arrays below */
	size_t len, room;

	/* Filled in by scene_finish(), in an order that does not depend on that of the additions. */
	struct scene_object **drawn;
	size_t drawn_len;
	struct scene_process *processes; /* by pid */
	size_t processes_len;
	struct scene_edge *edges; /* by object, side and process */
	size_t edges_len;
	struct scene_link *links;
	size_t links_len;
};

/**
 * Adds an object that was looked at with WANT_HOLDERS, and takes it over (it is zeroed). One that is there already
 * makes no second one.
 *
 * links: NULL if its kind has none
 * Returns 0 or -ENOMEM.
 */
int scene_add(
	struct scene *s, struct ipc_object *object, const struct ipc_links *links, enum scene_choice choice);

/** Asks how an object is connected, and adds it. Returns 0 or -errno. */
int scene_look(struct ipc_ctx *ctx, struct scene *s, struct ipc_object *object, enum scene_choice choice);

/**
 * Looks for what the scene lacks to be whole: the other ends of connections, and the connections of servers.
 *
 * want: WANT_...
 * partial: not every socket was added, since objects were chosen by their names
 * Returns 0 or -errno.
 */
int scene_complete(struct ipc_ctx *ctx, struct scene *s, unsigned want, bool partial);

/** Joins, leaves out and orders; to be called once. flags: SCENE_... Returns 0 or -ENOMEM. */
int scene_finish(struct scene *s, unsigned flags);

void scene_clear(struct scene *s);

#define AUTO_SCENE __attribute__((cleanup(scene_clear), unused))
