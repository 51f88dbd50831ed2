#include "cli/progress.h"

#include "cli/diag.h"
#include "cli/units.h"
#include "ipc/deadline.h"
#include "ipc/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPEAR_NS NSEC_PER_SEC
#define CHANGE_NS (200 * NSEC_PER_MSEC)
#define RATE_NS (2 * NSEC_PER_SEC) /* the rate is that of the last one or two of these */
#define FAST_NS (10 * NSEC_PER_MSEC)

/* Between two looks at the clock; few, since the next call may come after a long wait. */
enum { CALLS_MAX = 16 };

enum { COLUMNS_USUAL = 80, LINE_SIZE = 160 };

struct mark {
	int64_t at_ns;
	uint64_t count, bytes;
};

/* A terminal has one last line, so there is one of these. */
static struct {
	bool on;
	const char *noun;
	char note[LINE_SIZE];
	uint64_t count, bytes;
	struct mark start, older, newer;
	int64_t looked_ns, drawn_ns;
	unsigned calls, calls_left; /* between two looks, and until the next */
	size_t shown;               /* columns that the line covers; 0: it is not there */
} meter;

/* 12345 as "12,345". */
static const char *format_count(uint64_t n, char text[UNITS_TEXT_MAX])
{
	char *p = text + UNITS_TEXT_MAX - 1;

	*p = '\0';
	for (int digits = 0; digits == 0 || n > 0; digits++, n /= 10) {
		if (digits > 0 && digits % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + n % 10);
	}
	return p;
}

/* The last column stays free: some terminals begin a new line when it is written. */
static size_t columns(void)
{
	struct winsize size;
	size_t n = COLUMNS_USUAL;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		n = size.ws_col;
	return n < LINE_SIZE ? n - 1 : LINE_SIZE - 1;
}

/* Adds a part behind two spaces if there is room for all of it. */
__attribute__((format(printf, 2, 3))) static void add_part(char line[LINE_SIZE], const char *format, ...)
{
	size_t len = strlen(line), begin = len + (len ? 2 : 0), limit = columns();
	va_list ap;

	if (begin >= limit)
		return;
	va_start(ap, format);
	int n = vsnprintf(line + begin, limit - begin + 1, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n > limit - begin)
		line[len] = '\0';
	else
		memset(line + len, ' ', begin - len);
}

static uint64_t per_second(uint64_t n, int64_t ns)
{
	return ns > 0 ? (uint64_t)((double)n * (double)NSEC_PER_SEC / (double)ns) : 0;
}

static void add_time(char line[LINE_SIZE], int64_t ns)
{
	int64_t s = ns / NSEC_PER_SEC;

	if (s >= 3600)
		add_part(line, "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600, s / 60 % 60, s % 60);
	else
		add_part(line, "%" PRId64 ":%02" PRId64, s / 60, s % 60);
}

static void compose(char line[LINE_SIZE], int64_t now)
{
	char text[UNITS_TEXT_MAX];
	int64_t span = now - meter.older.at_ns;

	line[0] = '\0';
	if (meter.noun)
		add_part(line, "%s %s%s", format_count(meter.count, text), meter.noun,
			meter.count == 1 ? "" : "s");
	if (!meter.noun || meter.bytes > 0) {
		add_part(line, "%s", format_size(meter.bytes, text));
		add_part(line, "%s/s", format_size(per_second(meter.bytes - meter.older.bytes, span), text));
	} else {
		add_part(line, "%s/s", format_count(per_second(meter.count - meter.older.count, span), text));
	}
	add_time(line, now - meter.start.at_ns);
	if (*meter.note)
		add_part(line, "%s", meter.note);
}

/* Writes over the line that is there. Spaces cover what was longer: so it works on every terminal. */
static void replace_line(const char *line)
{
	char text[2 * LINE_SIZE];
	size_t len = strlen(line), limit = columns();
	size_t cover = meter.shown < limit ? meter.shown : limit; /* the terminal may be narrower by now */
	int n = snprintf(text, sizeof(text), "\r%s%*s\r", line, cover > len ? (int)(cover - len) : 0, "");

	(void)!ipc_write_full(STDERR_FILENO, text, (size_t)n);
	meter.shown = len;
}

static void draw(int64_t now)
{
	char line[LINE_SIZE];

	compose(line, now);
	replace_line(line);
	meter.drawn_ns = now;
}

static void move_marks(int64_t now)
{
	if (now - meter.newer.at_ns < RATE_NS)
		return;
	meter.older = meter.newer;
	meter.newer = (struct mark){ now, meter.count, meter.bytes };
}

/* In the background the terminal is somebody else's. */
static bool in_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

/* Whether the data pass where the line would be in their way. */
static bool in_the_way(int fd)
{
	struct stat st;

	if (fd < 0)
		return false;
	return isatty(fd) || (fd == STDOUT_FILENO && (fstat(fd, &st) < 0 || S_ISFIFO(st.st_mode)));
}

void progress_start(const char *noun, int fd)
{
	memset(&meter, 0, sizeof(meter));
	if (cli_quiet || !isatty(STDERR_FILENO) || in_the_way(fd))
		return;
	meter.on = true;
	meter.noun = noun;
	meter.calls = meter.calls_left = 1;
	meter.start.at_ns = ipc_now_ns();
	meter.older = meter.newer = meter.start;
	meter.looked_ns = meter.start.at_ns;
}

void progress_look(void)
{
	if (!meter.on)
		return;
	int64_t now = ipc_now_ns();
	if (now - meter.looked_ns >= FAST_NS)
		meter.calls = 1;
	else if (meter.calls < CALLS_MAX)
		meter.calls *= 2;
	meter.calls_left = meter.calls;
	meter.looked_ns = now;
	if (now - meter.start.at_ns < APPEAR_NS || now - meter.drawn_ns < CHANGE_NS)
		return;
	if (in_foreground())
		draw(now);
	move_marks(now);
}

void progress_note(const char *text)
{
	snprintf(meter.note, sizeof(meter.note), "%s", text);
}

void progress_add(uint64_t count, uint64_t bytes)
{
	if (!meter.on)
		return;
	meter.count += count;
	meter.bytes += bytes;
	if (--meter.calls_left == 0)
		progress_look();
}

void progress_hide(void)
{
	if (meter.shown > 0 && in_foreground())
		replace_line("");
	meter.shown = 0;
}

void progress_finish(void)
{
	progress_hide();
	meter.on = false;
}
