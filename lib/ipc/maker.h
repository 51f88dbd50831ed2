/*
 * Whether those are gone who made an object or used it last. What the kernel recorded is a pid, and a pid is used
 * again: it counts only for a process that was there when it was recorded.
 */
#pragma once

#include "ipc/ctx.h"
#include "ipc/verdict.h"

/* A time at which something was certainly there already. */
struct maker_time {
	int64_t when;  /* nanoseconds since 1970; of a stamp in whole seconds, see maker_second() */
	bool survives; /* the object can be older than this boot, as files on disks can */
};

/** A time stamp of an object in memory that is kept in whole seconds: it may mean any part of that second. */
struct maker_time maker_second(int64_t seconds);

/**
 * Whether the process that made the object is there.
 *
 * pid: 0 is one that this pid namespace does not show
 * made: when it was there
 */
struct ipc_fact maker_by_pid(struct ipc_ctx *ctx, pid_t pid, struct maker_time made);

/**
 * Whether a process may be there that was forked by the maker of a System V object and goes on with what it knew, as
 * daemons do.
 *
 * gone: what says that the maker is not there, and is returned if there is none
 * user: that the maker was
 */
struct ipc_fact maker_heirs(struct ipc_ctx *ctx, struct ipc_fact gone, uid_t user, struct maker_time made);

/** Whether a process that used it is there: what is said of it is that it used it last. */
struct ipc_fact maker_user(struct ipc_ctx *ctx, pid_t pid, struct maker_time used);

/** Of several users: one that is there counts, else one of whom nothing is known. */
struct ipc_fact maker_of_two(struct ipc_fact a, struct ipc_fact b);

/**
 * Whether the maker of what records none is there, by its owner. It is gone for certain when every process that has
 * that user id, as any of its four, started after the object was made, and all processes of the machine can be seen.
 * One that has executed no program since it was forked counts as old as the process that it is a copy of. Who made it as
 * another user, and is that user no more, is not found. It is never certain that it is there.
 */
struct ipc_fact maker_by_owner(struct ipc_ctx *ctx, uid_t owner, struct maker_time made);

/**
 * Whether the process whose pid an object has in its name is there. What the name says is a pid of the namespace that
 * its maker was in: that it is gone is only said if every process of the owner that is as old is in the caller's.
 */
struct ipc_fact maker_by_name(struct ipc_ctx *ctx, pid_t pid, uid_t owner, struct maker_time made);

/** Frees what was gathered. */
void maker_forget(struct ipc_ctx *ctx);
