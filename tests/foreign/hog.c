/* Makes or holds many of something, says who it is and how many, and waits to be killed: hog WHAT [NUMBER] */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int one_set(int i)
{
	struct sembuf add = { 0, 1, 0 };
	int id = semget(0x48000000 + i, 1, IPC_CREAT | IPC_EXCL | 0600);

	return id < 0 ? -1 : semop(id, &add, 1);
}

static int one_segment(int i)
{
	return shmget(0x48000000 + i, 10000, IPC_CREAT | IPC_EXCL | 0600) < 0 ? -1 : 0;
}

static int one_sysv_queue(int i)
{
	static const struct {
		long type;
		char text[1];
	} message = { 1, "x" };
	int id = msgget(0x48000000 + i, IPC_CREAT | IPC_EXCL | 0600);

	return id < 0 ? -1 : msgsnd(id, &message, 1, 0); /* which leaves its number there */
}

static int one_queue(int i)
{
	char name[32];

	snprintf(name, sizeof(name), "/hog.%d", i);
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL) == (mqd_t)-1 ? -1 : 0;
}

static int one_descriptor(int i)
{
	(void)i;
	return open("/dev/null", O_RDONLY) < 0 ? -1 : 0;
}

static int one_pipe(int i)
{
	int fds[2];

	(void)i;
	return pipe(fds);
}

/* A server that accepts nobody, and a client that waits. */
static int one_client(int i)
{
	static const struct sockaddr_un name = { AF_UNIX, "\0hog" };
	socklen_t len = sizeof(sa_family_t) + 4;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (i == 0)
		return bind(fd, (const struct sockaddr *)&name, len) < 0 ? -1 : listen(fd, 4);
	return connect(fd, (const struct sockaddr *)&name, len);
}

static const struct {
	const char *what;
	int (*one)(int i);
} makers[] = {
	{ "sem", one_set },
	{ "shm", one_segment },
	{ "msg", one_sysv_queue },
	{ "mq", one_queue },
	{ "fd", one_descriptor },
	{ "pipe", one_pipe },
	{ "sock", one_client },
};

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 1000000, made = 0, error = 0;

	prctl(PR_SET_NAME, "hog");
	closefrom(3);
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		if (argc > 1 && strcmp(argv[1], makers[i].what) == 0)
			while (made < n && makers[i].one(made) == 0)
				made++;
	error = made < n ? errno : 0;
	printf("%d %d %s\n", (int)getpid(), made, error ? strerror(error) : "all");
	fflush(stdout);
	pause();
	return 0;
}
