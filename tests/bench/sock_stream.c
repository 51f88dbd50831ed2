/*
 * Both ends of a stream with nothing beside the copying, so that a relay between them is what is measured.
 *
 * usage: sock_stream sink PATH            reads all that comes on one connection after another, for ever
 *        sock_stream source PATH MIB      sends so much and waits for the end
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 128 * 1024 };

static char buf[CHUNK];

static void check(int fact, const char *what)
{
	if (fact)
		return;
	perror(what);
	exit(1);
}

static void sink(const struct sockaddr_un *sun)
{
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(sun->sun_path);
	check(bind(server, (const struct sockaddr *)sun, sizeof(*sun)) == 0 && listen(server, 8) == 0,
		sun->sun_path);
	for (;;) {
		int fd = accept(server, NULL, NULL);
		check(fd >= 0, "accept");
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
	}
}

static void source(const struct sockaddr_un *sun, long mib)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	check(connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0, sun->sun_path);
	for (long left = mib * ((1024 * 1024) / CHUNK); left > 0; left--)
		for (size_t done = 0; done < sizeof(buf);) {
			ssize_t n = write(fd, buf + done, sizeof(buf) - done);
			check(n > 0, "write");
			done += (size_t)n;
		}
	shutdown(fd, SHUT_WR);
	check(read(fd, buf, sizeof(buf)) == 0, "the end");
}

int main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (argc < 3)
		return 2;
	strncpy(sun.sun_path, argv[2], sizeof(sun.sun_path) - 1);
	if (strcmp(argv[1], "sink") == 0)
		sink(&sun);
	else if (argc == 4)
		source(&sun, atol(argv[3]));
	return 0;
}
