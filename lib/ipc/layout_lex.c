/* From text to tokens. */
#include "ipc/layout_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool layout_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool layout_is_word(char c)
{
	return layout_is_letter(c) || (c >= '0' && c <= '9');
}

static size_t column_of(const struct layout_parser *p, const char *at)
{
	return (size_t)(at - p->line_start) + 1;
}

static bool at(const struct layout_parser *p, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(p->end - p->pos) >= len && memcmp(p->pos, text, len) == 0;
}

static void newline(struct layout_parser *p)
{
	p->pos++;
	p->line++;
	p->line_start = p->pos;
}

static int skip_block_comment(struct layout_parser *p)
{
	const char *pos = p->pos, *line_start = p->line_start;
	size_t line = p->line;

	for (p->pos += 2; p->pos < p->end;) {
		if (at(p, "*/")) {
			p->pos += 2;
			return 0;
		}
		if (*p->pos == '\n')
			newline(p);
		else
			p->pos++;
	}
	p->pos = pos; /* whoever goes on finds it again */
	p->line_start = line_start;
	p->line = line;
	return layout_error(p->err, EINVAL, line, column_of(p, pos), "this comment has no end");
}

/* A backslash before the end of a line joins the next one to it. Returns whether there was one. */
static bool skip_continuation(struct layout_parser *p)
{
	if (at(p, "\\\n"))
		p->pos += 1;
	else if (at(p, "\\\r\n"))
		p->pos += 2;
	else
		return false;
	newline(p);
	return true;
}

static void skip_line_comment(struct layout_parser *p)
{
	while (p->pos < p->end && *p->pos != '\n')
		if (!skip_continuation(p))
			p->pos++;
}

/* Goes to the next token, or within a directive to the end of its line. */
static int skip_blanks(struct layout_parser *p)
{
	while (p->pos < p->end) {
		if (at(p, "/*")) {
			int r = skip_block_comment(p);
			if (r < 0)
				return r;
		} else if (at(p, "//")) {
			skip_line_comment(p);
		} else if (*p->pos == '\n' && !p->directive) {
			newline(p);
			p->first_of_line = true;
		} else if (*p->pos == ' ' || (*p->pos >= '\t' && *p->pos <= '\r' && *p->pos != '\n')) {
			p->pos++;
		} else if (!skip_continuation(p)) {
			return 0;
		}
	}
	return 0;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Decimal, octal or hexadecimal, with the suffixes that integers can have. */
static int64_t number_value(const char *text, size_t len)
{
	bool hex = len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
	int base = hex ? 16 : text[0] == '0' ? 8 : 10;
	int64_t value = 0;
	size_t i = hex ? 2 : 0, begin = i;

	for (; i < len && digit_value(text[i]) < base; i++) {
		if (value <= LAYOUT_NUMBER_MAX)
			value = value * base + digit_value(text[i]);
	}
	if (i == begin || len - i > 3)
		return NUMBER_MALFORMED;
	for (; i < len; i++)
		if ((text[i] | 0x20) != 'u' && (text[i] | 0x20) != 'l')
			return NUMBER_MALFORMED;
	return value <= LAYOUT_NUMBER_MAX ? value : NUMBER_TOO_LARGE;
}

/* Any token; the # of a directive is a sign like others here. */
static int lex(struct layout_parser *p, struct layout_token *ret)
{
	int r = skip_blanks(p);

	if (r < 0)
		return r;
	struct layout_token t = { .text = p->pos, .line = p->line, .column = column_of(p, p->pos) };
	t.first = p->first_of_line;
	p->first_of_line = false;
	if (p->pos == p->end) {
		t.type = TOKEN_END;
	} else if (*p->pos == '\n') {
		t.type = TOKEN_LINE_END;
	} else if (layout_is_word(*p->pos)) {
		t.type = layout_is_letter(*p->pos) ? TOKEN_WORD : TOKEN_NUMBER;
		while (p->pos < p->end &&
			(layout_is_word(*p->pos) || (t.type == TOKEN_NUMBER && *p->pos == '.')))
			p->pos++;
	} else {
		t.type = TOKEN_SIGN;
		p->pos++;
	}
	t.len = (size_t)(p->pos - t.text);
	if (t.type == TOKEN_NUMBER)
		t.value = number_value(t.text, t.len);
	*ret = t;
	return 0;
}

bool layout_token_is(const struct layout_token *t, const char *text)
{
	return (t->type == TOKEN_SIGN || t->type == TOKEN_WORD) && strlen(text) == t->len &&
		memcmp(t->text, text, t->len) == 0;
}

int layout_next(struct layout_parser *p)
{
	for (;;) {
		int r = lex(p, &p->token);
		if (r < 0 || p->directive)
			return r;
		if (p->token.first && layout_token_is(&p->token, "#")) {
			r = layout_directive(p);
			if (r < 0)
				return r;
		} else if (p->token.type == TOKEN_END) {
			return p->branches ? layout_complain(p, &p->token, "#endif is missing") : 0;
		} else if (!p->branches || !p->skipping[p->branches - 1]) {
			return 0;
		}
	}
}

int layout_peek(struct layout_parser *p, struct layout_token *ret)
{
	const char *pos = p->pos, *line_start = p->line_start;
	size_t line = p->line;
	bool first = p->first_of_line;
	int r = lex(p, ret);

	p->pos = pos;
	p->line_start = line_start;
	p->line = line;
	p->first_of_line = first;
	return r;
}

int layout_shown(size_t len)
{
	return len < 32 ? (int)len : 32;
}

int layout_expected(struct layout_parser *p, const char *what)
{
	const struct layout_token *t = &p->token;
	unsigned char c = t->len ? (unsigned char)*t->text : 0;

	if (t->type == TOKEN_END)
		return layout_complain(p, t, "expected %s, but the text ends here", what);
	if (t->type == TOKEN_LINE_END)
		return layout_complain(p, t, "expected %s, but the line ends here", what);
	if (c < 0x20 || c >= 0x7f)
		return layout_complain(p, t, "expected %s before the byte \\x%02x", what, c);
	return layout_complain(p, t, "expected %s before '%.*s'", what, layout_shown(t->len), t->text);
}

int layout_expect(struct layout_parser *p, const char *text)
{
	char what[16];

	if (layout_token_is(&p->token, text))
		return layout_next(p);
	snprintf(what, sizeof(what), "'%s'", text);
	return layout_expected(p, what);
}
