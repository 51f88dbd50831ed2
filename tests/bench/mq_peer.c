/*
 * What `ipcctl mq send` and `mq recv` are measured against: the same system calls in the barest loops.
 *
 *	mq_peer send|recv /NAME|KEY COUNT
 *
 * send reads lines from standard input and sends each as a message; recv prints COUNT messages as lines.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

enum { MESSAGE_MAX = 8192, OUT_SIZE = 128 * 1024 };

struct message {
	long type;
	char text[MESSAGE_MAX];
};

static int queue;
static int posix;
static char in[OUT_SIZE + 1], out[OUT_SIZE + MESSAGE_MAX + 1];

static void send_one(const char *text, size_t len)
{
	struct message m;

	m.type = 1;
	memcpy(m.text, text, len);
	if ((posix ? mq_send(queue, text, len, 0) : msgsnd(queue, &m, len, 0)) < 0)
		exit(1);
}

static void send_all(void)
{
	size_t have = 0;
	ssize_t n;

	while ((n = read(0, in + have, OUT_SIZE - have)) > 0) {
		char *p = in, *end;
		have += (size_t)n;
		for (; (end = memchr(p, '\n', (size_t)(in + have - p))); p = end + 1)
			send_one(p, (size_t)(end - p));
		have -= (size_t)(p - in);
		memmove(in, p, have);
	}
}

static void recv_all(long count)
{
	size_t used = 0;

	for (; count > 0; count--) {
		struct message m;
		ssize_t n = posix ? mq_receive(queue, out + used, MESSAGE_MAX, NULL)
				  : msgrcv(queue, &m, MESSAGE_MAX, 0, 0);
		if (n < 0)
			exit(1);
		if (!posix)
			memcpy(out + used, m.text, (size_t)n);
		used += (size_t)n;
		out[used++] = '\n';
		if (used < OUT_SIZE && count > 1)
			continue;
		if (write(1, out, used) < 0)
			exit(1);
		used = 0;
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	posix = argv[2][0] == '/';
	queue = posix ? mq_open(argv[2], O_RDWR) : msgget((key_t)strtol(argv[2], NULL, 0), 0);
	if (queue < 0)
		return 1;
	if (strcmp(argv[1], "send") == 0)
		send_all();
	else
		recv_all(atol(argv[3]));
	return 0;
}
