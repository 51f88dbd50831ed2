#include "cli/top_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const char dots[] = "\xe2\x80\xa6"; /* "…" */

/* The bytes of the first character, and the columns it takes. */
static size_t next(const char *text, int *ret_width)
{
	wchar_t c;
	mbstate_t state = { 0 };
	size_t n = mbrtowc(&c, text, strlen(text), &state);

	if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
		*ret_width = 1;
		return 1;
	}
	int width = wcwidth(c);
	*ret_width = width < 0 ? 1 : width;
	return n;
}

int top_text_width(const char *text)
{
	int all = 0, width;

	while (*text) {
		text += next(text, &width);
		all += width;
	}
	return all;
}

/* How many bytes from the start fit into width columns; marks that take none stay with their letter. */
static size_t head(const char *text, int width)
{
	size_t bytes = 0;
	int all = 0, w;

	while (text[bytes]) {
		size_t n = next(text + bytes, &w);
		if (all + w > width)
			break;
		all += w;
		bytes += n;
	}
	return bytes;
}

/* The longest end that fits. */
static const char *tail(const char *text, int width)
{
	int all = top_text_width(text), w;

	while (*text && all > width) {
		text += next(text, &w);
		all -= w;
	}
	return text;
}

char *top_text_fit(const char *text, int width, bool middle)
{
	if (width <= 0)
		return strdup("");
	if (top_text_width(text) <= width)
		return strdup(text);
	int behind = middle ? (width - 1) / 2 : 0;
	size_t before = head(text, width - 1 - behind);
	const char *end = tail(text, behind);
	size_t len = before + sizeof(dots) - 1 + strlen(end);
	char *all = malloc(len + 1);

	if (!all)
		return NULL;
	memcpy(all, text, before);
	memcpy(all + before, dots, sizeof(dots) - 1);
	memcpy(all + before + sizeof(dots) - 1, end, strlen(end) + 1);
	return all;
}

void top_lines_clear(struct top_lines *lines)
{
	free(lines->v);
	*lines = (struct top_lines){ 0 };
}

/* Where a line of so many columns ends: behind the last space that fits, else wherever. Newlines end it too. */
static size_t line_end(const char *text, int width)
{
	size_t all = strcspn(text, "\n"), fits = head(text, width < 1 ? 1 : width);

	if (fits >= all)
		return all;
	for (size_t i = fits; i > 0; i--)
		if (text[i - 1] == ' ')
			return i;
	int w;
	return fits ? fits : next(text, &w); /* a wide character in a column of one */
}

static int add_line(struct top_lines *lines, struct top_line line)
{
	struct top_line *v = lines->v;

	if ((lines->len & (lines->len - 1)) == 0) { /* full at each power of two */
		v = reallocarray(v, lines->len ? 2 * lines->len : 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		lines->v = v;
	}
	v[lines->len++] = line;
	return 0;
}

int top_text_wrap(const char *text, int width, int indent, struct top_lines *ret)
{
	AUTO_LINES struct top_lines lines = { 0 };
	bool continued = false;

	while (*text) {
		size_t n = line_end(text, continued ? width - indent : width);
		if (add_line(&lines, (struct top_line){ text, n, continued }) < 0)
			return -ENOMEM;
		text += n;
		continued = *text && *text != '\n';
		text += *text == '\n';
	}
	*ret = lines;
	lines = (struct top_lines){ 0 }; /* the caller owns it now */
	return 0;
}

static int sum(const int *natural, size_t n)
{
	int all = n > 0 ? (int)(n - 1) * TOP_GAP : 0;

	for (size_t i = 0; i < n; i++)
		all += natural[i];
	return all;
}

static void place(struct top_layout *l, size_t which, int at, int width)
{
	l->which[l->len] = which;
	l->at[l->len] = at;
	l->width[l->len] = width;
	l->len++;
}

/* The columns behind the first, as many as fit. Returns where they end. */
static int place_others(struct top_layout *l, const int *natural, size_t n, size_t from, int end, int width)
{
	for (size_t i = 1 + from; i < n; i++) {
		if (end + TOP_GAP + natural[i] > width) {
			l->more_right = true;
			break;
		}
		place(l, i, end + TOP_GAP, natural[i]);
		end += TOP_GAP + natural[i];
	}
	return end;
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

struct top_layout top_layout(const int *natural, size_t n, size_t from, int width)
{
	struct top_layout l = { 0 };
	int over = sum(natural, n) - width;

	if (n == 0 || width <= 0)
		return l;
	int least = smaller(smaller(natural[0], TOP_OBJECT_MIN), width);
	bool fits = from == 0 && natural[0] - over >= least;
	/* The first gives way; what it need not give, since others do not fit, it keeps. */
	int first = fits ? smaller(natural[0], natural[0] - over) : least;
	l.more_left = from > 0;
	place(&l, 0, 0, first);
	int end = place_others(&l, natural, n, from, first, width);
	int spare = smaller(width - end, natural[0] - first);
	l.width[0] += spare;
	for (size_t i = 1; i < l.len; i++)
		l.at[i] += spare;
	return l;
}
