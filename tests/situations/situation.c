/*
 * Brings an object into a situation: situation NAME STEP...
 *
 * NAME is a POSIX name, a path, "@name", or a System V key (0: private). Steps are done in order, each upon what the
 * ones before have opened; the list is at the end of this file. At "stay" the process says "ready PID" and waits to
 * be killed, as it does when it waits in the kernel in the step behind "block". Else it ends, as a dead maker does.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 4096, SPLIT_SIZE = 3 * SIZE, FULL = 1 << 16 };

static const char *name;      /* the object */
static const char *step_name; /* for messages */
static char **rest;           /* of the arguments, from that step on */
static int fd = -1;           /* what the last step opened */
static char *map;
static sem_t *sem;
static int id = -1; /* System V */
static char *attached;

static long check(long r)
{
	if (r < 0) {
		fprintf(stderr, "situation: %s: %s: %s\n", name, step_name, strerror(errno));
		exit(1);
	}
	return r;
}

static void ready(pid_t pid)
{
	printf("ready %d\n", (int)pid);
	fflush(stdout);
}

/* --- POSIX segments and semaphores, and files in general -------------------------------------- */

static void shm_make(const char *arg)
{
	fd = (int)check(shm_open(name, O_CREAT | O_EXCL | O_RDWR, (mode_t)strtol(arg, NULL, 8)));
	check(ftruncate(fd, SIZE));
}

static void shm_empty(const char *arg)
{
	fd = (int)check(shm_open(name, O_CREAT | O_EXCL | O_RDWR, (mode_t)strtol(arg, NULL, 8)));
}

static void shm_use(const char *arg)
{
	(void)arg;
	check(pwrite(fd, "used", 4, 0));
	char c;
	check(pread(fd, &c, 1, 0));
}

static void shm_open_again(const char *arg)
{
	fd = (int)check(shm_open(name, strcmp(arg, "ro") == 0 ? O_RDONLY : O_RDWR, 0));
}

static void shm_path(const char *arg)
{
	char path[PATH_MAX];

	(void)arg;
	snprintf(path, sizeof(path), "/dev/shm%s", name);
	fd = (int)check(open(path, O_PATH));
}

static void shm_rename(const char *arg)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "/dev/shm%s", name);
	snprintf(to, sizeof(to), "/dev/shm%s", arg);
	check(rename(from, to));
}

/* One under another name, */
static void shm_other(const char *arg)
{
	fd = (int)check(shm_open(arg, O_CREAT | O_EXCL | O_RDWR, 0600));
	check(ftruncate(fd, SIZE));
}

/* which takes the place of the object. */
static void shm_over(const char *arg)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "/dev/shm%s", arg);
	snprintf(to, sizeof(to), "/dev/shm%s", name);
	check(rename(from, to));
}

static void shm_remove(const char *arg)
{
	(void)arg;
	check(shm_unlink(name));
}

static void map_it(const char *arg)
{
	int prot = strcmp(arg, "ro") == 0 ? PROT_READ : PROT_READ | PROT_WRITE;
	int flags = strcmp(arg, "private") == 0 ? MAP_PRIVATE : MAP_SHARED;

	map = mmap(NULL, SIZE, prot, flags, fd, 0);
	check(map == MAP_FAILED ? -1 : 0);
}

static void map_none(const char *arg)
{
	(void)arg;
	map = mmap(NULL, SIZE, PROT_NONE, MAP_SHARED, fd, 0);
	check(map == MAP_FAILED ? -1 : 0);
}

static void unmap(const char *arg)
{
	(void)arg;
	check(munmap(map, SIZE));
}

static void sem_make(const char *arg)
{
	sem = sem_open(name, O_CREAT | O_EXCL, 0600, (unsigned)atoi(arg));
	check(sem == SEM_FAILED ? -1 : 0);
}

static void sem_again(const char *arg)
{
	(void)arg;
	sem = sem_open(name, 0);
	check(sem == SEM_FAILED ? -1 : 0);
}

static void sem_wait_for(const char *arg)
{
	(void)arg;
	check(sem_wait(sem));
}

static void sem_give(const char *arg)
{
	(void)arg;
	check(sem_post(sem));
}

static void sem_done(const char *arg)
{
	(void)arg;
	check(sem_close(sem));
}

/* --- POSIX queues ------------------------------------------------------------------------------ */

static void mq_make(const char *arg)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };

	fd = (int)check(mq_open(name, O_CREAT | O_EXCL | O_RDWR, (mode_t)strtol(arg, NULL, 8), &attr));
}

static void mq_again(const char *arg)
{
	fd = (int)check(mq_open(name, strcmp(arg, "ro") == 0 ? O_RDONLY : O_RDWR));
}

static void mq_put(const char *arg)
{
	(void)arg;
	check(mq_send(fd, "x", 1, 0));
}

static void mq_get(const char *arg)
{
	char buf[8];

	(void)arg;
	check(mq_receive(fd, buf, sizeof(buf), NULL));
}

static void mq_tell(const char *arg)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };

	(void)arg;
	check(mq_notify(fd, &event));
}

static void mq_remove(const char *arg)
{
	(void)arg;
	check(mq_unlink(name));
}

/* --- System V ---------------------------------------------------------------------------------- */

static key_t key(void)
{
	return (key_t)strtoul(name, NULL, 0);
}

static int flags(const char *arg)
{
	return IPC_CREAT | IPC_EXCL | (int)strtol(arg, NULL, 8);
}

static void seg_make(const char *arg)
{
	id = (int)check(shmget(key(), SPLIT_SIZE, flags(arg)));
}

static void seg_attach(const char *arg)
{
	if (id < 0)
		id = (int)check(shmget(key(), 0, 0));
	attached = shmat(id, NULL, strcmp(arg, "ro") == 0 ? SHM_RDONLY : 0);
	check(attached == (char *)-1 ? -1 : 0);
}

static void seg_detach(const char *arg)
{
	(void)arg;
	check(shmdt(attached));
}

/* One attachment becomes three mappings, and nattch 3. */
static void seg_split(const char *arg)
{
	(void)arg;
	check(mprotect(attached + SIZE, SIZE, PROT_READ));
}

/* It is another user's now. */
static void seg_give(const char *arg)
{
	struct shmid_ds ds;

	check(shmctl(id, IPC_STAT, &ds));
	ds.shm_perm.uid = (uid_t)strtoul(arg, NULL, 10);
	check(shmctl(id, IPC_SET, &ds));
}

static void seg_remove(const char *arg)
{
	(void)arg;
	check(shmctl(id, IPC_RMID, NULL));
}

static void set_make(const char *arg)
{
	id = (int)check(semget(key(), 2, flags(arg)));
}

static void set_op(short op, short semflg)
{
	struct sembuf buf = { .sem_num = 0, .sem_op = op, .sem_flg = semflg };

	if (id < 0)
		id = (int)check(semget(key(), 0, 0));
	check(semop(id, &buf, 1));
}

static void set_post(const char *arg)
{
	(void)arg;
	set_op(1, 0);
}

static void set_take(const char *arg)
{
	(void)arg;
	set_op(-1, 0);
}

static void set_undo(const char *arg)
{
	(void)arg;
	set_op(-1, SEM_UNDO);
}

static void set_zero(const char *arg)
{
	(void)arg;
	set_op(0, 0);
}

static void set_value(const char *arg)
{
	check(semctl(id, 0, SETVAL, atoi(arg)));
}

struct message {
	long type;
	char text[8192];
};

static void queue_make(const char *arg)
{
	id = (int)check(msgget(key(), flags(arg)));
}

static void queue_id(void)
{
	if (id < 0)
		id = (int)check(msgget(key(), 0));
}

static void queue_send(const char *arg)
{
	struct message m = { .type = 1 };

	queue_id();
	check(msgsnd(id, &m, (size_t)atoi(arg), 0));
}

static void queue_receive(const char *arg)
{
	struct message m;

	(void)arg;
	queue_id();
	check(msgrcv(id, &m, sizeof(m.text), 0, 0));
}

static void queue_fill(const char *arg)
{
	struct message m = { .type = 1 };

	(void)arg;
	queue_id();
	while (msgsnd(id, &m, sizeof(m.text), IPC_NOWAIT) == 0)
		;
}

/* --- FIFOs and sockets ------------------------------------------------------------------------- */

static void fifo_make(const char *arg)
{
	check(mkfifo(name, (mode_t)strtol(arg, NULL, 8)));
}

static void fifo_open(const char *arg)
{
	int how = strcmp(arg, "read") == 0 ? O_RDONLY : strcmp(arg, "write") == 0 ? O_WRONLY : O_RDWR;

	fd = (int)check(open(name, how));
}

/* Messages come and go, until its times are no longer those of its birth: the clock of files ticks slowly. */
static void fifo_use(const char *arg)
{
	int both = (int)check(open(name, O_RDWR));
	struct statx st = { 0 };
	char c;

	(void)arg;
	do {
		check(write(both, "x", 1));
		check(read(both, &c, 1));
		check(statx(both, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st));
	} while (st.stx_mask & STATX_BTIME && st.stx_mtime.tv_sec == st.stx_btime.tv_sec &&
		st.stx_mtime.tv_nsec == st.stx_btime.tv_nsec);
	close(both);
}

static socklen_t address(struct sockaddr_un *ret)
{
	size_t len = strlen(name);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len >= sizeof(ret->sun_path))
		check(-1);
	memcpy(ret->sun_path, name, len);
	if (*name == '@')
		ret->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*name != '@'));
}

static int type_of(const char *arg)
{
	return strcmp(arg, "dgram") == 0        ? SOCK_DGRAM
		: strcmp(arg, "seqpacket") == 0 ? SOCK_SEQPACKET
						: SOCK_STREAM;
}

static void sock_bind(const char *arg)
{
	struct sockaddr_un un;
	socklen_t len = address(&un);

	fd = (int)check(socket(AF_UNIX, type_of(arg), 0));
	check(bind(fd, (struct sockaddr *)&un, len));
}

static void sock_listen(const char *arg)
{
	check(listen(fd, atoi(arg)));
}

/* Connects until the backlog has no room. */
static void sock_crowd(const char *arg)
{
	struct sockaddr_un un;
	socklen_t len = address(&un);
	int r = 0;

	while (r == 0)
		r = connect((int)check(socket(AF_UNIX, type_of(arg) | SOCK_NONBLOCK, 0)),
			(struct sockaddr *)&un, len);
	if (errno != EAGAIN)
		check(-1);
}

/* Prints "accepted" for each connection that comes. */
static void sock_accept(const char *arg)
{
	(void)arg;
	ready(getpid());
	for (;;) {
		int c = (int)check(accept(fd, NULL, NULL));
		puts("accepted");
		fflush(stdout);
		close(c);
	}
}

/* Prints "came" for each datagram. */
static void sock_receive(const char *arg)
{
	char buf[64];

	(void)arg;
	ready(getpid());
	for (;;) {
		check(recv(fd, buf, sizeof(buf), 0));
		puts("came");
		fflush(stdout);
	}
}

/* --- any file ---------------------------------------------------------------------------------- */

static void close_it(const char *arg)
{
	(void)arg;
	check(close(fd));
}

static void rename_it(const char *arg)
{
	check(rename(name, arg));
}

static void chmod_it(const char *arg)
{
	check(chmod(name, (mode_t)strtol(arg, NULL, 8)));
}

static void pipe_make(const char *arg)
{
	int ends[2];

	(void)arg;
	check(pipe(ends));
	check(dup2(ends[0], 3));
}

static void unlink_it(const char *arg)
{
	(void)arg;
	check(unlink(name));
}

/* Puts a descriptor into a message, and closes it. */
static void send_away(int to, int it)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*c = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))
	};
	memcpy(CMSG_DATA(c), &it, sizeof(int));
	check(sendmsg(to, &m, 0));
	close(it);
}

/*
 * The descriptor is in a message that nobody has received yet, and nowhere else: of a stream or of datagrams; "nested": on a
 * socket that is itself in one; "locked": where many locks are held, too; "backlog": of a connection that was not accepted yet, and is closed at the other end.
 */
static void flight(const char *arg)
{
	bool nested = strcmp(arg, "nested") == 0, backlog = strcmp(arg, "backlog") == 0;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(un.sun_family);
	int pair[2], outer[2];

	if (backlog) {
		pair[0] = (int)check(socket(AF_UNIX, SOCK_STREAM, 0));
		pair[1] = (int)check(socket(AF_UNIX, SOCK_STREAM, 0));
		check(bind(pair[1], (struct sockaddr *)&un, len));
		check(listen(pair[1], 1));
		len = sizeof(un);
		check(getsockname(pair[1], (struct sockaddr *)&un, &len));
		check(connect(pair[0], (struct sockaddr *)&un, len));
	} else {
		check(socketpair(AF_UNIX, strcmp(arg, "dgram") == 0 ? SOCK_DGRAM : SOCK_STREAM, 0, pair));
	}
	for (int i = 0; strcmp(arg, "locked") == 0 && i < 100; i++)
		check(fcntl(pair[1], F_SETLK,
			&(struct flock){
				.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2 * i, .l_len = 1 }));
	send_away(pair[0], fd);
	if (nested) {
		check(socketpair(AF_UNIX, SOCK_STREAM, 0, outer));
		send_away(outer[0], pair[1]);
	}
	if (nested || backlog)
		close(pair[0]);
}

static sem_t kept;

static void *keep(void *arg)
{
	check(unshare(CLONE_FILES));
	if (arg)
		check(close(fd));
	sem_post(&kept);
	while (pause() < 0)
		;
	return arg;
}

/* A thread alone has it; "second": one before it has other things in a table of its own. */
static void thread(const char *arg)
{
	pthread_t id;

	sem_init(&kept, 0, 0);
	for (int i = strcmp(arg, "second") == 0 ? 0 : 1; i < 2; i++) {
		if (pthread_create(&id, NULL, keep, i == 0 ? &kept : NULL) != 0)
			check(-1);
		sem_wait(&kept);
	}
	check(close(fd));
}

/* Stays, but for its main thread. */
static void leave(const char *arg)
{
	(void)arg;
	ready(getpid());
	pthread_exit(NULL);
}

/* Only a ring has it; "mapped": which is in no table, either. Says "skip" where rings are not allowed. */
static void ring(const char *arg)
{
	struct io_uring_params params = { 0 };

	int r = (int)syscall(SYS_io_uring_setup, 1, &params);
	if (r < 0 && (errno == ENOSYS || errno == EPERM || errno == ENOMEM)) {
		puts("skip io_uring is denied here");
		exit(0);
	}
	check(r);
	check(syscall(SYS_io_uring_register, r, IORING_REGISTER_FILES, &fd, 1));
	check(close(fd));
	if (strcmp(arg, "mapped") == 0) {
		check(mmap(NULL, params.sq_off.array, PROT_READ, MAP_SHARED, r, IORING_OFF_SQ_RING) ==
					MAP_FAILED
				? -1
				: 0);
		check(close(r));
	}
}

/* Opens and closes it until it is killed. Says "failed" if that was refused for a reason that it does not expect. */
static void open_loop(const char *arg)
{
	bool hasty = strcmp(arg, "nonblock") == 0, queue = strcmp(arg, "mq") == 0;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/dev/shm%s", name);
	for (bool first = true;; first = false) {
		int r = queue ? mq_open(name, O_RDWR) : open(path, O_RDWR | (hasty ? O_NONBLOCK : 0));
		if (r < 0 && !(hasty && errno == EAGAIN)) {
			printf("failed %s\n", strerror(errno));
			exit(1);
		}
		if (r >= 0)
			close(r);
		if (first)
			ready(getpid());
		nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	}
}

/* That many files of that name, and a lease on each, which is not given up when others want to open them. */
static void lease_many(const char *arg)
{
	char path[PATH_MAX];

	signal(SIGIO, SIG_IGN);
	for (int i = 0; i < atoi(arg); i++) {
		snprintf(path, sizeof(path), "/dev/shm%s.%d", name, i);
		fd = (int)check(open(path, O_CREAT | O_EXCL | O_RDONLY, 0600));
		check(fcntl(fd, F_SETLEASE, F_WRLCK));
	}
}

/* That many descriptors of nothing of interest, before the others. */
static void open_many(const char *arg)
{
	int nothing = (int)check(open("/dev/null", O_RDWR));

	for (int i = 0; i < atoi(arg); i++)
		check(dup(nothing));
}

/* Children that come and go, as fast as they can. */
static void churn(const char *arg)
{
	(void)arg;
	ready(getpid());
	for (;;) {
		pid_t pid = (pid_t)check(fork());
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

/* --- processes --------------------------------------------------------------------------------- */

static void stay(const char *arg)
{
	(void)arg;
	ready(getpid());
	for (;;)
		pause();
}

/* Who has done all before is gone, and what follows is done by a process that is a copy of it. */
static void daemonize(const char *arg)
{
	(void)arg;
	if (check(fork()) != 0)
		_exit(0);
	check(setsid());
	pid_t leader = getpid();
	if (check(fork()) != 0)
		_exit(0);
	while (getppid() == leader)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/*
 * What follows is done by this program executed anew, or by a "copy"; of what that leaves this process becomes the parent,
 * in the latter case if it is the first of a pid namespace.
 */
static void adopt(const char *arg)
{
	bool copy = strcmp(arg, "copy") == 0;

	if (!copy)
		check(prctl(PR_SET_CHILD_SUBREAPER, 1));
	if (check(fork()) == 0) {
		if (copy)
			return;
		rest[0] = (char *)name;
		rest[-1] = (char *)"situation";
		check(execv("/proc/self/exe", rest - 1));
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	_exit(1);
}

static void become(const char *arg)
{
	uid_t uid = (uid_t)strtoul(arg, NULL, 10);

	check(setresuid(uid, uid, uid));
}

/* It is not to end with who started it. */
static void outlive(const char *arg)
{
	(void)arg;
	check(prctl(PR_SET_PDEATHSIG, 0));
}

static void rename_process(const char *arg)
{
	check(prctl(PR_SET_NAME, arg));
}

/* What follows is done in a pid namespace of its own; of a user without privileges, in a user namespace too. */
static void pid_namespace(const char *arg)
{
	(void)arg;
	check(unshare(geteuid() == 0 ? CLONE_NEWPID : CLONE_NEWUSER | CLONE_NEWPID));
	pid_t pid = (pid_t)check(fork());
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	int status;
	waitpid(pid, &status, 0);
	_exit(1);
}

static void ipc_namespace(const char *arg)
{
	(void)arg;
	check(unshare(geteuid() == 0 ? CLONE_NEWIPC : CLONE_NEWUSER | CLONE_NEWIPC));
}

/* What follows is done by a child, and then by this process again what follows "back". */
static void child(const char *arg)
{
	(void)arg;
	pid_t pid = (pid_t)check(fork());
	if (pid == 0)
		return;
	int status;
	waitpid(pid, &status, 0);
	_exit(status ? 1 : 0);
}

static int syscall_of(pid_t pid)
{
	char path[64];
	int number = -1;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f || fscanf(f, "%d", &number) != 1)
		number = -1;
	if (f)
		fclose(f);
	return number;
}

static bool blocks_in(pid_t pid, long number)
{
	return syscall_of(pid) == number || (number == SYS_semop && syscall_of(pid) == SYS_semtimedop);
}

struct step {
	const char *name;
	void (*fn)(const char *arg);
	const char *arg; /* unless another stands behind a colon */
	long blocks;     /* with "block" before it: the system call that it waits in */
};

static const struct step steps[] = {
	{ "shm-make", shm_make, "600", -1 },
	{ "shm-empty", shm_empty, "600", -1 },
	{ "shm-use", shm_use, "", -1 },
	{ "shm-open", shm_open_again, "rw", -1 },
	{ "shm-path", shm_path, "", -1 },
	{ "shm-rename", shm_rename, "", -1 },
	{ "shm-other", shm_other, "/other", -1 },
	{ "shm-over", shm_over, "/other", -1 },
	{ "shm-unlink", shm_remove, "", -1 },
	{ "map", map_it, "rw", -1 },
	{ "map-none", map_none, "", -1 },
	{ "unmap", unmap, "", -1 },
	{ "sem-make", sem_make, "0", -1 },
	{ "sem-open", sem_again, "", -1 },
	{ "sem-wait", sem_wait_for, "", SYS_futex },
	{ "sem-post", sem_give, "", -1 },
	{ "sem-close", sem_done, "", -1 },
	{ "mq-make", mq_make, "600", -1 },
	{ "mq-open", mq_again, "rw", -1 },
	{ "mq-send", mq_put, "", SYS_mq_timedsend },
	{ "mq-receive", mq_get, "", SYS_mq_timedreceive },
	{ "mq-notify", mq_tell, "", -1 },
	{ "mq-unlink", mq_remove, "", -1 },
	{ "seg-make", seg_make, "600", -1 },
	{ "seg-give", seg_give, "", -1 },
	{ "seg-attach", seg_attach, "rw", -1 },
	{ "seg-detach", seg_detach, "", -1 },
	{ "seg-split", seg_split, "", -1 },
	{ "seg-remove", seg_remove, "", -1 },
	{ "set-make", set_make, "600", -1 },
	{ "set-post", set_post, "", -1 },
	{ "set-take", set_take, "", SYS_semop },
	{ "set-undo", set_undo, "", SYS_semop },
	{ "set-zero", set_zero, "", SYS_semop },
	{ "set-value", set_value, "1", -1 },
	{ "queue-make", queue_make, "600", -1 },
	{ "queue-send", queue_send, "1", SYS_msgsnd },
	{ "queue-receive", queue_receive, "", SYS_msgrcv },
	{ "queue-fill", queue_fill, "", -1 },
	{ "fifo-make", fifo_make, "600", -1 },
	{ "fifo-open", fifo_open, "both", SYS_openat },
	{ "fifo-use", fifo_use, "", -1 },
	{ "sock-bind", sock_bind, "stream", -1 },
	{ "sock-listen", sock_listen, "5", -1 },
	{ "sock-crowd", sock_crowd, "stream", -1 },
	{ "sock-accept", sock_accept, "", -1 },
	{ "sock-receive", sock_receive, "", -1 },
	{ "close", close_it, "", -1 },
	{ "rename", rename_it, "", -1 },
	{ "chmod", chmod_it, "600", -1 },
	{ "pipe", pipe_make, "", -1 },
	{ "unlink", unlink_it, "", -1 },
	{ "flight", flight, "stream", -1 },
	{ "thread", thread, "", -1 },
	{ "open-loop", open_loop, "", -1 },
	{ "lease-many", lease_many, "100", -1 },
	{ "open-many", open_many, "100", -1 },
	{ "churn", churn, "", -1 },
	{ "ring", ring, "", -1 },
	{ "stay", stay, "", -1 },
	{ "adopt", adopt, "", -1 },
	{ "become", become, "", -1 },
	{ "leave", leave, "", -1 },
	{ "outlive", outlive, "", -1 },
	{ "daemon", daemonize, "", -1 },
	{ "called", rename_process, "", -1 },
	{ "pid-namespace", pid_namespace, "", -1 },
	{ "ipc-namespace", ipc_namespace, "", -1 },
	{ "child", child, "", -1 },
};

static const struct step *find(const char *text, const char **ret_arg)
{
	size_t len = strcspn(text, ":");

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (strlen(steps[i].name) != len || strncmp(steps[i].name, text, len) != 0)
			continue;
		*ret_arg = text[len] ? text + len + 1 : steps[i].arg;
		return &steps[i];
	}
	fprintf(stderr, "situation: there is no step '%s'\n", text);
	exit(2);
}

/* Lets a child do the step, which does not come to an end, and says so when it waits in the kernel. */
static void block(const struct step *s, const char *arg)
{
	pid_t parent = getpid(), pid = (pid_t)check(fork());

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			s->fn(arg);
		_exit(1); /* it did not block, or was woken */
	}
	while (!blocks_in(pid, s->blocks)) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			check(-1);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	if (fd >= 0)
		close(fd); /* the child alone has it */
	ready(pid);
	int status;
	waitpid(pid, &status, 0);
	printf("woken %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	fflush(stdout);
	stay("");
}

int main(int argc, char **argv)
{
	bool blocking = false;

	if (argc < 2)
		return 2;
	umask(0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	name = argv[1];
	for (int i = 2; i < argc; i++) {
		const char *arg;
		if (strcmp(argv[i], "block") == 0) {
			blocking = true;
			continue;
		}
		const struct step *s = find(argv[i], &arg);
		step_name = argv[i];
		rest = argv + i;
		if (blocking)
			block(s, arg);
		s->fn(arg);
	}
	return 0;
}
