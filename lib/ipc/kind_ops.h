/*
 * What a mechanism implements. Private to the core: commands call kind.h, which reports each use to
 * the observer and proves before it removes. An operation that is NULL is "not supported".
 */
#pragma once

#include "ipc/kind.h"

/* Called by list for each name. A negative return ends the listing with that error. */
typedef int ipc_name_fn(const struct ipc_selector *sel, void *arg);

struct ipc_kind_ops {
	/* Names every object. Names only: races and permissions are decided in kind.c. */
	int (*list)(struct ipc_ctx *ctx, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg);

	/*
	 * Fills in attributes. ret->selector is empty: set it to the canonical one, key if it has one.
	 * Returns 0; -EACCES with what may be read filled in and the others HAVE_UNKNOWN; or -errno:
	 * -ELOOP, -EMEDIUMTYPE if the name leads to a symbolic link or to something else that is no such object.
	 */
	int (*stat)(
		struct ipc_ctx *ctx, const struct ipc_selector *sel, unsigned want, struct ipc_object *ret);

	/*
	 * Adds the processes that have it. NULL: stat has done so, or nobody is known. Without /proc nobody is known
	 * either. Returns 0 or -ENOMEM.
	 */
	int (*holders)(struct ipc_ctx *ctx, struct ipc_object *o);

	/*
	 * Creates exclusively: -EEXIST if it is there. ret: set to the selector of what was made.
	 */
	int (*create)(struct ipc_ctx *ctx, const struct ipc_selector *sel, const struct ipc_attrs *attrs,
		struct ipc_selector *ret);

	/*
	 * Answers whether anybody has it, without disturbing anybody.
	 */
	void (*facts)(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_facts *ret);

	/*
	 * Its facts rest on what the kernel itself says of who has it (a lease, a count, a refused connection): one
	 * walk through /proc is enough for many removals.
	 */
	bool asks_kernel;

	/* Removes that object and no other: -ESTALE, -EREMCHG and -EBUSY (somebody took it just now; not with force). */
	int (*remove)(struct ipc_ctx *ctx, const struct ipc_object *object, bool force);

	/* Tells how it is connected: -ENOENT if it has gone, or nobody has it. */
	int (*links)(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_links *ret);

	int (*set_mode)(struct ipc_ctx *ctx, const struct ipc_object *object, mode_t mode);
	int (*set_owner)(struct ipc_ctx *ctx, const struct ipc_object *object, uid_t uid, gid_t gid);

	/*
	 * Waits in the kernel until something may have changed for condition: 0 then, -EAGAIN when there
	 * is nothing to wait on and the caller looks again in intervals. The caller looked before it
	 * called, so a change in between may have been missed: it returns 0 after 200 ms all the same.
	 */
	int (*await_change)(struct ipc_ctx *ctx, const struct ipc_selector *sel, enum ipc_condition condition,
		struct ipc_deadline deadline);
};
