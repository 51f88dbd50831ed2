#include "cli/fifo_verbs.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>

void fifo_end_close(struct fifo_end *e)
{
	ipc_channel_close(&e->c);
	free(e->name);
	e->name = NULL;
}

static int open_failed(const struct ipc_kind *kind, int r, const char *name, bool writer)
{
	if (r == -EAGAIN || r == -ETIMEDOUT)
		return fail(NULL, r, writer ? "nobody reads FIFO '%s'" : "nobody writes to FIFO '%s'", name);
	return fail(kind, r, "cannot open FIFO '%s'", name);
}

int fifo_end_open(
	struct ipc_ctx *ctx, const char *text, unsigned flags, enum framing framing, struct fifo_end *ret)
{
	AUTO_SELECTOR struct ipc_selector sel = { 0 };
	int r = cli_existing(ctx, text, "fifo", &sel);

	if (r != CLI_OK)
		return r;
	if (flags & FIFO_CATCH)
		cli_interrupts_catch();
	struct ipc_deadline opening = cli_deadline();
	ret->name = shown(text);
	do
		r = fifo_open(ctx, &sel, flags & ~(unsigned)FIFO_CATCH, framing, opening, &ret->c);
	while (r == -EINTR && !cli_interrupted());
	if (r == -EINTR)
		return CLI_FAILED; /* the signal is what ends it */
	return r < 0 ? open_failed(sel.kind, r, ret->name, (flags & CHANNEL_SEND) != 0) : CLI_OK;
}

int fifo_flow(struct flow *f)
{
	for (;;) {
		uint64_t before = f->moved;
		int r = flow_step(f);
		progress_add(0, f->moved - before);
		if (r > 0 && !(r & FLOW_ENDED))
			r = flow_await(f, cli_deadline());
		else if (r > 0)
			return 0;
		if (r == -EINTR && !cli_interrupted())
			continue;
		if (r < 0)
			return r;
	}
}

int fifo_read_failed(const struct fifo_end *e, const struct fifo_reader *reader, int r)
{
	char text[FRAMING_ERROR_SIZE];
	int status;

	if (r == -EINTR)
		return CLI_FAILED; /* the signal is what ends it */
	if (reader->d.error.code)
		status = fail_plain(CLI_FAILED, "cannot read records from FIFO '%s': %s", e->name,
			ipc_framing_explain(&reader->d.error, reader->d.max, text));
	else if (r == -EBUSY)
		status = fail_plain(CLI_FAILED,
			"cannot read FIFO '%s': another process reads it, too, and has taken a part",
			e->name);
	else
		status = fail(e->c.selector.kind, r, "cannot read FIFO '%s'", e->name);
	return status;
}
