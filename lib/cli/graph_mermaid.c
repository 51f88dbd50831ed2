/* A scene as a mermaid flowchart. Source: https://mermaid.js.org/syntax/flowchart.html */
#include "cli/graph_look.h"
#include "ipc/io.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/*
 * What may stand for itself in a label. All else is written as an entity, since a label is Markdown, HTML, a place
 * for icons ("fa:fa-ban") and links ("http://…", "www."), and a directive ("%%{") works wherever it stands.
 */
static bool is_plain(const char *text, bool first)
{
	unsigned char c = (unsigned char)*text;

	if (c >= 0x80 || isalpha(c))
		return strncasecmp(text, "www.", 4) != 0;
	if (c == ':')
		return !first && strncmp(text, "://", 3) != 0 && strncmp(text, ":fa-", 4) != 0;
	return !first && (isdigit(c) || strchr(" /.,=+-", c) != NULL);
}

static void put_text(FILE *out, const char *text)
{
	bool first = true; /* of a line, where "1." and "-" make a list */

	for (; *text; text++) {
		if (*text == '\n')
			fputs("<br/>", out);
		else if (is_plain(text, first))
			fputc(*text, out);
		else
			fprintf(out, "#%u;", (unsigned)(unsigned char)*text);
		first = *text == '\n';
	}
}

static int put_processes(const struct scene *s, FILE *out)
{
	for (size_t i = 0; i < s->processes_len; i++) {
		AUTO_FREE char *label = graph_process_label(&s->processes[i]);
		if (!label)
			return -ENOMEM;
		fprintf(out, "\tp%d(\"", (int)s->processes[i].pid);
		put_text(out, label);
		fputs("\")\n", out);
	}
	return 0;
}

static int put_objects(const struct scene *s, FILE *out)
{
	for (size_t i = 0; i < s->drawn_len; i++) {
		const struct graph_shape *shape = graph_shape(s->drawn[i]->object.selector.kind);
		AUTO_FREE char *label = graph_object_label(s->drawn[i]);
		if (!label)
			return -ENOMEM;
		fprintf(out, "\tn%zu%s", i + 1, shape->open);
		put_text(out, label);
		fprintf(out, "%s\n", shape->close);
	}
	return 0;
}

/* The spaces matter: "---o1" would be another kind of edge. */
static void put_edge(const struct scene *s, const struct scene_edge *e, FILE *out)
{
	int pid = (int)s->processes[e->process].pid;
	bool to_head = e->behind ? e->reads : e->writes, to_tail = e->behind ? e->writes : e->reads;
	const char *head = to_head ? ">" : e->blocked ? "" : "-", *tail = to_tail ? "<" : "";
	char word[GRAPH_WORD_MAX];

	fprintf(out, e->behind ? "\tn%zu" : "\tp%zu", e->behind ? e->object + 1 : (size_t)pid);
	fprintf(out, " %s%s%s", tail, e->blocked ? "-.-" : "--", head);
	if (*graph_edge_label(s, e, word))
		fprintf(out, "|%s|", word);
	fprintf(out, e->behind ? " p%zu\n" : " n%zu\n", e->behind ? (size_t)pid : e->object + 1);
}

/* Edges are known by their numbers. */
static void put_faint(const struct scene *s, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < s->edges_len; i++) {
		if (!s->edges[i].faint)
			continue;
		fprintf(out, any ? ",%zu" : "\tlinkStyle %zu", i);
		any = true;
	}
	if (any)
		fputs(" stroke:#cfcfcf\n", out);
}

static void put_states(const struct scene *s, FILE *out)
{
	for (unsigned state = 0; state < STATES; state++) {
		const struct graph_state *look = graph_state(state);
		bool any = false;
		for (size_t i = 0; look->name && i < s->drawn_len; i++) {
			if (s->drawn[i]->object.verdict.state != state)
				continue;
			fprintf(out, any ? ",n%zu" : "\tclass n%zu", i + 1);
			any = true;
		}
		if (any)
			fprintf(out, " %s\n\tclassDef %s fill:%s,stroke:%s,stroke-dasharray:%s,color:#000\n",
				look->name, look->name, look->fill, look->line, look->dashes);
	}
}

int graph_mermaid(const struct scene *s, FILE *out)
{
	fputs("flowchart LR\n", out);
	int r = put_objects(s, out);
	if (r == 0)
		r = put_processes(s, out);
	for (size_t i = 0; i < s->edges_len; i++)
		put_edge(s, &s->edges[i], out);
	for (size_t i = 0; i < s->links_len; i++)
		fprintf(out, "\tn%zu -.-|accepted| n%zu\n", s->links[i].from + 1, s->links[i].to + 1);
	put_faint(s, out);
	put_states(s, out);
	return r;
}
