# Every system call of every verb fails once, or is the moment of a SIGKILL; outputs are closed and full, limits
# low, signals many: tests/torture/. TORTURE=full tries also what looks alike.
# once

load lib

setup() {
	torture=$BATS_TEST_DIRNAME/torture/torture.py
}

require_torture() {
	run "$PYTHON" "$torture" --check
	[ "$status" != 77 ] || skip "$output"
	assert_success
}

@test "every verb of every command has a scenario" {
	run "$PYTHON" "$torture" --missing
	assert_output ""
	assert_success
}

@test "no failed system call, signal or limit breaks what a verb promises" {
	require_torture
	run "$PYTHON" "$torture"
	grep '^torture: ' <<<"$output" | sed 's/^/# /' >&3
	assert_success
}

@test "the torture notices lost output, lost messages, crashes, hanging and what is left behind" {
	require_torture
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s "${IPCCTL%/*}/ipcctl-docs" "$BATS_TEST_TMPDIR/bin"
	cp "$(
		build_c - <<-'C'
			#include <errno.h>
			#include <fcntl.h>
			#include <stdlib.h>
			#include <sys/prctl.h>
			#include <unistd.h>
			int main(void)
			{
				fcntl(0, F_GETFD);
				(void)!write(1, "x", 1);
				if (access("/", F_OK) < 0)
					abort();
				if (chdir("/") < 0 && errno == EINTR)
					for (;;)
						pause();
				if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
					close(open("/dev/shm/left", O_CREAT | O_RDWR, 0600));
				return setpgid(0, 0) < 0;
			}
		C
	)" "$BATS_TEST_TMPDIR/bin/ipcctl"
	IPCCTL=$BATS_TEST_TMPDIR/bin/ipcctl run "$PYTHON" "$torture" --only 'ftok:'
	assert_failure 1
	assert_line --partial '@ write:ENOSPC:1'
	assert_line --partial 'status 0 and another output'
	assert_line --partial '@ stdout-full'
	assert_line --partial '@ access:EACCES:2'
	assert_line --partial 'killed by SIGABRT'
	assert_line --partial '@ chdir:EINTR:1'
	assert_line --partial 'it hangs'
	assert_line --partial '@ prctl:EACCES:1'
	assert_line --partial '/dev/shm/left'
	assert_line --partial '@ setpgid:EACCES:1'
	assert_line --partial 'status 1 without a message'
	refute_line --partial '@ chdir:EACCES:1'
}
