#include "cli/peer_text.h"

#include "cli/accounts.h"
#include "ipc/io.h"

#include <inttypes.h>
#include <stdio.h>

char *peer_text(const struct peer *p)
{
	struct ipc_peer known;
	AUTO_FREE char *address = NULL;
	char *text = NULL;

	peer_describe(p, &known, &address);
	const char *from = address ? address : "", *comma = address ? ", " : "";
	int n = known.known && known.pid
		? asprintf(&text, "user %s (%" PRIu32 "), pid %d%s%s", user_name(known.uid), known.uid,
			  (int)known.pid, comma, from)
		: known.known
		? asprintf(&text, "user %s (%" PRIu32 ")%s%s", user_name(known.uid), known.uid, comma, from)
		: asprintf(&text, "%s%s%s", from, p->who.ids_lost && address ? ", " : "",
			  p->who.ids_lost   ? "a user that can't be told any more"
				  : address ? ""
					    : "somebody");
	return n < 0 ? NULL : text;
}
