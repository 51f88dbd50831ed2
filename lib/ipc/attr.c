#include "ipc/attr.h"

#include <stddef.h>

const struct ipc_attr_desc ipc_attr_descs[ATTR_COUNT] = {
	[ATTR_MODE] = { "mode", "mode", UNIT_MODE, "Permissions, octal, whatever the umask" },
	[ATTR_UID] = { "owner", "uid", UNIT_UID, "Owner, where the kernel allows it" },
	[ATTR_GID] = { "group", "gid", UNIT_GID, "Group, where the kernel allows it" },
	[ATTR_SIZE] = { "size", "size", UNIT_BYTES, "Size of the segment" },
	[ATTR_MAX_MESSAGES] = { "max-messages", "max_messages", UNIT_COUNT, "Messages the queue can hold" },
	[ATTR_MESSAGE_SIZE] = { "message-size", "message_size", UNIT_BYTES, "Longest message" },
	[ATTR_QUEUE_BYTES] = { "queue-bytes", "queue_bytes", UNIT_BYTES,
		"Bytes of messages the queue can hold" },
	[ATTR_VALUE] = { "value", NULL, UNIT_COUNT, "Value the semaphore begins with" },
	[ATTR_NSEMS] = { "nsems", "nsems", UNIT_COUNT, "Semaphores in the set" },
};
