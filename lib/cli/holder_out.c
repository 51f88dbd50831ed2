#include "cli/holder_out.h"

#include "cli/accounts.h"
#include "cli/diag.h"
#include "cli/top_text.h"
#include "cli/units.h"
#include "ipc/deadline.h"
#include "ipc/io.h"
#include "ipc/timefmt.h"

#include <inttypes.h>
#include <stdio.h>

json_t *holder_json(const struct ipc_holder *h)
{
	AUTO_FREE char *command = h->command ? shown(h->command) : NULL;

	return json_pack("{s:i, s:s*, s:s*, s:s*}", "pid", (int)h->pid, "user",
		h->uid_known ? user_name(h->uid) : NULL, "command", command, "how", *h->how ? h->how : NULL);
}

const char *holder_user(const struct ipc_holder *h)
{
	return h->uid_known ? user_name(h->uid) : "?";
}

char *holder_command(const struct ipc_holder *h, int width)
{
	AUTO_FREE char *command = shown(h->command ? h->command : "?");

	use_utf8();
	return top_text_fit(command, width, false);
}

size_t holder_ways(const struct ipc_object *o, size_t i)
{
	size_t n = 1;

	while (i + n < o->holders_len && o->holders[i + n].pid == o->holders[i].pid)
		n++;
	return n;
}

char *holder_how(const struct ipc_object *o, size_t i)
{
	char *text = NULL;
	size_t len = 0, n = holder_ways(o, i);
	FILE *f = open_memstream(&text, &len);

	for (size_t k = 0; f && k < n; k++)
		fprintf(f, "%s%s", k ? ", " : "", o->holders[i + k].how);
	if (f && fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static const char *since_text(int64_t since_ns, char text[TIME_TEXT_SIZE])
{
	struct timespec t = { .tv_sec = since_ns / NSEC_PER_SEC, .tv_nsec = since_ns % NSEC_PER_SEC };

	return since_ns > 0 && ipc_time_format(t, text) > 0 ? text : NULL;
}

json_t *holder_json_units(const struct ipc_holder *h, uint64_t units, int64_t since_ns)
{
	json_t *object = holder_json(h);
	char since[TIME_TEXT_SIZE];

	if (object && units)
		json_object_set_new(object, "units", json_integer((json_int_t)units));
	if (object && since_text(since_ns, since))
		json_object_set_new(object, "since", json_string(since));
	return object;
}

void holder_print(const struct ipc_holder *h, uint64_t units, int64_t since_ns)
{
	AUTO_FREE char *command = shown(h->command ? h->command : "-");
	char since[TIME_TEXT_SIZE], number[UNITS_TEXT_MAX] = "-";
	const char *time = since_text(since_ns, since);

	if (units)
		snprintf(number, sizeof(number), "%" PRIu64, units);
	printf("%d %s %s %s %s %s\n", (int)h->pid, h->uid_known ? user_name(h->uid) : "-", h->how, number,
		time ? time : "-", command);
}

bool holder_all_found(const struct ipc_object *o)
{
	struct ipc_value attaches = ipc_object_get(o, "attaches");

	return o->holders_known || (attaches.have == HAVE_VALUE && attaches.number == 0) ||
		o->verdict.state == STATE_IDLE || o->verdict.state == STATE_STALE;
}
