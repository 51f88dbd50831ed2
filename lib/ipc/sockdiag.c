#include "ipc/sockdiag.h"

#include "ipc/io.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_SIZE = 32768, REQUEST_MAX = 128 };

static int send_request(int fd, const void *request, size_t len)
{
	_Alignas(struct nlmsghdr) char buf[NLMSG_SPACE(REQUEST_MAX)] = { 0 };
	struct nlmsghdr h = {
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
	};

	if (len > REQUEST_MAX)
		return -EINVAL;
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + NLMSG_HDRLEN, request, len);
	return send(fd, buf, h.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int refused(const struct nlmsghdr *h)
{
	struct nlmsgerr e = { .error = -EOPNOTSUPP };

	if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(e)))
		memcpy(&e, NLMSG_DATA(h), sizeof(e));
	return e.error == -ENOENT || e.error >= 0 ? -EOPNOTSUPP : e.error; /* ENOENT: no module for it */
}

/* One datagram of the answer. *ret_end: it was the last. */
static int read_answers(
	int fd, size_t fixed, int (*fn)(const struct nlmsghdr *answer, void *arg), void *arg, bool *ret_end)
{
	_Alignas(struct nlmsghdr) char buf[ANSWER_SIZE];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return n < 0 ? -errno : -EPROTO;
	size_t left = (size_t)n;
	for (struct nlmsghdr *h = (struct nlmsghdr *)buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		*ret_end = h->nlmsg_type == NLMSG_DONE;
		if (*ret_end)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return refused(h);
		int r = h->nlmsg_len < NLMSG_LENGTH(fixed) ? 0 : fn(h, arg);
		if (r != 0)
			return r;
	}
	return 0;
}

int sockdiag_each(const void *request, size_t len, size_t fixed,
	int (*fn)(const struct nlmsghdr *answer, void *arg), void *arg)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool end = false;
	int r;

	if (fd < 0)
		return errno == EPROTONOSUPPORT ? -EOPNOTSUPP : -errno;
	r = send_request(fd, request, len);
	while (r == 0 && !end)
		r = read_answers(fd, fixed, fn, arg, &end);
	return r;
}

const void *sockdiag_attribute(const struct nlmsghdr *answer, size_t fixed, int type, size_t *ret_len)
{
	const char *p = (const char *)answer + NLMSG_SPACE(fixed);
	size_t left = answer->nlmsg_len > NLMSG_SPACE(fixed) ? answer->nlmsg_len - NLMSG_SPACE(fixed) : 0;

	while (left >= sizeof(struct nlattr)) {
		struct nlattr a;
		memcpy(&a, p, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > left)
			return NULL;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			*ret_len = (size_t)a.nla_len - NLA_HDRLEN;
			return p + NLA_HDRLEN;
		}
		size_t step = NLA_ALIGN(a.nla_len);
		if (step > left)
			return NULL;
		p += step;
		left -= step;
	}
	return NULL;
}
