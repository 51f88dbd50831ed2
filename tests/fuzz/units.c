/* Sizes, durations, modes, numbers and keys: no overflow, no sign, no junk, and what is printed reads back. */
#include "cli/units.h"
#include "ipc/io.h"
#include "ipc/selector.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact)
{
	if (!fact)
		abort();
}

/* A number that another implementation reads as nearly the same, so that a digit lost is noticed. */
static bool near(const char *text, double factor, double value)
{
	double expected = strtod(text, NULL) * factor;

	double off = expected > value ? expected - value : value - expected;

	return off <= 2 + expected * 1e-12;
}

static double size_factor(const char *unit)
{
	static const char letters[] = "KMGT";
	const char *letter = *unit ? strchr(letters, *unit) : NULL;
	double step = letter && strcmp(unit + 1, "B") == 0 ? 1000 : 1024, factor = 1;

	for (; letter && letter >= letters; letter--)
		factor *= step;
	return factor;
}

static void check_size(const char *text)
{
	uint64_t bytes;

	if (parse_size(text, &bytes) != 0)
		return;
	demand(isdigit((unsigned char)text[0]) && bytes <= INT64_MAX);
	const char *unit = text + strspn(text, "0123456789");
	demand(strlen(unit) <= 3);
	AUTO_FREE char *digits = strndup(text, (size_t)(unit - text));
	demand(near(digits, size_factor(unit), (double)bytes));
}

static void check_duration(const char *text)
{
	char shown[UNITS_TEXT_MAX];
	int64_t ns, again;

	if (parse_duration(text, &ns) != 0)
		return;
	demand(isdigit((unsigned char)text[0]) && ns >= 0);
	demand(parse_duration(format_duration(ns, shown), &again) == 0 && again == ns);
	demand(strlen(format_age(ns, shown)) < UNITS_TEXT_MAX);
}

static void check_number(const char *text)
{
	char again[UNITS_TEXT_MAX];
	const char *digits = text + strspn(text, "0");
	uint64_t n;

	if (parse_uint(text, UINT64_MAX, &n) != 0)
		return;
	snprintf(again, sizeof(again), "%" PRIu64, n);
	demand(strcmp(*digits ? digits : "0", again) == 0);
}

static void check_mode(const char *text)
{
	mode_t mode;

	if (parse_mode(text, &mode) == 0)
		demand(mode <= 07777 && strspn(text, "01234567") == strlen(text) &&
			strtoul(text, NULL, 8) == mode);
}

static void check_key(const char *text)
{
	char again[UNITS_TEXT_MAX];
	int32_t key, same;

	if (ipc_key_parse(text, &key) != 0)
		return;
	snprintf(again, sizeof(again), "0x%08" PRIx32, (uint32_t)key);
	demand(ipc_key_parse(again, &same) == 0 && same == key);
	snprintf(again, sizeof(again), "%" PRIu32, (uint32_t)key);
	demand(ipc_key_parse(again, &same) == 0 && same == key);
	snprintf(again, sizeof(again), "%" PRId32, key);
	demand(ipc_key_parse(again, &same) == 0 && same == key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = strndup((const char *)data, size);
	uint64_t bytes = 0;
	char shown[UNITS_TEXT_MAX];

	check_size(text);
	check_duration(text);
	check_number(text);
	check_mode(text);
	check_key(text);
	memcpy(&bytes, data, size < sizeof(bytes) ? size : sizeof(bytes));
	demand(strlen(format_size(bytes, shown)) <= 5);
	int project = ipc_ftok_project(text);
	demand(project < 0 || (project > 0 && project <= 255));
	return 0;
}
