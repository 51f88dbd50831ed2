#include "cli/interrupt.h"

#include "ipc/deadline.h"
#include "ipc/io.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

/* timeout(1) sends its signal to the process and to the group: what comes so soon is the same one. */
enum { REPEAT_USEC = 5000, SAME_NS = 500 * 1000 * 1000 };

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t arrived;
static int64_t arrived_at; /* used by the handler alone */

static void on_repeat(int signo)
{
	(void)signo; /* its arrival is all: the system call it interrupts returns EINTR */
}

/* A signal can arrive just before a call that blocks: so it is repeated until the command has ended. */
static void on_signal(int signo)
{
	const struct itimerval again = { .it_interval.tv_usec = REPEAT_USEC, .it_value.tv_usec = 1 };
	int saved = errno;

	if (arrived && ipc_now_ns() - arrived_at > SAME_NS) {
		signal(signo, SIG_DFL);
		raise(signo); /* it takes effect when the handler returns */
		return;
	}
	if (!arrived)
		arrived_at = ipc_now_ns();
	arrived = signo;
	setitimer(ITIMER_REAL, &again, NULL);
	errno = saved;
}

void cli_interrupts_catch(void)
{
	struct sigaction repeat = { .sa_handler = on_repeat };
	struct sigaction note = { .sa_handler = on_signal };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) /* one handler at a time */
		sigaddset(&note.sa_mask, signals[i]);
	sigaction(SIGALRM, &repeat, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &note, NULL);
	}
}

int cli_interrupted(void)
{
	return arrived;
}

int cli_interrupts_end(int status)
{
	if (arrived) {
		signal(arrived, SIG_DFL);
		raise(arrived);
	}
	return status;
}
