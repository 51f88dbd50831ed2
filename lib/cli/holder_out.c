#include "cli/holder_out.h"

#include "cli/accounts.h"
#include "cli/diag.h"
#include "ipc/io.h"

json_t *holder_json(const struct ipc_holder *h)
{
	AUTO_FREE char *command = h->command ? shown(h->command) : NULL;

	return json_pack("{s:i, s:s*, s:s*, s:s*}", "pid", (int)h->pid, "user",
		h->uid_known ? user_name(h->uid) : NULL, "command", command, "how", *h->how ? h->how : NULL);
}

const char *holder_user(const struct ipc_holder *h)
{
	return h->uid_known ? user_name(h->uid) : "?";
}
