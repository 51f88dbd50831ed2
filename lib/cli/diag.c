#include "cli/diag.h"

#include "cli/progress.h"
#include "ipc/io.h"
#include "ipc/utf8.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 300 };

bool cli_quiet, cli_verbose;
static char command_name[80] = "ipcctl";
static FILE *kept; /* where messages go instead, while the screen is taken */

void diag_keep(FILE *f)
{
	kept = f;
}

/* Copied by hand, since this runs at every start: the first snprintf(3) of a process costs more than all of this. */
void diag_add_command(const char *word)
{
	size_t len = strlen(command_name), more = strlen(word);

	if (len + 1 + more >= sizeof(command_name))
		return;
	command_name[len] = ' ';
	memcpy(command_name + len + 1, word, more + 1);
}

static const struct {
	int error, status;
} statuses[] = {
	{ ENOENT, CLI_NOT_FOUND },
	{ EIDRM, CLI_NOT_FOUND },
	{ ECONNREFUSED, CLI_NOT_FOUND },
	{ ETIMEDOUT, CLI_TIMEOUT },
	{ EAGAIN, CLI_TIMEOUT },
	{ EACCES, CLI_DENIED },
	{ EPERM, CLI_DENIED },
	{ EROFS, CLI_DENIED },
	{ EKEYREJECTED, CLI_DENIED },
	{ EREMOTE, CLI_USAGE },
};

int status_of(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (statuses[i].error == -error)
			return statuses[i].status;
	return error < 0 ? CLI_FAILED : CLI_OK;
}

/* What errno says in another context than the kernel had in mind when it chose the words. */
static const struct {
	int error;
	const char *text;
} wordings[] = {
	{ EAGAIN, "It would have blocked" },
	{ ETIMEDOUT, "Timed out" },
	{ EIDRM, "It was removed" },
	{ ELOOP, "It is a symbolic link" },
	{ EMEDIUMTYPE, "Something else has this name" },
	{ EBADMSG, "Its contents make no sense" },
	{ ESTALE, "Another one has its name by now" },
	{ EKEYREJECTED, "It belongs to another user, in a directory that many may write to" },
	{ EREMOTE, "It belongs to no IPC namespace, so --ns does not apply" },
	{ EXDEV, "Only those of another IPC namespace can be seen" },
	{ ENOSYS, "This kernel does not have it, or /proc is not mounted" },
	{ EOPNOTSUPP, "Not supported for this kind of object" },
	{ EUSERS, "No more processes are permitted" },
};

static const char *describe(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(wordings); i++)
		if (wordings[i].error == -error)
			return wordings[i].text;
	const char *text = strerrordesc_np(-error);
	return text ? text : "Unknown error";
}

int output_flush(void)
{
	static int first;

	if (fflush(stdout) != 0 && first == 0)
		first = -errno;
	return first;
}

/*
 * One message is one write: lines of processes that share a terminal or a file do not mix. Without
 * memory for the line it is cut, but said.
 */
__attribute__((format(printf, 2, 0))) static void say(const char *reason, const char *format, va_list ap)
{
	AUTO_FREE char *text = NULL, *line = NULL;
	char cut[256];
	va_list again;

	output_flush();
	progress_hide();
	va_copy(again, ap);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL; /* undefined after a failure */
	if (!text)
		vsnprintf(cut, sizeof(cut), format, again);
	va_end(again);
	const char *what = text ? text : cut, *colon = reason ? ": " : "";
	if (kept) {
		fprintf(kept, "%s%s%s\n", what, colon, reason ? reason : "");
		return;
	}
	int n = asprintf(&line, "%s: %s%s%s\n", command_name, what, colon, reason ? reason : "");
	if (n >= 0) {
		(void)!ipc_write_full(2, line, (size_t)n);
	} else {
		line = NULL;
		dprintf(2, "%s: %s%s%s\n", command_name, what, colon, reason ? reason : "");
	}
}

int fail(const struct ipc_kind *kind, int error, const char *format, ...)
{
	const char *text = ipc_kind_hint(kind, error, NULL);
	va_list ap;

	va_start(ap, format);
	say(describe(error), format, ap);
	va_end(ap);
	if (text)
		hint("%s", text);
	return status_of(error);
}

int fail_plain(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(NULL, format, ap);
	va_end(ap);
	return status;
}

int usage_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(NULL, format, ap);
	va_end(ap);
	hint("see '%s --help'", command_name);
	return CLI_USAGE;
}

void warn(const char *format, ...)
{
	va_list ap;

	if (cli_quiet)
		return;
	va_start(ap, format);
	say(NULL, format, ap);
	va_end(ap);
}

void hint(const char *format, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, format);
	int n = vasprintf(&text, format, ap);
	va_end(ap);
	progress_hide();
	if (n >= 0 && kept)
		fprintf(kept, "hint: %s\n", text);
	else if (n >= 0)
		dprintf(2, "hint: %s\n", text);
}

/* A name that is not one may be of any length, and what is wrong shows at its beginning. */
static char *shown_beginning(const char *text)
{
	AUTO_FREE char *cut = strndup(text, TEXT_MAX);
	AUTO_FREE char *name = shown(cut ? cut : "?");
	char *all = NULL;

	return asprintf(&all, "%s%s", name, strlen(text) > TEXT_MAX ? "..." : "") < 0 ? NULL : all;
}

int fail_selector(int error, const char *text, const struct ipc_selector_error *why)
{
	AUTO_FREE char *name = shown_beginning(text);
	AUTO_FREE char *reason = shown(why->why); /* it quotes the name */

	if (error == -ENOMEM || !name || !reason)
		return fail(NULL, -ENOMEM, "cannot parse a name");
	fail_plain(0, "cannot parse '%s': %s", name, reason);
	return error == -EINVAL || error == -EDESTADDRREQ ? CLI_USAGE : status_of(error);
}

char *shown(const char *bytes)
{
	const char *p = bytes;

	while (*p > ' ' && *p < 0x7f && *p != '\\')
		p++;
	char *text = *p ? ipc_escape_dup(bytes, strlen(bytes), 0)
			: strdup(bytes); /* mostly nothing is to be done */
	return text ? text : strdup("?");
}

void use_utf8(void)
{
	setlocale(LC_CTYPE, "");
	if (MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
}
