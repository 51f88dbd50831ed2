#include "cli/top_screen.h"

#include "cli/diag.h"
#include "cli/top_text.h"
#include "ipc/io.h"

#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { ESCAPE_MS = 50, EMPTY_READS_MAX = 3 };

struct top_screen {
	SCREEN *screen;
	WINDOW *window;
	sigset_t before;
	int signals; /* signalfd */
	bool color;
	int empty; /* reads in a row that gave nothing though there was something */
};

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };

static int no_terminal(const char *what)
{
	fail_plain(CLI_USAGE, "%s is not a terminal", what);
	hint("'ipcctl ls' prints the same once, to anything");
	return CLI_USAGE;
}

int top_screen_check(void)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO))
		return no_terminal("standard input");
	if (!isatty(STDOUT_FILENO))
		return no_terminal("standard output");
	if (term && *term && strcmp(term, "dumb") != 0)
		return CLI_OK;
	fail_plain(CLI_USAGE, "the terminal can't be drawn on: TERM is %s", term && *term ? term : "not set");
	hint("set TERM to the terminal's type, or use 'ipcctl ls'");
	return CLI_USAGE;
}

/* From here on they are read from a descriptor. What is ignored stays ignored, as the caller wanted. */
static int catch_signals(struct top_screen *s)
{
	sigset_t some;
	struct sigaction now;

	sigemptyset(&some);
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
		if (sigaction(watched[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&some, watched[i]);
	s->signals = signalfd(-1, &some, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->signals < 0 || sigprocmask(SIG_BLOCK, &some, &s->before) < 0)
		return -errno;
	return 0;
}

static void choose_colors(struct top_screen *s)
{
	static const short colors[] = {
		[TOP_GREEN] = COLOR_GREEN,
		[TOP_YELLOW] = COLOR_YELLOW,
		[TOP_MAGENTA] = COLOR_MAGENTA,
		[TOP_RED] = COLOR_RED,
		[TOP_CYAN] = COLOR_CYAN,
	};

	s->color = s->color && has_colors() && start_color() == OK;
	if (!s->color)
		return;
	short background = use_default_colors() == OK ? -1 : COLOR_BLACK;
	for (size_t i = 1; i < ARRAY_SIZE(colors); i++)
		init_pair((short)i, colors[i], background);
}

/* Returns false if the type of the terminal is not known. */
static bool set_up(struct top_screen *s)
{
	use_env(FALSE); /* its size is the kernel's to tell, not LINES' and COLUMNS' */
	use_tioctl(TRUE);
	s->screen = newterm(NULL, stdout, stdin);
	if (!s->screen)
		return false;
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	choose_colors(s);
	s->window = newwin(0, 0, 0, 0);
	if (!s->window)
		return false;
	keypad(s->window, TRUE);
	nodelay(s->window, TRUE);
	return true;
}

int top_screen_open(bool color, struct top_screen **ret)
{
	struct top_screen *s = calloc(1, sizeof(*s));

	if (!s)
		return fail(NULL, -ENOMEM, "cannot open the screen");
	s->color = color;
	s->signals = -1;
	int r = catch_signals(s);
	bool known = r == 0 && set_up(s);
	if (known) {
		*ret = s;
		return CLI_OK;
	}
	top_screen_close(s);
	if (r < 0)
		return fail(NULL, r, "cannot open the screen");
	AUTO_FREE char *term = shown(getenv("TERM"));
	fail_plain(CLI_USAGE, "the terminal can't be drawn on: nothing is known of the type '%s'", term);
	hint("set TERM to the terminal's type, or use 'ipcctl ls'");
	return CLI_USAGE;
}

void top_screen_close(struct top_screen *s)
{
	if (!s)
		return;
	if (s->screen)
		endwin();
	if (s->window)
		delwin(s->window);
	if (s->screen)
		delscreen(s->screen);
	if (s->signals >= 0) {
		close(s->signals);
		sigprocmask(SIG_SETMASK, &s->before, NULL);
	}
	free(s);
}

static void fit(struct top_screen *s)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		resize_term(size.ws_row, size.ws_col);
		wresize(s->window, size.ws_row, size.ws_col);
	}
	clearok(s->window, TRUE);
}

/* As the shell's user expects of Ctrl-Z: the terminal is given back, and taken again behind `fg`. */
static void stop(struct top_screen *s)
{
	sigset_t stops;

	endwin();
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stops, NULL); /* here it stops */
	sigprocmask(SIG_BLOCK, &stops, NULL);
	fit(s);
}

static struct top_event take_signal(struct top_screen *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return (struct top_event){ TOP_TIME, 0 };
	if (info.ssi_signo == SIGTSTP)
		stop(s);
	else if (info.ssi_signo == SIGWINCH)
		fit(s);
	else
		return (struct top_event){ TOP_SIGNAL, info.ssi_signo };
	return (struct top_event){ TOP_RESIZE, 0 };
}

static bool take_key(struct top_screen *s, struct top_event *ret)
{
	wint_t code = 0;
	int r = wget_wch(s->window, &code);

	if (r == ERR)
		return false;
	s->empty = 0;
	*ret = (struct top_event){ r == KEY_CODE_YES ? TOP_KEY : TOP_CHAR, code };
	if (r == KEY_CODE_YES && code == KEY_RESIZE)
		ret->type = TOP_RESIZE;
	return true;
}

struct top_event top_screen_wait(struct top_screen *s, int ms)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = s->signals, .events = POLLIN } };
	struct top_event event = { TOP_TIME, 0 };

	/* What was read ahead, as the rest of an escape sequence that was none, comes first. */
	if (take_key(s, &event) || poll(fds, 2, ms) <= 0)
		return event;
	if (fds[1].revents)
		return take_signal(s);
	/* A terminal that was hung up is readable for ever, and gives nothing. */
	if (!take_key(s, &event) && ++s->empty > EMPTY_READS_MAX)
		event.type = TOP_GONE;
	return event;
}

void top_screen_size(const struct top_screen *s, int *ret_height, int *ret_width)
{
	*ret_height = getmaxy(s->window);
	*ret_width = getmaxx(s->window);
}

void top_screen_erase(struct top_screen *s)
{
	top_screen_style(s, false, false, TOP_PLAIN);
	werase(s->window);
}

void top_screen_style(struct top_screen *s, bool bold, bool reverse, enum top_color color)
{
	attr_t attributes = (bold ? A_BOLD : 0) | (reverse ? A_REVERSE : 0);

	wattr_set(s->window, attributes, s->color ? (short)color : 0, NULL);
}

void top_screen_put(struct top_screen *s, int y, int x, const char *text, int width)
{
	int height, all;

	top_screen_size(s, &height, &all);
	if (y < 0 || y >= height || x < 0 || x >= all)
		return;
	AUTO_FREE char *cut = top_text_fit(text, width < all - x ? width : all - x, false);
	if (cut)
		mvwaddstr(s->window, y, x, cut);
}

void top_screen_fill(struct top_screen *s, int y, int x, const char *text, int width)
{
	int height, all;

	top_screen_size(s, &height, &all);
	if (y < 0 || y >= height || x < 0 || x >= all)
		return;
	mvwhline(s->window, y, x, ' ', width < all - x ? width : all - x);
	top_screen_put(s, y, x, text, width);
}

void top_screen_show(struct top_screen *s, int cursor_y, int cursor_x)
{
	curs_set(cursor_x >= 0);
	if (cursor_x >= 0)
		wmove(s->window, cursor_y, cursor_x);
	wrefresh(s->window);
}

void top_screen_redraw(struct top_screen *s)
{
	clearok(s->window, TRUE);
}
