#include "cli/top_screen.h"

#include "cli/diag.h"
#include "cli/top_terminal.h"
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
	sigset_t before, ending;
	int signals; /* signalfd */
	bool color;
	int empty; /* reads in a row that gave nothing though there was something */
};

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT }, others[] = { SIGTSTP, SIGCONT, SIGWINCH };

static int no_terminal(const char *what)
{
	fail_plain(CLI_USAGE, "%s is not a terminal", what);
	hint("'ipcctl ls' prints the same once, to anything");
	return CLI_USAGE;
}

/* before, behind: the words around the type */
static int cannot_draw(const char *before, const char *type, const char *behind)
{
	AUTO_FREE char *text = shown(type);

	fail_plain(CLI_USAGE, "the terminal can't be drawn on: %s%s%s", before, text, behind);
	hint("set TERM to the terminal's type, or use 'ipcctl ls'");
	return CLI_USAGE;
}

int top_screen_check(void)
{
	const char *type = getenv("TERM");

	if (!isatty(STDIN_FILENO))
		return no_terminal("standard input");
	if (!isatty(STDOUT_FILENO))
		return no_terminal("standard output");
	if (!type || !*type)
		return cannot_draw("TERM is not set", "", "");
	int r = strcmp(type, "dumb") == 0 ? -EOPNOTSUPP : top_terminal_check(type);
	if (r == -ENOENT)
		return cannot_draw("nothing is known of the type '", type, "'");
	return r < 0 ? cannot_draw("the type '", type, "' can't move its cursor") : CLI_OK;
}

/* What is ignored stays ignored, as the caller wanted. */
static void add_signals(sigset_t *some, const int *signals, size_t n)
{
	struct sigaction now;

	for (size_t i = 0; i < n; i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(some, signals[i]);
}

/* From here on they are read from a descriptor. */
static int catch_signals(struct top_screen *s)
{
	sigset_t some;

	sigemptyset(&s->ending);
	add_signals(&s->ending, ending, ARRAY_SIZE(ending));
	some = s->ending;
	add_signals(&some, others, ARRAY_SIZE(others));
	s->signals = signalfd(-1, &some, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->signals < 0 || sigprocmask(SIG_BLOCK, &some, &s->before) < 0)
		return -errno;
	return 0;
}

bool top_screen_is_ending(const struct top_screen *s)
{
	sigset_t come;

	if (sigpending(&come) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		if (sigismember(&come, ending[i]) == 1 && sigismember(&s->ending, ending[i]) == 1)
			return true;
	return false;
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

/* Returns false without memory: that the terminal can be used was asked before. */
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
	if (r == 0 && set_up(s)) {
		*ret = s;
		return CLI_OK;
	}
	top_screen_close(s);
	return fail(NULL, r < 0 ? r : -ENOMEM, "cannot open the screen");
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

/* Somebody stopped it in a way that can't be noticed, and the shell has used the terminal since. */
static void take_again(struct top_screen *s)
{
	endwin(); /* so that the next picture begins as the first one did */
	fit(s);
}

static struct top_event take_signal(struct top_screen *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return (struct top_event){ TOP_TIME, 0 };
	if (info.ssi_signo == SIGTSTP)
		stop(s);
	else if (info.ssi_signo == SIGCONT)
		take_again(s);
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
