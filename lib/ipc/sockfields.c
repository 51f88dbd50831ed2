#include "ipc/sockfields.h"

#include "ipc/holders.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

const struct ipc_field sockfields[] = {
	[SOCKFIELD_TYPE] = { "type", UNIT_TEXT, "stream, dgram or seqpacket" },
	[SOCKFIELD_PEER] = { "peer", UNIT_TEXT, "What a connected socket is connected to" },
	[SOCKFIELD_PENDING] = { "pending", UNIT_COUNT, "Connections that wait to be accepted" },
	[SOCKFIELD_BACKLOG] = { "backlog", UNIT_COUNT, "How many connections may wait" },
	[SOCKFIELD_BYTES_RECEIVED] = { "bytes_received", UNIT_BYTES,
		"Bytes that a connection brought since it was made" },
	[SOCKFIELD_BYTES_SENT] = { "bytes_sent", UNIT_BYTES,
		"Bytes that went out over a connection since it was made" },
	{ 0 },
};

int sockfields_inode(struct ipc_ctx *ctx, const struct ipc_selector *sel, struct ipc_selector *ret)
{
	struct stat st = { .st_ino = (ino_t)sel->number };
	int fd = sel->number > INT32_MAX ? -ENOENT : (int)sel->number;

	if (sel->form == FORM_SYSTEMD)
		fd = ctx->handed ? ctx->handed(ctx, sel->name) : -ENOENT;
	if (sel->form != FORM_INO) {
		if (fd < 0)
			return fd;
		if (fstat(fd, &st) < 0)
			return errno == EBADF ? -ENOENT : -errno;
		if (!S_ISSOCK(st.st_mode))
			return -ENOTSOCK;
	}
	*ret = (struct ipc_selector){ .kind = sel->kind, .form = FORM_INO, .number = (int64_t)st.st_ino };
	return 0;
}

int sockfields_set_type(struct ipc_object *o, int type)
{
	const char *name = type == SOCK_STREAM ? "stream" : type == SOCK_DGRAM ? "dgram" : "seqpacket";

	return ipc_object_set_text(o, SOCKFIELD_TYPE, name);
}

void sockfields_set_queues(struct ipc_object *o, bool listens, uint32_t received, uint32_t sent)
{
	if (listens) {
		ipc_object_set_extra(o, SOCKFIELD_PENDING, received);
		ipc_object_set_extra(o, SOCKFIELD_BACKLOG, sent);
	} else {
		ipc_object_set(o, FIELD_USED, received);
	}
}

int sockfields_set_holders(struct ipc_ctx *ctx, struct ipc_object *o, ino_t ino, bool bound)
{
	const struct holders *h;
	size_t before = o->holders_len;
	int r = holders_get(ctx, HOLDERS_SOCKETS, &h);

	if (r == 0)
		r = holders_add(h, HELD_SOCKET, 0, ino, o);
	for (size_t i = before; bound && i < o->holders_len; i++)
		snprintf(o->holders[i].how, sizeof(o->holders[i].how), "bound");
	return r == -ENOMEM ? r : 0;
}
