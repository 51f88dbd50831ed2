#include "cli/bytes_in.h"

#include "cli/diag.h"
#include "cli/progress.h"
#include "ipc/io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 256 * 1024 };

/* Up to one byte more than there is room for, and memory for a NUL behind it. */
static int read_input(uint64_t room, char **ret, size_t *ret_len)
{
	AUTO_FREE char *buf = NULL;
	size_t len = 0, cap = 0;

	while (len <= room) {
		if (len == cap) {
			cap = cap ? cap * 2 : FIRST;
			char *larger = realloc(buf, cap + 1);
			if (!larger)
				return fail(NULL, -ENOMEM, "cannot read standard input");
			buf = larger;
		}
		size_t want = cap - len;
		if (want > room + 1 - len)
			want = (size_t)(room + 1 - len);
		ssize_t n = read(STDIN_FILENO, buf + len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(NULL, -errno, "cannot read standard input");
		if (n == 0)
			break;
		len += (size_t)n;
		progress_add(0, (uint64_t)n);
	}
	buf[len] = '\0';
	*ret = buf;
	*ret_len = len;
	buf = NULL; /* the caller owns it now */
	return CLI_OK;
}

static int read_with_progress(uint64_t room, char **ret, size_t *ret_len)
{
	progress_start(NULL, STDIN_FILENO);
	int r = read_input(room, ret, ret_len);
	progress_finish();
	return r;
}

int bytes_in(const char *operand, uint64_t room, char **ret, size_t *ret_len)
{
	if (!operand)
		return read_with_progress(room, ret, ret_len);
	char *copy = strdup(operand);
	if (!copy)
		return fail(NULL, -ENOMEM, "cannot take the operand");
	*ret = copy;
	*ret_len = strlen(operand);
	return CLI_OK;
}
