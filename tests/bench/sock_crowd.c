/*
 * Clients of a server that sends back what it gets: so many connections, by four processes at once.
 *
 * usage: sock_crowd PATH CONNECTIONS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 4 };

static const char text[] = "hello";

/* Returns whether all came back, and then the end. */
static int ask(const struct sockaddr_un *address)
{
	char buf[64];
	size_t got = 0;
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ||
		write(fd, text, sizeof(text)) != (ssize_t)sizeof(text))
		return 0;
	shutdown(fd, SHUT_WR);
	while (got < sizeof(buf) && (n = read(fd, buf + got, sizeof(buf) - got)) > 0)
		got += (size_t)n;
	close(fd);
	return got == sizeof(text);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	long n = argc == 3 ? strtol(argv[2], NULL, 10) / PROCESSES : 0;
	int status, failed = 0;

	if (n < 1 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fprintf(stderr, "usage: sock_crowd PATH CONNECTIONS\n");
		return 2;
	}
	memcpy(address.sun_path, argv[1], strlen(argv[1]));
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			for (long j = 0; j < n; j++)
				if (!ask(&address))
					_exit(1);
			_exit(0);
		}
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
