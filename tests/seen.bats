# Where every process can be seen, and where /proc hides those of others: the table of situations.bats in two worlds that
# are made for it, since few machines that run tests are the first, and hardly any is the second.
#
# A pid namespace of its own has a /proc with all of its processes in it. What ipcctl can't be told there is that nobody
# outside can reach the objects: so it is told (by a library that answers the question for the namespace's number)
# that this is the machine's first one. All else is as it is there.

load lib

setup_file() {
	load lib
	FIRST=$(
		build_c - -shared -fPIC -ldl <<-'END'
			#include <dlfcn.h>
			#include <string.h>
			#include <sys/stat.h>

			/* This pid namespace is the machine's first (include/linux/proc_ns.h). */
			int stat(const char *restrict path, struct stat *restrict ret)
			{
				int (*really)(const char *, struct stat *) = (int (*)(const char *, struct stat *))dlsym(RTLD_NEXT, "stat");
				int r = really(path, ret);

				if (r == 0 && strcmp(path, "/proc/self/ns/pid") == 0)
					ret->st_ino = 0xeffffffc;
				return r;
			}
		END
	)
	# Other users load it, too.
	FIRST_DIR=$(mktemp -d /tmp/first.XXXX)
	chmod 0755 "$FIRST_DIR"
	install -m 0755 "$FIRST" "$FIRST_DIR/first.so"
	export FIRST_DIR FIRST=$FIRST_DIR/first.so
}

teardown_file() {
	rm -rf "$FIRST_DIR"
}

# Runs a command where /proc lists every process there is.
in_full_view() { # PROC-OPTIONS COMMAND...
	local options=$1 user=()
	shift
	[ "$TESTS_AS" = root ] || user=(-U --map-current-user)
	# shellcheck disable=SC2016 # its own parameters
	unshare "${user[@]}" -pf --mount-proc "${BASH:-bash}" -c '
		[ -z "$1" ] || mount -o "remount,$1" /proc || exit
		shift
		export LD_PRELOAD=$FIRST ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
		"$@"' bash "$options" "$@"
}

# The rows of the table whose name begins like that; all of them must be true, and enough of them be there.
table() { # PROC-OPTIONS ROWS
	run in_full_view "$1" bats -T --filter "^($2)" "$BATS_TEST_DIRNAME/situations.bats"
	assert_success
	assert [ "$(grep -c '^ok' <<<"$output")" -gt 20 ]
	assert [ "$(grep -c '^ok.*# skip' <<<"$output")" -lt 3 ]
}

@test "every process can be seen: FIFOs and System V queues" {
	require_root
	table '' 'fifo|mq sysv, [^t]'
}

@test "every process can be seen: what a dead maker left" {
	require_root
	table '' '(shm|sem|mq|sem sysv|shm sysv), ([^at]|a n).*(dead|maker|younger|ipcmk|made by)'
}

@test "/proc hides the processes of others: FIFOs and System V queues" {
	require_root
	table hidepid=2 'fifo|mq sysv, [^t]'
}

@test "a process that /proc hides is one that may not be looked at, not one that is missing" {
	require_root
	export -f as_user require_root
	for option in --ns --holder; do
		# shellcheck disable=SC2016 # its own parameters
		run in_full_view hidepid=2 bash -c 'as_user "$@"' bash ipcctl ls $option 1
		assert_failure 5
		assert_output --partial "Permission denied"
		# shellcheck disable=SC2016
		run in_full_view hidepid=2 bash -c 'as_user "$@"' bash ipcctl ls $option 4194000
		assert_failure 3
	done
}

@test "who may look at every process is told that nobody has a FIFO, unless something is in a message" {
	situation=$(build_c situations/situation.c)
	fifo=$BATS_TEST_TMPDIR/f
	# shellcheck disable=SC2016 # its own parameters
	run -0 in_full_view '' bash -c '
		states() { # STEP...
			"$0" "$@" >"$1.out" &
			until grep -q ready "$1.out"; do sleep 0.01; done
			ipcctl stat -J "fifo:$1" | jq -r ".[0] | .state, .evidence[0] // .unseen[0] | gsub(\"[0-9]+\"; \"N\")"
			ipcctl rm -y --state idle "fifo:$1" >/dev/null 2>&1
			[ -e "$1" ] && echo stays || echo gone
			rm -f "$1"
			kill $!
			wait $! || :
		} 2>/dev/null
		states "$1" fifo-make fifo-open close stay
		states "$1" fifo-make fifo-open stay
		states "$1" fifo-make fifo-open flight stay
		states "$1" fifo-make fifo-open close stay' "$situation" "$fifo"
	assert_output "idle
no process has it open or waits to open it
gone
live
process N has it open
stays
unknown
a message to process N has a descriptor in it, which may be of this one
stays
idle
no process has it open or waits to open it
gone"
}
