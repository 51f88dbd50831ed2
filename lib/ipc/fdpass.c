#include "ipc/fdpass.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

void fdpass_close(struct fdpass *p)
{
	int saved = errno;

	while (p->len > 0)
		close(p->fds[--p->len]);
	errno = saved;
}

/* Room for the sender alone, or for descriptors as well: what has no room, the kernel closes. */
union control {
	struct cmsghdr align;
	char sender[CMSG_SPACE(sizeof(struct ucred))];
	char all[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(FDPASS_MAX * sizeof(int))];
};

/* Descriptors are taken, or closed if nobody wants them: some kernel may have found room after all. */
static void take_fds(const struct cmsghdr *c, struct fdpass *ret)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	const unsigned char *data = CMSG_DATA(c);

	for (size_t i = 0; i < n; i++) {
		int fd;
		memcpy(&fd, data + i * sizeof(int), sizeof(int));
		if (ret && ret->len < FDPASS_MAX)
			ret->fds[ret->len++] = fd;
		else
			close(fd);
	}
}

static void take_sender(const struct cmsghdr *c, struct fdpass_info *info)
{
	struct ucred cred;

	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	/* A sender from before SO_PASSCRED was set has none: pid 0 and the overflow ids. */
	info->is_message = true;
	info->has_sender = cred.uid != (uid_t)-1 && (cred.pid != 0 || cred.uid != 65534);
	info->pid = cred.pid;
	info->uid = cred.uid;
	info->gid = cred.gid;
}

static void take_control(struct msghdr *m, struct fdpass *ret, struct fdpass_info *info)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS)
			take_fds(c, ret);
		else if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len >= CMSG_LEN(sizeof(struct ucred)))
			take_sender(c, info);
	}
}

ssize_t fdpass_recv(
	int sock, void *buf, size_t size, int flags, struct fdpass *ret, struct fdpass_info *ret_info)
{
	union control control;
	struct iovec v = { buf, size };
	struct fdpass_info info = { .has_sender = false };
	struct msghdr m = { 0 };
	ssize_t n;

	do {
		m = (struct msghdr){
			.msg_name = &info.from,
			.msg_namelen = sizeof(info.from),
			.msg_iov = &v,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = ret ? sizeof(control.all) : sizeof(control.sender),
		};
		n = recvmsg(sock, &m, flags | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	take_control(&m, ret, &info);
	info.from_len = m.msg_namelen;
	info.cut = m.msg_flags & MSG_TRUNC;
	info.fds_lost = ret && m.msg_flags & MSG_CTRUNC;
	if (info.fds_lost)
		fdpass_close(ret);
	if (ret_info)
		*ret_info = info;
	return n;
}

/* The kernel takes no message that is larger than the buffer less 32 bytes, and keeps twice what is set. */
static int enlarge(int sock, size_t len)
{
	int had = 0, has = 0, want = len > INT32_MAX / 4 ? INT32_MAX / 4 : (int)len;
	socklen_t size = sizeof(had);

	if (getsockopt(sock, SOL_SOCKET, SO_SNDBUF, &had, &size) < 0 || had >= want + 32)
		return -EMSGSIZE;
	if (setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)) < 0)
		setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
	getsockopt(sock, SOL_SOCKET, SO_SNDBUF, &has, &size);
	return has > had ? 0 : -EMSGSIZE;
}

static ssize_t send_once(int sock, const struct msghdr *m, int flags)
{
	ssize_t n;

	do
		n = sendmsg(sock, m, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void put_fds(struct msghdr *m, union control *control, const struct fdpass *p)
{
	memset(control, 0, sizeof(*control));
	m->msg_control = control;
	m->msg_controllen = CMSG_SPACE(p->len * sizeof(int));
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(p->len * sizeof(int));
	memcpy(CMSG_DATA(c), p->fds, p->len * sizeof(int));
}

ssize_t fdpass_send(int sock, const void *buf, size_t len, int flags, const struct fdpass *p,
	const struct sockaddr_storage *to, socklen_t to_len)
{
	union control control;
	struct iovec v = { (void *)(uintptr_t)buf, len };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	if (to) {
		m.msg_name = (void *)(uintptr_t)to;
		m.msg_namelen = to_len;
	}
	if (p && p->len > FDPASS_MAX)
		return -EINVAL;
	if (p && p->len > 0)
		put_fds(&m, &control, p);
	ssize_t n = send_once(sock, &m, flags);
	while (n == -EMSGSIZE && enlarge(sock, len) == 0)
		n = send_once(sock, &m, flags);
	return n;
}

ssize_t fdpass_next_size(int sock)
{
	char byte;
	ssize_t n;

	do
		n = recv(sock, &byte, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
