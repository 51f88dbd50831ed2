/* A server's clients, printed: what arrives on their streams goes to standard output as it comes. */
#pragma once

#include "ipc/server.h"

extern const struct server_mode sock_print_mode;

/* The mode_data of such a server; begins as zero. */
struct sock_printer {
	struct server *server;
	bool terminal; /* control bytes are shown escaped */
	int error;     /* -errno why printing failed, and the server stopped */
	uint64_t lost; /* bytes that were received and could not be printed */
	/* The rest is for sock_print.c. */
	struct loop_watch out;
	struct sock_printed *waiting; /* for standard output */
};
