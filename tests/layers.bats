# The layers: what may know and use what (CONTRIBUTING.md). Each rule is also broken on purpose.
# once

load lib
load rules

setup() {
	build=${IPCCTL%/*}
	copy=$BATS_TEST_TMPDIR/source
}

# The rule holds: it has nothing to say.
holds() { # RULE ARGUMENT...
	run "$@"
	assert_output ""
}

# The rule was broken, and says so.
says() { # TEXT RULE ARGUMENT...
	run "${@:2}"
	assert_output --partial "$1"
}

copy_source() {
	mkdir "$copy"
	(cd "$SOURCE" && cp -r CMakeLists.txt cmake lib tests "$copy")
	for dir in cmd man; do
		if [ -d "$SOURCE/$dir" ]; then cp -r "$SOURCE/$dir" "$copy"; else mkdir "$copy/$dir"; fi
	done
	sed -i 's/^set(IPCCTL_KINDS/& one_posix one_sysv two_posix/' "$copy/CMakeLists.txt"
}

object() { # NAME, C on standard input
	cc -D_GNU_SOURCE -O2 -D_FORTIFY_SOURCE=2 -x c -c -o "$BATS_TEST_TMPDIR/$1" -
}

@test "the core neither prints nor exits nor reads the environment" {
	holds core_is_quiet "$build/libipc.a"

	object quiet.o <<-'END'
		#include <stdio.h>
		#include <unistd.h>
		int f(char *s, size_t n, int x) { snprintf(s, n, "%d", x); if (x) _exit(x); return 0; }
	END
	holds core_is_quiet "$BATS_TEST_TMPDIR/quiet.o"
	for call in 'printf("%d", x)' 'fprintf(stderr, "%d", x)' 'printf("x\n")' 'perror("x")' 'exit(x)' \
		'dprintf(2, "%d", x)' 'x = getenv("HOME") != 0' 'err(1, "x")' 'fputs("x", stdout)'; do
		printf '#include <stdio.h>\n#include <stdlib.h>\n#include <err.h>\nint f(int x) { %s; return x; }\n' "$call" |
			object loud.o
		says loud.o core_is_quiet "$BATS_TEST_TMPDIR/loud.o"
	done
}

@test "commands reach the system through the core alone" {
	shopt -s nullglob
	objects=("$build"/CMakeFiles/commands.dir/cmd/*.o)
	[ ${#objects[@]} -eq 0 ] || holds commands_use_the_core "${objects[@]}"
	assert_equal ${#objects[@]} "$(cmake_list "$SOURCE" IPCCTL_COMMANDS | wc -l)"
	for family in $(families "$SOURCE"); do # parts of commands
		objects=("$build/CMakeFiles/cli.dir/lib/cli/$family"_*.o)
		[ ${#objects[@]} -eq 0 ] || holds commands_use_the_core "${objects[@]}"
	done

	for call in 'mq_open("/x", 0)' 'msgget(1, 0)' 'shmget(1, 1, 0)' 'shm_open("/x", 0, 0)' 'semop(1, 0, 0)' \
		'open("x", x)' 'unlink("x")' 'socket(1, 1, 1)' 'pipe2(&x, 0)' 'mkfifo("x", 0)' 'fork()'; do
		printf '#include <%s>\n' mqueue.h sys/msg.h sys/shm.h sys/mman.h sys/sem.h fcntl.h unistd.h \
			sys/socket.h sys/stat.h >"$BATS_TEST_TMPDIR/direct.c"
		echo "int f(int x) { return $call; }" >>"$BATS_TEST_TMPDIR/direct.c"
		object direct.o <"$BATS_TEST_TMPDIR/direct.c"
		says direct.o commands_use_the_core "$BATS_TEST_TMPDIR/direct.o"
	done
}

@test "mechanisms do not include each other" {
	holds kinds_are_strangers "$SOURCE"

	copy_source
	printf '#include "ipc/one.h"\n#include "ipc/io.h"\n' >"$copy/lib/ipc/one_posix.c"
	holds kinds_are_strangers "$copy"
	echo '#include "ipc/two.h"' >"$copy/lib/ipc/one_sysv.c"
	says one_sysv.c:1: kinds_are_strangers "$copy"
	echo '#include "ipc/one_posix.h"' >"$copy/lib/ipc/one_sysv.c"
	says one_sysv.c:1: kinds_are_strangers "$copy"
}

@test "the terminal side and general commands know no mechanism" {
	holds generic_code_knows_no_kind "$SOURCE"

	copy_source
	echo '#include "ipc/one.h"' >"$copy/cmd/one.c"
	holds generic_code_knows_no_kind "$copy"
	echo '#include "ipc/one.h"' >"$copy/cmd/ls.c"
	says ls.c:1: generic_code_knows_no_kind "$copy"
	rm "$copy/cmd/ls.c"
	mkdir -p "$copy/lib/cli"
	echo '#include "ipc/two_posix.h"' >"$copy/lib/cli/table.c"
	says table.c:1: generic_code_knows_no_kind "$copy"
	mv "$copy/lib/cli/table.c" "$copy/lib/cli/two_table.c"
	holds generic_code_knows_no_kind "$copy"
	echo '#include "cli/two_table.h"' >"$copy/lib/cli/opt.c"
	says opt.c:1: generic_code_knows_no_kind "$copy"
}

@test "the core includes nothing of the terminal side, and nobody includes a command" {
	holds core_stands_alone "$SOURCE"

	copy_source
	echo '#include "cli/diag.h"' >>"$copy/lib/ipc/io.c"
	says io.c core_stands_alone "$copy"
}

@test "no code outside a mechanism's own switches on the kind of an object" {
	holds nobody_switches_on_kinds "$SOURCE"

	copy_source
	echo 'int f(int kind) { switch (kind) { default: return 0; } }' >"$copy/lib/ipc/one_posix.c"
	holds nobody_switches_on_kinds "$copy"
	echo 'int f(struct o *o) { switch (o->kind) { default: return 0; } }' >>"$copy/lib/ipc/io.c"
	says io.c nobody_switches_on_kinds "$copy"
}

@test "every command has a test file and a man page, and is registered" {
	holds commands_have_tests_and_pages "$SOURCE"

	copy_source
	echo 'int x;' >"$copy/cmd/lonely.c"
	says 'lonely.c has no tests/lonely.bats' commands_have_tests_and_pages "$copy"
	says 'lonely.c has no man/ipcctl-lonely.1' commands_have_tests_and_pages "$copy"
	says 'lonely.c is not in CMakeLists.txt' commands_have_tests_and_pages "$copy"
}

@test "every header compiles alone" {
	holds headers_stand_alone "$SOURCE" "$build/gen"

	copy_source
	echo 'uint32_t x(size_t n);' >"$copy/lib/ipc/needy.h"
	says needy.h headers_stand_alone "$copy" "$build/gen"
}

@test "no function is longer than 100 lines" {
	require ctags
	holds functions_are_short "$SOURCE"

	copy_source
	{
		echo 'int at_limit(void)' && echo '{' && yes ';' | head -n 97 && echo '}'
	} >"$copy/lib/ipc/long.c"
	holds functions_are_short "$copy"
	sed -i 's/^{/&\n;;/' "$copy/lib/ipc/long.c"
	says 'at_limit has 101 lines' functions_are_short "$copy"
}
