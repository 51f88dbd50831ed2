/*
 * One interface for every mechanism: what an object is, and the operations that every command which
 * is not about one mechanism (ls, stat, rm, chmod, chown, wait …) is made of.
 *
 * These calls wrap the mechanisms' own operations (kind_ops.h, private to the core): they decide
 * about races, prove before they remove, and tell the observer, once for each object.
 */
#pragma once

#include "ipc/attr.h"
#include "ipc/ctx.h"
#include "ipc/deadline.h"
#include "ipc/record.h"
#include "ipc/selector.h"
#include "ipc/verdict.h"

/* The attributes that every kind may have; output and JSON take their names from ipc_fields[]. */
enum ipc_field_id {
	FIELD_KEY,
	FIELD_ID,
	FIELD_UID,
	FIELD_GID,
	FIELD_MODE,
	FIELD_SIZE,
	FIELD_USED,
	FIELD_CREATED,
	FIELD_MODIFIED,
	FIELD_LAST_USED,
	FIELD_CREATOR_PID,
	FIELD_LAST_PID,
	FIELD_COMMON,
};

struct ipc_field {
	const char *name; /* the JSON key; the column is the same in upper case */
	enum ipc_unit unit;
	const char *help;
};

extern const struct ipc_field ipc_fields[FIELD_COMMON];

/*
 * What helps when a limit or a permission is the cause. Where a number can have several causes,
 * applies tells whether it is this one; it is asked right behind the failure.
 */
struct ipc_hint {
	int error; /* positive errno */
	const char *text;
	/* attrs: what a creation asked for; NULL when another operation failed. applies NULL: always. */
	bool (*applies)(const struct ipc_attrs *attrs);
	const char *calls; /* the system calls, and verbs of ipcctl, that fail so: words; NULL: not told */
	unsigned limits;   /* BIT(LIMIT_...) (limits.h): those that can be the cause */
};

/** For hints that are for who asks about an error, and not for who meets it: there is more to say of it then. */
bool ipc_hint_never(const struct ipc_attrs *attrs);

/** Whether a hint is about that call or verb. */
bool ipc_hint_is_about(const struct ipc_hint *hint, const char *call);

struct ipc_kind_ops;
struct ipc_channel_ops;

/* What a mechanism says of itself. A new one is one file that ends with this struct. */
struct ipc_kind {
	const char *class; /* the KIND of selectors */
	const char *api;   /* posix, sysv, linux */
	const char *label; /* in prose: "POSIX message queue" */
	const char *noun;  /* in messages: "queue" */
	unsigned forms;    /* BIT(FORM_...): the names it has */
	const char *files; /* what its files are called before the NAME of a /NAME; NULL: it has none */
	unsigned attrs;    /* BIT(ATTR_...): what create takes */
	bool members;      /* a name may end in #N */
	bool namespaced;   /* every IPC namespace has its own */
	/* HOLDERS_... of holders.h: what has to be known of processes to list it, to name its holders, to tell its state. */
	unsigned list_sources, holder_sources, state_sources;
	bool hidden; /* has no names to be listed by: left out of a list unless it is asked for (ctx->all) */
	const struct ipc_field *fields; /* beyond the common ones, up to EXTRA_MAX, ended by a NULL name */
	const struct ipc_hint *hints;   /* ended by error 0 */
	const struct ipc_kind_ops *ops;
	const struct ipc_channel_ops *channel; /* NULL: carries nothing */
	enum ipc_tag tag;                      /* the number that goes with each message it carries */
};

/* All kinds in the order of CMakeLists.txt, with a NULL at the end. */
extern const struct ipc_kind *const ipc_kinds[];

/** The next kind of that class behind previous (NULL: the first), or NULL. Class NULL is any class. */
const struct ipc_kind *ipc_kind_next(const char *class, const struct ipc_kind *previous);

/** The number of a kind's own fields. */
size_t ipc_kind_fields(const struct ipc_kind *kind);

/**
 * The hint for a negative or positive errno, or NULL.
 *
 * kind: may be NULL
 * attrs: what a creation that failed asked for, NULL for other operations
 */
const char *ipc_kind_hint(const struct ipc_kind *kind, int error, const struct ipc_attrs *attrs);

/** The same with the limits that can be the cause. */
const struct ipc_hint *ipc_kind_hint_of(
	const struct ipc_kind *kind, int error, const struct ipc_attrs *attrs);

enum { EXTRA_MAX = 12 };

/* A value that does not apply is absent; one that could not be read is unknown (null in JSON). */
enum ipc_have { HAVE_ABSENT, HAVE_UNKNOWN, HAVE_VALUE };

struct ipc_value {
	enum ipc_have have;
	int64_t number;
};

struct ipc_holder {
	pid_t pid;
	uid_t uid;
	bool uid_known;
	bool reads, writes; /* what it may do by how it has it, or waits to do; neither: that is not told */
	char how[24];       /* fd, map, attach, blocked, bound, hold */
	char *command;      /* raw bytes from /proc; owned */
};

struct ipc_object {
	struct ipc_selector selector; /* as printed: its kind is the object's */
	dev_t dev; /* with ino the identity of what lives in a file system; 0: it does not */
	ino_t ino;
	struct ipc_value common[FIELD_COMMON];
	struct ipc_value extra[EXTRA_MAX]; /* by the index in kind->fields */
	char *texts[EXTRA_MAX];            /* of UNIT_TEXT fields that have a value: printable UTF-8; owned */
	int64_t *list;                     /* the values of a UNIT_LIST field; owned */
	size_t list_len;
	struct ipc_holder *holders; /* owned */
	size_t holders_len;
	bool holders_known; /* all of them could be seen */
	ino_t ns;           /* the IPC namespace that it belongs to; 0: not known, or to none */
	pid_t ns_pid;       /* a process there; 0: it is the caller's own, or no process is there */
	char *container; /* that process's container, or where the namespace is mounted, printable; NULL: none; owned */
	struct ipc_verdict verdict; /* with WANT_STATE */
	const char
		*label; /* the program that makes names of this form, a string constant; NULL: none known */
};

void ipc_object_clear(struct ipc_object *o);

#define AUTO_OBJECT __attribute__((cleanup(ipc_object_clear), unused))

static inline void ipc_object_set(struct ipc_object *o, enum ipc_field_id field, int64_t number)
{
	o->common[field] = (struct ipc_value){ HAVE_VALUE, number };
}

static inline void ipc_object_set_extra(struct ipc_object *o, unsigned index, int64_t number)
{
	o->extra[index] = (struct ipc_value){ HAVE_VALUE, number };
}

/** Sets a UNIT_TEXT field to a copy of text. Returns 0 or -ENOMEM. */
int ipc_object_set_text(struct ipc_object *o, unsigned index, const char *text);

/** The object's value of a field by its JSON key; absent if its kind has no such field. */
struct ipc_value ipc_object_get(const struct ipc_object *o, const char *field);

/** Whether two objects of one kind, as they were looked at, are the same: a name can lead to another one by now. */
bool ipc_object_same(const struct ipc_object *a, const struct ipc_object *b);

/* What a caller wants to know of an object beyond its attributes: each costs something. */
enum {
	WANT_STATE = 1,   /* the verdict and its evidence */
	WANT_HOLDERS = 2, /* walks /proc */
	WANT_USED = 4,    /* real use, where it is not among the attributes */
};

/**
 * Called for each object of a listing. error: 0, or -errno when the object is there and its
 * attributes may not be read (selector is valid, values are unknown). A negative return ends the
 * listing with that error. object is cleared behind the call; a callee that keeps it takes it and zeroes it.
 */
typedef int ipc_object_fn(struct ipc_object *object, int error, void *arg);

/**
 * Says that objects of that kind will be listed or looked at, so that the processes of the machine are gone through
 * once for all kinds, and not at all if nothing is to be known of them.
 *
 * want: WANT_...
 */
void ipc_announce(struct ipc_ctx *ctx, const struct ipc_kind *kind, unsigned want);

/**
 * Lists the objects of one kind. What disappears between being named and being looked at is left out.
 *
 * want: WANT_...
 * Returns 0, -errno, or what fn returned.
 */
int ipc_list(struct ipc_ctx *ctx, const struct ipc_kind *kind, unsigned want, ipc_object_fn *fn, void *arg);

/**
 * Looks at one object.
 *
 * ret: to be cleared with ipc_object_clear()
 * Returns 0 or -errno: -ENOENT if there is none; -EACCES when attributes may not be read, and then
 * ret is filled in as far as they may (as for a listing): without a selector when not even its name could
 * be looked for; -EREMOTE in another IPC namespace (ctx->ns) for what belongs to none.
 */
int ipc_stat(struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret);

/* An attribute of an existing object that is not what was asked for. */
struct ipc_mismatch {
	enum ipc_attr attr;
	uint64_t wanted;
	struct ipc_value found;
};

/**
 * Creates an object. One that exists already is fine if the attributes given explicitly agree. A name
 * that ends in XXXXXX, as for mkstemp(3), becomes one that is not taken.
 *
 * exclusive: one that exists is -EEXIST
 * ret: the selector of what was made (a unique name filled in, the id of a key:private); may be NULL
 * ret_mismatches, ret_len: with -EEXIST because of disagreement, the attributes that differ (at most
 * ATTR_COUNT of them, in the caller's array); 0 of them when exclusive was the reason
 * Returns 1 if it was made, 0 if it was there, or -errno: -EOPNOTSUPP if the kind can't be created,
 * -ENOTSUP the same.
 */
int ipc_create(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
	bool exclusive, struct ipc_selector *ret, struct ipc_mismatch *ret_mismatches, size_t *ret_len);

/* How an object is connected: each number is that of a socket, the N of "sock:ino:N". */
struct ipc_links {
	ino_t self; /* of the object itself, which may have a name instead */
	ino_t peer; /* at the other end; 0: there is none on this machine, or not in this network namespace */
	ino_t server; /* that it was accepted by; 0: by none, or by one that is gone */
	bool listens;
};

/**
 * Tells how an object is connected.
 *
 * Returns 0 or -errno: -EOPNOTSUPP if its kind is never connected, -ENOENT if no process has it.
 */
int ipc_links(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_links *ret);

enum {
	REMOVE_FORCE = 1,   /* live and unknown ones too */
	REMOVE_DISCARD = 2, /* a queue with unread messages too */
};

/**
 * What speaks against the removal of an object, by what was seen of it (WANT_STATE): the rule that
 * ipc_remove() asks again, and a dry run tells.
 *
 * Returns 0 or -errno: -EOPNOTSUPP, -EBUSY, -EADDRINUSE, -ENOTEMPTY, as ipc_remove().
 */
int ipc_remove_refusal(const struct ipc_object *object, unsigned flags);

/**
 * Removes the object that was looked at, and no other that has its name by now. Its state is asked
 * for again immediately before.
 *
 * Returns 0 or -errno: -EOPNOTSUPP if it has no name that could be taken away, and goes with its last user;
 * -ENOENT if it is gone; -EALREADY if it has been removed and goes with its last user; -EBUSY if it is live; -EPERM from the kernel;
 * -EADDRINUSE if its state is unknown (without REMOVE_FORCE); -ENOTEMPTY for unread messages, and when
 * they can't be counted; -ESTALE if another object has its name by now, which was left alone; -EREMCHG
 * if the other one was removed because the kernel could not prevent it (a POSIX queue); -ECANCELED if it
 * was seen to be stale and is not any more (without REMOVE_FORCE).
 */
int ipc_remove(struct ipc_ctx *ctx, const struct ipc_object *object, unsigned flags);

/** Changes the permissions of the object that was looked at. Returns 0 or -errno. */
int ipc_set_mode(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode);

/** Changes owner and group; (uid_t)-1 and (gid_t)-1 leave them. Returns 0 or -errno. */
int ipc_set_owner(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid);

enum ipc_condition {
	CONDITION_EXISTS,
	CONDITION_GONE,
	CONDITION_EMPTY,
	CONDITION_READABLE,
	CONDITION_LIVE,
	CONDITION_IDLE,
	CONDITIONS,
};

/** The word for a condition, e.g. "readable"; ended by NULL at CONDITIONS. */
extern const char *const ipc_condition_names[CONDITIONS + 1];

/**
 * Waits until a condition holds, in the kernel where it can be waited for there.
 *
 * Returns 0 or -errno: -ETIMEDOUT or -EAGAIN at the end of the time; -EOPNOTSUPP for a condition
 * that this kind does not know ("empty" of a segment); -EADDRINUSE when it can't be told, time and
 * again, whether it is in use; -ENOENT when what is waited for can't come because there is no object
 * (all but EXISTS and GONE).
 */
int ipc_wait(struct ipc_ctx *ctx, const struct ipc_selector *sel, enum ipc_condition condition,
	struct ipc_deadline deadline);
