#include "cli/log_read.h"

#include "cli/interrupt.h"
#include "ipc/deadline.h"
#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How often a log that is followed is looked at: a person reads it. */
#define LOOK_NS (100 * NSEC_PER_MSEC)

static int open_file(struct log_reader *r)
{
	struct stat st;
	AUTO_CLOSE int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	FILE *f = fdopen(fd, "r");
	if (!f)
		return -errno;
	fd = -1; /* f owns it now */
	if (r->f)
		fclose(r->f);
	r->f = f;
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	r->number = 0;
	return 0;
}

int log_reader_open(struct log_reader *r, const char *path, bool follow)
{
	*r = (struct log_reader){ .path = path, .follow = follow };
	return open_file(r);
}

void log_reader_close(struct log_reader *r)
{
	if (r->f)
		fclose(r->f);
	free(r->line);
	*r = (struct log_reader){ 0 };
}

/* The file of that name is another one by now, and this one has been read to its end; or it was emptied. */
static int look_again(struct log_reader *r)
{
	struct stat st;

	if (stat(r->path, &st) == 0 && (st.st_dev != r->dev || st.st_ino != r->ino)) {
		int error = open_file(r);
		return error == -ENOENT ? 0 : error;
	}
	if (fstat(fileno(r->f), &st) == 0 && S_ISREG(st.st_mode) && st.st_size < ftello(r->f)) {
		rewind(r->f);
		r->number = 0;
	}
	return 0;
}

ssize_t log_reader_next(struct log_reader *r, const char **ret)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };

	for (;;) {
		off_t at = ftello(r->f);
		ssize_t n = getline(&r->line, &r->size, r->f);
		if (n > 0 && r->line[n - 1] == '\n') {
			r->line[n - 1] = '\0';
			r->number++;
			*ret = r->line;
			return n - 1;
		}
		if (n < 0 && ferror(r->f))
			return errno ? -errno : -EIO;
		r->half = n > 0;
		if (!r->follow)
			return -ENODATA;
		clearerr(r->f);
		if (n > 0 && fseeko(r->f, at, SEEK_SET) < 0)
			return -errno;
		if (cli_interrupted() || nanosleep(&pause, NULL) < 0)
			return -EINTR;
		int error = look_again(r);
		if (error < 0)
			return error;
	}
}
