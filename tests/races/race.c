/*
 * Eight processes that make, use, share, drop and forget objects of all kinds and are killed at random, beside a
 * program that removes objects, again and again:
 *
 *	race UID SECONDS SEED stale|idle COMMAND...
 *
 * The eight run as UID. COMMAND runs over and over; what it says goes to standard error. Each of the eight verifies
 * what it has: as long as it has an object open, mapped or attached, or was the last to use it, the object must
 * not lose its name. With "stale" what it has made and dropped must be there, too, as long as it lives.
 *
 * Prints the counts. Status 1 if an object was lost that should not have been, each with a line on standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 8, KEPT = 12, SHARED = 32, SIZE = 4096, LOOKS = 40, NAME_SIZE = 64 };

enum kind { SHM, MQ, SEM, SYSV_SHM, SYSV_MQ, SYSV_SEM, KINDS };

static const char *const kind_names[KINDS] = { "shm", "mq", "sem", "shm sysv", "mq sysv", "sem sysv" };

struct object {
	enum kind kind;
	char name[NAME_SIZE]; /* POSIX */
	ino_t ino;
	int id;   /* System V */
	int fd;   /* -1: closed */
	char *at; /* mapped, attached */
	sem_t *sem;
	unsigned run;  /* the run of the remover that had begun when the object came into use */
	unsigned seen; /* the one that had begun when it was seen last */
};

/* What all processes see. It is in a file, so that it is no object itself. */
static struct counts {
	atomic_uint made, used, shared, verified, dropped, removed, killed, lost, vanished, windows, blinks,
		runs;
	struct {
		atomic_uint turn; /* odd: being written */
		enum kind kind;
		char name[NAME_SIZE];
		int id;
	} offers[SHARED];
	atomic_uint next_offer;
	atomic_bool enough;
} * counts;

static bool only_stale;
static unsigned serial;

static long number_below(long n)
{
	return random() % n;
}

static void nap(long most_us)
{
	nanosleep(&(struct timespec){ .tv_nsec = number_below(most_us) * 1000 }, NULL);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	(void)!write(STDOUT_FILENO, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/* --- one object -------------------------------------------------------------------------------- */

static bool is_sysv(const struct object *o)
{
	return o->kind >= SYSV_SHM;
}

static void path_of(const struct object *o, char path[static NAME_SIZE + 16])
{
	snprintf(path, NAME_SIZE + 16,
		o->kind == MQ            ? "/dev/mqueue%s"
			: o->kind == SEM ? "/dev/shm/sem.%s"
					 : "/dev/shm%s",
		o->name + (o->kind == SEM));
}

static bool id_is_there(const struct object *o)
{
	struct shmid_ds shm;
	struct msqid_ds msg;
	struct semid_ds sem;

	if (o->kind == SYSV_SHM)
		return shmctl(o->id, IPC_STAT, &shm) == 0 && !(shm.shm_perm.mode & SHM_DEST);
	if (o->kind == SYSV_MQ)
		return msgctl(o->id, IPC_STAT, &msg) == 0;
	return semctl(o->id, 0, IPC_STAT, &sem) == 0;
}

/* A removal puts a file aside for a moment and back again, if somebody took it just then. */
static bool name_is_there(const struct object *o)
{
	char path[NAME_SIZE + 16];
	struct stat st;

	path_of(o, path);
	for (int i = 0; i < 2000; i++) {
		if (stat(path, &st) == 0 && st.st_ino == o->ino) {
			counts->blinks += i > 0;
			return true;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return false;
}

static bool is_there(const struct object *o)
{
	return is_sysv(o) ? id_is_there(o) : name_is_there(o);
}

static void note_inode(struct object *o)
{
	char path[NAME_SIZE + 16];
	struct stat st = { 0 };

	path_of(o, path);
	if (o->fd >= 0 ? fstat(o->fd, &st) == 0 : stat(path, &st) == 0)
		o->ino = st.st_ino;
}

/* Names whose form tells the pid of their maker, and others. */
static void choose_name(struct object *o)
{
	static const char *const forms[] = { "/torch_%d_%u", "/q.%d.%u", "/loky-%d-%u" };
	bool telling = number_below(2) == 0;

	snprintf(o->name, sizeof(o->name), telling ? forms[o->kind] : "/r.%d.%u", (int)getpid(), ++serial);
}

static bool make(struct object *o)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };

	*o = (struct object){ .kind = (enum kind)number_below(KINDS), .fd = -1, .id = -1 };
	if (!is_sysv(o))
		choose_name(o);
	if (o->kind == SHM) {
		o->fd = shm_open(o->name, O_CREAT | O_EXCL | O_RDWR, 0600);
		if (o->fd >= 0 && ftruncate(o->fd, SIZE) < 0)
			abort();
	} else if (o->kind == MQ) {
		o->fd = mq_open(o->name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	} else if (o->kind == SEM) {
		o->sem = sem_open(o->name, O_CREAT | O_EXCL, 0600, 1);
		if (o->sem == SEM_FAILED)
			o->sem = NULL;
	} else if (o->kind == SYSV_SHM) {
		o->id = shmget(IPC_PRIVATE, SIZE, 0600);
	} else if (o->kind == SYSV_MQ) {
		o->id = msgget(IPC_PRIVATE, 0600);
	} else {
		o->id = semget(IPC_PRIVATE, 1, 0600);
	}
	bool made = is_sysv(o) ? o->id >= 0 : o->fd >= 0 || o->sem;
	if (made && !is_sysv(o))
		note_inode(o);
	counts->made += made;
	o->run = o->seen = counts->runs;
	return made; /* a limit may have been reached */
}

static void let_go(struct object *o)
{
	if (o->at && o->kind == SYSV_SHM)
		shmdt(o->at);
	else if (o->at)
		munmap(o->at, SIZE);
	if (o->sem)
		sem_close(o->sem);
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	o->at = NULL;
	o->sem = NULL;
}

/* Opens a POSIX object that another one has offered, or that this one has dropped. */
static bool take(struct object *o)
{
	if (o->kind == SHM)
		o->fd = shm_open(o->name, number_below(2) ? O_RDWR : O_RDONLY, 0);
	else if (o->kind == MQ)
		o->fd = mq_open(o->name, O_RDWR);
	else if (o->kind == SEM && (o->sem = sem_open(o->name, 0)) == SEM_FAILED)
		o->sem = NULL;
	if (o->fd < 0 && !o->sem)
		return false;
	if (o->ino == 0)
		note_inode(o);
	struct stat st;
	/* Its name may have been taken away while it was being opened. */
	if ((o->fd >= 0 && (fstat(o->fd, &st) < 0 || st.st_nlink == 0)) || !name_is_there(o)) {
		let_go(o);
		return false;
	}
	return true;
}

/* Makes this process the last user of it, or maps it. Returns false if it is gone. */
static bool use(struct object *o)
{
	static const struct sembuf give = { .sem_op = 1 }, held = { .sem_op = 1, .sem_flg = SEM_UNDO };
	struct {
		long type;
		char text[8];
	} m = { .type = 1 };
	bool ok = true;

	if (o->kind == SHM) {
		o->at = mmap(NULL, SIZE, PROT_READ, number_below(2) ? MAP_SHARED : MAP_PRIVATE, o->fd, 0);
		if (number_below(2)) {
			close(o->fd); /* the mapping alone has it now */
			o->fd = -1;
		}
	} else if (o->kind == MQ) {
		struct timespec now = { 0 };
		if (number_below(2))
			mq_timedsend(o->fd, "x", 1, 0, &now);
		else
			mq_timedreceive(o->fd, m.text, sizeof(m.text), NULL, &now);
	} else if (o->kind == SEM) {
		sem_post(o->sem);
	} else if (o->kind == SYSV_SHM) {
		o->at = shmat(o->id, NULL, number_below(2) ? SHM_RDONLY : 0);
		ok = o->at != (char *)-1;
		if (!ok)
			o->at = NULL;
	} else if (o->kind == SYSV_MQ) {
		ok = msgsnd(o->id, &m, 1, IPC_NOWAIT) == 0 ||
			msgrcv(o->id, &m, sizeof(m.text), 0, IPC_NOWAIT | MSG_NOERROR) >= 0;
	} else {
		struct sembuf op = number_below(2) ? give : held;
		ok = semop(o->id, &op, 1) == 0;
	}
	if (ok)
		counts->used++;
	o->run = o->seen = counts->runs;
	return ok;
}

static void remove_it(struct object *o)
{
	let_go(o);
	if (o->kind == SHM)
		shm_unlink(o->name);
	else if (o->kind == MQ)
		mq_unlink(o->name);
	else if (o->kind == SEM)
		sem_unlink(o->name);
	else if (o->kind == SYSV_SHM)
		shmctl(o->id, IPC_RMID, NULL);
	else if (o->kind == SYSV_MQ)
		msgctl(o->id, IPC_RMID, NULL);
	else
		semctl(o->id, 0, IPC_RMID);
	counts->removed++;
}

/*
 * Whether it is still there, which it must be. The kernel can't be asked to remove a System V object only if it is
 * still unused: a remover that looked before the object came into use may remove it behind that. Such a loss is
 * counted by itself. A remover that began later has no such excuse: the object was still there when it began.
 */
static bool verify(struct object *o, const char *what)
{
	unsigned before = counts->runs;

	counts->verified++;
	if (is_there(o)) {
		o->seen = before;
		return true;
	}
	if (is_sysv(o) && o->seen <= o->run) {
		counts->windows++;
		return false;
	}
	counts->lost++;
	say("LOST %s %s%d: %s, process %d\n", kind_names[o->kind], o->name, o->id, what, (int)getpid());
	return false;
}

/* --- a worker ---------------------------------------------------------------------------------- */

static void offer(const struct object *o)
{
	unsigned i = counts->next_offer++ % SHARED;

	counts->offers[i].turn |= 1;
	counts->offers[i].kind = o->kind;
	memcpy(counts->offers[i].name, o->name, NAME_SIZE);
	counts->offers[i].id = o->id;
	counts->offers[i].turn++;
}

/* Objects of others: POSIX ones only, since nothing can keep another one of System V from going between two calls. */
static void visit(void)
{
	unsigned i = (unsigned)number_below(SHARED), turn = counts->offers[i].turn;
	struct object o = { .kind = counts->offers[i].kind, .id = -1, .fd = -1 };

	memcpy(o.name, counts->offers[i].name, NAME_SIZE);
	o.name[NAME_SIZE - 1] = '\0';
	if (turn & 1 || counts->offers[i].turn != turn || !*o.name || is_sysv(&o) || !take(&o))
		return;
	counts->shared++;
	bool there = true;
	for (long looks = number_below(LOOKS); there && looks > 0; looks--) {
		nap(2000);
		there = verify(&o, "shared with its maker, and open here");
	}
	let_go(&o);
}

/*
 * Uses a new object for a while, and removes or drops it. What it removes itself no other one gets to see, who would miss
 * it. Returns whether it is to be kept in mind.
 */
static bool live_with(struct object *o)
{
	bool own = number_below(3) == 0;

	nap(1000);
	if (!use(o)) {
		counts->vanished++; /* made and not yet used: idle */
		return false;
	}
	if (!own)
		offer(o);
	bool there = true;
	for (long looks = number_below(LOOKS); there && looks > 0; looks--) {
		nap(2000);
		there = verify(o, "in use by its maker");
	}
	if (there && own) {
		remove_it(o);
		return false;
	}
	let_go(o);
	counts->dropped++;
	return there;
}

/* What it has made and dropped, and comes back to. */
static void come_back(struct object *o)
{
	bool last_user = o->kind == SYSV_MQ || o->kind == SYSV_SEM || o->kind == SYSV_SHM;

	if ((only_stale || last_user) && !verify(o, "made by a process that is alive, and dropped")) {
		o->kind = KINDS;
		return;
	}
	if (!is_sysv(o) && !take(o)) {
		if (only_stale) {
			counts->lost++;
			say("LOST %s %s: its maker %d could not open it again: %s\n", kind_names[o->kind],
				o->name, (int)getpid(), strerror(errno));
		}
		counts->vanished++;
		o->kind = KINDS;
		return;
	}
	nap(2000);
	if (is_sysv(o) ? !use(o) : !verify(o, "opened again by its maker"))
		o->kind = KINDS;
	let_go(o);
}

static void work(unsigned seed)
{
	struct object kept[KEPT];
	struct object o;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srandom(seed);
	for (int i = 0; i < KEPT; i++)
		kept[i].kind = KINDS;
	for (;;) {
		nap(60000); /* else there is more than a remover can go through in its time */
		struct object *place = &kept[number_below(KEPT)];
		if (place->kind != KINDS)
			come_back(place);
		else if (number_below(3) == 0)
			visit();
		else if (make(&o) && live_with(&o))
			*place = o;
	}
}

/* --- the others -------------------------------------------------------------------------------- */

/* What a worker needs to find what all see: it is a program of its own, as those are that others start. */
struct post {
	uid_t uid;
	int program, counts; /* descriptors */
	const char *mode;
};

/* A copy that has executed nothing counts as old as its original, and nothing of its user's is ever stale. */
static void become_worker(const struct post *post, unsigned seed)
{
	char seed_text[16], counts_text[16];

	snprintf(seed_text, sizeof(seed_text), "%u", seed);
	snprintf(counts_text, sizeof(counts_text), "%d", post->counts);
	char *const args[] = { "race", "work", seed_text, (char *)post->mode, counts_text, NULL };
	if (getuid() == post->uid || (setgid(post->uid) == 0 && setuid(post->uid) == 0))
		execveat(post->program, "", args, environ, AT_EMPTY_PATH);
	_exit(1);
}

static pid_t start_worker(const struct post *post)
{
	unsigned seed = (unsigned)random();
	pid_t pid = fork();

	if (pid == 0)
		become_worker(post, seed);
	return pid;
}

static bool see_counts(int fd)
{
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return counts != MAP_FAILED;
}

/* Runs the command over and over, the last time to its end; a run is counted when it begins. */
static void remove_for_ever(char **command)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!counts->enough) {
		int status;
		counts->runs++;
		pid_t pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			dup2(STDERR_FILENO, STDOUT_FILENO);
			execvp(*command, command);
			_exit(127);
		}
		waitpid(pid, &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
			counts->lost++;
			say("the command ended with %#x\n", (unsigned)status);
		}
	}
	_exit(0);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	pid_t workers[WORKERS];

	if (argc == 5 && strcmp(argv[1], "work") == 0) {
		only_stale = strcmp(argv[3], "stale") == 0;
		if (see_counts(atoi(argv[4])))
			work((unsigned)strtoul(argv[2], NULL, 10));
		return 1;
	}
	if (argc < 6)
		return 2;
	struct post post = { (uid_t)atoi(argv[1]), open("/proc/self/exe", O_RDONLY | O_CLOEXEC), -1,
		argv[4] };
	double until = now() + atof(argv[2]);
	srandom((unsigned)atoi(argv[3]));
	only_stale = strcmp(argv[4], "stale") == 0;
	FILE *f = tmpfile();
	if (!f || ftruncate(fileno(f), sizeof(*counts)) < 0 || !see_counts(fileno(f)))
		return 1;
	post.counts = fileno(f);
	pid_t remover = fork();
	if (remover == 0)
		remove_for_ever(argv + 5);
	for (int i = 0; i < WORKERS; i++)
		workers[i] = start_worker(&post);
	while (now() < until) {
		int i = (int)number_below(WORKERS);
		nap(200000);
		end(workers[i]);
		counts->killed++;
		workers[i] = start_worker(&post);
	}
	for (int i = 0; i < WORKERS; i++)
		end(workers[i]);
	counts->killed += WORKERS;
	counts->enough = true;
	waitpid(remover, NULL, 0);
	say("made %u, used %u times, shared %u, verified %u times, dropped %u, removed by their users %u, "
	    "killed %u\n",
		counts->made, counts->used, counts->shared, counts->verified, counts->dropped,
		counts->removed, counts->killed);
	say("runs %u, idle ones gone %u, lost between look and removal (System V) %u, put aside and back %u, "
	    "lost %u\n",
		counts->runs, counts->vanished, counts->windows, counts->blinks, counts->lost);
	return counts->lost > 0;
}
