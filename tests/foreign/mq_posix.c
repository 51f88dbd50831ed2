/* A C program with a POSIX queue: mq_posix send|recv NAME [PRIORITY TEXT]...; recv prints "PRIORITY TEXT" lines. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int receive_all(mqd_t q)
{
	struct mq_attr attr;
	char text[8192];
	unsigned priority;

	for (mq_getattr(q, &attr); attr.mq_curmsgs > 0; mq_getattr(q, &attr)) {
		ssize_t n = mq_receive(q, text, sizeof(text), &priority);
		if (n < 0)
			return 1;
		printf("%u %.*s\n", priority, (int)n, text);
	}
	return 0;
}

int main(int argc, char **argv)
{
	mqd_t q = mq_open(argv[2], O_RDWR);

	if (q < 0) {
		perror(argv[2]);
		return 1;
	}
	if (strcmp(argv[1], "recv") == 0)
		return receive_all(q);
	for (int i = 3; i + 1 < argc; i += 2)
		if (mq_send(q, argv[i + 1], strlen(argv[i + 1]), (unsigned)atoi(argv[i])) < 0)
			return 1;
	return 0;
}
