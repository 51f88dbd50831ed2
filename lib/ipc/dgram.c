#include "ipc/dgram.h"

#include "ipc/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum { BUFFER_FIRST = 64 * 1024, WAITING_MAX = 1024, WAITING_BYTES_MAX = 8 << 20 };

#define PATIENCE_NS (5 * NSEC_PER_SEC)

struct dgram_answer {
	struct dgram_answer *next;
	struct sockaddr_storage to;
	socklen_t to_len;
	int64_t until_ns;
	bool passed_over; /* within one dgram_retry(): one before it to the same receiver had no room */
	size_t len;
	char data[];
};

int dgram_init(struct dgram_socket *s, int fd)
{
	*s = (struct dgram_socket){ .fd = fd };
	s->last = &s->first;
	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)) < 0 ? -errno : 0;
}

void dgram_clear(struct dgram_socket *s)
{
	while (s->first) {
		struct dgram_answer *a = s->first;
		s->first = a->next;
		free(a);
	}
	free(s->buffer);
	s->buffer = NULL;
	s->last = &s->first;
	s->waiting = s->waiting_bytes = s->size = 0;
}

/* --- receiving ------------------------------------------------------------------------------------ */

/* Room for the next one, or for its beginning if it is over the limit. */
static int make_room(struct dgram_socket *s)
{
	ssize_t n = fdpass_next_size(s->fd);

	if (n < 0)
		return (int)n;
	size_t want = (size_t)n > DGRAM_MAX ? DGRAM_MAX : (size_t)n;
	want = want < BUFFER_FIRST ? BUFFER_FIRST : want;
	if (want <= s->size)
		return 0;
	char *larger = realloc(s->buffer, want);
	if (!larger)
		return -ENOMEM;
	s->buffer = larger;
	s->size = want;
	return 0;
}

int dgram_receive(struct dgram_socket *s, struct fdpass *fds, struct dgram *ret)
{
	int r = make_room(s);

	if (r < 0)
		return r;
	ssize_t n = fdpass_recv(s->fd, s->buffer, s->size, MSG_DONTWAIT, fds, &ret->info);
	if (n < 0)
		return (int)n;
	ret->data = s->buffer;
	ret->len = (size_t)n;
	return ret->info.cut ? -EMSGSIZE : 1;
}

void dgram_peer(const struct fdpass_info *info, struct peer *ret)
{
	*ret = (struct peer){
		.who = {
			.ids_known = info->has_sender,
			.ids_lost = !info->has_sender,
			.uid = info->uid,
			.gid = info->gid,
			.groups_lost = true,
		},
		.pid = info->pid,
		.remote = info->from,
		.remote_len = info->from_len,
	};
}

/* --- answers -------------------------------------------------------------------------------------- */

bool dgram_can_answer(const struct fdpass_info *info)
{
	return info->from_len > offsetof(struct sockaddr_un, sun_path);
}

static bool same_receiver(const struct dgram_answer *a, const struct sockaddr_storage *to, socklen_t to_len)
{
	return a->to_len == to_len && memcmp(&a->to, to, to_len) == 0;
}

static bool waits_already(const struct dgram_socket *s, const struct fdpass_info *to)
{
	for (const struct dgram_answer *a = s->first; a; a = a->next)
		if (same_receiver(a, &to->from, to->from_len))
			return true;
	return false;
}

static int put_by(struct dgram_socket *s, const struct fdpass_info *to, const void *data, size_t len)
{
	if (s->waiting == WAITING_MAX || len > WAITING_BYTES_MAX - s->waiting_bytes)
		return -ENOBUFS;
	struct dgram_answer *a = malloc(sizeof(*a) + len);
	if (!a)
		return -ENOMEM;
	*a = (struct dgram_answer){
		.to = to->from,
		.to_len = to->from_len,
		.until_ns = ipc_now_ns() + PATIENCE_NS,
		.len = len,
	};
	if (len > 0)
		memcpy(a->data, data, len);
	*s->last = a;
	s->last = &a->next;
	s->waiting++;
	s->waiting_bytes += len;
	return 0;
}

int dgram_answer(struct dgram_socket *s, const struct fdpass_info *to, const void *data, size_t len)
{
	ssize_t n = -EAGAIN;

	if (!s->first || !waits_already(s, to))
		n = fdpass_send(s->fd, data, len, MSG_DONTWAIT, NULL, &to->from, to->from_len);
	s->answered += n >= 0;
	return n >= 0 ? 0 : n == -EAGAIN ? put_by(s, to, data, len) : (int)n;
}

/* Whether it is done with: sent, or given up. */
static bool try_again(struct dgram_socket *s, struct dgram_answer *a, int64_t now)
{
	ssize_t n = -EAGAIN;

	if (!a->passed_over)
		n = fdpass_send(s->fd, a->data, a->len, MSG_DONTWAIT, NULL, &a->to, a->to_len);
	if (n == -EAGAIN && now < a->until_ns)
		return false;
	*(n >= 0 ? &s->answered : &s->unanswered) += 1;
	return true;
}

/* One that still waits holds those behind it to the same receiver. */
static void pass_over(struct dgram_answer *held)
{
	for (struct dgram_answer *a = held->next; a; a = a->next)
		if (!held->passed_over && same_receiver(a, &held->to, held->to_len))
			a->passed_over = true;
}

void dgram_retry(struct dgram_socket *s)
{
	int64_t now = ipc_now_ns();
	struct dgram_answer **p = &s->first;

	for (struct dgram_answer *a = s->first; a; a = a->next)
		a->passed_over = false;
	while (*p) {
		struct dgram_answer *a = *p;
		if (!try_again(s, a, now)) {
			pass_over(a);
			p = &a->next;
			continue;
		}
		*p = a->next;
		s->waiting--;
		s->waiting_bytes -= a->len;
		free(a);
	}
	s->last = p;
}
