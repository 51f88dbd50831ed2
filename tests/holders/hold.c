/*
 * Has an object in one way, and says so.
 *
 * usage: hold WAY OBJECT READY [thread|alone]
 *
 * WAY: see main(). OBJECT: a path, the name of a queue or a semaphore, or the number of a System V object. READY: a
 * file that appears when the object is held, or right before the call that waits. thread: another thread than the main
 * one has it; alone: and the main one ends.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static const char *way, *object, *ready;

static void must(long r, const char *what)
{
	if (r < 0) {
		perror(what);
		exit(1);
	}
}

static void say_ready(void)
{
	must(close(creat(ready, 0600)), ready);
}

static void map_it(int prot, int flags, int keep)
{
	int fd = open(object, prot & PROT_WRITE ? O_RDWR : O_RDONLY);

	must(fd, object);
	if (mmap(NULL, 4096, prot, flags, fd, 0) == MAP_FAILED)
		must(-1, "mmap");
	if (!keep)
		close(fd);
}

static void use_queue(int sends)
{
	mqd_t q = mq_open(object, sends ? O_WRONLY : O_RDONLY);
	char buf[8192];

	must(q, object);
	say_ready();
	for (;;)
		must(sends ? mq_send(q, "x", 1, 0) : mq_receive(q, buf, sizeof(buf), NULL), "queue");
}

static void use_messages(int sends)
{
	struct {
		long type;
		char text[1024];
	} m = { .type = 1 };

	say_ready();
	for (;;)
		must(sends ? msgsnd(atoi(object), &m, sizeof(m.text), 0)
			   : msgrcv(atoi(object), &m, sizeof(m.text), 0, 0),
			"message");
}

static void wait_for_semaphore(void)
{
	sem_t *s = sem_open(object, 0);

	must(s == SEM_FAILED ? -1 : 0, object);
	say_ready();
	must(sem_wait(s), "sem_wait");
}

static void *hold(void *arg)
{
	struct sembuf down = { .sem_op = -1 };

	(void)arg;
	if (strcmp(way, "fd") == 0)
		must(open(object, O_RDONLY), object);
	else if (strcmp(way, "path") == 0)
		must(open(object, O_PATH), object);
	else if (strcmp(way, "map") == 0)
		map_it(PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	else if (strcmp(way, "private") == 0)
		map_it(PROT_READ, MAP_PRIVATE, 0);
	else if (strcmp(way, "both") == 0)
		map_it(PROT_READ, MAP_SHARED, 1);
	else if (strcmp(way, "mq") == 0)
		must(mq_open(object, O_RDONLY), object);
	else if (strcmp(way, "mq-receive") == 0 || strcmp(way, "mq-send") == 0)
		use_queue(strcmp(way, "mq-send") == 0);
	else if (strcmp(way, "attach") == 0)
		must((long)shmat(atoi(object), NULL, 0), "shmat");
	else if (strcmp(way, "attach-twice") == 0)
		must(((long)shmat(atoi(object), NULL, 0) | (long)shmat(atoi(object), NULL, SHM_RDONLY)),
			"shmat");
	else if (strcmp(way, "msgrcv") == 0 || strcmp(way, "msgsnd") == 0)
		use_messages(strcmp(way, "msgsnd") == 0);
	else if (strcmp(way, "sem") == 0)
		must(sem_open(object, 0) == SEM_FAILED ? -1 : 0, object);
	else if (strcmp(way, "sem-wait") == 0)
		wait_for_semaphore();
	else if (strcmp(way, "semop") == 0) {
		say_ready();
		must(semop(atoi(object), &down, 1), "semop");
	} else if (strcmp(way, "fifo") == 0) {
		say_ready();
		must(open(object, O_RDONLY), object);
	} else
		exit(2);
	say_ready();
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 4)
		return 2;
	way = argv[1];
	object = argv[2];
	ready = argv[3];
	if (argc == 4)
		hold(NULL);
	pthread_create(&thread, NULL, hold, NULL);
	if (strcmp(argv[4], "alone") == 0)
		pthread_exit(NULL);
	for (;;)
		pause();
}
