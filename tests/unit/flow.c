#include "ipc/flow.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum end { END_PIPE, END_FIFO, END_FILE, END_UNIX, END_TCP, END_PTY, ENDS };

static const char *const names[ENDS] = { "pipe", "fifo", "file", "unix", "tcp", "pty" };

enum { SIZE = 1500007, PTY_SIZE = 60013, LIMIT_SECONDS = 60 };

static unsigned char data[SIZE];

static void tcp_pair(int fds[2])
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	AUTO_CLOSE int server = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(server, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&sin, &len), 0);
	fds[1] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&sin, sizeof(sin)), 0);
	fds[0] = accept(server, NULL, NULL);
}

static void pty_pair(int fds[2])
{
	int unlock = 0, number;
	char path[32];
	struct termios raw;

	fds[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	assert_true(fds[0] >= 0);
	assert_int_equal(ioctl(fds[0], TIOCSPTLCK, &unlock), 0);
	assert_int_equal(ioctl(fds[0], TIOCGPTN, &number), 0);
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	fds[1] = open(path, O_RDWR | O_NOCTTY);
	assert_true(fds[1] >= 0);
	assert_int_equal(tcgetattr(fds[1], &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(fds[1], TCSANOW, &raw), 0);
}

static void fifo_pair(int fds[2])
{
	char path[] = "/tmp/flow.XXXXXX";

	assert_non_null(mkdtemp(path));
	AUTO_FREE char *fifo = NULL;
	assert_true(asprintf(&fifo, "%s/fifo", path) > 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fds[0] = open(fifo, O_RDONLY | O_NONBLOCK);
	fds[1] = open(fifo, O_WRONLY);
	fcntl(fds[0], F_SETFL, 0);
	unlink(fifo);
	rmdir(path);
}

static void file_pair(int fds[2])
{
	char path[] = "/tmp/flow.XXXXXX";

	fds[1] = mkstemp(path);
	fds[0] = open(path, O_RDONLY);
	unlink(path);
}

/* What is written to fds[1] can be read from fds[0]. */
static void make(enum end end, int fds[2])
{
	switch (end) {
	case END_PIPE:
		assert_int_equal(pipe(fds), 0);
		break;
	case END_FIFO:
		fifo_pair(fds);
		break;
	case END_FILE:
		file_pair(fds);
		break;
	case END_UNIX:
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		break;
	case END_TCP:
		tcp_pair(fds);
		break;
	default:
		pty_pair(fds);
	}
}

static void write_pieces(int fd, size_t size)
{
	unsigned seed = (unsigned)size;

	for (size_t done = 0; done < size;) {
		size_t n = 1 + (size_t)rand_r(&seed) % 70000;
		if (n > size - done)
			n = size - done;
		if (ipc_write_full(fd, data + done, n) < 0)
			_exit(1);
		done += n;
	}
}

/* Exits with 0 if exactly the data come. The end of a terminal is EIO. */
static void read_pieces(int fd, size_t size)
{
	static unsigned char got[SIZE + 1];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, got + len, sizeof(got) - len)) > 0)
		len += (size_t)n;
	_exit(len == size && memcmp(got, data, size) == 0 ? 0 : 1);
}

static void check_status(pid_t pid, const char *in, const char *out, const char *who)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s to %s: %s ended with 0x%x", in, out, who, status);
}

/* flags: O_NONBLOCK or 0 for the descriptors that the flow gets. */
static void check_pair(enum end in, enum end out, int flags)
{
	size_t size = in == END_PTY || out == END_PTY ? PTY_SIZE : SIZE;
	int a[2], b[2];
	pid_t writer = -1, reader = -1;

	make(in, a);
	make(out, b);
	if (in == END_FILE)
		write_pieces(a[1], size);
	else if ((writer = fork()) == 0) {
		close(a[0]);
		close(b[0]);
		close(b[1]);
		write_pieces(a[1], size);
		_exit(0);
	}
	if (out != END_FILE && (reader = fork()) == 0) {
		close(a[0]);
		close(a[1]);
		close(b[1]);
		read_pieces(b[0], size);
	}
	close(a[1]);
	if (out != END_FILE)
		close(b[0]);
	if (flags) {
		fcntl(a[0], F_SETFL, O_NONBLOCK);
		fcntl(b[1], F_SETFL, O_NONBLOCK);
	}
	AUTO_FLOW struct flow f;
	flow_init(&f, a[0], b[1]);
	int r = flow_run(&f, WAIT_FOREVER);
	if (r < 0 || f.moved != size || f.held != 0)
		fail_msg("%s to %s: %d, %lu of %zu bytes", names[in], names[out], r, f.moved, size);
	close(b[1]);
	if (out == END_FILE && (reader = fork()) == 0)
		read_pieces(b[0], size);
	close(a[0]);
	if (writer > 0)
		check_status(writer, names[in], names[out], "the writer");
	check_status(reader, names[in], names[out], "the reader");
	if (out == END_FILE)
		close(b[0]);
}

static void every_pair_of_ends_passes_every_byte(void **state)
{
	(void)state;
	for (enum end in = 0; in < ENDS; in++)
		for (enum end out = 0; out < ENDS; out++) {
			check_pair(in, out, 0);
			check_pair(in, out, O_NONBLOCK);
		}
}

static void a_step_never_waits(void **state)
{
	(void)state;
	for (enum end in = 0; in < ENDS; in++)
		for (enum end out = 0; out < ENDS; out++) {
			int a[2], b[2];
			if (in == END_FILE || in == END_PTY || out == END_FILE || out == END_PTY)
				continue;
			make(in, a);
			make(out, b);
			AUTO_FLOW struct flow f;
			flow_init(&f, a[0], b[1]);
			assert_int_equal(flow_step(&f), FLOW_WANTS_IN);
			assert_int_equal(flow_in_events(&f), POLLIN);
			assert_int_equal(flow_out_events(&f), 0);
			fcntl(a[1], F_SETFL, O_NONBLOCK);
			int r = 0;
			for (uint64_t before = 1; r != FLOW_WANTS_OUT || f.moved != before;) {
				before = f.moved;
				while (write(a[1], data, 4096) > 0)
					;
				r = flow_step(&f);
				assert_true(r >= 0);
			}
			assert_int_equal(flow_out_events(&f), POLLOUT);
			assert_int_equal(fcntl(b[1], F_GETFL) & O_NONBLOCK, 0);
			for (int i = 0; i < 2; i++) {
				close(a[i]);
				close(b[i]);
			}
		}
}

/* What was taken from the input and nobody reads any more is counted. */
static void a_broken_output_counts_what_is_held(void **state)
{
	(void)state;
	for (enum end out = 0; out < ENDS; out++) {
		int a[2], b[2];
		if (out == END_FILE || out == END_PTY)
			continue;
		make(END_FILE, a);
		make(out, b);
		assert_int_equal(ftruncate(a[1], 64 << 20), 0); /* more than any buffer takes */
		AUTO_FLOW struct flow f;
		flow_init(&f, a[0], b[1]);
		int r;
		while ((r = flow_step(&f)) == 0)
			;
		assert_int_equal(r, FLOW_WANTS_OUT);
		close(b[0]);
		while ((r = flow_step(&f)) >= 0)
			;
		assert_true(r == -EPIPE || r == -ECONNRESET);
		assert_true(f.held > 0);
		assert_int_equal(f.moved + f.held, lseek(a[0], 0, SEEK_CUR));
		close(a[0]);
		close(a[1]);
		close(b[1]);
	}
}

/* An output that closes while nothing comes in is noticed, and a wait ends in time. */
static void waiting_notices_a_closed_output_and_the_time(void **state)
{
	(void)state;
	int a[2], b[2];

	make(END_PIPE, a);
	make(END_PIPE, b);
	AUTO_FLOW struct flow f;
	flow_init(&f, a[0], b[1]);
	assert_int_equal(flow_run(&f, 10 * NSEC_PER_MSEC), -ETIMEDOUT);
	assert_int_equal(flow_run(&f, 0), -EAGAIN);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(flow_run(&f, 0), -EAGAIN); /* and can be gone on with */
	assert_int_equal(f.moved, 1);
	close(b[0]);
	assert_int_equal(flow_run(&f, WAIT_FOREVER), -EPIPE);
	close(a[0]);
	close(a[1]);
	close(b[1]);
}

/* Bytes of a file that change later are those that were there when they were taken. */
static void a_file_is_copied_not_lent(void **state)
{
	(void)state;
	int a[2], b[2];
	char got[4];

	make(END_FILE, a);
	make(END_PIPE, b);
	assert_int_equal(pwrite(a[1], "then", 4, 0), 4);
	AUTO_FLOW struct flow f;
	flow_init(&f, a[0], b[1]);
	assert_int_equal(flow_run(&f, 0), 0);
	assert_int_equal(pwrite(a[1], "now!", 4, 0), 4);
	assert_int_equal(read(b[0], got, 4), 4);
	assert_memory_equal(got, "then", 4);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void a_pipe_is_widened_and_nothing_else(void **state)
{
	(void)state;
	int a[2];

	make(END_PIPE, a);
	flow_widen(a[0]);
	assert_true(fcntl(a[0], F_GETPIPE_SZ) >= 65536);
	int size = fcntl(a[0], F_GETPIPE_SZ);
	flow_widen(a[1]);
	assert_int_equal(fcntl(a[0], F_GETPIPE_SZ), size);
	close(a[0]);
	close(a[1]);
	flow_widen(-1);
	flow_widen(STDERR_FILENO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_ends_passes_every_byte),
		cmocka_unit_test(a_step_never_waits),
		cmocka_unit_test(a_broken_output_counts_what_is_held),
		cmocka_unit_test(waiting_notices_a_closed_output_and_the_time),
		cmocka_unit_test(a_file_is_copied_not_lent),
		cmocka_unit_test(a_pipe_is_widened_and_nothing_else),
	};

	signal(SIGPIPE, SIG_IGN);
	alarm(LIMIT_SECONDS); /* a step that blocks must not hold up the tests */
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)((i * 2654435761u) >> 11);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
