#include "ipc/traces.h"

#include "ipc/deadline.h"
#include "ipc/maker.h"
#include "ipc/nspace.h"
#include "ipc/recognise.h"

bool traces_holder(struct ipc_ctx *ctx, const struct ipc_object *object, struct ipc_fact *ret)
{
	static const char *const texts[] = {
		[HOW_FD] = "process # has it open",
		[HOW_MAP] = "process # has it mapped",
		[HOW_ATTACH] = "process # has it attached",
		[HOW_BLOCKED] = "process # waits on it",
	};
	const struct holders *h;
	size_t len = 0;

	holders_want(ctx, HOLDERS_PROCESSES); /* its users may matter next */
	if (holders_get(ctx, HOLDERS_FILES | HOLDERS_MAPS, &h) < 0)
		return false;
	const struct holders_entry *e = holders_find(h, HELD_FILE, object->dev, object->ino, &len);
	if (len == 0)
		return false;
	*ret = ipc_fact_about(ANSWER_YES, texts[e->how], e->pid);
	return true;
}

static struct ipc_fact unseen_waiter(const struct holders *h)
{
	if (h->unseen == 1)
		return ipc_fact_of(ANSWER_UNKNOWN, "a process may not be looked at, which may wait on it");
	return ipc_fact_about(
		ANSWER_UNKNOWN, "# processes may not be looked at: one may wait on it", (int64_t)h->unseen);
}

struct ipc_fact traces_waiter(struct ipc_ctx *ctx, enum holders_type type, int id)
{
	const struct holders *h;
	size_t len = 0;

	holders_want(ctx, HOLDERS_PROCESSES); /* its users may matter next */
	if (holders_get(ctx, HOLDERS_BLOCKED, &h) < 0)
		return ipc_fact_of(
			ANSWER_UNKNOWN, "whether a process waits on it can't be told without /proc");
	const struct holders_entry *e = holders_find(h, type, nspace_ino(ctx), (ino_t)id, &len);
	if (len > 0)
		return ipc_fact_about(ANSWER_YES, "process # waits on it", e->pid);
	if (h->blocked_unknown[type])
		return ipc_fact_of(
			ANSWER_UNKNOWN, "a process waits, and it can't be seen whether on this one");
	/* Permissions prove nothing: a process with privileges (CAP_IPC_OWNER) may wait on any of them. */
	if (h->unseen > 0)
		return unseen_waiter(h);
	if (!h->whole)
		return ipc_fact_of(ANSWER_UNKNOWN, "a process outside of this pid namespace may wait on it");
	return ipc_fact_of(ANSWER_NO, "no process waits to send or receive");
}

struct ipc_fact traces_maker(struct ipc_ctx *ctx, const struct ipc_object *object, int64_t made)
{
	struct ipc_value owner = object->common[FIELD_UID];
	struct maker_time when = { .when = made };
	pid_t pid = ipc_recognise_maker(object);

	if (owner.have != HAVE_VALUE)
		return ipc_fact_of(ANSWER_UNKNOWN, "who owns it, and so may have made it, may not be read");
	struct ipc_fact by_owner = maker_by_owner(ctx, (uid_t)owner.number, when);
	if (pid == 0 || by_owner.answer == ANSWER_NO)
		return by_owner;
	struct ipc_fact by_name = maker_by_name(ctx, pid, (uid_t)owner.number, when);
	return by_name.answer == ANSWER_UNKNOWN ? by_owner : by_name;
}

struct ipc_fact traces_use(const struct ipc_object *o)
{
	const struct ipc_value *born = &o->common[FIELD_CREATED], *used = &o->common[FIELD_LAST_USED];

	/* To make one takes a moment, and setting its size is a part of that. */
	if (born->have == HAVE_VALUE && used->have == HAVE_VALUE &&
		used->number / NSEC_PER_SEC > born->number / NSEC_PER_SEC + 1)
		return ipc_fact_of(ANSWER_YES, "it was used since it was made");
	if (o->common[FIELD_USED].have == HAVE_VALUE && o->common[FIELD_USED].number > 0)
		return ipc_fact_of(ANSWER_YES, "something was put into it");
	if (o->common[FIELD_SIZE].have != HAVE_VALUE || born->have != HAVE_VALUE || used->have != HAVE_VALUE)
		return ipc_fact_of(ANSWER_UNKNOWN, "whether it was used since it was made is not recorded");
	return ipc_fact_of(ANSWER_NO, "it is empty, and was not used since it was made");
}
