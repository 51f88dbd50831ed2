/* What the files of the server share, and nobody else needs. */
#pragma once

#include "ipc/server.h"

/** The mode lets go of a client, if it had begun, and the observer is told what went through. */
void server_end_mode(struct server_client *c);

/** Closes the connection and frees c: somebody else may come in its place, or the server ends. */
void server_free_client(struct server_client *c);
