/* ftok: the key that ftok(3) makes, in every form that programs print it. */
#include "cli/command.h"
#include "ipc/io.h"
#include "ipc/selector.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const struct example ftok_examples[] = {
	{ "ipcctl ftok /etc/passwd 65", "The key of a C program's ftok(\"/etc/passwd\", 65)", NULL },
	{ "ipcctl ftok /etc/passwd A", "The same: the project may be a character", NULL },
	{ 0 },
};

static int run_ftok(struct ipc_ctx *ctx, int argc, char **argv)
{
	AUTO_FREE char *path = shown(argv[0]), *text = shown(argv[1]);
	int project = ipc_ftok_project(argv[1]);
	int32_t key = 0;

	(void)ctx;
	(void)argc;
	if (project < 0)
		return usage_error("'%s' is not a project: a number 1 to 255, or one character", text);
	int r = ipc_ftok(argv[0], project, &key);
	if (r == -EINVAL)
		return fail_plain(CLI_FAILED, "ftok makes the key 0 of '%s', which names no object", path);
	if (r < 0)
		return fail(NULL, r, "cannot make a key of '%s'", path);
	printf("0x%08" PRIx32 "\n%" PRIu32 "\n%" PRId32 "\n", (uint32_t)key, (uint32_t)key, key);
	return CLI_OK;
}

const struct command cmd_ftok = {
	.name = "ftok",
	.brief = "Print the System V key of a path: hexadecimal, decimal, and signed as some languages print "
		 "it",
	.operands = "PATH PROJ",
	.examples = ftok_examples,
	.run = run_ftok,
};
