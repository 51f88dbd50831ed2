/*
 * The terminal while `top` owns it: opened and given back whole, however the command ends. Signals are read like
 * keys, so that none of them arrives in the middle of something.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

/* Colours that the view has names for, with 0 for none. */
enum top_color { TOP_PLAIN, TOP_GREEN, TOP_YELLOW, TOP_MAGENTA, TOP_RED, TOP_CYAN };

enum top_event_type {
	TOP_TIME,   /* nothing came in time */
	TOP_KEY,    /* a key that has a code: KEY_UP */
	TOP_CHAR,   /* a character */
	TOP_RESIZE, /* the terminal has another size, or was somebody else's for a while */
	TOP_SIGNAL, /* the command is to end: code is the signal */
	TOP_GONE,   /* there is no terminal any more */
};

struct top_event {
	enum top_event_type type;
	wint_t code;
};

struct top_screen;

/** Whether there is one that can be taken. Returns CLI_OK, or the exit status behind a message. */
int top_screen_check(void);

/**
 * Takes the terminal that standard input and output are; behind top_screen_check().
 *
 * ret: to be freed with top_screen_close()
 * Returns CLI_OK, or the exit status behind a message.
 */
int top_screen_open(bool color, struct top_screen **ret);

/** Gives the terminal back as it was. Accepts NULL. */
void top_screen_close(struct top_screen *s);

/** Waits for what comes next, at most ms milliseconds. Ctrl-Z stops the command here. */
struct top_event top_screen_wait(struct top_screen *s, int ms);

/** Whether a signal has come that ends the command, which the next wait will tell. */
bool top_screen_is_ending(const struct top_screen *s);

void top_screen_size(const struct top_screen *s, int *ret_height, int *ret_width);

/** Begins a new picture. */
void top_screen_erase(struct top_screen *s);

/** What is drawn next is bold or reverse, in a colour. */
void top_screen_style(struct top_screen *s, bool bold, bool reverse, enum top_color color);

/** Writes text, at most width columns of it; what lies outside the screen is left out. */
void top_screen_put(struct top_screen *s, int y, int x, const char *text, int width);

/** Writes the same and fills the rest of the width with spaces. */
void top_screen_fill(struct top_screen *s, int y, int x, const char *text, int width);

/** Shows the picture. cursor_x below 0: the cursor is hidden, else it is shown there in line cursor_y. */
void top_screen_show(struct top_screen *s, int cursor_y, int cursor_x);

/** Writes everything anew at the next picture. */
void top_screen_redraw(struct top_screen *s);
