# Help, man pages and completions say what the table of commands says, and the examples run.

load lib

setup() {
	DOCS=$(dirname "$IPCCTL")/ipcctl-docs
}

@test "the generated parts that are committed are what the table of commands makes" {
	"$SOURCE/man/update.sh" "$DOCS" "$BATS_TEST_TMPDIR"
	for page in "$SOURCE"/man/*.1; do
		diff -u "$page" "$BATS_TEST_TMPDIR/man/$(basename "$page")"
	done
	for shell in bash zsh fish; do
		diff -u "$SOURCE/completions/ipcctl.$shell" "$BATS_TEST_TMPDIR/completions/ipcctl.$shell"
	done
}

@test "a generated part that is changed by hand is noticed" {
	cp -r "$SOURCE/man" "$SOURCE/completions" "$BATS_TEST_TMPDIR"
	sed -i 's/^\.It Fl q.*/.It Fl z/' "$BATS_TEST_TMPDIR/man/ipcctl.1"
	"$BATS_TEST_TMPDIR/man/update.sh" "$DOCS" "$BATS_TEST_TMPDIR/out"
	run diff "$BATS_TEST_TMPDIR/man/ipcctl.1" "$BATS_TEST_TMPDIR/out/man/ipcctl.1"
	assert_failure 1
}

@test "every command has a man page, and no page speaks of one that is gone" {
	diff <("$DOCS" verbs | cut -d' ' -f1 | sort -u) \
		<(cd "$SOURCE/man" && printf '%s\n' ipcctl-*.1 | sed 's/^ipcctl-//;s/\.1$//' | sort)
}

@test "no man page still has the template's words" {
	run grep -lE 'what it does, in a few words|what a careful reader would ask' "$SOURCE"/man/*.1
	assert_failure 1
}

@test "mandoc and groff find nothing wrong with the man pages" {
	require mandoc
	require groff
	run mandoc -Tlint -W warning "$SOURCE"/man/*.1
	assert_output ""
	for page in "$SOURCE"/man/*.1; do
		run groff -ww -b -z -mandoc -Tutf8 "$page"
		assert_output ""
	done
}

@test "every verb has an example" {
	"$DOCS" verbs | while IFS= read -r path; do
		# shellcheck disable=SC2086 # a path is words
		"$IPCCTL" $path --help | grep -q '^Examples:' || {
			echo "no example: $path"
			exit 1
		}
	done
}

@test "every example runs and ends with status 0" {
	"$DOCS" examples >"$BATS_TEST_TMPDIR/examples"
	[ -s "$BATS_TEST_TMPDIR/examples" ]
	cd "$BATS_TEST_TMPDIR"
	while IFS=$'\t' read -r setup command; do
		remove_objects
		bash -euo pipefail -c "$setup" </dev/null 3>&- || {
			echo "cannot set up: $setup"
			return 1
		}
		# What needs a terminal gets one, and is left with its key for that.
		[[ $command != "ipcctl top"* ]] || command="script -qec ${command@Q} /dev/null <<<q >typescript"
		TERM=xterm timeout 10 bash -euo pipefail -c "$command" </dev/null 3>&- || {
			echo "status $?: $command"
			return 1
		}
	done <examples
}

@test "help of every verb fits 80 columns and needs no object" {
	"$DOCS" verbs | while IFS= read -r path; do
		# shellcheck disable=SC2086 # a path is words
		"$IPCCTL" $path --help >"$BATS_TEST_TMPDIR/help"
		[ "$(wc -L <"$BATS_TEST_TMPDIR/help")" -le 80 ] || {
			echo "too wide: $path"
			exit 1
		}
	done
}

@test "no verb has two options of the same letter" {
	local verb letters
	for verb in mq\ {create,send,recv,peek,move} shm\ {create,write,read,resize,get,set,watch} \
		sem\ {create,wait,post,get,set,run,holders,repair} ls rm stat; do
		# shellcheck disable=SC2086 # a path is words
		letters=$(ipcctl $verb --help | sed -n 's/^  -\(.\), .*/\1/p' | sort)
		assert_equal "$letters" "$(uniq <<<"$letters")"
	done
}
