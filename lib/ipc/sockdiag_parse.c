#include "ipc/sockdiag_parse.h"

#include <errno.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdalign.h>
#include <string.h>
#include <sys/sysmacros.h>

/* The kernel's own form of a device number, which is not that of user space (linux/kdev_t.h). */
enum { KERNEL_MINOR_BITS = 20 };

/* --- messages --- */

/* What stands behind the end of a list is its error, if there was one. */
static int end_of_list(const char *payload, size_t len)
{
	int error;

	if (len < sizeof(error))
		return 0;
	memcpy(&error, payload, sizeof(error));
	return error < 0 && error >= -4095 ? error : 0;
}

static int refusal(const char *payload, size_t len)
{
	int error;

	if (len < sizeof(error))
		return -EBADMSG;
	memcpy(&error, payload, sizeof(error));
	return error < 0 && error >= -4095 ? error : error == 0 ? 0 : -EBADMSG;
}

int sockdiag_read(const void *data, size_t len, sockdiag_message_fn *fn, void *arg)
{
	const char *p = data;

	while (len >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr h;
		memcpy(&h, p, sizeof(h));
		if (h.nlmsg_len < NLMSG_HDRLEN || h.nlmsg_len > len)
			return -EBADMSG;
		const char *payload = p + NLMSG_HDRLEN;
		size_t n = h.nlmsg_len - NLMSG_HDRLEN;
		if (h.nlmsg_flags & NLM_F_DUMP_INTR)
			return -EINTR;
		if (h.nlmsg_type == NLMSG_DONE)
			return end_of_list(payload, n);
		if (h.nlmsg_type == NLMSG_ERROR)
			return refusal(payload, n);
		if (h.nlmsg_type >= NLMSG_MIN_TYPE) {
			int r = fn(payload, n, arg);
			if (r < 0)
				return r;
			if (!(h.nlmsg_flags & NLM_F_MULTI))
				return 0; /* it was one, and the only one */
		}
		size_t step = NLMSG_ALIGN((size_t)h.nlmsg_len);
		if (step >= len)
			return 1;
		p += step;
		len -= step;
	}
	return len > 0 ? -EBADMSG : 1;
}

/* --- attributes --- */

struct attribute {
	unsigned type;
	const char *data;
	size_t len;
};

/* Takes the next attribute off *p. Returns 1, 0 at the end, or -EBADMSG. */
static int next_attribute(const char **p, size_t *len, struct attribute *ret)
{
	struct rtattr a;

	if (*len < sizeof(a))
		return 0;
	memcpy(&a, *p, sizeof(a));
	if (a.rta_len < RTA_LENGTH(0) || a.rta_len > *len)
		return -EBADMSG;
	*ret = (struct attribute){ a.rta_type & NLA_TYPE_MASK, *p + RTA_LENGTH(0),
		a.rta_len - RTA_LENGTH(0) };
	size_t step = RTA_ALIGN((size_t)a.rta_len);
	if (step > *len)
		step = *len;
	*p += step;
	*len -= step;
	return 1;
}

/* Copies an attribute of exactly this size. */
static bool copy(const struct attribute *a, void *to, size_t size)
{
	if (a->len != size)
		return false;
	memcpy(to, a->data, size);
	return true;
}

/* --- Unix --- */

static bool take_name(const struct attribute *a, struct sockdiag_unix *s)
{
	if (a->len > SOCKDIAG_NAME_MAX)
		return false;
	memcpy(s->name, a->data, a->len);
	s->name[a->len] = '\0';
	/* A path ends at its first NUL; an abstract name begins with one and ends with its length. */
	s->name_len = a->len > 0 && s->name[0] ? strlen((const char *)s->name) : a->len;
	return true;
}

static bool take_file(const struct attribute *a, struct sockdiag_unix *s)
{
	struct unix_diag_vfs vfs;

	if (!copy(a, &vfs, sizeof(vfs)))
		return false;
	s->bound_file = true;
	s->file_ino = vfs.udiag_vfs_ino;
	s->dev = makedev(
		vfs.udiag_vfs_dev >> KERNEL_MINOR_BITS, vfs.udiag_vfs_dev & ((1u << KERNEL_MINOR_BITS) - 1));
	return true;
}

static bool take_queues(const struct attribute *a, struct sockdiag_unix *s)
{
	struct unix_diag_rqlen queues;

	if (!copy(a, &queues, sizeof(queues)))
		return false;
	s->queues = true;
	s->received = queues.udiag_rqueue;
	s->sent = queues.udiag_wqueue;
	return true;
}

static bool take_unix(const struct attribute *a, struct sockdiag_unix *s)
{
	uint32_t number;

	switch (a->type) {
	case UNIX_DIAG_NAME:
		return take_name(a, s);
	case UNIX_DIAG_VFS:
		return take_file(a, s);
	case UNIX_DIAG_RQLEN:
		return take_queues(a, s);
	case UNIX_DIAG_PEER:
		if (!copy(a, &number, sizeof(number)))
			return false;
		s->peer = number;
		s->connected = true;
		return true;
	case UNIX_DIAG_UID:
		s->uid_known = copy(a, &s->uid, sizeof(uint32_t));
		return s->uid_known;
	default:
		return true;
	}
}

int sockdiag_read_unix(const void *payload, size_t len, struct sockdiag_unix *ret)
{
	struct sockdiag_unix s = { 0 };
	struct unix_diag_msg m;
	struct attribute a;
	int r;

	if (len < sizeof(m))
		return -EBADMSG;
	memcpy(&m, payload, sizeof(m));
	if (m.udiag_family != AF_UNIX)
		return -EBADMSG;
	s.ino = m.udiag_ino;
	s.type = m.udiag_type;
	s.listens = m.udiag_state == TCP_LISTEN;
	s.connected = m.udiag_state == TCP_ESTABLISHED;
	const char *p = (const char *)payload + NLMSG_ALIGN(sizeof(m));
	len -= sizeof(m);
	while ((r = next_attribute(&p, &len, &a)) > 0)
		if (!take_unix(&a, &s))
			return -EBADMSG;
	if (r == 0)
		*ret = s;
	return r;
}

/* --- TCP --- */

static void take_address(int family, const uint32_t words[4], uint16_t port, struct sockaddr_storage *ret)
{
	*ret = (struct sockaddr_storage){ .ss_family = (sa_family_t)family };
	if (family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)ret;
		in->sin_port = port;
		memcpy(&in->sin_addr, words, sizeof(in->sin_addr));
	} else {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
		in6->sin6_port = port;
		memcpy(&in6->sin6_addr, words, sizeof(in6->sin6_addr));
	}
}

int sockdiag_read_tcp(const void *payload, size_t len, struct sockdiag_tcp *ret)
{
	struct sockdiag_tcp s = { 0 };
	struct inet_diag_msg m;
	struct attribute a;
	bool any = false, only_v6 = true;
	int r;

	if (len < sizeof(m))
		return -EBADMSG;
	memcpy(&m, payload, sizeof(m));
	if (m.idiag_family != AF_INET && m.idiag_family != AF_INET6)
		return -EBADMSG;
	take_address(m.idiag_family, m.id.idiag_src, m.id.idiag_sport, &s.local);
	take_address(m.idiag_family, m.id.idiag_dst, m.id.idiag_dport, &s.peer);
	s.listens = m.idiag_state == TCP_LISTEN;
	s.ino = m.idiag_inode;
	s.uid = m.idiag_uid;
	s.received = m.idiag_rqueue;
	s.sent = m.idiag_wqueue;
	any = m.idiag_family == AF_INET6 && memcmp(m.id.idiag_src, &in6addr_any, sizeof(in6addr_any)) == 0;
	const char *p = (const char *)payload + NLMSG_ALIGN(sizeof(m));
	len -= sizeof(m);
	while ((r = next_attribute(&p, &len, &a)) > 0)
		if (a.type == INET_DIAG_SKV6ONLY && a.len >= 1)
			only_v6 = *a.data != 0;
		else if (a.type == INET_DIAG_INFO && !s.listens)
			sockdiag_read_info(a.data, a.len, &s);
	s.any_family = any && s.listens && !only_v6;
	if (r == 0)
		*ret = s;
	return r;
}
