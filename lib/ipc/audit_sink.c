#include "ipc/audit_sink.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum { OPEN_TRIES = 10 };

/* --- a file ------------------------------------------------------------------------------------------ */

static int make_file(const struct audit_options *o)
{
	int fd = open(
		o->target, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return -errno;
	/* The group first: until then nobody else may read it. */
	if ((o->gid != (gid_t)-1 && fchown(fd, (uid_t)-1, o->gid) < 0) || fchmod(fd, o->mode) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

/* Who may append may not be allowed to read. */
static int open_existing(const char *path)
{
	const int flags = O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, O_RDWR | flags);

	if (fd < 0 && errno == EACCES)
		fd = open(path, O_WRONLY | flags);
	return fd < 0 ? -errno : fd;
}

/* A file that somebody else put there, or has a second name, is not ours to write to. */
static int check_file(int fd, struct stat *st)
{
	if (fstat(fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EMEDIUMTYPE;
	return (st->st_uid != geteuid() && st->st_uid != 0) || st->st_nlink > 1 ? -EKEYREJECTED : 0;
}

static bool ends_in_half_a_line(int fd, off_t size)
{
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int file_open(struct audit_sink *s)
{
	struct stat st;
	int fd = -ENOENT;

	for (int i = 0; i < OPEN_TRIES && (fd == -ENOENT || fd == -EEXIST); i++) {
		fd = open_existing(s->options->target);
		if (fd == -ENOENT)
			fd = make_file(s->options);
		/* Its directory is missing, too. */
		if (fd == -ENOENT && i > 0)
			break;
	}
	if (fd < 0)
		return fd == -ENXIO ? -EMEDIUMTYPE : fd;
	int r = check_file(fd, &st);
	if (r < 0) {
		close(fd);
		return r;
	}
	s->fd = fd;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->torn = ends_in_half_a_line(fd, st.st_size);
	return 0;
}

/* Follows a rotation: the name is another file's by now, or nobody's. */
static int follow(struct audit_sink *s)
{
	struct stat st;

	if (lstat(s->options->target, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		return 0;
	ipc_close(&s->fd);
	return file_open(s);
}

static int file_write(struct audit_sink *s, const struct audit_line *line)
{
	int r = follow(s);
	char newline = '\n';
	/* A line that is torn stays one line. */
	struct iovec v[2] = { { &newline, s->torn }, { (void *)line->text, line->len } };

	if (r < 0)
		return r;
	ssize_t n = writev(s->fd, v, 2);
	if (n < 0)
		return -errno;
	s->torn = (size_t)n < line->len + s->torn;
	return s->torn ? -ENOSPC : 0;
}

/* --- the journal ------------------------------------------------------------------------------------- */

/* Source: systemd's "Native Journal Protocol": a datagram with a field a line. */
static int journal_open(struct audit_sink *s)
{
	struct sockaddr_un journal = { AF_UNIX, "/run/systemd/journal/socket" };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&journal, sizeof(journal)) < 0)
		return -errno;
	s->fd = fd;
	fd = -1; /* the sink owns it now */
	return 0;
}

static int journal_write(struct audit_sink *s, const struct audit_line *line)
{
	AUTO_FREE char *text = NULL;
	int len = asprintf(&text,
		"MESSAGE=%.*s\nPRIORITY=6\nSYSLOG_IDENTIFIER=ipcctl\nIPCCTL_OBJECT=%s\nIPCCTL_EVENT=%"
		"s\nIPCCTL_RESULT=%s\n",
		(int)line->len - 1, line->text, line->object, line->event, line->result);

	if (len < 0)
		return -ENOMEM;
	return send(s->fd, text, (size_t)len, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* --- syslog ------------------------------------------------------------------------------------------ */

/* syslog(3) tells nobody that it failed: whether somebody is there is asked first. */
static int syslog_open(struct audit_sink *s)
{
	struct sockaddr_un log = { AF_UNIX, "/dev/log" };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || (connect(fd, (struct sockaddr *)&log, sizeof(log)) < 0 && errno != EPROTOTYPE))
		return -errno;
	openlog("ipcctl", LOG_NDELAY | LOG_PID, LOG_AUTHPRIV);
	s->fd = fd;
	fd = -1; /* the sink owns it now */
	return 0;
}

static int syslog_write(struct audit_sink *s, const struct audit_line *line)
{
	(void)s;
	syslog(LOG_INFO, "%.*s", (int)line->len - 1, line->text);
	return 0;
}

static const struct {
	const char *target;
	struct audit_sink_ops ops;
} sinks[] = {
	{ "journal:", { journal_open, journal_write } },
	{ "syslog:", { syslog_open, syslog_write } },
	{ NULL, { file_open, file_write } },
};

const struct audit_sink_ops *audit_sink_of(const char *target)
{
	size_t i = 0;

	while (sinks[i].target && strcmp(sinks[i].target, target) != 0)
		i++;
	return &sinks[i].ops;
}
