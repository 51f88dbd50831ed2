/* Between sockaddr_connect.c and sockaddr_probe.c. */
#pragma once

#include <sys/socket.h>

/**
 * The address of the socket file that fd has open (O_PATH), whatever its name and however long.
 *
 * Returns 0 or -errno: -EMEDIUMTYPE if it is no socket, -ELOOP if it is a symbolic link.
 */
int sock_file_address(int fd, struct sockaddr_storage *ret, socklen_t *ret_len);
