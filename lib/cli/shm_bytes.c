#include "cli/shm_bytes.h"

#include "cli/bytes_in.h"
#include "cli/bytes_out.h"
#include "cli/diag.h"
#include "cli/progress.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, LOCKED_MAX = 64 * 1024 * 1024 };

static int write_data(struct segment *s, const char *data, size_t len)
{
	int r = ipc_shm_write(&s->shm, data, len, arg_offset);

	if (r == -EFBIG)
		return segment_too_small(s, "write", len, arg_offset);
	return r < 0 ? segment_failed(s, r, "write") : CLI_OK;
}

int segment_write(struct segment *s, const char *operand, bool text)
{
	AUTO_FREE char *data = NULL;
	size_t len = 0;
	int64_t size = ipc_shm_size(&s->shm);

	if (size < 0)
		return segment_failed(s, (int)size, "write");
	uint64_t room = (uint64_t)size > arg_offset ? (uint64_t)size - arg_offset : 0;
	int r = bytes_in(operand, room, &data, &len);
	if (r == CLI_OK)
		r = segment_lock(s);
	return r == CLI_OK ? segment_unlock(s, write_data(s, data, len + text)) : r;
}

/* One piece of output. Returns how much of it is done; *ret_end at the end of the text. */
static size_t print_piece(
	struct hex_dump *dump, const char *buf, size_t len, enum print_as as, bool more, bool *ret_end)
{
	const char *nul = as == PRINT_TEXT ? memchr(buf, '\0', len) : NULL;

	if (as == PRINT_HEX) {
		hex_dump_add(dump, buf, len);
		return len;
	}
	*ret_end = nul != NULL;
	return bytes_out(buf, nul ? (size_t)(nul - buf) : len, more && !nul);
}

/* Under a lock all is read before any of it is printed, as far as that is reasonable: a reader of the output may be slow. */
static int print_range(struct segment *s, uint64_t offset, uint64_t len, enum print_as as)
{
	const size_t room = s->locked && len > CHUNK && len <= LOCKED_MAX ? (size_t)len : CHUNK;
	AUTO_FREE char *buf = malloc(room);
	struct hex_dump dump = { .offset = offset };
	char last = '\n';
	bool end = false;

	if (!buf)
		return fail(NULL, -ENOMEM, "cannot read segment '%s'", s->name);
	while (len > 0 && !end && !ferror(stdout)) {
		size_t want = len < room ? (size_t)len : room;
		ssize_t n = ipc_shm_read(&s->shm, buf, want, offset);
		if (n < 0 || (size_t)n < want)
			return segment_failed(s, n < 0 ? (int)n : -ENODATA, "read");
		if (want == len && segment_unlock(s, CLI_OK) != CLI_OK)
			return CLI_FAILED;
		size_t done = print_piece(&dump, buf, want, as, want < len, &end);
		if (done > 0)
			last = buf[done - 1];
		progress_add(0, done);
		offset += done;
		len -= done;
	}
	if (as == PRINT_HEX)
		hex_dump_end(&dump);
	else
		bytes_out_end(last);
	return CLI_OK;
}

int segment_print(struct segment *s, const uint64_t *len, enum print_as as)
{
	int64_t size = ipc_shm_size(&s->shm);
	uint64_t rest = size > 0 && (uint64_t)size > arg_offset ? (uint64_t)size - arg_offset : 0;
	uint64_t wanted = len ? *len : rest;

	if (size < 0 || wanted > rest || arg_offset > (uint64_t)size)
		return segment_too_small(s, "read", wanted, arg_offset);
	int r = segment_lock(s);
	if (r != CLI_OK)
		return r;
	progress_start(NULL, STDOUT_FILENO);
	r = print_range(s, arg_offset, wanted, as);
	progress_finish();
	return segment_unlock(s, r);
}
