#include "cli/units.h"

#include "ipc/deadline.h"
#include "ipc/io.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* Reads digits and moves *text behind them. Returns 0, -EINVAL without one, -ERANGE beyond max. */
static int take_digits(const char **text, uint64_t max, uint64_t *ret)
{
	const char *p = *text;
	uint64_t n = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');
		if (n > (max - digit) / 10 || digit > max)
			return -ERANGE;
		n = n * 10 + digit;
	}
	*text = p;
	*ret = n;
	return 0;
}

int parse_uint(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t n;
	int r = take_digits(&text, max, &n);

	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	*ret = n;
	return 0;
}

struct unit {
	const char *name;
	uint64_t factor;
};

static int unit_factor(const struct unit *units, const char *name, uint64_t *ret)
{
	for (; units->name; units++) {
		if (strcmp(units->name, name) == 0) {
			*ret = units->factor;
			return 0;
		}
	}
	return -EINVAL;
}

int parse_size(const char *text, uint64_t *ret)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "K", 1ull << 10 },
		{ "KiB", 1ull << 10 },
		{ "KB", 1000 },
		{ "M", 1ull << 20 },
		{ "MiB", 1ull << 20 },
		{ "MB", 1000000 },
		{ "G", 1ull << 30 },
		{ "GiB", 1ull << 30 },
		{ "GB", 1000000000 },
		{ "T", 1ull << 40 },
		{ "TiB", 1ull << 40 },
		{ "TB", 1000000000000 },
		{ NULL, 0 },
	};
	uint64_t n, factor;
	int r = take_digits(&text, UINT64_MAX, &n);

	if (r < 0)
		return r;
	r = unit_factor(units, text, &factor);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(n, factor, &n) || n > INT64_MAX)
		return -ERANGE;
	*ret = n;
	return 0;
}

static const struct unit duration_units[] = {
	{ "w", 7 * 86400 * 1000000000ull },
	{ "d", 86400 * 1000000000ull },
	{ "h", 3600 * 1000000000ull },
	{ "m", 60 * 1000000000ull },
	{ "s", 1000000000ull },
	{ "", 1000000000ull },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
	{ NULL, 0 },
};

/* The digits behind the point, as parts of factor: exact, with no floating point in between. */
static int take_fraction(const char **text, uint64_t *ret_parts, uint64_t *ret_of)
{
	const char *p = *text + 1;
	uint64_t parts = 0, of = 1;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (of >= 1000000000)
			continue; /* finer than a nanosecond of a second */
		parts = parts * 10 + (uint64_t)(*p - '0');
		of *= 10;
	}
	*text = p;
	*ret_parts = parts;
	*ret_of = of;
	return 0;
}

int parse_duration(const char *text, int64_t *ret)
{
	uint64_t whole = 0, parts = 0, of = 1, factor = 0;
	int r = take_digits(&text, INT64_MAX, &whole);

	if (r == 0 && *text == '.')
		r = take_fraction(&text, &parts, &of);
	if (r == 0)
		r = unit_factor(duration_units, text, &factor);
	if (r < 0)
		return r;
	__extension__ unsigned __int128 ns =
		(unsigned __int128)whole * factor + (unsigned __int128)parts * factor / of;
	if (ns > INT64_MAX)
		return -ERANGE;
	*ret = (int64_t)ns;
	return 0;
}

int parse_mode(const char *text, mode_t *ret)
{
	mode_t mode = 0;

	if (!*text)
		return -EINVAL;
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '7')
			return -EINVAL;
		mode = mode << 3 | (mode_t)(*p - '0');
		if (mode > 07777)
			return -ERANGE;
	}
	*ret = mode;
	return 0;
}

static int parse_user(const char *name, uid_t *ret)
{
	uint64_t n;

	if (parse_uint(name, UINT32_MAX - 1, &n) == 0) {
		*ret = (uid_t)n;
		return 0;
	}
	const struct passwd *pw = getpwnam(name);
	if (!pw)
		return -ENOENT;
	*ret = pw->pw_uid;
	return 0;
}

static int parse_group(const char *name, gid_t *ret)
{
	uint64_t n;

	if (parse_uint(name, UINT32_MAX - 1, &n) == 0) {
		*ret = (gid_t)n;
		return 0;
	}
	const struct group *gr = getgrnam(name);
	if (!gr)
		return -ENOENT;
	*ret = gr->gr_gid;
	return 0;
}

int parse_owner(const char *text, uid_t *ret_uid, gid_t *ret_gid)
{
	AUTO_FREE char *copy = strdup(text);
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	char *colon = strchr(copy, ':');
	if (colon)
		*colon = '\0';
	if (!*copy && !(colon && colon[1]))
		return -EINVAL;
	if (*copy)
		r = parse_user(copy, &uid);
	if (r == 0 && colon)
		r = colon[1] ? parse_group(colon + 1, &gid) : -EINVAL;
	if (r < 0)
		return r;
	*ret_uid = uid;
	*ret_gid = gid;
	return 0;
}

char *format_size(uint64_t bytes, char text[UNITS_TEXT_MAX])
{
	static const char suffixes[] = "BKMGTPE";
	double n = (double)bytes;
	size_t i = 0;

	while (n >= 1023.5 && suffixes[i + 1]) {
		n /= 1024;
		i++;
	}
	if (i == 0)
		snprintf(text, UNITS_TEXT_MAX, "%" PRIu64 "B", bytes);
	else if (n < 9.95 && (uint64_t)(n * 10 + 0.5) % 10 != 0)
		snprintf(text, UNITS_TEXT_MAX, "%.1f%c", n, suffixes[i]);
	else
		snprintf(text, UNITS_TEXT_MAX, "%.0f%c", n, suffixes[i]);
	return text;
}

char *format_age(int64_t ns, char text[UNITS_TEXT_MAX])
{
	int64_t left = ns > 0 ? ns : 0;

	for (size_t i = 0; i <= 4; i++) {
		int64_t first = left / (int64_t)duration_units[i].factor;
		left %= (int64_t)duration_units[i].factor;
		if (first == 0 && i < 4)
			continue;
		int64_t second = i < 4 ? left / (int64_t)duration_units[i + 1].factor : 0;
		int n = snprintf(text, UNITS_TEXT_MAX, "%" PRId64 "%s", first, duration_units[i].name);
		if (second > 0)
			snprintf(text + n, UNITS_TEXT_MAX - (size_t)n, "%" PRId64 "%s", second,
				duration_units[i + 1].name);
		break;
	}
	return text;
}

char *format_duration(int64_t ns, char text[UNITS_TEXT_MAX])
{
	for (const struct unit *u = duration_units; u->name; u++) {
		if (*u->name && (u->factor == 1 || ns % (int64_t)u->factor == 0)) {
			snprintf(text, UNITS_TEXT_MAX, "%" PRId64 "%s", ns / (int64_t)u->factor, u->name);
			break;
		}
	}
	return text;
}
