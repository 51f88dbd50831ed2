# What all commands share: options, words that were mistyped, and standard input and output.

load lib

@test "a mistyped command or option says which was meant" {
	run ipcctl sl
	assert_failure 2
	assert_output $'ipcctl: unknown command \'sl\'; did you mean \'ls\'?\nhint: see \'ipcctl --help\''
	run ipcctl remove
	assert_failure 2
	assert_line --index 0 "ipcctl: unknown command 'remove'"
	run ipcctl rm --dry-rnu
	assert_failure 2
	assert_output $'ipcctl rm: unknown option \'--dry-rnu\'; did you mean \'--dry-run\'?\nhint: see \'ipcctl rm --help\''
	run ipcctl ls --unknown-thing=3
	assert_failure 2
	assert_line --index 0 "ipcctl ls: unknown option '--unknown-thing=3'"
	run ipcctl ls -Z
	assert_failure 2
	assert_line --index 0 "ipcctl ls: unknown option '-Z'"
	run ipcctl $'\e]0;x\a'
	assert_failure 2
	assert_line --index 0 "ipcctl: unknown command '\\x1b]0;x\\x07'"
}

@test "a long option may be shortened as long as it means one" {
	: >/dev/shm/x
	assert_equal "$(ipcctl ls --nam)" shm:/x
	assert_equal "$(ipcctl ls --js -o object | jq -r '.[].object')" shm:/x
	run ipcctl ls --no
	assert_success # --noheadings alone
	run ipcctl ls --st
	assert_failure 2
	assert_line --index 0 "ipcctl ls: the option '--st' may mean several: --state, --stale"
	run ipcctl ls --stale
	assert_success # the whole name of one that another might begin with
}

@test "arguments of options come behind = or a space, or behind the letter" {
	: >/dev/shm/x
	for call in "-oobject" "-o object" "--columns=object" "--columns object" "--colu=object"; do
		# shellcheck disable=SC2086 # words
		assert_equal "$(ipcctl ls --noheadings $call)" shm:/x
	done
	run ipcctl ls -o
	assert_failure 2
	assert_line --index 0 "ipcctl ls: -o needs an argument: COLUMNS"
	run ipcctl ls --columns
	assert_failure 2
	assert_line --index 0 "ipcctl ls: --columns needs an argument: COLUMNS"
	run ipcctl ls --json=yes
	assert_failure 2
	assert_line --index 0 "ipcctl ls: --json takes no argument"
}

@test "short options bundle, and options stand before or behind operands" {
	: >/dev/shm/x
	assert_equal "$(ipcctl ls -Joobject shm | jq -c .)" '[{"object":"shm:/x"}]'
	assert_equal "$(ipcctl ls shm -o object -J | jq -c .)" '[{"object":"shm:/x"}]'
	run ipcctl ls -JZ
	assert_failure 2
}

@test "-- ends the options, and - is an operand" {
	: >/dev/shm/-n
	assert_equal "$(ipcctl ls --names -- -n)" shm:/-n
	run ipcctl ls -- --names
	assert_failure 3
	run ipcctl ls -- --
	assert_failure 3
	run ipcctl rm -y - </dev/null
	assert_success
}

@test "global options are valid anywhere" {
	: >/dev/shm/x
	plain=$(ipcctl ls --noheadings -o object,mode)
	assert_equal "$(ipcctl --color=never ls --noheadings -o object,mode)" "$plain"
	assert_equal "$(ipcctl ls --noheadings -o object,mode --color never)" "$plain"
	run ipcctl --color=sometimes ls
	assert_failure 2
	run ipcctl -q -v ls --names
	assert_output shm:/x
	for call in "-V" "--version" "ls -V" "--version ls"; do
		# shellcheck disable=SC2086 # words
		run ipcctl $call
		assert_success
		assert_output --regexp '^ipcctl [0-9]+\.[0-9]+\.[0-9]+$'
	done
	run ipcctl --nmaes ls
	assert_failure 2
	assert_line --index 0 --partial "ipcctl: unknown option '--nmaes'"
}

@test "the number of operands is checked, and said in the words of the help" {
	run ipcctl ftok /etc/passwd
	assert_failure 2
	assert_line --index 0 "ipcctl ftok: something is missing: it takes PATH PROJ"
	run ipcctl ftok a b c
	assert_failure 2
	assert_line --index 0 "ipcctl ftok: too many operands: it takes PATH PROJ"
	run ipcctl chmod 0600
	assert_failure 2
}

@test "a full disk is an error whatever is printed" {
	for call in "--version" "--help" "ls --help" "ftok / 1"; do
		run --separate-stderr bash -c "ipcctl $call >/dev/full"
		assert_failure 1
		assert_equal "$stderr" "${stderr%%:*}: cannot write standard output: No space left on device"
	done
}

@test "a reader that went away ends it with the status of SIGPIPE and no message" {
	# A pipe that nobody reads any more when the output comes.
	run --separate-stderr bash -c '{ wait_for=$(cat); ipcctl help; echo $? >"$1"; } < <(sleep 0) | :
		cat "$1"' bash "$BATS_TEST_TMPDIR/status"
	program=$(build_c - <<-'END'
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			int fds[2];
			(void)argc;
			if (pipe(fds) < 0 || dup2(fds[1], 1) < 0)
				return 1;
			close(fds[0]);
			close(fds[1]);
			execvp(argv[1], argv + 1);
			return 127;
		}
	END
	)
	run --separate-stderr "$program" "$IPCCTL" help
	assert_equal $status 141
	assert_equal "$stderr" ""
}

@test "closed standard descriptors are errors, and no object is taken for one" {
	: >/dev/shm/x
	run --separate-stderr bash -c 'ipcctl ls --names >&-'
	assert_failure 1
	assert_equal "$stderr" "ipcctl ls: cannot write standard output: Bad file descriptor"
	run bash -c 'ipcctl rm -y - <&-'
	assert_failure 1
	assert_output "ipcctl rm: cannot read standard input: Bad file descriptor"
	run bash -c 'ipcctl ls --names <&- 2>&-'
	assert_success
	assert_output shm:/x
	run bash -c 'ipcctl ls --names mq:/none 2>&-'
	assert_failure 3
	assert_output ""
}

@test "names in messages are shown escaped" {
	run ipcctl stat $'mq:/a\e\nb'
	assert_failure 3
	assert_output "ipcctl stat: cannot find queue 'mq:/a\\x1b\\nb': No such file or directory"
}

@test "messages come in the order of the output, on standard error" {
	: >/dev/shm/a
	: >/dev/shm/b
	run bash -c 'ipcctl ls --names shm:/a shm:/none shm:/b 2>&1'
	assert_failure 3
	assert_line --index 0 shm:/a
	assert_line --index 1 --partial "shm:/none"
	assert_line --index 2 shm:/b
}

@test "it refuses to run with privileges that its caller lacks" {
	require_root
	cp "$IPCCTL" "$BATS_TEST_TMPDIR/ipcctl"
	chmod 4755 "$BATS_TEST_TMPDIR/ipcctl"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test
	run as_user env "ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0" "$BATS_TEST_TMPDIR/ipcctl" ls
	assert_failure 1
	assert_output --partial "refusing to run with privileges that its caller lacks"
}

@test "a command without its verb names the verbs that there are" {
	run -2 ipcctl mq
	assert_line --partial "which verb? One of create, send, recv,"
	assert_line --partial ", ls, "
}
