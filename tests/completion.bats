# Completions, as they work in real shells on a pseudo-terminal.

load lib

setup() {
	ipcctl mq create /first-queue --max-messages 1 --message-size 8
	ipcctl mq create /second-queue --max-messages 1 --message-size 8
	ipcctl sem create /a-lock
	printf 'PS1="ready> "\nbind "set enable-bracketed-paste off"\nsource %q\n' \
		"$SOURCE/completions/ipcctl.bash" >"$BATS_TEST_TMPDIR/bashrc"
}

# Types KEYS at a bash that has read the completions; waits until EXPECTED is on the screen.
type_in_bash() { # KEYS EXPECTED
	run "$SOURCE/tests/type_keys.py" 'ready> $' "$1" "$2" bash --noprofile --rcfile "$BATS_TEST_TMPDIR/bashrc" -i
	assert_success
}

@test "bash offers the names of live queues to mq recv" {
	type_in_bash 'ipcctl mq recv \t\t\t' '/first-queue +/second-queue'
	refute_output --partial a-lock
}

@test "bash completes the name of a queue from its beginning" {
	type_in_bash 'ipcctl mq recv /se\t' 'ipcctl mq recv /second-queue '
}

@test "bash completes a name with its kind, which has a colon in it" {
	type_in_bash 'ipcctl mq recv mq:/se\t' 'ipcctl mq recv mq:/second-queue '
	type_in_bash 'ipcctl stat sem:\t' 'ipcctl stat sem:/a-lock '
}

@test "bash offers commands, verbs, and the verbs that every kind has" {
	type_in_bash 'ipcctl cho\t' 'ipcctl chown '
	type_in_bash 'ipcctl mq \t\t' 'recv'
	type_in_bash 'ipcctl mq ls\t' 'ipcctl mq ls '
	type_in_bash 'ipcctl mq stat /f\t' 'ipcctl mq stat /first-queue '
	type_in_bash 'ipcctl mq ls \t\t\t' '/first-queue +/second-queue'
	refute_output --partial a-lock
}

@test "bash completes options, their words, and what follows an option's argument" {
	type_in_bash 'ipcctl mq send --fram\t' 'ipcctl mq send --framing='
	type_in_bash 'ipcctl mq send -F nets\t' 'ipcctl mq send -F netstring '
	type_in_bash 'ipcctl mq send --framing=nets\t' '--framing=netstring '
	type_in_bash 'ipcctl ls --label postg\t' '--label postgresql '
	type_in_bash 'ipcctl mq send -p 5 /fi\t' 'ipcctl mq send -p 5 /first-queue '
}

@test "bash completes the names of columns and states, of a list the last one" {
	type_in_bash 'ipcctl ls -o own\t' '-o owner'
	type_in_bash 'ipcctl ls -o object,own\t' '-o object,owner'
	type_in_bash 'ipcctl ls -o +pee\t' '-o [+]peer'
	type_in_bash 'ipcctl ls --columns=object,own\t' '--columns=object,owner'
	type_in_bash 'ipcctl ls --sort -si\t' '--sort -size '
	type_in_bash 'ipcctl top --sort rat\t' '--sort rate '
	type_in_bash 'ipcctl rm --state stale,id\t' '--state stale,idle'
	type_in_bash 'ipcctl top --state=un\t' '--state=unknown'
	type_in_bash 'ipcctl ls --state idle,st\tun\t' 'idle,stale' # a comma may come next
	refute_output --partial 'stale '
}

@test "bash offers a word once in a list, and no option that is only refused" {
	type_in_bash 'ipcctl ls --state stale,unknown,live,\t\t\t' 'stale,unknown,live,idle +stale,unknown,live,orphan'
	type_in_bash 'ipcctl rm --al\t\t\x15echo un""touched\r' 'untouched'
	refute_output --partial all-ns
}

@test "bash completes a program behind sem run, and nothing where nothing is known" {
	type_in_bash 'ipcctl sem run /a-lock mkfif\t' 'ipcctl sem run /a-lock mkfifo '
}

@test "bash completes the path of a socket or a FIFO that stands in this directory" {
	cd "$BATS_TEST_TMPDIR"
	mkdir here
	ipcctl fifo create here/events
	"$PYTHON" -c 'import socket; socket.socket(socket.AF_UNIX).bind("here/app.sock")'
	: >here/app.log
	type_in_bash 'ipcctl sock connect her\t' 'ipcctl sock connect here/'
	type_in_bash 'ipcctl sock connect ./here/a\t' 'ipcctl sock connect ./here/app.sock '
	type_in_bash 'ipcctl sock rm here/\t' 'ipcctl sock rm here/app.sock '
	type_in_bash 'ipcctl fifo read here/\t' 'ipcctl fifo read here/events '
}

@test "bash offers a hostile name in the form that the command takes back" {
	ipcctl mq create 'mq:/od\*d\x1b name' --max-messages 1 --message-size 8
	type_in_bash 'ipcctl mq recv /od\t' 'ipcctl mq recv (mq:)?/od'
	refute_output --partial $'\e'
}

@test "bash offers nothing and says nothing when the listing fails" {
	printf 'ipcctl() { echo broken >&2; return 1; }\n' >>"$BATS_TEST_TMPDIR/bashrc"
	type_in_bash 'ipcctl mq recv /f\t\t\x15echo un""touched\r' '\nuntouched'
	refute_output --partial broken
}

@test "zsh offers the names of live queues, verbs and options" {
	require zsh
	cd "$BATS_TEST_TMPDIR"
	mkdir here
	ipcctl fifo create here/events
	mkdir "$BATS_TEST_TMPDIR/functions"
	cp "$SOURCE/completions/ipcctl.zsh" "$BATS_TEST_TMPDIR/functions/_ipcctl"
	# shellcheck disable=SC2016 # fpath is for zsh to expand
	printf 'PS1="ready> "\nunsetopt zle_bracketed_paste\nfpath=(%q $fpath)\nautoload -U compinit\ncompinit -u -D\n' \
		"$BATS_TEST_TMPDIR/functions" >"$BATS_TEST_TMPDIR/.zshrc"
	local keys expected
	while IFS='|' read -r keys expected; do
		ZDOTDIR=$BATS_TEST_TMPDIR run "$SOURCE/tests/type_keys.py" 'ready> $' "$keys" "$expected" zsh -i
		assert_success
	done <<-'END'
		ipcctl mq recv /se\t|/second-queue
		ipcctl mq rec\t|ipcctl mq recv
		ipcctl mq send --fram\t|--framing=
		ipcctl mq send -F nets\t|netstring
		ipcctl sem run /a\t|/a-lock
		ipcctl fifo read here/ev\t|here/events
		ipcctl ls --state idle,sta\t|--state idle,stale
		ipcctl ls -o +pee\t|-o [+]peer
		ipcctl ls -o object,pee\t|-o object,peer
		ipcctl ls --sort -siz\t|--sort -size
		ipcctl top --sort rat\t|--sort rate
	END
}

@test "fish offers the names of live queues, verbs and options" {
	require fish
	cd "$BATS_TEST_TMPDIR"
	mkdir here
	ipcctl fifo create here/events
	local line expected
	while IFS='|' read -r line expected; do
		run fish --no-config -c "source $SOURCE/completions/ipcctl.fish; complete -C '$line'"
		assert_success
		assert_line --regexp "^$expected"
	done <<-'END'
		ipcctl mq recv |/first-queue
		ipcctl mq rec|recv
		ipcctl mq send --fram|--framing
		ipcctl mq send -F nets|netstring
		ipcctl sem run |/a-lock
		ipcctl mq stat |/second-queue
		ipcctl fifo read here/ev|here/events
		ipcctl ls --state idle,st|idle,stale
		ipcctl rm --state=st|--state=stale
		ipcctl ls -o +pee|[+]peer
		ipcctl ls -o object,pee|object,peer
		ipcctl ls --sort=-siz|--sort=-size
		ipcctl top --sort rat|rate
	END
}
