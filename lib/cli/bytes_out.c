#include "cli/bytes_out.h"

#include "ipc/io.h"
#include "ipc/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The length without a character at the end that is only begun. */
static size_t whole_characters(const char *buf, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)buf[len - back];
		if ((c & 0xc0) == 0x80)
			continue;
		size_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
		return size > back ? len - back : len;
	}
	return len;
}

size_t bytes_out(const char *buf, size_t len, bool more)
{
	if (!isatty(1)) {
		fwrite(buf, 1, len, stdout);
		return len;
	}
	if (more && len > 3)
		len = whole_characters(buf, len);
	AUTO_FREE char *text = ipc_escape_dup(buf, len, ESCAPE_DISPLAY);
	if (text)
		fputs(text, stdout);
	return len;
}

void bytes_out_end(char last)
{
	if (last != '\n' && isatty(1))
		putchar('\n');
}

static void dump_line(struct hex_dump *d)
{
	if (d->any && d->len == sizeof(d->line) && memcmp(d->line, d->last, d->len) == 0) {
		if (!d->repeating)
			puts("*");
		d->repeating = true;
		return;
	}
	d->repeating = false;
	d->any = d->len == sizeof(d->line);
	memcpy(d->last, d->line, sizeof(d->line));
	printf("%08" PRIx64 " ", d->offset - d->len);
	for (size_t i = 0; i < sizeof(d->line); i++) {
		if (i % 8 == 0)
			putchar(' ');
		if (i < d->len)
			printf("%02x ", d->line[i]);
		else
			fputs("   ", stdout);
	}
	fputs(" |", stdout);
	for (size_t i = 0; i < d->len; i++)
		putchar(d->line[i] >= 0x20 && d->line[i] < 0x7f ? d->line[i] : '.');
	puts("|");
}

void hex_dump_add(struct hex_dump *d, const void *buf, size_t len)
{
	const unsigned char *p = buf;

	for (size_t i = 0; i < len; i++) {
		d->line[d->len++] = p[i];
		d->offset++;
		if (d->len == sizeof(d->line)) {
			dump_line(d);
			d->len = 0;
		}
	}
}

void hex_dump_end(struct hex_dump *d)
{
	if (d->len > 0)
		dump_line(d);
	printf("%08" PRIx64 "\n", d->offset);
}
