#include "ipc/semfile.h"

#include "ipc/busguard.h"
#include "ipc/io.h"
#include "ipc/semfile_impl.h"
#include "ipc/shmdir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCK_GRACE_NS (100 * NSEC_PER_MSEC)
#define LOCK_NAP_NS 50000LL
#define LOCK_NAP_MAX_NS (2 * NSEC_PER_MSEC)

enum { TEMPORARY_TRIES = 100, TEMPORARY_SIZE = 64 };

/* --- the file --- */

/* The whole first page, so that the first holder needs no more room. */
struct image {
	union sem_word word;
	unsigned char rest[SEM_T_SIZE - sizeof(union sem_word)];
	struct sem_head head;
	unsigned char slots[SEM_FIRST_SIZE - SEM_SLOTS_AT];
};

static int write_image(int fd, uint32_t value)
{
	struct image image = {
		.word = { .data = value, .shared = SEM_SHARED },
		.head = { SEM_MAGIC, SEM_MAGIC_VERSION, SEM_HAS_INITIAL, .initial = value },
	};

	return ipc_write_full(fd, &image, sizeof(image));
}

/* Where the file system has no O_TMPFILE, or nothing to link from: a temporary name, as glibc does it. */
static int create_named(int dirfd, const char *filename, mode_t mode, uid_t uid, gid_t gid, uint32_t value)
{
	char temporary[TEMPORARY_SIZE];
	AUTO_CLOSE int fd = -1;

	for (int i = 0; fd < 0 && i < TEMPORARY_TRIES; i++) {
		snprintf(temporary, sizeof(temporary), ".ipcctl-%d-%d", (int)getpid(), i);
		fd = openat(dirfd, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return -errno;
	}
	if (fd < 0)
		return -EEXIST;
	int r = write_image(fd, value);
	if (r == 0)
		r = ipc_shmdir_publish(fd, dirfd, filename, mode, uid, gid);
	if (r == -ENOENT) /* owner and mode are set, but there is no /proc to link from */
		r = linkat(dirfd, temporary, dirfd, filename, 0) < 0 ? -errno : 0;
	unlinkat(dirfd, temporary, 0);
	return r;
}

static bool bad_filename(const char *filename)
{
	return filename[0] == '\0' || strchr(filename, '/');
}

int semfile_create(int dirfd, const char *filename, mode_t mode, uid_t uid, gid_t gid, uint32_t value)
{
	if (value > SEMFILE_VALUE_MAX || bad_filename(filename))
		return -EINVAL;
	AUTO_CLOSE int fd = ipc_shmdir_draft(dirfd);
	if (fd == -EOPNOTSUPP || fd == -EISDIR)
		return create_named(dirfd, filename, mode, uid, gid, value);
	if (fd < 0)
		return fd;
	int r = write_image(fd, value);
	if (r == 0)
		r = ipc_shmdir_publish(fd, dirfd, filename, mode, uid, gid);
	return r == -ENOENT ? create_named(dirfd, filename, mode, uid, gid, value) : r;
}

/* Takes over fd, also when it fails. */
static int adopt(int fd, bool writable, struct semfile *ret)
{
	AUTO_SEMFILE struct semfile f = { .fd = fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < SEM_T_SIZE)
		return -EMEDIUMTYPE;
	if (writable) {
		/* All it can ever use: what is behind the end of the file is not touched. */
		void *map = mmap(NULL, SEM_MAX_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			return -errno;
		f.map = map;
	}
	*ret = f;
	f = (struct semfile)SEMFILE_CLOSED; /* the caller owns it now */
	return 0;
}

int semfile_open(int dirfd, const char *filename, int access, struct semfile *ret)
{
	if (bad_filename(filename))
		return -EINVAL;
	int fd = access == O_RDONLY ? ipc_shmdir_look(NULL, dirfd, filename, access, NULL)
				    : ipc_shmdir_entry(dirfd, filename, access, NULL);
	return fd < 0 ? fd : adopt(fd, access == O_RDWR, ret);
}

int semfile_look(struct ipc_ctx *ctx, int dirfd, const char *filename, struct semfile *ret)
{
	if (bad_filename(filename))
		return -EINVAL;
	int fd = ipc_shmdir_look(ctx, dirfd, filename, O_RDONLY, NULL);
	return fd < 0 ? fd : adopt(fd, false, ret);
}

int semfile_reopen(const struct semfile *f, struct semfile *ret)
{
	char path[FD_PATH_SIZE];

	ipc_fd_path(f->fd, path);
	int fd = open(path, (f->map ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : adopt(fd, f->map, ret);
}

int semfile_keep_from_children(const struct semfile *f)
{
	return f->map && madvise(f->map, SEM_MAX_SIZE, MADV_DONTFORK) < 0 ? -errno : 0;
}

void semfile_close(struct semfile *f)
{
	if (f->map)
		munmap(f->map, SEM_MAX_SIZE);
	f->map = NULL;
	ipc_close(&f->fd);
}

ssize_t semfile_size(const struct semfile *f)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	if (st.st_size < SEM_T_SIZE)
		return -EIO;
	return st.st_size < SEM_MAX_SIZE ? (ssize_t)st.st_size : SEM_MAX_SIZE;
}

/* --- the lock --- */

int semfile_lock(const struct semfile *f, struct ipc_deadline d)
{
	if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	if (ipc_deadline_never(d))
		return flock(f->fd, LOCK_EX) < 0 ? -errno : 0;
	/* Somebody is inside for microseconds: that is not what a caller who won't wait means. */
	struct ipc_deadline limit = ipc_deadline_in(LOCK_GRACE_NS);
	if (ipc_deadline_left(d) > LOCK_GRACE_NS)
		limit = d;
	for (int64_t nap = LOCK_NAP_NS; ipc_deadline_left(limit) > 0;) {
		int r = ipc_deadline_sleep(limit, nap);
		if (r < 0)
			return r;
		if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return -errno;
		nap = nap * 2 < LOCK_NAP_MAX_NS ? nap * 2 : LOCK_NAP_MAX_NS;
	}
	return ipc_deadline_error(d);
}

void semfile_unlock(const struct semfile *f)
{
	flock(f->fd, LOCK_UN);
}

/* --- value and futex --- */

/* The half of data that holds the value. Not FUTEX_PRIVATE: others have the file mapped, too. */
static uint32_t *futex_word(const struct semfile *f)
{
	return (uint32_t *)f->map + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

void semfile_wake(const struct semfile *f, uint32_t count, uint32_t bits)
{
	if (semfile_data(f) >> 32 == 0)
		return;
	int n = count > INT_MAX ? INT_MAX : (int)count;
	syscall(SYS_futex, futex_word(f), FUTEX_WAKE_BITSET, n, NULL, NULL, bits);
}

int semfile_sleep(const struct semfile *f, uint32_t seen, uint32_t bits, int64_t ns)
{
	struct ipc_deadline until = ipc_deadline_in(ns);
	struct timespec at = { .tv_sec = until.at_ns / NSEC_PER_SEC, .tv_nsec = until.at_ns % NSEC_PER_SEC };

	if (syscall(SYS_futex, futex_word(f), FUTEX_WAIT_BITSET, seen, &at, NULL, bits) == 0)
		return 0;
	/* EFAULT if the file has just been truncated: the next look at it says so. */
	return errno == EAGAIN || errno == ETIMEDOUT || errno == EFAULT ? 0 : -errno;
}

int semfile_add(const struct semfile *f, int64_t delta, uint32_t *ret_seen)
{
	uint64_t old = semfile_data(f);

	for (;;) {
		int64_t value = (int64_t)(uint32_t)old + delta;
		if (ret_seen)
			*ret_seen = (uint32_t)old;
		if (value < 0)
			return -EAGAIN;
		if (delta > 0 && value > SEMFILE_VALUE_MAX)
			return -EOVERFLOW;
		if (__atomic_compare_exchange_n(&semfile_word(f)->data, &old, old + (uint64_t)delta, false,
			    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return 0;
	}
}

void semfile_store(const struct semfile *f, uint32_t value)
{
	uint64_t old = semfile_data(f);

	while (!__atomic_compare_exchange_n(&semfile_word(f)->data, &old, (old >> 32 << 32) | value, false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	semfile_wake(f, INT_MAX, SEM_BITS_ALL);
}

int semfile_get(const struct semfile *f, struct semfile_state *ret)
{
	struct {
		union sem_word word;
		unsigned char rest[SEM_T_SIZE - sizeof(union sem_word)];
		struct sem_head head;
	} copy = { 0 };
	ssize_t n = pread(f->fd, &copy, sizeof(copy), 0);

	if (n < 0)
		return -errno;
	if (n < SEM_T_SIZE)
		return -EIO;
	struct semfile_state state = {
		.value = (uint32_t)copy.word.data,
		.waiters = (uint32_t)(copy.word.data >> 32),
		.initial = -1,
	};
	bool ours = copy.head.magic == SEM_MAGIC && copy.head.version == SEM_MAGIC_VERSION;
	if (ours && copy.head.flags & SEM_HAS_INITIAL && copy.head.initial <= SEMFILE_VALUE_MAX)
		state.initial = copy.head.initial;
	*ret = state;
	return 0;
}

int semfile_still(const struct semfile *f, int r)
{
	ssize_t size = semfile_size(f);

	return size < 0 ? (int)size : r;
}

int semfile_enter(const struct semfile *f, struct ipc_deadline d, struct busguard *guard)
{
	int r = f->map ? semfile_lock(f, d) : -EBADF;

	if (r == 0)
		busguard_begin(guard);
	return r;
}

int semfile_leave(const struct semfile *f, const struct busguard *guard, int r)
{
	busguard_end(guard);
	r = semfile_still(f, r);
	semfile_unlock(f);
	return r;
}

int semfile_post(const struct semfile *f, uint32_t units)
{
	struct busguard guard;

	if (!f->map)
		return -EBADF;
	busguard_begin(&guard);
	int r = semfile_add(f, units, NULL);
	if (r == 0)
		semfile_wake(f, units, SEM_BITS_ALL);
	busguard_end(&guard);
	return semfile_still(f, r);
}

int semfile_set(const struct semfile *f, uint32_t value)
{
	struct busguard guard;

	if (!f->map)
		return -EBADF;
	if (value > SEMFILE_VALUE_MAX)
		return -EINVAL;
	semfile_recover(f, ipc_deadline_in(0), NULL); /* or the dead would give back on top of it */
	busguard_begin(&guard);
	semfile_store(f, value);
	busguard_end(&guard);
	return semfile_still(f, 0);
}
