#include "cli/sock_mode_reports.h"

#include "cli/diag.h"
#include "cli/limiter.h"
#include "cli/peer_text.h"
#include "ipc/io.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>

/* One command runs, so there is one of these. */
static struct limiter limiter;

/* A client that goes when it has heard enough is no trouble. */
static bool is_leaving(int error)
{
	return error == -EPIPE || error == -ECONNRESET;
}

void sock_mode_say_left(struct server_client *c, const struct fanout_subscriber *s, int error)
{
	char more[LEFT_OUT_SIZE];

	if (s->dropped == 0 && (error == 0 || (is_leaving(error) && !cli_verbose)))
		return;
	if (!limiter_may_say(&limiter))
		return;
	limiter_left_out(&limiter, more);
	if (error == -EOVERFLOW)
		warn("client %" PRIu64 " was too slow and is closed%s", c->number, more);
	else if (error < 0 && s->dropped == 0)
		fail(NULL, error, "cannot send to client %" PRIu64 "%s", c->number, more);
	if (s->dropped > 0)
		warn("client %" PRIu64 " was slow and missed %" PRIu64 " %s of %" PRIu64 "%s", c->number,
			s->dropped, s->dropped == 1 ? "record" : "records", s->dropped + s->pieces, more);
}

void sock_mode_say_played(struct server_client *c, const struct replay *r, int error)
{
	uint64_t number = c->number, recorded = r->c->number;

	if (r->different)
		warn("client %" PRIu64 " sent something else than connection %" PRIu64
		     " of the recording from byte %" PRIu64 " on",
			number, recorded, r->differs);
	else if (r->more)
		warn("client %" PRIu64 " sent more than connection %" PRIu64 " of the recording", number,
			recorded);
	else if (r->short_of)
		warn("client %" PRIu64 " sent only the first %" PRIu64 " bytes of connection %" PRIu64
		     " of the recording",
			number, r->received, recorded);
	if (error < 0)
		fail(NULL, error, "connection %" PRIu64 " of the recording could not be played to its end",
			recorded);
}

static const char *const troubles[] = {
	[DATAGRAM_TOO_LARGE] = "a datagram was too large and is lost",
	[DATAGRAM_NO_ADDRESS] = "a datagram could not be sent back: its sender has no address",
	[DATAGRAM_UNANSWERED] = "an answer could not be sent",
	[DATAGRAM_NO_PROGRAM] = "the program could not be run, and a datagram is lost",
	[DATAGRAM_LONG_ANSWER] = "the program's answer could not be taken",
};

void sock_mode_say_trouble(struct server *s, enum datagram_trouble what, const struct peer *p, int error)
{
	char more[LEFT_OUT_SIZE];

	(void)s;
	if (!limiter_may_say(&limiter))
		return;
	limiter_left_out(&limiter, more);
	AUTO_FREE char *who = p ? peer_text(p) : NULL;
	const char *from = who ? ": " : "";
	if (error < 0)
		fail(NULL, error, "%s%s%s%s", troubles[what], from, who ? who : "", more);
	else
		warn("%s%s%s%s", troubles[what], from, who ? who : "", more);
}

void sock_mode_say_message_error(struct server_client *c, int error, const struct ipc_decoder *d)
{
	char more[LEFT_OUT_SIZE], text[FRAMING_ERROR_SIZE];

	if (error == 0 || (is_leaving(error) && !cli_verbose) || !limiter_may_say(&limiter))
		return;
	limiter_left_out(&limiter, more);
	if (d)
		warn("client %" PRIu64 " is closed: %s%s", c->number,
			ipc_framing_explain(&d->error, d->max, text), more);
	else
		fail(NULL, error, "client %" PRIu64 " could not be read from%s", c->number, more);
}

/* --- the end -------------------------------------------------------------------------------------- */

int sock_mode_printed(const struct record_out *out)
{
	size_t lost = outlet_waiting(&out->outlet);

	if (out->ambiguous)
		warn("a message holds the %s that separates messages; -F netstring and -F json keep them "
		     "apart",
			out->framing->separator == '\n' ? "newline" : "NUL");
	if (out->error == -EPIPE && lost == 0)
		return 128 + SIGPIPE;
	if (out->error < 0)
		fail(NULL, out->error, "cannot write standard output");
	if (lost > 0)
		warn("%zu bytes that were received are lost", lost);
	return out->error < 0 || lost > 0 ? CLI_FAILED : CLI_OK;
}

int sock_mode_sent(const struct serve_broadcast *b)
{
	char text[FRAMING_ERROR_SIZE];
	uint64_t left = serve_broadcast_left_over(b);

	if (b->error < 0 && b->records && b->decoder.error.code)
		fail_plain(CLI_FAILED, "cannot send on: standard input: %s",
			ipc_framing_explain(&b->decoder.error, b->decoder.max, text));
	else if (b->error < 0)
		fail(NULL, b->error, "cannot read standard input");
	if (left > 0)
		warn("%" PRIu64 " bytes of standard input were sent to nobody", left);
	if (b->fanout.unheard > 0)
		warn("%" PRIu64 " %s sent while nobody was there", b->fanout.unheard,
			b->records ? "records were" : "pieces were");
	return b->error < 0 ? CLI_FAILED : CLI_OK;
}
