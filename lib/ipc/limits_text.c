#include "ipc/limits_text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int number(const char *p, uint64_t *ret)
{
	uint64_t n = 0;

	if (!is_digit(*p))
		return -EBADMSG;
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return -ERANGE;
	if (*p && !is_blank(*p))
		return -EBADMSG;
	*ret = n;
	return 0;
}

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

int limits_sysctl(const char *text, unsigned column, uint64_t *ret)
{
	const char *p = skip_blanks(text);

	for (; column > 0 && *p && *p != '\n'; column--) {
		while (*p && !is_blank(*p))
			p++;
		p = skip_blanks(p);
	}
	return column > 0 ? -EBADMSG : number(p, ret);
}

/* What stands behind name at the beginning of a line, or NULL. */
static const char *line_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0)
			return line + len;
	}
	return NULL;
}

int limits_soft(const char *text, const char *name, uint64_t *ret)
{
	static const char unlimited[] = "unlimited";
	const char *p = line_of(text, name);

	if (!p || !is_blank(*p))
		return -EBADMSG;
	p = skip_blanks(p);
	if (strncmp(p, unlimited, sizeof(unlimited) - 1) == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	return number(p, ret) < 0 ? -EBADMSG : 0;
}

int limits_real_uid(const char *text, uint32_t *ret)
{
	const char *p = line_of(text, "Uid:");
	uint64_t n;

	if (!p || number(skip_blanks(p), &n) < 0 || n > UINT32_MAX)
		return -EBADMSG;
	*ret = (uint32_t)n;
	return 0;
}

uint64_t limits_percent(uint64_t use, uint64_t max)
{
	uint64_t whole, rest;

	if (max == 0)
		return 100;
	/* use / max in two steps: the second factor is below max, and loses digits that do not count. */
	whole = use / max;
	rest = use % max;
	while (rest > UINT64_MAX / 100) {
		rest >>= 1;
		max >>= 1;
	}
	if (__builtin_mul_overflow(whole, 100, &whole) ||
		__builtin_add_overflow(whole, rest * 100 / max, &whole))
		return UINT64_MAX;
	return whole;
}
