/*
 * Times two commands in turn, A B A B …, and prints the ratio A/B pair by pair: on a shared machine whose
 * speed drifts, only that comparison holds.
 *
 * usage: pair [-n PAIRS] [-w WARMUP] LABEL A [ARG…] :: B [ARG…]
 *
 * Output: one line, LABEL, median seconds of A and of B, the median ratio with its quartiles, and the
 * largest resident size of A and its children in KiB. Standard output of the commands goes to /dev/null.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Runs a command to its end. Returns seconds; a command that fails ends the measurement. */
static double run(char **argv, long *max_rss)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	double start = now();
	int r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (r != 0) {
		fprintf(stderr, "pair: cannot run '%s': %s\n", argv[0], strerror(r));
		exit(1);
	}
	wait4(pid, &status, 0, &usage);
	double took = now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0) {
		fprintf(stderr, "pair: '%s' ended with status %#x\n", argv[0], (unsigned)status);
		exit(1);
	}
	if (usage.ru_maxrss > *max_rss)
		*max_rss = usage.ru_maxrss;
	return took;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, int n, double q)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[(int)(q * (n - 1) + 0.5)];
}

static int usage(void)
{
	fputs("usage: pair [-n PAIRS] [-w WARMUP] LABEL A [ARG...] :: B [ARG...]\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	int pairs = 5, warmup = 1, opt;
	long rss = 0, ignored = 0;

	while ((opt = getopt(argc, argv, "+n:w:")) != -1) {
		if (opt == 'n')
			pairs = atoi(optarg);
		else if (opt == 'w')
			warmup = atoi(optarg);
		else
			return usage();
	}
	char **b = argv + optind;
	while (*b && strcmp(*b, "::") != 0)
		b++;
	if (argc - optind < 4 || !*b || !b[1] || pairs < 1)
		return usage();
	*b++ = NULL;
	const char *label = argv[optind];
	char **a = argv + optind + 1;
	double *ta = calloc((size_t)pairs, sizeof(*ta)), *tb = calloc((size_t)pairs, sizeof(*tb)),
	       *ratio = calloc((size_t)pairs, sizeof(*ratio));
	if (!ta || !tb || !ratio)
		return 1;
	for (int i = -warmup; i < pairs; i++) {
		double x = run(a, &rss), y = run(b, &ignored);
		if (i < 0)
			continue;
		ta[i] = x;
		tb[i] = y;
		ratio[i] = x / y;
	}
	printf("%-44s %9.5f %9.5f   %5.2f (%.2f to %.2f) %8ld\n", label, quantile(ta, pairs, 0.5),
		quantile(tb, pairs, 0.5), quantile(ratio, pairs, 0.5), quantile(ratio, pairs, 0.25),
		quantile(ratio, pairs, 0.75), rss);
	return 0;
}
