#include "cli/graph_look.h"

#include "cli/diag.h"
#include "cli/units.h"
#include "ipc/io.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_SHOWN = 60, COMMAND_MAX_SHOWN = 40 };

static const struct graph_shape shapes[] = {
	{ "fifo", "shape=cds, margin=\"0.2,0.06\"", "[/\"", "\"/]" },
	{ "mq", "shape=box, peripheries=2", "[[\"", "\"]]" },
	{ "pipe", "shape=cds, margin=\"0.2,0.06\"", ">\"", "\"]" },
	{ "sem", "shape=octagon, margin=\"0.02,0.03\"", "{{\"", "\"}}" },
	{ "shm", "shape=box3d", "[(\"", "\")]" },
	{ "sock", "shape=hexagon, margin=\"0,0.02\"", "([\"", "\"])" },
	{ NULL, "shape=box", "[\"", "\"]" },
};

static const struct graph_state states[STATES] = {
	[STATE_UNASKED] = { NULL, "#ffffff", "#555555", "filled", "0" },
	[STATE_LIVE] = { "live", "#e3f4e3", "#2b7a3d", "filled", "0" },
	[STATE_IDLE] = { "idle", "#f0f0f0", "#6b6b6b", "filled,dashed", "6 3" },
	[STATE_STALE] = { "stale", "#fbe1de", "#b3261e", "filled,dotted,bold", "2 3" },
	[STATE_UNKNOWN] = { "unknown", "#fdf4d3", "#94700a", "filled,dashed", "9 3 2 3" },
	[STATE_ORPHAN] = { "orphan", "#efe4fa", "#6a3fa0", "filled,bold", "0" },
};

const struct graph_shape *graph_shape(const struct ipc_kind *kind)
{
	const struct graph_shape *s = shapes;

	while (s->class && strcmp(s->class, kind->class) != 0)
		s++;
	return s;
}

const struct graph_state *graph_state(enum ipc_state state)
{
	return &states[state];
}

/* --- labels --- */

/* Writes printable text in lines that are not too long. */
static void put_lines(FILE *f, const char *text)
{
	size_t left = strlen(text), n;
	unsigned column = 0;
	uint32_t c;

	for (; left > 0; text += n, left -= n) {
		n = ipc_utf8_next(text, left, &c);
		n = n > 0 ? n : 1;
		if (column++ == LINE_MAX_SHOWN) {
			fputc('\n', f);
			column = 1;
		}
		fwrite(text, 1, n, f);
	}
}

static int put_selector(FILE *f, const struct ipc_object *o)
{
	AUTO_FREE char *name = ipc_selector_format(&o->selector);

	if (!name)
		return -ENOMEM;
	put_lines(f, name);
	fputc('\n', f);
	return 0;
}

static const char *text_field(const struct ipc_object *o, const char *name)
{
	const struct ipc_field *fields = o->selector.kind->fields;

	for (size_t i = 0; fields && fields[i].name; i++)
		if (strcmp(fields[i].name, name) == 0)
			return o->texts[i];
	return NULL;
}

/* The one number that tells most. */
static void put_amount(FILE *f, const struct ipc_object *o)
{
	struct ipc_value messages = ipc_object_get(o, "messages"), value = ipc_object_get(o, "value");
	struct ipc_value size = o->common[FIELD_SIZE];
	char text[UNITS_TEXT_MAX];

	if (messages.have == HAVE_VALUE)
		fprintf(f, ", %" PRId64 " message%s", messages.number, messages.number == 1 ? "" : "s");
	else if (value.have == HAVE_VALUE)
		fprintf(f, ", value %" PRId64, value.number);
	else if (size.have == HAVE_VALUE)
		fprintf(f, ", %s", format_size((uint64_t)size.number, text));
}

/* Where an object of another namespace is. */
static void put_namespace(FILE *f, const struct ipc_object *o)
{
	if (o->container)
		fprintf(f, "container %s\n", o->container);
	else if (o->ns_pid)
		fprintf(f, "namespace of %d\n", (int)o->ns_pid);
}

char *graph_object_label(const struct scene_object *o)
{
	const char *type = text_field(&o->object, "type"),
		   *state = graph_state(o->object.verdict.state)->name;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	int r = put_selector(f, &o->object);
	if (r == 0 && o->other)
		r = put_selector(f, &o->other->object);
	put_namespace(f, &o->object);
	fprintf(f, "%s%s%s%s", o->object.selector.kind->label, o->other ? "s" : "", type ? ", " : "",
		type ? type : "");
	put_amount(f, &o->object);
	if (state)
		fprintf(f, ", %s", state);
	bool failed = ferror(f) || r < 0;
	if (fclose(f) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* Cuts printable text to so many characters. */
static void shorten(char *text, unsigned max)
{
	size_t left = strlen(text), at = 0;
	uint32_t c;

	for (unsigned i = 0; i < max && at < left; i++) {
		size_t n = ipc_utf8_next(text + at, left - at, &c);
		at += n > 0 ? n : 1;
	}
	text[at] = '\0';
}

/* The command without the directory of its program. */
static const char *without_directory(const char *command)
{
	const char *slash = memrchr(command, '/', strcspn(command, " "));

	return slash && slash[1] && slash[1] != ' ' ? slash + 1 : command;
}

char *graph_process_label(const struct scene_process *p)
{
	AUTO_FREE char *command =
		ipc_escape_dup(p->command ? p->command : "?", strlen(p->command ? p->command : "?"), 0);
	char *text = NULL;

	if (!command)
		return NULL;
	char *name = command + (without_directory(command) - command);
	size_t whole = strlen(name);
	shorten(name, COMMAND_MAX_SHOWN);
	if (asprintf(&text, "%s%s\npid %d", name, strlen(name) < whole ? "…" : "", (int)p->pid) < 0)
		return NULL;
	return text;
}

/* --- edges --- */

const char *graph_edge_label(const struct scene *s, const struct scene_edge *e, char text[GRAPH_WORD_MAX])
{
	const char *word = e->bound ? s->drawn[e->object]->links.listens ? "listens" : "bound" : "";

	if (e->blocked)
		word = "blocked";
	else if (e->connections == 1)
		word = "client";
	snprintf(text, GRAPH_WORD_MAX, "%s", word);
	if (e->connections > 1)
		snprintf(text, GRAPH_WORD_MAX, "%u connections", e->connections);
	return text;
}
