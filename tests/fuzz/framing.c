/*
 * The first byte chooses the framing, the second how much is fed at a time, the third the limit; the rest is
 * input. What comes out is written again, and the reading of that must give the same records.
 */
#include "ipc/framing.h"
#include "ipc/framing_writer.h"

#include <errno.h>
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

enum { RECORDS = 64 };

struct kept {
	struct ipc_record records[RECORDS];
	size_t count;
};

static void keep(struct kept *k, const struct ipc_record *r)
{
	if (k->count == RECORDS)
		return;
	struct ipc_record *copy = &k->records[k->count++];
	char *data = malloc(r->len + 1);
	CHECK(data);
	memcpy(data, r->data, r->len);
	*copy = *r;
	copy->data = data;
}

/* Decodes in steps of at most step bytes, as framing says, and keeps what comes out. */
static int decode(
	enum framing framing, size_t max, size_t step, const uint8_t *data, size_t size, struct kept *k)
{
	struct ipc_decoder d;
	struct ipc_record r;
	size_t fed = 0;
	int result;

	ipc_decoder_init(&d, framing, max);
	for (;;) {
		result = ipc_decoder_next(&d, &r);
		if (result == 1) {
			char *place = ipc_decoder_data(&d, &r);
			CHECK(r.len <= max && d.consumed <= fed);
			keep(k, &r);
			memset(place - BUFFER_MARGIN, 'T', BUFFER_MARGIN);
			place[r.len] = '\0';
		} else if (result == -EAGAIN && fed < size) {
			ssize_t n = ipc_decoder_feed(&d, data + fed, step < size - fed ? step : size - fed);
			CHECK(n > 0);
			fed += (size_t)n;
		} else if (result == -EAGAIN) {
			CHECK(!d.at_end);
			ipc_decoder_fed(&d, 0);
		} else {
			break;
		}
	}
	if (result < 0) {
		char words[FRAMING_ERROR_SIZE];
		CHECK(d.error.code == result && d.error.offset <= d.fed);
		ipc_framing_explain(&d.error, max, words);
	}
	ipc_decoder_free(&d);
	return result;
}

static void same(const struct kept *a, const struct kept *b, bool all)
{
	CHECK(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct ipc_record *x = &a->records[i], *y = &b->records[i];
		CHECK(x->len == y->len && memcmp(x->data, y->data, x->len) == 0);
		if (!all)
			continue;
		CHECK(x->tag == y->tag && x->number == y->number);
		if (x->has_time && y->has_time) /* an offset can move it out of the years that are written */
			CHECK(x->time.tv_sec == y->time.tv_sec && x->time.tv_nsec == y->time.tv_nsec);
	}
}

/* Writes the records, half of them in place, and reads them again. */
static void write_and_read(enum framing framing, size_t max, const struct kept *k)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct ipc_writer w;
	struct kept again = { .count = 0 };
	char *place;

	CHECK(fd >= 0);
	ipc_writer_init(&w, fd, framing, 0);
	for (size_t i = 0; i < k->count; i++) {
		const struct ipc_record *r = &k->records[i];
		if (i % 2) {
			CHECK(ipc_writer_put(&w, r) == 0);
			continue;
		}
		CHECK(ipc_writer_reserve(&w, r->len + i * 10, &place) == 0);
		memset(place - BUFFER_MARGIN, 'T', BUFFER_MARGIN);
		memcpy(place, r->data, r->len);
		ipc_writer_commit(&w, r);
	}
	struct ipc_record r;
	struct kept unwritten = { .count = 0 };
	for (size_t cursor = 0; ipc_writer_unwritten(&w, &cursor, &r, NULL) == 1;)
		keep(&unwritten, &r);
	if (framing != FRAMING_WHOLE)
		same(k, &unwritten, true);
	CHECK(ipc_writer_flush(&w) == 0);
	size_t len = w.bytes;
	uint8_t *text = malloc(len + 1);
	CHECK(text && pread(fd, text, len, 0) == (ssize_t)len);
	CHECK(decode(framing, max, len + 1, text, len, &again) == 0);
	same(k, &again, framing == FRAMING_JSON);
	for (size_t i = 0; i < again.count; i++)
		free((char *)(uintptr_t)again.records[i].data);
	for (size_t i = 0; i < unwritten.count; i++)
		free((char *)(uintptr_t)unwritten.records[i].data);
	free(text);
	ipc_writer_free(&w);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kept records = { .count = 0 }, at_once = { .count = 0 };

	if (size < 3)
		return 0;
	enum framing framing = data[0] % FRAMING_COUNT;
	size_t step = data[1] + 1U, max = data[2];
	data += 3;
	size -= 3;
	int r = decode(framing, max, step, data, size, &records);
	int s = decode(framing, max, size + 1, data, size, &at_once);
	CHECK(r == s);
	same(&records, &at_once, true);
	if (framing != FRAMING_WHOLE || records.count > 0) /* which makes a record of nothing */
		write_and_read(framing, max, &records);
	for (size_t i = 0; i < records.count; i++) {
		free((char *)(uintptr_t)records.records[i].data);
		free((char *)(uintptr_t)at_once.records[i].data);
	}
	return 0;
}
