#include "cli/top_keys.h"

#include "ipc/io.h"

#include <limits.h>
#include <ncurses.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

enum { KEY_ESCAPE = 27, KEY_RETURN = 13, KEY_LINE = 10, KEY_DELETE_CHAR = 127 };

#define CTRL(letter) ((letter)&31)

const struct top_key top_keys[] = {
	{ ACTION_HELP, "? h F1", "Help", "Show this help" },
	{ ACTION_QUIT, "q F10", "Quit", "Leave" },
	{ ACTION_DETAIL, "Enter", "Detail", "Show or hide all that is known of the selected object" },
	{ ACTION_FILTER, "/ F4", "Filter",
		"Show only what has these words in object, owner, label or state" },
	{ ACTION_SORT, "s F6", "Sort", "Choose the column to order by" },
	{ ACTION_REVERSE, "r", "Reverse", "Turn the order round" },
	{ ACTION_REMOVE, "d Delete", "Remove", "Remove the selected object, after a question" },
	{ ACTION_PAUSE, "Space", "Pause", "Stop looking, or go on" },
	{ ACTION_INTERVAL, "i", "Interval", "Set the time between two looks" },
	{ ACTION_LOOK, "Ctrl-L F5", NULL, "Look now, and draw everything anew" },
	{ ACTION_UP, "Up k", NULL, "Select the object above" },
	{ ACTION_DOWN, "Down j", NULL, "Select the object below" },
	{ ACTION_PAGE_UP, "PgUp Ctrl-B", NULL, "A page up: of the detail, if it is shown" },
	{ ACTION_PAGE_DOWN, "PgDn Ctrl-F", NULL, "A page down" },
	{ ACTION_FIRST, "Home g", NULL, "Select the first object" },
	{ ACTION_LAST, "End G", NULL, "Select the last object" },
	{ ACTION_LEFT, "Left <", NULL, "Back to the columns on the left" },
	{ ACTION_RIGHT, "Right >", NULL, "On to the columns that did not fit" },
	{ ACTION_CANCEL, "Esc", NULL, "Close what is open; in the list, show all objects again" },
	{ ACTION_NONE },
};

struct code {
	enum top_event_type type;
	wint_t code;
	enum top_action action;
};

static const struct code codes[] = {
	{ TOP_CHAR, '?', ACTION_HELP },
	{ TOP_CHAR, 'h', ACTION_HELP },
	{ TOP_KEY, KEY_F(1), ACTION_HELP },
	{ TOP_CHAR, 'q', ACTION_QUIT },
	{ TOP_KEY, KEY_F(10), ACTION_QUIT },
	{ TOP_CHAR, '/', ACTION_FILTER },
	{ TOP_KEY, KEY_F(4), ACTION_FILTER },
	{ TOP_CHAR, 's', ACTION_SORT },
	{ TOP_KEY, KEY_F(6), ACTION_SORT },
	{ TOP_CHAR, 'r', ACTION_REVERSE },
	{ TOP_CHAR, KEY_RETURN, ACTION_DETAIL },
	{ TOP_CHAR, KEY_LINE, ACTION_DETAIL },
	{ TOP_KEY, KEY_ENTER, ACTION_DETAIL },
	{ TOP_CHAR, 'd', ACTION_REMOVE },
	{ TOP_KEY, KEY_DC, ACTION_REMOVE },
	{ TOP_CHAR, ' ', ACTION_PAUSE },
	{ TOP_CHAR, 'i', ACTION_INTERVAL },
	{ TOP_CHAR, CTRL('L'), ACTION_LOOK },
	{ TOP_KEY, KEY_F(5), ACTION_LOOK },
	{ TOP_KEY, KEY_UP, ACTION_UP },
	{ TOP_CHAR, 'k', ACTION_UP },
	{ TOP_KEY, KEY_DOWN, ACTION_DOWN },
	{ TOP_CHAR, 'j', ACTION_DOWN },
	{ TOP_KEY, KEY_PPAGE, ACTION_PAGE_UP },
	{ TOP_CHAR, CTRL('B'), ACTION_PAGE_UP },
	{ TOP_KEY, KEY_NPAGE, ACTION_PAGE_DOWN },
	{ TOP_CHAR, CTRL('F'), ACTION_PAGE_DOWN },
	{ TOP_KEY, KEY_HOME, ACTION_FIRST },
	{ TOP_CHAR, 'g', ACTION_FIRST },
	{ TOP_KEY, KEY_END, ACTION_LAST },
	{ TOP_CHAR, 'G', ACTION_LAST },
	{ TOP_KEY, KEY_LEFT, ACTION_LEFT },
	{ TOP_CHAR, '<', ACTION_LEFT },
	{ TOP_KEY, KEY_RIGHT, ACTION_RIGHT },
	{ TOP_CHAR, '>', ACTION_RIGHT },
	{ TOP_CHAR, KEY_ESCAPE, ACTION_CANCEL },
};

enum top_action top_action_of(const struct top_event *event)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].type == event->type && codes[i].code == event->code)
			return codes[i].action;
	return ACTION_NONE;
}

/* Takes the last character away, all bytes of it. */
static enum top_edit rub_out(char *line)
{
	size_t len = strlen(line);

	if (len == 0)
		return EDIT_NOTHING;
	do
		len--;
	while (len > 0 && (line[len] & 0xc0) == 0x80);
	line[len] = '\0';
	return EDIT_CHANGED;
}

static enum top_edit append(char *line, size_t size, wint_t c)
{
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t len = strlen(line), n = wcrtomb(bytes, (wchar_t)c, &state);

	if (!iswprint(c) || n == (size_t)-1 || len + n >= size)
		return EDIT_NOTHING;
	memcpy(line + len, bytes, n);
	line[len + n] = '\0';
	return EDIT_CHANGED;
}

enum top_edit top_edit(char *line, size_t size, const struct top_event *event)
{
	if (event->type == TOP_KEY)
		return event->code == KEY_BACKSPACE ? rub_out(line)
			: event->code == KEY_ENTER  ? EDIT_ACCEPTED
						    : EDIT_NOTHING;
	if (event->type != TOP_CHAR)
		return EDIT_NOTHING;
	if (event->code == KEY_RETURN || event->code == KEY_LINE)
		return EDIT_ACCEPTED;
	if (event->code == KEY_ESCAPE)
		return EDIT_CANCELLED;
	if (event->code == KEY_DELETE_CHAR || event->code == CTRL('H'))
		return rub_out(line);
	if (event->code == CTRL('U')) {
		*line = '\0';
		return EDIT_CHANGED;
	}
	return append(line, size, event->code);
}
