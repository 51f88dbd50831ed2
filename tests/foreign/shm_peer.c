/*
 * A peer of a POSIX segment.
 *
 *	shm_peer late NAME SIZE     makes it empty, says "ready", and gives it its size when a line comes; a
 *	                            second line makes its first int 42
 *	shm_peer seesaw NAME A B    truncates it to A and B bytes in turn until a line comes
 *	shm_peer add NAME TIMES     adds 1 to its first int, one compare and swap each
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int *map(int fd)
{
	int *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED) {
		perror("shm_peer");
		exit(1);
	}
	return at;
}

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

static int line_came(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

int main(int argc, char **argv)
{
	char line[100];

	if (argc < 3)
		return 2;
	int late = strcmp(argv[1], "late") == 0;
	int fd = shm_open(argv[2], O_RDWR | (late ? O_CREAT | O_EXCL : 0), 0600);
	if (fd < 0) {
		perror("shm_peer");
		return 1;
	}
	if (late) {
		say_ready();
		if (!fgets(line, sizeof(line), stdin) || ftruncate(fd, atol(argv[3])) < 0)
			return 1;
		if (fgets(line, sizeof(line), stdin))
			__atomic_store_n(map(fd), 42, __ATOMIC_SEQ_CST);
	} else if (strcmp(argv[1], "seesaw") == 0) {
		say_ready();
		for (unsigned i = 0; !line_came(); i++)
			if (ftruncate(fd, atol(argv[3 + i % 2])) < 0)
				return 1;
	} else {
		int *at = map(fd);
		for (int i = 0; i < atoi(argv[3]); i++)
			__atomic_fetch_add(at, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}
