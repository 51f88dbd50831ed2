/* A file of its own, since linux/tcp.h and netinet/tcp.h exclude each other. */
#include "ipc/sockdiag_parse.h"

#include <linux/tcp.h>
#include <string.h>

void sockdiag_read_info(const void *data, size_t len, struct sockdiag_tcp *ret)
{
	struct tcp_info info = { 0 };

	/* Whole up to the last count that is asked for, which is Linux 4.19's. */
	if (len < offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(info.tcpi_bytes_retrans))
		return;
	memcpy(&info, data, len < sizeof(info) ? len : sizeof(info));
	if (info.tcpi_bytes_retrans > info.tcpi_bytes_sent)
		return;
	ret->counted = true;
	ret->bytes_received = info.tcpi_bytes_received;
	ret->bytes_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
}
