#include "ipc/procmaps.h"

#include <string.h>
#include <sys/sysmacros.h>

static const char deleted[] = " (deleted)";

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Digits of that base and what must stand behind them. Moves *p behind that. */
static bool take(const char **p, const char *end, uint64_t base, char behind, uint64_t *ret)
{
	const char *at = *p;
	uint64_t n = 0;

	for (; at < end && (uint64_t)digit_of(*at) < base; at++) {
		uint64_t digit = (uint64_t)digit_of(*at);
		if (n > (UINT64_MAX - digit) / base)
			return false;
		n = base * n + digit;
	}
	if (at == *p || at == end || *at != behind)
		return false;
	*p = at + 1;
	*ret = n;
	return true;
}

/* "rw-s " */
static bool take_rights(const char **p, const char *end, bool *ret_shared)
{
	enum { LEN = 5, SHARING = 3 };

	if (end - *p < LEN || (*p)[LEN - 1] != ' ' || ((*p)[SHARING] != 's' && (*p)[SHARING] != 'p'))
		return false;
	*ret_shared = (*p)[SHARING] == 's';
	*p += LEN;
	return true;
}

/* A line without its newline; behind it is a newline or the end of the text. */
static bool parse(const char *p, const char *end, struct procmaps_line *ret)
{
	uint64_t offset, major_no, minor_no, ino = 0;
	struct procmaps_line line = { 0 };

	if (!take(&p, end, 16, '-', &line.from) || !take(&p, end, 16, ' ', &line.to) ||
		!take_rights(&p, end, &line.shared) || !take(&p, end, 16, ' ', &offset) ||
		!take(&p, end, 16, ':', &major_no) || !take(&p, end, 16, ' ', &minor_no) ||
		!take(&p, end, 10, ' ', &ino))
		return false;
	if (line.from >= line.to || major_no > UINT32_MAX || minor_no > UINT32_MAX)
		return false;
	while (p < end && *p == ' ')
		p++;
	line.dev = makedev((unsigned)major_no, (unsigned)minor_no);
	line.ino = (ino_t)ino;
	line.path = p;
	line.path_len = (size_t)(end - p);
	*ret = line;
	return true;
}

bool procmaps_next(const char **text, const char *end, struct procmaps_line *ret)
{
	while (*text < end) {
		const char *line = *text, *stop = memchr(line, '\n', (size_t)(end - line));
		*text = stop ? stop + 1 : end;
		if (parse(line, stop ? stop : end, ret))
			return true;
	}
	return false;
}

bool procmaps_seems_deleted(const struct procmaps_line *line)
{
	size_t len = sizeof(deleted) - 1;

	return line->path_len > len && memcmp(line->path + line->path_len - len, deleted, len) == 0;
}

bool procmaps_is_sysv(const struct procmaps_line *line)
{
	static const char name[] = "/SYSV";
	enum { KEY_DIGITS = 8 };
	size_t len = sizeof(name) - 1;

	if (line->path_len != len + KEY_DIGITS + sizeof(deleted) - 1 || !procmaps_seems_deleted(line) ||
		memcmp(line->path, name, len) != 0)
		return false;
	for (size_t i = 0; i < KEY_DIGITS; i++)
		if (digit_of(line->path[len + i]) > 15)
			return false;
	return true;
}
