/* What the two halves of a scene share: scene.c decides what is drawn, scene_edges.c what joins it. */
#pragma once

#include "ipc/scene.h"

static inline int scene_order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/** Whether it has no name and is of use only between processes. */
bool scene_is_nameless_channel(const struct scene_object *o);

/** The end of a connection that its client has; NULL: it is not known. */
const struct ipc_object *scene_client_end(const struct scene_object *o);

/** Lists the processes and the edges of what is drawn. Returns 0 or -ENOMEM. */
int scene_make_edges(struct scene *s);

/** Joins connections that are drawn to the servers that accepted them. Returns 0 or -ENOMEM. */
int scene_make_links(struct scene *s);
