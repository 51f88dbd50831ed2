#include "cli/sem_print.h"

#include "cli/holder_out.h"
#include "cli/json_out.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool waits(const struct ipc_sem_holder *h)
{
	return strcmp(h->process.how, "wait") == 0 || strcmp(h->process.how, "blocked") == 0;
}

static json_t *one_json(const struct ipc_sem_holder *h)
{
	return holder_json_units(&h->process, h->units, h->since_ns);
}

static void print_one(const struct ipc_sem_holder *h)
{
	holder_print(&h->process, h->units, h->since_ns);
}

int semaphore_print_holders(const struct ipc_sem_holders *holders, bool json)
{
	struct json_out out = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < holders->len; i++) {
		if (json)
			r = json_out_add(&out, one_json(&holders->v[i]));
		else
			print_one(&holders->v[i]);
	}
	if (json && r == 0)
		json_out_end(&out);
	return r;
}

void semaphore_print_waiters(const struct ipc_sem_state *state, const struct ipc_sem_holders *holders)
{
	printf("waiters %" PRIu64 "\n", state->waiters);
	if (state->zero_waiters.have == HAVE_VALUE)
		printf("zero_waiters %" PRId64 "\n", state->zero_waiters.number);
	if (state->last_pid.have == HAVE_VALUE)
		printf("last_pid %" PRId64 "\n", state->last_pid.number);
	for (size_t i = 0; i < holders->len; i++)
		if (waits(&holders->v[i]))
			print_one(&holders->v[i]);
}

static int set_value(json_t *object, const char *key, struct ipc_value v)
{
	return v.have == HAVE_VALUE ? json_object_set_new(object, key, json_integer(v.number)) : 0;
}

int semaphore_print_json(const struct ipc_selector *sel, const struct ipc_sem_state *state,
	const struct ipc_sem_holders *holders)
{
	AUTO_FREE char *name = ipc_selector_format(sel);
	json_t *waiting = json_array();
	int r = 0;

	for (size_t i = 0; i < holders->len; i++)
		if (waits(&holders->v[i]))
			r |= json_array_append_new(waiting, one_json(&holders->v[i]));
	json_t *object = json_pack("{s:s, s:I, s:I, s:o}", "object", name ? name : "", "value",
		(json_int_t)state->value, "waiters", (json_int_t)state->waiters, "waiting", waiting);
	if (!name || !object || r) {
		json_decref(object);
		return -ENOMEM;
	}
	r = set_value(object, "zero_waiters", state->zero_waiters) ||
		set_value(object, "last_pid", state->last_pid) ||
		set_value(object, "initial", state->initial);
	if (r == 0 && (json_dumpf(object, stdout, 0) == 0 || ferror(stdout)))
		putchar('\n');
	json_decref(object);
	return r ? -ENOMEM : 0;
}
