/* Telling the service manager. Source: sd_notify(3), "Notes": a datagram to the socket it named. */
#pragma once

/**
 * Sends a state, e.g. "READY=1". It does not wait for a manager that does not read.
 *
 * address: a path, or an abstract name behind "@", as in NOTIFY_SOCKET
 * Returns 0 or -errno.
 */
int notify_send(const char *address, const char *state);
