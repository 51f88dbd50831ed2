#include "cli/top_rate.h"

#include "cli/units.h"
#include "ipc/deadline.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static bool have_both(struct ipc_value a, struct ipc_value b)
{
	return a.have == HAVE_VALUE && b.have == HAVE_VALUE;
}

static bool advanced(const struct ipc_object *before, const struct ipc_object *now, enum ipc_field_id field)
{
	struct ipc_value a = before->common[field], b = now->common[field];

	return b.have == HAVE_VALUE && (a.have != HAVE_VALUE || b.number > a.number);
}

static bool was_used(const struct ipc_object *before, const struct ipc_object *now)
{
	return advanced(before, now, FIELD_LAST_USED) ||
		(now->common[FIELD_LAST_USED].have != HAVE_VALUE && advanced(before, now, FIELD_MODIFIED));
}

/* What the newer look has to count, whether or not the older one had it. */
static enum top_rate_what countable(const struct ipc_object *now)
{
	if (ipc_object_get(now, "bytes_received").have == HAVE_VALUE)
		return RATE_PASSED;
	if (ipc_object_get(now, "messages").have == HAVE_VALUE)
		return RATE_MESSAGES;
	if (now->common[FIELD_USED].have == HAVE_VALUE)
		return RATE_BYTES;
	return RATE_ABSENT;
}

static double change(struct ipc_value a, struct ipc_value b, double seconds)
{
	return (double)(b.number - a.number) / seconds;
}

/* What it carried; a count that went back belongs to another connection. */
static bool passed(
	const struct ipc_object *before, const struct ipc_object *now, double seconds, struct top_rate *ret)
{
	static const char *const counts[] = { "bytes_received", "bytes_sent" };

	ret->per_second = 0;
	for (size_t i = 0; i < 2; i++) {
		struct ipc_value a = ipc_object_get(before, counts[i]), b = ipc_object_get(now, counts[i]);
		if (!have_both(a, b) || b.number < a.number)
			return false;
		ret->per_second += change(a, b, seconds);
	}
	return true;
}

static bool levels(
	const struct ipc_object *before, const struct ipc_object *now, double seconds, struct top_rate *ret)
{
	struct ipc_value m = ipc_object_get(before, "messages"), n = ipc_object_get(now, "messages");
	struct ipc_value a = before->common[FIELD_USED], b = now->common[FIELD_USED];

	ret->bytes_known = have_both(a, b);
	ret->bytes_per_second = ret->bytes_known ? change(a, b, seconds) : 0;
	if (ret->what == RATE_BYTES) {
		ret->per_second = ret->bytes_per_second;
		return ret->bytes_known;
	}
	ret->per_second = have_both(m, n) ? change(m, n, seconds) : 0;
	return have_both(m, n);
}

struct top_rate top_rate_between(const struct ipc_object *before, const struct ipc_object *now, int64_t ns)
{
	struct top_rate rate = { .what = countable(now) };
	double seconds = (double)ns / NSEC_PER_SEC;

	if (before)
		rate.used = was_used(before, now);
	if (rate.what == RATE_ABSENT)
		return rate;
	bool known = before && ns > 0 &&
		(rate.what == RATE_PASSED ? passed(before, now, seconds, &rate)
					  : levels(before, now, seconds, &rate));
	if (!known)
		return (struct top_rate){ .what = RATE_UNKNOWN, .used = rate.used };
	return rate;
}

static const char *messages_text(double n, char text[RATE_TEXT_MAX])
{
	snprintf(text, RATE_TEXT_MAX, fabs(n) < 10 ? "%+.1f msg/s" : "%+.0f msg/s", n);
	return text;
}

/* format_size() knows no sign. */
static const char *bytes_text(const char *sign, double n, char text[RATE_TEXT_MAX])
{
	char size[UNITS_TEXT_MAX];

	snprintf(text, RATE_TEXT_MAX, "%s%.20s/s", sign, format_size((uint64_t)fabs(n), size));
	return text;
}

const char *top_rate_text(const struct top_rate *rate, char text[RATE_TEXT_MAX])
{
	double n = rate->per_second;
	const char *none = rate->what == RATE_UNKNOWN ? "?" : rate->what == RATE_ABSENT ? "-" : "0";

	if (rate->what == RATE_MESSAGES && n != 0)
		return messages_text(n, text);
	if (rate->what == RATE_BYTES && fabs(n) >= 1)
		return bytes_text(n > 0 ? "+" : "-", n, text);
	if (rate->what == RATE_PASSED && n >= 1)
		return bytes_text("", n, text);
	snprintf(text, RATE_TEXT_MAX, "%s", rate->used ? "busy" : none);
	return text;
}

struct ipc_value top_rate_key(const struct top_rate *rate)
{
	/* Thousandths, so that a message in ten seconds counts; what was used comes before what was not. */
	double n = fabs(rate->per_second) * 1000, most = 1e15;

	if (rate->what == RATE_ABSENT && !rate->used)
		return (struct ipc_value){ 0 };
	if (rate->what == RATE_UNKNOWN && !rate->used)
		return (struct ipc_value){ .have = HAVE_UNKNOWN };
	return (struct ipc_value){ HAVE_VALUE, (int64_t)(n < most ? n : most) * 2 + rate->used };
}

const char *top_rate_meaning(const struct top_rate *rate)
{
	static const char level[] = "by how much it fills or empties; the kernel does not count what passes";
	static const char *const meanings[] = {
		[RATE_ABSENT] = "the kernel counts nothing that passes through it",
		[RATE_UNKNOWN] = "not known before a second look",
		[RATE_PASSED] = "what passes in both directions together",
		[RATE_MESSAGES] = level,
		[RATE_BYTES] = level,
	};

	return meanings[rate->what];
}
