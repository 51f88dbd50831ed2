#include "ipc/timefmt.h"

#include "ipc/deadline.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Dates are computed here because gmtime_r(3) reads TZ and the time zone files. Years are counted
 * from March, so that the leap day is the last one, and days from 1 March of year 0.
 */
enum {
	DAY_SECONDS = 86400,
	CYCLE_DAYS = 146097, /* 400 years */
	EPOCH_DAY = 719468,  /* 1970-01-01 */
	FIRST_DAY = 306,     /* 0001-01-01 */
	LAST_DAY = 3652364,  /* 9999-12-31 */
};

struct date {
	unsigned year, month, day;
};

static struct date date_of(unsigned days)
{
	unsigned in_cycle = days % CYCLE_DAYS;
	/* Leap days are taken out (every 4th year, but not every 100th, but every 400th): years are 365 days then. */
	unsigned year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / (CYCLE_DAYS - 1)) / 365;
	unsigned in_year = in_cycle - (year * 365 + year / 4 - year / 100);
	unsigned month = (in_year * 5 + 2) / 153; /* from March: five months have 153 days */
	struct date d = {
		.year = days / CYCLE_DAYS * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = in_year - (month * 153 + 2) / 5 + 1,
	};

	return d;
}

static unsigned days_of(struct date d)
{
	unsigned year = d.year - (d.month <= 2);
	unsigned month = d.month <= 2 ? d.month + 9 : d.month - 3;

	return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + d.day - 1;
}

static char *put_number(char *out, unsigned value, int digits, char behind)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
	out[digits] = behind;
	return out + digits + 1;
}

int ipc_time_format(struct timespec t, char ret[TIME_TEXT_SIZE])
{
	int64_t days = t.tv_sec / DAY_SECONDS, rest = t.tv_sec % DAY_SECONDS;
	unsigned fraction = (unsigned)t.tv_nsec;
	char *out = ret;
	int digits = 9;

	if (rest < 0) {
		rest += DAY_SECONDS;
		days--;
	}
	days += EPOCH_DAY;
	if (days < FIRST_DAY || days > LAST_DAY || t.tv_nsec < 0 || t.tv_nsec >= NSEC_PER_SEC)
		return -ERANGE;
	struct date d = date_of((unsigned)days);
	out = put_number(out, d.year, 4, '-');
	out = put_number(out, d.month, 2, '-');
	out = put_number(out, d.day, 2, 'T');
	out = put_number(out, (unsigned)rest / 3600, 2, ':');
	out = put_number(out, (unsigned)rest / 60 % 60, 2, ':');
	out = put_number(out, (unsigned)rest % 60, 2, fraction ? '.' : 'Z');
	if (fraction) {
		for (; fraction % 1000 == 0; digits -= 3)
			fraction /= 1000;
		out = put_number(out, fraction, digits, 'Z');
	}
	*out = '\0';
	return (int)(out - ret);
}

/* What is left of a text that is being read. */
struct cursor {
	const char *p, *end;
};

static bool take_number(struct cursor *c, int digits, unsigned min, unsigned max, unsigned *ret)
{
	unsigned value = 0;

	if (c->end - c->p < digits)
		return false;
	for (; digits > 0; digits--, c->p++) {
		if (*c->p < '0' || *c->p > '9')
			return false;
		value = value * 10 + (unsigned)(*c->p - '0');
	}
	*ret = value;
	return value >= min && value <= max;
}

static bool take(struct cursor *c, char wanted)
{
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool take_fraction(struct cursor *c, long *ret)
{
	long value = 0, unit = 100000000;
	const char *first;

	if (!take(c, '.')) {
		*ret = 0;
		return true;
	}
	for (first = c->p; c->p < c->end && *c->p >= '0' && *c->p <= '9' && unit > 0; c->p++, unit /= 10)
		value += (*c->p - '0') * unit;
	*ret = value;
	return c->p > first;
}

/* The offset from UTC in seconds: Z, or a sign, hours and minutes. */
static bool take_offset(struct cursor *c, int64_t *ret)
{
	unsigned hours, minutes;

	*ret = 0;
	if (take(c, 'Z') || take(c, 'z'))
		return true;
	bool west = take(c, '-');
	if (!west && !take(c, '+'))
		return false;
	if (!take_number(c, 2, 0, 23, &hours) || !take(c, ':') || !take_number(c, 2, 0, 59, &minutes))
		return false;
	*ret = (int64_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

static bool take_date(struct cursor *c, unsigned *ret_days)
{
	struct date d, back;

	if (!take_number(c, 4, 1, 9999, &d.year) || !take(c, '-') || !take_number(c, 2, 1, 12, &d.month) ||
		!take(c, '-') || !take_number(c, 2, 1, 31, &d.day))
		return false;
	*ret_days = days_of(d);
	back = date_of(*ret_days); /* 30 February comes back as a day of March */
	return back.day == d.day;
}

int ipc_time_parse(const char *text, size_t len, struct timespec *ret)
{
	struct cursor c = { text, text + len };
	unsigned days, hour, minute, second;
	int64_t offset;
	long nanoseconds;

	if (!take_date(&c, &days) || (!take(&c, 'T') && !take(&c, 't') && !take(&c, ' ')))
		return -EINVAL;
	if (!take_number(&c, 2, 0, 23, &hour) || !take(&c, ':') || !take_number(&c, 2, 0, 59, &minute) ||
		!take(&c, ':') || !take_number(&c, 2, 0, 60, &second))
		return -EINVAL;
	if (!take_fraction(&c, &nanoseconds) || !take_offset(&c, &offset) || c.p != c.end)
		return -EINVAL;
	ret->tv_sec = ((int64_t)days - EPOCH_DAY) * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset;
	ret->tv_nsec = nanoseconds;
	return 0;
}

int64_t ipc_time_ns(struct timespec t)
{
	int64_t ns;

	if (__builtin_mul_overflow(t.tv_sec, (int64_t)NSEC_PER_SEC, &ns) ||
		__builtin_add_overflow(ns, t.tv_nsec, &ns))
		ns = t.tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns < INT64_MIN / 2 ? INT64_MIN / 2 : ns;
}
