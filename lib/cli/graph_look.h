/* What a scene looks like whatever the language that draws it: the words of its labels, and a look for each kind and state. */
#pragma once

#include "ipc/scene.h"

#include <stdio.h>

struct graph_shape {
	const char *class;
	const char *dot;          /* attributes */
	const char *open, *close; /* of mermaid */
};

/** The shape of the objects of a kind. */
const struct graph_shape *graph_shape(const struct ipc_kind *kind);

struct graph_state {
	const char *name; /* NULL: nobody asked for the state */
	const char *fill, *line;
	const char *style; /* of dot: also without colour one is told from the other */
	const char *dashes;
};

/** The look of a state. */
const struct graph_state *graph_state(enum ipc_state state);

/**
 * The label of an object: its selector, for a connection those of both ends; its kind; what it holds; its state.
 * Lines are separated by newlines, and all else is printable. The caller frees it; NULL without memory.
 */
char *graph_object_label(const struct scene_object *o);

/** The same of a process: the beginning of its command, and its number. */
char *graph_process_label(const struct scene_process *p);

enum { GRAPH_WORD_MAX = 32 };

/** What is to be said at an edge, or "". Returns text. */
const char *graph_edge_label(const struct scene *s, const struct scene_edge *e, char text[GRAPH_WORD_MAX]);

/** Writes the scene in the language of graphviz. Returns 0 or -ENOMEM. */
int graph_dot(const struct scene *s, FILE *out);

/** The same as a mermaid flowchart. */
int graph_mermaid(const struct scene *s, FILE *out);
