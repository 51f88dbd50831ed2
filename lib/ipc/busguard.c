#include "ipc/busguard.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static void on_bus_error(int signo, siginfo_t *info, void *context)
{
	int saved = errno;
	uintptr_t size = (uintptr_t)getpagesize();
	void *page = (void *)((uintptr_t)info->si_addr & ~(size - 1));

	(void)context;
	if (info->si_code != BUS_ADRERR ||
		mmap(page, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
			MAP_FAILED)
		signal(signo, SIG_DFL); /* the access is repeated, and this time it is fatal */
	errno = saved;
}

void busguard_begin(struct busguard *g)
{
	struct sigaction sa = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &sa, &g->old);
}

void busguard_end(const struct busguard *g)
{
	sigaction(SIGBUS, &g->old, NULL);
}
