/* A file of its own: term.h makes macros of words like lines and columns. */
#include "cli/top_terminal.h"

#include <errno.h>
#include <ncurses.h>
#include <term.h>
#include <unistd.h>

int top_terminal_check(const char *type)
{
	int known = 0;

	if (setupterm(type, STDOUT_FILENO, &known) == ERR)
		return -ENOENT;
	int r = cursor_address ? 0 : -EOPNOTSUPP;
	del_curterm(cur_term);
	return r;
}
