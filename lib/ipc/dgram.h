/*
 * A socket that datagrams come to, each with its sender, since nobody connects; and answers, which the
 * sender's full queue must not turn into a wait for everybody.
 *
 * Who sent it, the kernel says with each datagram (SO_PASSCRED; SO_PEERCRED has -1): user and primary group.
 */
#pragma once

#include "ipc/fdpass.h"
#include "ipc/peer.h"

#include <stdint.h>

/* A larger one is not received, but taken and told. */
#define DGRAM_MAX ((size_t)64 << 20)

struct dgram {
	const char *data; /* in the socket's buffer, until the next call */
	size_t len;
	struct fdpass_info info;
};

struct dgram_answer;

struct dgram_socket {
	int fd;                        /* not owned */
	uint64_t answered, unanswered; /* answers that went out, and that nobody took in time */
	size_t waiting;                /* answers that wait for room at their receiver */
	/* The rest is for dgram.c. */
	char *buffer;
	size_t size, waiting_bytes;
	struct dgram_answer *first, **last;
};

/** Begins. Returns 0 or -errno. */
int dgram_init(struct dgram_socket *s, int fd);

/** Frees all; answers that wait are not sent any more. */
void dgram_clear(struct dgram_socket *s);

/**
 * Receives a datagram without waiting, whole.
 *
 * fds: gets the descriptors that came with it; must be empty. NULL: they are closed
 * Returns 1 or -errno: -EAGAIN if there is none; -EMSGSIZE if it was over DGRAM_MAX, or somebody else took the
 * one that was measured: one is gone, and ret says of which sender.
 */
int dgram_receive(struct dgram_socket *s, struct fdpass *fds, struct dgram *ret);

/**
 * The sender, for access_decide(): its supplementary groups are not told, so that a rule that admits one does
 * not match, and one that denies one does. Nothing in *ret is owned.
 */
void dgram_peer(const struct fdpass_info *info, struct peer *ret);

/** Whether the sender has an address that an answer can be sent to. */
bool dgram_can_answer(const struct fdpass_info *info);

/**
 * Sends an answer. If the receiver's queue is full it waits, in its order: call dgram_retry() every now and then.
 *
 * Returns 0 or -errno: -ENOBUFS if too much waits already, or what send(2) said.
 */
int dgram_answer(struct dgram_socket *s, const struct fdpass_info *to, const void *data, size_t len);

/** Tries those that wait again, and gives up those whose receiver took none for some seconds. */
void dgram_retry(struct dgram_socket *s);
