#include "ipc/claim.h"

#include "ipc/aside.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PREFIX ".ipcctl-sock-"

enum {
	DIGITS = 8,
	NAME_SIZE = NAME_MAX + 1,
	ATTEMPTS = 16,        /* until no other removes what we are about to publish */
	ROUNDS = 64,          /* of looking at a path that changes under our eyes */
	LOCK_LOOK_MS = 2,     /* between two looks whether the directory is free */
	LOCK_PATIENCE_S = 10, /* anybody who can read a directory can lock it: so not for ever */
	WITHDRAW_PATIENCE_S = 1,
};

/* A socket under its temporary name. */
struct draft {
	int dirfd;
	char name[NAME_SIZE];
	struct stat st;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int look(int dirfd, const char *name, struct stat *ret)
{
	return fstatat(dirfd, name, ret, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* Locks a directory against others that take over or withdraw; closing it unlocks. */
static int lock_directory(int dirfd, struct ipc_deadline deadline)
{
	while (flock(dirfd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return errno == EBADF ? -EACCES : -errno; /* it may not be read: open_directory() */
		if (ipc_deadline_left(deadline) == 0)
			return ipc_deadline_error(deadline);
		int r = ipc_deadline_sleep(deadline, LOCK_LOOK_MS * NSEC_PER_MSEC);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Its own open file: a lock belongs to that. */
static int open_directory(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = openat(dirfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* --- temporary names -------------------------------------------------------------------------------- */

/* The digits of a temporary name, or NULL. */
static const char *temporary_digits(const char *name)
{
	const char *digits = name + sizeof(PREFIX) - 1;

	if (strncmp(name, PREFIX, sizeof(PREFIX) - 1) != 0 || strspn(digits, "0123456789abcdef") != DIGITS)
		return NULL;
	return digits[DIGITS] == '\0' || digits[DIGITS] == '.' ? digits : NULL;
}

const char *claim_final_name(const char *name)
{
	const char *digits = temporary_digits(name);

	return digits && digits[DIGITS] == '.' && digits[DIGITS + 1] ? digits + DIGITS + 1 : NULL;
}

/* base is left out where there is no room for it. */
static int make_name(char name[static NAME_SIZE], const char *base)
{
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) < 0)
		return -errno;
	int n = snprintf(name, NAME_SIZE, PREFIX "%08" PRIx32 ".%s", random, base);
	if (n >= NAME_SIZE)
		name[sizeof(PREFIX) - 1 + DIGITS] = '\0';
	return 0;
}

/*
 * Removes the temporary files that killed processes left, when they came or went. One that another process is about to bind looks
 * dead for a moment, too: that process notices, and makes another (ATTEMPTS).
 */
static void remove_leftovers(int dirfd)
{
	enum sock_condition condition;
	struct dirent *e;
	int error = 0, fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		ipc_close(&fd);
		return;
	}
	while ((e = ipc_readdir(dir, &error)) != NULL)
		if ((temporary_digits(e->d_name) || ipc_aside_original(e->d_name)) &&
			sock_probe_at(dirfd, e->d_name, &condition) == 0 && condition == SOCK_STALE)
			unlinkat(dirfd, e->d_name, 0); /* what is not ours to remove stays */
	closedir(dir);
}

/* --- binding ---------------------------------------------------------------------------------------- */

/*
 * The directory's own path before the name, where there is room: then everybody who asks the kernel sees where
 * the socket is. Else the path of our descriptor, which says nothing, but leads there whatever the length.
 */
static int bind_address(const struct draft *d, bool by_path, struct sockaddr_un *ret, socklen_t *ret_len)
{
	char link[FD_PATH_SIZE], dir[sizeof(ret->sun_path)];
	const char *in = link;

	ipc_fd_path(d->dirfd, link);
	ssize_t len = by_path ? readlink(link, dir, sizeof(dir)) : -1;
	if (len == sizeof(dir) || (by_path && (len <= 0 || dir[0] != '/')))
		return -ENAMETOOLONG;
	if (by_path) {
		dir[len] = '\0';
		in = len == 1 ? "" : dir;
	}
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int n = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/%s", in, d->name);
	if (n >= (int)sizeof(ret->sun_path) && !by_path) {
		/* The rest of the name is for people, and there is no room. */
		n = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/%.*s", in,
			(int)sizeof(PREFIX) - 1 + DIGITS, d->name);
	}
	if (n >= (int)sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
	return 0;
}

static int bind_with_mode(int fd, const struct sockaddr_un *sa, socklen_t len)
{
	mode_t mask = umask(0);
	int r = bind(fd, (const struct sockaddr *)sa, len) < 0 ? -errno : 0;

	umask(mask);
	return r;
}

/* Where the name was made is checked: a path may lead elsewhere by now. */
static int bind_draft(struct draft *d, int fd, bool by_path)
{
	struct sockaddr_un sa;
	socklen_t len = 0;
	int r = bind_address(d, by_path, &sa, &len);

	if (r == 0)
		r = bind_with_mode(fd, &sa, len);
	if (r < 0)
		return r;
	const char *name = strrchr(sa.sun_path, '/') + 1;
	d->name[strlen(name)] = '\0'; /* as much of it as there was room for */
	r = look(d->dirfd, d->name, &d->st);
	if (r == -ENOENT && by_path)
		unlink(sa.sun_path);
	return r;
}

/* A bound socket can't be bound again, so each try is with a new one. Returns it, or -errno. */
static int try_draft(struct draft *d, int type, mode_t mode, bool by_path)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || fchmod(fd, mode) < 0)
		return -errno;
	/* What comes before it is set has no sender. */
	if (type == SOCK_DGRAM && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)) < 0)
		return -errno;
	int r = bind_draft(d, fd, by_path);
	if (r < 0)
		return r;
	r = fd;
	fd = -1; /* the caller owns it now */
	return r;
}

static int make_draft(struct draft *d, const char *base, int type, mode_t mode)
{
	int r = make_name(d->name, base);

	if (r == 0)
		r = try_draft(d, type, mode, true);
	if (r == -ENAMETOOLONG || r == -ENOENT)
		r = try_draft(d, type, mode, false);
	return r;
}

static void remove_draft(const struct draft *d)
{
	struct stat st;

	if (look(d->dirfd, d->name, &st) == 0 && same_file(&st, &d->st))
		unlinkat(d->dirfd, d->name, 0);
}

/* --- publishing ------------------------------------------------------------------------------------- */

/* Some file systems have no flags for rename(2): a second name, then one less. */
static int rename_exclusively(int dirfd, const char *from, const char *to)
{
	if (renameat2(dirfd, from, dirfd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (linkat(dirfd, from, dirfd, to, 0) < 0)
		return -errno;
	unlinkat(dirfd, from, 0);
	return 0;
}

/* What is at the name: 0 if it may be replaced, or -errno: -ENOENT. */
static int judge(int dirfd, const char *name, struct stat *ret)
{
	enum sock_condition condition;
	int r = look(dirfd, name, ret);

	if (r < 0)
		return r;
	if (!S_ISSOCK(ret->st_mode))
		return S_ISLNK(ret->st_mode) ? -ELOOP : -EEXIST;
	r = sock_probe_at(dirfd, name, &condition);
	if (r < 0)
		return r == -EMEDIUMTYPE ? -EEXIST : r;
	switch (condition) {
	case SOCK_STALE:
		return 0;
	case SOCK_ABSENT:
		return -ENOENT;
	case SOCK_DENIED:
		return -EACCES;
	default:
		return -EADDRINUSE;
	}
}

/* Whether the file that came out under our temporary name is the dead one that was looked at. */
static bool is_the_dead_one(const struct draft *d, const struct stat *dead)
{
	struct stat st;
	int r = judge(d->dirfd, d->name, &st);

	return r == -ENOENT /* somebody else found it dead and removed it */ ||
		(r == 0 && same_file(&st, dead));
}

/*
 * Replaces a dead socket. Only who does not heed the lock can have put another one there since it was looked
 * at; that one is given its name back. Returns 0 or -errno: -EAGAIN: look again.
 */
static int replace(const struct draft *d, const char *base, const struct stat *dead)
{
	if (renameat2(d->dirfd, d->name, d->dirfd, base, RENAME_EXCHANGE) < 0) {
		if (errno == ENOENT)
			return -EAGAIN;
		if (errno != EINVAL || renameat(d->dirfd, d->name, d->dirfd, base) < 0)
			return -errno;
		return 0;
	}
	if (is_the_dead_one(d, dead)) {
		unlinkat(d->dirfd, d->name, 0);
		return 0;
	}
	return renameat2(d->dirfd, d->name, d->dirfd, base, RENAME_EXCHANGE) < 0 ? -errno : -EAGAIN;
}

/* Under the lock. Returns 0 or -errno: -ENOENT if our own file is gone. */
static int take_over(const struct draft *d, const char *base)
{
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < ROUNDS; i++) {
		struct stat dead, ours;
		r = judge(d->dirfd, base, &dead);
		if (r == 0) {
			r = replace(d, base, &dead);
		} else if (r == -ENOENT) {
			r = rename_exclusively(d->dirfd, d->name, base);
			if (r == -EEXIST)
				r = -EAGAIN;
		}
		if (r == -EAGAIN && look(d->dirfd, d->name, &ours) == -ENOENT)
			r = -ENOENT;
	}
	return r == -EAGAIN ? -EADDRINUSE : r;
}

static int publish(const struct draft *d, const char *base, struct ipc_deadline deadline)
{
	int r = rename_exclusively(d->dirfd, d->name, base);

	if (r != -EEXIST)
		return r;
	/* The usual refusal needs no lock. */
	struct stat st;
	r = judge(d->dirfd, base, &st);
	if (r < 0 && r != -ENOENT)
		return r;
	r = lock_directory(d->dirfd, deadline);
	if (r < 0)
		return r;
	r = take_over(d, base);
	flock(d->dirfd, LOCK_UN);
	return r;
}

/* Who may write to the directory can put another file at the name: only ours is given away. */
static int give_to(const struct draft *d, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int file = openat(d->dirfd, d->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (file < 0 || fstat(file, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode) || !same_file(&st, &d->st))
		return -ENOENT;
	return fchownat(file, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* One try. Returns the socket or -errno: -ENOENT if somebody removed the temporary file. */
static int claim_once(struct draft *d, const char *base, int type, int backlog, mode_t mode, uid_t uid,
	gid_t gid, struct ipc_deadline deadline)
{
	int made = make_draft(d, base, type, mode), r = 0;
	AUTO_CLOSE int fd = made;

	if (made < 0)
		return made;
	if (uid != (uid_t)-1 || gid != (gid_t)-1)
		r = give_to(d, uid, gid);
	if (r < 0)
		goto undo;
	if (type != SOCK_DGRAM && listen(fd, backlog) < 0) {
		r = -errno;
		goto undo;
	}
	r = publish(d, base, deadline);
	if (r < 0)
		goto undo;
	fd = -1; /* the caller owns it now */
	return made;
undo:
	remove_draft(d);
	return r;
}

int claim_listen(const struct sock_address *address, int type, int backlog, mode_t mode, uid_t uid, gid_t gid,
	struct ipc_deadline deadline, struct claim *ret)
{
	struct ipc_deadline patience = ipc_deadline_within(deadline, LOCK_PATIENCE_S * NSEC_PER_SEC);
	AUTO_FREE char *base = strdup(address->base);
	AUTO_CLOSE int dirfd = open_directory(address->dirfd);
	struct draft d = { .dirfd = dirfd };
	int fd = -ENOENT;

	if (dirfd < 0)
		return dirfd;
	if (!base)
		return -ENOMEM;
	AUTO_CLOSE int spare = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	if (spare < 0)
		return -errno;
	for (int i = 0; fd == -ENOENT && i < ATTEMPTS; i++)
		fd = claim_once(&d, base, type, backlog, mode, uid, gid, patience);
	if (fd < 0)
		return fd;
	remove_leftovers(dirfd);
	*ret = (struct claim){
		.dirfd = dirfd, .spare = spare, .base = base, .dev = d.st.st_dev, .ino = d.st.st_ino
	};
	dirfd = spare = -1; /* the claim owns them now */
	base = NULL;
	return fd;
}

/* --- withdrawing ------------------------------------------------------------------------------------ */

int claim_withdraw(struct claim *c)
{
	if (c->dirfd < 0)
		return 0;
	/* Who keeps the lock can't keep us from removing what is ours: without it a race is possible, and told. */
	(void)lock_directory(c->dirfd, ipc_deadline_in(WITHDRAW_PATIENCE_S * NSEC_PER_SEC));
	const struct ipc_object ours = { .dev = c->dev, .ino = c->ino };
	ipc_close(&c->spare);
	int r = ipc_aside_remove(c->dirfd, c->base, &ours, NULL, NULL);
	if (r == -ENOENT)
		r = 0;
	ipc_close(&c->dirfd);
	free(c->base);
	*c = (struct claim)CLAIM_NONE;
	return r;
}
