# ftok: the key that other programs compute.

load lib

# What a C program prints for its ftok(), as hexadecimal, unsigned and signed.
c_ftok() { # PATH PROJ
	local program
	program=$(build_c - <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <sys/ipc.h>
		int main(int argc, char **argv)
		{
			key_t k = ftok(argv[1], atoi(argv[2]));
			return argc == 3 && k != -1 ? printf("0x%08x\n%u\n%d\n", (unsigned)k, (unsigned)k, k) < 0 : 1;
		}
	END
	)
	"$program" "$@"
}

@test "the key is that of ftok in C, whatever the project" {
	for path in /etc/passwd / "$BATS_TEST_FILENAME" /dev/null /proc; do
		for project in 1 5 65 127 128 255; do
			run ipcctl ftok "$path" $project
			assert_success
			assert_output "$(c_ftok "$path" $project)"
		done
	done
}

@test "a character is its code, and a digit is a number" {
	assert_equal "$(ipcctl ftok /etc/passwd A)" "$(c_ftok /etc/passwd 65)"
	assert_equal "$(ipcctl ftok /etc/passwd '%')" "$(c_ftok /etc/passwd 37)"
	assert_equal "$(ipcctl ftok /etc/passwd 5)" "$(c_ftok /etc/passwd 5)"
	assert_equal "$(ipcctl ftok /etc/passwd $'\xff')" "$(c_ftok /etc/passwd 255)"
}

@test "the key is that of Perl and of Python's sysv_ipc" {
	require perl
	perl -MIPC::SysV -e 1 || skip "needs Perl with IPC::SysV"
	require_python sysv_ipc
	for project in 1 65 200; do
		ipcctl ftok "$BATS_TEST_FILENAME" $project >"$BATS_TEST_TMPDIR/keys"
		by_perl=$(perl -MIPC::SysV=ftok -e 'print ftok($ARGV[0], $ARGV[1] + 0)' "$BATS_TEST_FILENAME" $project)
		by_python=$("$PYTHON" -W ignore -c "
import sys, sysv_ipc
print(sysv_ipc.ftok(sys.argv[1], int(sys.argv[2]), silence_warning=True))" "$BATS_TEST_FILENAME" $project)
		grep -qx -- "$by_perl" "$BATS_TEST_TMPDIR/keys"
		grep -qx -- "$by_python" "$BATS_TEST_TMPDIR/keys"
	done
}

@test "every printed form names the object that another program made" {
	require_python sysv_ipc
	key=$("$PYTHON" -W ignore -c "
import sys, sysv_ipc
key = sysv_ipc.ftok(sys.argv[1], 200, silence_warning=True)
sysv_ipc.MessageQueue(key, sysv_ipc.IPC_CREX)" "$BATS_TEST_FILENAME")
	name=$(ipcctl ls --names)
	for key in $(ipcctl ftok "$BATS_TEST_FILENAME" 200); do
		assert_equal "$(ipcctl ls --names "mq:key:$key")" "$name"
	done
	assert_equal "$(ipcctl ls --names "mq:ftok:$BATS_TEST_FILENAME:200")" "$name"
}

@test "what is no project is refused" {
	for project in 0 256 -1 65x AB '' 0x41 1000000000000000000000; do
		run ipcctl ftok -- /etc/passwd "$project"
		assert_failure 2
		assert_line --index 0 "ipcctl ftok: '$project' is not a project: a number 1 to 255, or one character"
	done
}

@test "a file that is not there is status 3, one that may not be reached status 5" {
	run ipcctl ftok /nonexistent/file 1
	assert_failure 3
	assert_output "ipcctl ftok: cannot make a key of '/nonexistent/file': No such file or directory"
	require_user
	mkdir -m 0 "$BATS_TEST_TMPDIR/closed"
	run ipcctl ftok "$BATS_TEST_TMPDIR/closed/file" 1
	assert_failure 5
}
