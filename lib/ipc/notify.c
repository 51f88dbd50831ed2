#include "ipc/notify.h"

#include "ipc/io.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int notify_send(const char *address, const char *state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(address);

	if ((address[0] != '/' && address[0] != '@') || len < 2)
		return -EINVAL;
	if (len >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, address, len);
	if (address[0] == '@')
		sun.sun_path[0] = '\0';
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	ssize_t n =
		sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&sun, size);
	return n < 0 ? -errno : 0;
}
