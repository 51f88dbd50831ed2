# The looks of the source. Each rule is also broken on purpose.
# once

load lib
load rules

setup() {
	copy=$BATS_TEST_TMPDIR/source
	mkdir "$copy"
	cp "$SOURCE"/.clang-format "$copy"
}

holds() { # RULE
	run "$1" "$SOURCE"
	assert_output ""
}

says() { # TEXT RULE
	run "$2" "$copy"
	assert_output --partial "$1"
}

@test "C source is formatted as .clang-format says" {
	require clang-format
	# Other versions make other lines of the same rules.
	[[ $(clang-format --version) = *" 14."* ]] || skip "needs clang-format 14"
	holds c_is_formatted
	echo 'int  x;' >"$copy/x.c"
	says x.c:1: c_is_formatted
}

@test "shell scripts and bats files pass shellcheck" {
	require shellcheck
	holds shell_is_clean
	printf '#!/bin/bash\nrm $1\n' >"$copy/script"
	says script:2: shell_is_clean
}

@test "man pages pass mandoc -Tlint and groff -ww" {
	require mandoc groff
	holds pages_are_clean
	mkdir "$copy/man"
	printf '.Dd November 1, 2025\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n.Bogus\n' >"$copy/man/x.1"
	says x.1 pages_are_clean
}

@test "text files end with a newline and no line ends with white space" {
	holds text_is_tidy
	printf 'x \n' >"$copy/space"
	says space:1: text_is_tidy
	printf 'x' >"$copy/end"
	says 'end: no newline' text_is_tidy
}

@test "nothing was left to be done later" {
	holds nothing_is_left_over
	echo "/* TO""DO */" >"$copy/x.c"
	says x.c:1: nothing_is_left_over
}

@test "no call is used that can't know how much room there is" {
	holds nothing_is_banned
	echo 'void f(char *a) { strcpy(a, ""); }' >"$copy/x.c"
	says x.c:1: nothing_is_banned
}
