/* A scene in the language of graphviz. Source: https://graphviz.org/doc/info/lang.html, "escString" and entities in labels. */
#include "cli/graph_look.h"
#include "ipc/io.h"

#include <errno.h>

/* In a quoted string a backslash begins an escape of labels, and "&" an entity. */
static void put_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else
			fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	fputc('"', out);
}

static int put_processes(const struct scene *s, FILE *out)
{
	fputs("\tnode [shape=box, style=\"rounded,filled\", fillcolor=\"#eaf1fb\", color=\"#35577d\"]\n",
		out);
	for (size_t i = 0; i < s->processes_len; i++) {
		const struct scene_process *p = &s->processes[i];
		AUTO_FREE char *label = graph_process_label(p);
		if (!label)
			return -ENOMEM;
		fprintf(out, "\tp%d [label=", (int)p->pid);
		put_text(out, label);
		fputs("]\n", out);
	}
	return 0;
}

static int put_objects(const struct scene *s, FILE *out)
{
	for (size_t i = 0; i < s->drawn_len; i++) {
		const struct scene_object *o = s->drawn[i];
		const struct graph_state *state = graph_state(o->object.verdict.state);
		AUTO_FREE char *label = graph_object_label(o);
		if (!label)
			return -ENOMEM;
		fprintf(out, "\tn%zu [label=", i + 1);
		put_text(out, label);
		fprintf(out, ", %s, style=\"%s\", fillcolor=\"%s\", color=\"%s\"]\n",
			graph_shape(o->object.selector.kind)->dot, state->style, state->fill, state->line);
	}
	return 0;
}

static void put_edge(const struct scene *s, const struct scene_edge *e, FILE *out)
{
	static const char *const directions[] = { "none", "back", "forward", "both" };
	int pid = (int)s->processes[e->process].pid;
	bool to_head = e->behind ? e->reads : e->writes, to_tail = e->behind ? e->writes : e->reads;
	char word[GRAPH_WORD_MAX];

	if (e->behind)
		fprintf(out, "\tn%zu -> p%d", e->object + 1, pid);
	else
		fprintf(out, "\tp%d -> n%zu", pid, e->object + 1);
	fprintf(out, " [dir=%s", directions[2 * to_head + to_tail]);
	if (*graph_edge_label(s, e, word))
		fprintf(out, ", label=\"%s\"", word);
	if (e->blocked)
		fputs(", style=dashed", out);
	if (e->faint)
		fputs(", color=\"#cfcfcf\", constraint=false", out);
	fputs("]\n", out);
}

int graph_dot(const struct scene *s, FILE *out)
{
	fputs("digraph ipc {\n"
	      "\tgraph [rankdir=LR, ranksep=0.7, nodesep=0.25, bgcolor=white]\n"
	      "\tnode [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10, margin=\"0.14,0.06\"]\n"
	      "\tedge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=8, color=\"#4a4a4a\", "
	      "fontcolor=\"#4a4a4a\", arrowsize=0.7]\n",
		out);
	int r = put_objects(s, out);
	if (r == 0)
		r = put_processes(s, out);
	for (size_t i = 0; i < s->edges_len; i++)
		put_edge(s, &s->edges[i], out);
	for (size_t i = 0; i < s->links_len; i++)
		fprintf(out, "\tn%zu -> n%zu [dir=none, style=dotted, label=\"accepted\"]\n",
			s->links[i].from + 1, s->links[i].to + 1);
	fputs("}\n", out);
	return r;
}
