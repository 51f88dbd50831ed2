/*
 * Many processes that have many things: what `ls` and lsof then tell. Of the descriptors of each some are listening
 * Unix sockets, and the others in turn an end of a pipe, a FIFO, a segment and a file.
 *
 * usage: holders_crowd PROCESSES DESCRIPTORS SOCKETS
 *
 * Prints "ready" when all are there; they end with it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int r, const char *what)
{
	if (r < 0) {
		perror(what);
		exit(1);
	}
}

static void listen_at(long process, long n)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	must(fd, "socket");
	int len = snprintf(
		a.sun_path + 1, sizeof(a.sun_path) - 1, "crowd.%d.%ld.%ld", (int)getppid(), process, n);
	must(bind(fd, (struct sockaddr *)&a, (socklen_t)(sizeof(a.sun_family) + 1 + (size_t)len)), "bind");
	must(listen(fd, 1), "listen");
}

/* Opens one or two descriptors. Returns how many. */
static long open_one(long process, long n)
{
	static const char *const forms[] = { "", "/run/crowd-fifo.%ld", "/dev/shm/crowd.%ld",
		"/tmp/crowd.%ld" };
	char path[64];
	int ends[2];

	if (n % 4 == 0) {
		must(pipe(ends), "pipe");
		return 2;
	}
	snprintf(path, sizeof(path), forms[n % 4], process % 100); /* several have the same */
	if (n % 4 == 1)
		(void)mkfifo(path, 0600);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	must(fd, path);
	if (n % 4 == 2 &&
		(ftruncate(fd, 4096) < 0 || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED))
		must(-1, "mmap");
	return 1;
}

static void be_one(long process, long descriptors, long sockets)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (long i = 0; i < sockets; i++)
		listen_at(process, i);
	for (long i = sockets, n = 0; i < descriptors; n++)
		i += open_one(process, n);
}

int main(int argc, char **argv)
{
	long processes = argc > 3 ? atol(argv[1]) : 0;
	int ready[2];
	char byte;

	if (processes <= 0)
		return 2;
	must(pipe(ready), "pipe");
	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();
		must(pid, "fork");
		if (pid > 0)
			continue;
		close(ready[0]);
		close(STDOUT_FILENO);
		be_one(i, atol(argv[2]) / processes, atol(argv[3]) / processes);
		must((int)write(ready[1], "", 1), "write");
		close(ready[1]);
		for (;;)
			pause();
	}
	for (long i = 0; i < processes; i++)
		if (read(ready[0], &byte, 1) != 1)
			return 1;
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
