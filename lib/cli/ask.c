#include "cli/ask.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 };

/* Reads a line byte by byte: what is behind it belongs to whoever reads next. One that breaks off is no answer. */
static bool read_answer(int fd, char answer[ANSWER_MAX])
{
	size_t len = 0;

	for (;;) {
		char c;
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != 1)
			return false;
		if (c == '\n')
			break;
		if (len < ANSWER_MAX - 1)
			answer[len++] = c ? c : '?';
	}
	answer[len] = '\0';
	return true;
}

/* Opens the terminal. Returns false if there is none; *ret is -1 where standard input and error have to do. */
static bool open_terminal(int *ret)
{
	if (!isatty(2))
		return false;
	*ret = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	return *ret >= 0 || isatty(0);
}

bool ask_possible(void)
{
	AUTO_CLOSE int tty = -1;

	return open_terminal(&tty);
}

int ask(const char *format, ...)
{
	AUTO_CLOSE int tty = -1;
	char answer[ANSWER_MAX];
	va_list ap;

	if (!open_terminal(&tty))
		return -ENOTTY;
	fflush(stdout);
	va_start(ap, format);
	vdprintf(tty < 0 ? 2 : tty, format, ap);
	va_end(ap);
	if (!read_answer(tty < 0 ? 0 : tty, answer))
		return 0;
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
