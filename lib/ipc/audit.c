#include "ipc/audit.h"

#include "ipc/audit_sink.h"
#include "ipc/io.h"
#include "ipc/json_record.h"
#include "ipc/kind.h"
#include "ipc/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Beside the prefix, the object and the peer's address: keys, numbers, an errno's name. */
enum { LINE_MARGIN = 512 };

struct audit {
	struct ipc_observer observer; /* first: it is what the calls get */
	struct audit_options options;
	struct audit_sink sink;
	char *prefix; /* "pid" to "command": what is the same in every line; owned */
	char *line;   /* room for one; owned */
	size_t room;
	/* The object of the last line as JSON, since a command uses one again and again; owned. */
	char *object, *shown;
	bool told; /* why lines are missing */
};

/* --- a line ------------------------------------------------------------------------------------------ */

static char *json_of(const char *text)
{
	size_t len = strlen(text);
	char *json = malloc(JSON_FACTOR * len + 3);

	if (json)
		json[ipc_json_string(json, text, len)] = '\0';
	return json;
}

/* Source: random(4). */
static void boot_id(char ret[37])
{
	AUTO_FREE char *text = NULL;

	ret[0] = '\0';
	if (ipc_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, NULL) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (strlen(text) == 36 && strspn(text, "0123456789abcdef-") == 36)
		memcpy(ret, text, 37);
}

static char *make_prefix(const struct audit_options *o)
{
	AUTO_FREE char *user = json_of(o->user), *command = json_of(o->command);
	char boot[37], *prefix = NULL;

	boot_id(boot);
	if (!user || !command)
		return NULL;
	if (asprintf(&prefix,
		    ",\"pid\":%d,\"ppid\":%d,\"uid\":%u,\"user\":%s,\"gid\":%u,\"boot_id\":\"%s\","
		    "\"command\":%s",
		    getpid(), getppid(), getuid(), user, getgid(), boot, command) < 0)
		return NULL;
	return prefix;
}

static int note_object(struct audit *a, const struct ipc_selector *sel)
{
	char *text = ipc_selector_format(sel);

	if (!text)
		return -ENOMEM;
	if (a->shown && strcmp(a->shown, text) == 0) {
		free(text);
		return 0;
	}
	free(a->shown);
	free(a->object);
	a->shown = text;
	a->object = json_of(text);
	return a->object ? 0 : -ENOMEM;
}

static char *put_number(char *out, const char *key, int64_t value)
{
	return ipc_json_put_integer(ipc_json_put_text(out, key), value);
}

static char *put_peer(char *out, const struct ipc_peer *peer)
{
	if (peer->pid)
		out = put_number(out, ",\"peer_pid\":", peer->pid);
	if (peer->known) {
		out = put_number(out, ",\"peer_uid\":", peer->uid);
		out = put_number(out, ",\"peer_gid\":", peer->gid);
	}
	if (peer->address) {
		out = ipc_json_put_text(out, ",\"peer\":");
		out += ipc_json_string(out, peer->address, strlen(peer->address));
	}
	return out;
}

static char *put_time(char *out)
{
	char text[TIME_TEXT_SIZE];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_nsec -= now.tv_nsec % 1000;
	out = ipc_json_put_text(out, "{\"time\":\"");
	if (ipc_time_format(now, text) > 0)
		out = ipc_json_put_text(out, text);
	return ipc_json_put_text(out, "\"");
}

static const char *result_name(int result)
{
	const char *name = result < 0 ? strerrorname_np(-result) : "ok";

	return name ? name : "unknown";
}

static int make_room(struct audit *a, const struct ipc_event *event)
{
	size_t address = event->peer && event->peer->address ? strlen(event->peer->address) : 0;
	size_t room = strlen(a->prefix) + strlen(a->object) + JSON_FACTOR * address + LINE_MARGIN;

	if (room <= a->room)
		return 0;
	char *line = realloc(a->line, room);
	if (!line)
		return -ENOMEM;
	a->line = line;
	a->room = room;
	return 0;
}

static int write_line(struct audit *a, const struct ipc_event *event, const char *result)
{
	int r = note_object(a, event->selector);

	if (r == 0)
		r = make_room(a, event);
	if (r < 0)
		return r;
	char *out = put_time(a->line);
	out = ipc_json_put_text(out, a->prefix);
	out = ipc_json_put_text(out, ",\"object\":");
	out = ipc_json_put_text(out, a->object);
	out = ipc_json_put_text(out, ",\"event\":\"");
	out = ipc_json_put_text(out, ipc_event_name(event->type));
	out = put_number(out, "\",\"count\":", (int64_t)event->count);
	out = put_number(out, ",\"bytes\":", (int64_t)event->bytes);
	if (event->peer)
		out = put_peer(out, event->peer);
	out = ipc_json_put_text(out, ",\"result\":\"");
	out = ipc_json_put_text(out, result);
	out = ipc_json_put_text(out, "\"}\n");
	const struct audit_line line = { .text = a->line,
		.len = (size_t)(out - a->line),
		.object = a->shown,
		.event = ipc_event_name(event->type),
		.result = result };
	if (a->sink.fd < 0)
		r = a->sink.ops->open(&a->sink);
	return r < 0 ? r : a->sink.ops->write(&a->sink, &line);
}

/* --- the observer ------------------------------------------------------------------------------------- */

static int record(struct audit *a, const struct ipc_event *event, const char *result)
{
	int saved = errno, r = write_line(a, event, result);

	if (r < 0 && !a->told && a->options.failed) {
		a->told = true;
		a->options.failed(r, a->options.arg);
	}
	errno = saved;
	return r;
}

/* Only where nothing may be done that is not on record: else one line, when it is over. */
static int before(struct ipc_observer *self, const struct ipc_event *event)
{
	struct audit *a = (struct audit *)self;

	return a->options.required && record(a, event, "begin") < 0 ? -ENOTRECOVERABLE : 0;
}

static void after(struct ipc_observer *self, const struct ipc_event *event)
{
	struct audit *a = (struct audit *)self;

	/* What was refused since it can't be recorded can't be recorded. */
	if (event->result == -ENOTRECOVERABLE && a->options.required)
		return;
	if (event->told > 0 && event->told == event->count && event->result == 0)
		return;
	record(a, event, result_name(event->result));
}

static void each(struct ipc_observer *self, const struct ipc_event *event)
{
	struct audit *a = (struct audit *)self;

	record(a, event, "ok");
}

int audit_open(struct ipc_ctx *ctx, const struct audit_options *options, struct audit **ret)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->options = *options;
	a->observer = (struct ipc_observer){ before, after, options->each ? each : NULL };
	a->sink = (struct audit_sink){
		.ops = audit_sink_of(options->target), .options = &a->options, .fd = -1
	};
	a->prefix = make_prefix(options);
	int r = a->prefix ? a->sink.ops->open(&a->sink) : -ENOMEM;
	if (r < 0 && (options->required || !a->prefix)) {
		audit_close(ctx, a);
		return r;
	}
	if (r < 0 && options->failed) {
		a->told = true;
		options->failed(r, options->arg);
	}
	ctx->observer = &a->observer;
	*ret = a;
	return 0;
}

void audit_close(struct ipc_ctx *ctx, struct audit *a)
{
	if (!a)
		return;
	if (ctx->observer == &a->observer)
		ctx->observer = NULL;
	ipc_close(&a->sink.fd);
	free(a->prefix);
	free(a->line);
	free(a->object);
	free(a->shown);
	free(a);
}
