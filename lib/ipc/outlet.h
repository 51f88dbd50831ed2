/*
 * A descriptor that many write to from one loop: what it can't take now waits in memory, so that a reader that
 * has stopped holds up what is written, and nothing else. Its flags are left alone, as others may share it.
 *
 * Whoever produces asks outlet_is_full() first and produces no more until it is not: so memory is bounded by
 * OUTLET_LIMIT and one piece of each producer.
 */
#pragma once

#include "ipc/buffer.h"

#include <stdbool.h>
#include <stdint.h>

enum { OUTLET_LIMIT = 256 * 1024 };

/* Use the functions; written may be read. */
struct outlet {
	int fd;           /* not owned */
	uint64_t written; /* bytes that are out */
	/* The rest is for outlet.c. */
	struct ipc_buffer buffer;
	size_t start, end;
	int way;
};

/** Begins; allocates nothing yet. */
void outlet_init(struct outlet *o, int fd);

/** Frees the memory; what still waits is lost. */
void outlet_clear(struct outlet *o);

#define AUTO_OUTLET __attribute__((cleanup(outlet_clear), unused))

/** A place for len bytes behind those that wait, which outlet_added() tells of; NULL if there is no memory. */
char *outlet_room(struct outlet *o, size_t len);
void outlet_added(struct outlet *o, size_t len);

/** Copies bytes in. Returns 0 or -ENOMEM. */
int outlet_put(struct outlet *o, const void *data, size_t len);

/** Bytes that wait. */
size_t outlet_waiting(const struct outlet *o);

bool outlet_is_full(const struct outlet *o);

/** Writes what can be written without waiting. Returns 0 if all is out, or -errno: -EAGAIN if some of it waits. */
int outlet_flush(struct outlet *o);
