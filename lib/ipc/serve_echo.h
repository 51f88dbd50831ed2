/* A server that sends each client back what comes from it, until the client ends its side. For streams. */
#pragma once

#include "ipc/server.h"

extern const struct server_mode serve_echo_mode;
