/* graph: draws the processes and the objects between them, for a program that lays out and renders. */
#include "cli/filter.h"
#include "cli/graph_look.h"
#include "cli/holder_out.h"
#include "cli/ns_opt.h"
#include "cli/select.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*write)(const struct scene *s, FILE *out);
} formats[] = {
	{ "dot", graph_dot },
	{ "mermaid", graph_mermaid },
};

static const char *const format_names[] = { "dot", "mermaid", NULL };
static int arg_format;
static bool arg_all;

static const struct opt graph_opts[] = {
	{ OPT_CHOICE, 0, "format", "LANGUAGE", "What to write: dot or mermaid", { .choice = &arg_format },
		.choices = format_names },
	{ OPT_FLAG, 'a', "all", NULL,
		"Also pipes and sockets without a name, what no process has, and each connection by itself",
		{ .flag = &arg_all } },
	{ OPT_INCLUDE, .to = { .table = filter_opts } },
	{ OPT_INCLUDE, .to = { .table = all_ns_opts } },
	{ OPT_INCLUDE, .to = { .table = select_opts } },
	{ 0 },
};

static const struct example graph_examples[] = {
	{ "ipcctl graph >ipc.dot", "All that has a name; dot -Tsvg ipc.dot renders it", NULL },
	{ "ipcctl graph -u root mq shm sem", "Root's queues, segments and semaphores", NULL },
	{ "ipcctl graph pipe --format mermaid", "Who writes to whom, for a page in Markdown", NULL },
	{ "ipcctl graph mq:/jobs 'shm:/jobs.*'", "Some objects and who has them", ": >/dev/mqueue/jobs" },
	{ 0 },
};

struct selection {
	struct ipc_ctx *ctx;
	struct scene *scene;
	enum scene_choice choice;
};

/* Who draws is no part of the picture: its output is often a pipe. */
static void leave_out_self(struct ipc_object *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->holders_len; i++)
		if (o->holders[i].pid == getpid())
			free(o->holders[i].command);
		else
			o->holders[kept++] = o->holders[i];
	o->holders_len = kept;
}

static int take(struct ipc_object *o, int error, void *arg)
{
	const struct selection *s = arg;

	(void)error; /* what could not be read is drawn as such */
	bool chosen = filter_match(o);
	leave_out_self(o);
	return scene_look(s->ctx, s->scene, o, chosen ? s->choice : SCENE_BESIDE);
}

/* Objects that were asked for by their names are drawn in any case, those of a kind if they are of use. */
static int choose(struct selection *s, int argc, char **argv, unsigned want)
{
	AUTO_FREE char **names = calloc((size_t)argc + 1, sizeof(*names));
	AUTO_FREE char **classes = calloc((size_t)argc + 1, sizeof(*classes));
	int names_len = 0, classes_len = 0, status = CLI_OK;

	if (!names || !classes)
		return fail(NULL, -ENOMEM, "cannot read the operands");
	for (int i = 0; i < argc; i++)
		if (ipc_kind_next(argv[i], NULL))
			classes[classes_len++] = argv[i];
		else
			names[names_len++] = argv[i];
	s->choice = SCENE_NAMED;
	if (names_len > 0)
		status = select_objects(s->ctx, names_len, names, 0, want, take, s);
	s->choice = SCENE_CHOSEN;
	if (classes_len > 0 || names_len == 0)
		status = first_failure(
			status, select_objects(s->ctx, classes_len, classes, SELECT_CLASSES, want, take, s));
	return status;
}

/* What a picture can't show. */
static void tell(const struct scene *scene)
{
	bool whole = true;

	for (size_t i = 0; i < scene->len; i++)
		whole = whole && holder_all_found(&scene->v[i].object);
	if (scene->drawn_len > 0 && !whole)
		warn("not every process may be looked at: what the others have is not drawn");
	else if (scene->drawn_len > 0)
		return;
	else if (arg_all || scene->len == 0)
		warn("there is nothing to draw");
	else
		warn("there is nothing to draw: no process%s has any of these objects; --all draws what is "
		     "left out",
			whole ? "" : " that may be looked at");
}

static int run_graph(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_SCENE struct scene scene = { 0 };
	struct selection s = { .ctx = ctx, .scene = &scene };
	unsigned want = WANT_HOLDERS | WANT_STATE | filter_want();
	int status = filter_prepare();

	if (status == CLI_OK)
		status = ns_go(ctx);
	if (status != CLI_OK)
		return status;
	ctx->all = true;
	status = choose(&s, argc, argv, want);
	if (status != CLI_OK && scene.len == 0)
		return status;
	int r = scene_complete(ctx, &scene, want, argc > 0);
	if (r == 0)
		r = scene_finish(&scene, arg_all ? SCENE_ALL : argc > 0 || cli_class ? SCENE_NAMELESS : 0);
	if (r == 0)
		tell(&scene);
	if (r == 0)
		r = formats[arg_format].write(&scene, stdout);
	return r < 0 ? first_failure(status, fail(NULL, r, "cannot draw the objects")) : status;
}

const struct command cmd_graph = {
	.name = "graph",
	.brief = "Draw processes and the objects between them",
	.operands = "[SELECTOR|KIND...]",
	.generic = true,
	.opts = graph_opts,
	.examples = graph_examples,
	.run = run_graph,
};
