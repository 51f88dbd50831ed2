/* What can be read as a recording is written again, and the reading of that must give the same. */
#include "ipc/recording.h"
#include "ipc/io.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                     \
	do {                                                                                                 \
		if (!(condition))                                                                            \
			abort();                                                                             \
	} while (0)

static int memory_file(const void *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	CHECK(fd >= 0 && ipc_write_full(fd, data, size) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void put(int fd, const struct recording_event *e)
{
	AUTO_FREE char *line = malloc(6 * e->len + RECORDING_ROOM);

	CHECK(line);
	size_t len = recording_write(line, e);
	CHECK(len <= 6 * e->len + RECORDING_ROOM && ipc_write_full(fd, line, len) == 0);
}

static void put_connection(int fd, const struct recording_connection *c)
{
	struct recording_event e = { .connection = c->number, .type = RECORDING_CONNECT };

	put(fd, &e);
	for (size_t i = 0; i < c->len; i++) {
		const struct recording_step *s = &c->steps[i];
		e = (struct recording_event){
			.connection = c->number,
			.type = s->end ? RECORDING_END : RECORDING_DATA,
			.from = s->from,
			.data = s->data,
			.len = s->len,
			.fds = s->fds,
		};
		put(fd, &e);
	}
	e.type = RECORDING_CLOSE;
	if (c->closed)
		put(fd, &e);
}

static void same(const struct recording_connection *a, const struct recording_connection *b)
{
	CHECK(a->number == b->number && a->len == b->len && a->closed == b->closed);
	for (size_t i = 0; i < a->len; i++) {
		const struct recording_step *s = &a->steps[i], *t = &b->steps[i];
		CHECK(s->from == t->from && s->end == t->end && s->len == t->len && s->fds == t->fds);
		CHECK(memcmp(s->data, t->data, s->len) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CLOSE int in = memory_file(data, size), out = memory_file("", 0);
	AUTO_RECORDING struct recording first = { 0 }, second = { 0 };
	struct recording_error error = { 0 };

	if (recording_read(in, &first, &error) < 0) {
		CHECK(error.line > 0 && error.text);
		return 0;
	}
	for (size_t i = 0; i < first.len; i++)
		put_connection(out, &first.v[i]);
	CHECK(lseek(out, 0, SEEK_SET) == 0 && recording_read(out, &second, &error) == 0);
	CHECK(first.len == second.len);
	for (size_t i = 0; i < first.len; i++)
		same(&first.v[i], &second.v[i]);
	return 0;
}
