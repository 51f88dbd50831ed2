# mq: queues of both sorts, with real programs on the other side.

load lib

setup() {
	Q=$(unique_name q)
	K=key:$(unique_key)
}

both() { # FUNCTION: runs it with a POSIX and with a System V queue
	"$1" "$Q"
	"$1" "$K"
}

# --- create -----------------------------------------------------------------------------------------

@test "mq create makes a queue with exactly the mode and the sizes asked for, whatever the umask" {
	umask 077
	ipcctl mq create "$Q" --mode 0646 --max-messages 3 --message-size 100
	assert_equal "$(stat -c %a "/dev/mqueue$Q")" 646
	run -0 ipcctl stat -J "mq:$Q"
	[[ $output = *'"mode": "0646"'* && $output = *'"max_messages": 3'* && $output = *'"message_size": 100'* ]]
	ipcctl mq create "$K" --mode 0640 --queue-bytes 4000
	run -0 ipcctl stat -J "mq:$K"
	[[ $output = *'"mode": "0640"'* && $output = *'"queue_bytes": 4000'* ]]
}

@test "mq create is fine with a queue that agrees, and not with -x or one that differs" {
	again() {
		ipcctl mq create "$1" -m 0600
		run -0 ipcctl mq create "$1"
		assert_output ""
		run -1 ipcctl mq create -x "$1"
		assert_output "ipcctl mq create: cannot create queue '$1': File exists"
		run -1 ipcctl mq create "$1" -m 0644
		assert_output "ipcctl mq create: queue '$1' exists with mode 0600, not 0644"
	}
	both again
}

@test "mq create makes unique names and queues without a key, and prints what it made" {
	run -0 ipcctl mq create "$Q.XXXXXX"
	[[ $output = mq:$Q.?????? ]]
	run -0 ipcctl mq send "$output" hello
	run -0 ipcctl mq create key:private
	[[ $output = mq:id:* ]]
	ipcctl mq send "$output" hello
	run -0 ipcctl mq recv "$output"
	assert_output hello
}

@test "mq create gives the queue to the owner asked for" {
	require_root
	owned() {
		ipcctl mq create "$1" --owner tester:tester2 -m 0600
		run -0 ipcctl ls --noheadings -o owner,uid,gid,mode "mq:$1"
		[[ $output = *tester*"$TESTER"*"$TESTER2"*0600* ]]
		as_user ipcctl mq send "$1" hello
	}
	both owned
}

# --- send and recv ----------------------------------------------------------------------------------

@test "each operand is a message, and so is each line of standard input, the last one too" {
	lines() {
		ipcctl mq send --create "$1" 'first one' '' -- -x
		printf 'a\n\nlast' | ipcctl mq send "$1"
		run -0 ipcctl mq recv --drain "$1"
		assert_equal "$output" $'first one\n\n-x\na\n\nlast'
	}
	both lines
}

@test "mq recv prints one message, or -n of them, or all of them" {
	amounts() {
		ipcctl mq send --create "$1" 1 2 3 4 5 6
		run -0 ipcctl mq recv "$1"
		assert_output 1
		run -0 ipcctl mq recv -n 2 "$1"
		assert_output $'2\n3'
		run -0 ipcctl mq recv -n 2 --drain "$1"
		assert_output $'4\n5'
		run -0 ipcctl mq recv --drain "$1"
		assert_output 6
		run -0 ipcctl mq recv --drain "$1"
		assert_output ""
	}
	both amounts
}

@test "mq recv --follow prints messages as they come, and ends at a signal with nothing lost" {
	follow() {
		ipcctl mq create "$1"
		background ipcctl mq recv --follow "$1"
		ipcctl mq send "$1" one
		wait_until grep -qx one "$BG_OUT"
		ipcctl mq send "$1" two three
		wait_until grep -qx three "$BG_OUT"
		kill -TERM "$BG_PID"
		finish
		assert_equal "$status" 143
		assert_equal "$output" $'one\ntwo\nthree'
	}
	both follow
}

@test "signals at any moment lose no message of a stream" {
	stream() {
		ipcctl mq create "$1"
		: >"$BATS_TEST_TMPDIR/all"
		seq 3000 | ipcctl mq send "$1" &
		sender=$!
		for i in $(seq 40); do
			timeout -s TERM "0.0$((i % 10 + 1))" ipcctl mq recv -f "$1" >>"$BATS_TEST_TMPDIR/all" || true
		done
		background ipcctl mq recv -f "$1"
		wait "$sender"
		wait_until test -e "$BG_OUT"
		wait_until grep -qx 3000 "$BG_OUT" "$BATS_TEST_TMPDIR/all"
		kill "$BG_PID"
		finish
		cat "$BATS_TEST_TMPDIR/all" "$BG_OUT" | cmp - <(seq 3000)
	}
	both stream
}

@test "priorities are received highest first, and in the order sent within one" {
	ipcctl mq create "$Q"
	ipcctl mq send "$Q" low
	ipcctl mq send "$Q" -p 5 high1 high2
	ipcctl mq send "$Q" --priority=32767 top
	run -0 ipcctl mq recv --drain "$Q"
	assert_output $'top\nhigh1\nhigh2\nlow'
}

@test "types are chosen with --type and --except, as msgrcv does" {
	ipcctl mq create "$K"
	for type in 3 1 2 3; do
		ipcctl mq send "$K" --type $type "t$type"
	done
	run -0 ipcctl mq recv "$K" --type -3
	assert_output t1
	run -0 ipcctl mq recv "$K" --except 3
	assert_output t2
	run -0 ipcctl mq recv "$K" --type 3 -J
	[[ $output = *'"type":3,"size":2,"data":"t3"}' ]]
	run -4 ipcctl mq recv "$K" --type 9 --nonblock
}

@test "mq recv -J tells time, priority or type, size and data, and mq send -F json takes it back" {
	there_and_back() {
		ipcctl mq send --create "$1" $'a\nb' "$2" 7
		printf '\xff\0' | ipcctl mq send "$1" -F whole "$2" 7
		ipcctl mq recv --drain -J "$1" >"$BATS_TEST_TMPDIR/json"
		grep -qE '^\{"time":"20[0-9T:.-]+Z","(priority|type)":7,"size":3,"data":"a\\nb"\}$' "$BATS_TEST_TMPDIR/json"
		grep -q '"size":2,"data_base64":"/wA="}$' "$BATS_TEST_TMPDIR/json"
		ipcctl mq send -F json "$1" <"$BATS_TEST_TMPDIR/json"
		run -0 ipcctl mq recv --drain -J "$1"
		diff <(cut -d, -f 2- <<<"$output") <(cut -d, -f 2- "$BATS_TEST_TMPDIR/json")
	}
	there_and_back "$Q" --priority
	there_and_back "$K" --type
}

@test "empty messages, newlines, NULs and bad UTF-8 arrive byte for byte" {
	bytes() {
		ipcctl mq create "$1"
		printf '0:,4:\n\0\xff\n,5:a\\n%%s,' >"$BATS_TEST_TMPDIR/in"
		ipcctl mq send -F netstring "$1" <"$BATS_TEST_TMPDIR/in"
		ipcctl mq recv --drain -F netstring "$1" | cmp - "$BATS_TEST_TMPDIR/in"
		printf 'x\0\0y\n' | ipcctl mq send -F whole "$1"
		ipcctl mq recv -F whole "$1" | cmp - <(printf 'x\0\0y\n')
		printf 'one\0two\nlines\0' | ipcctl mq send -F nul "$1"
		ipcctl mq recv --drain -F nul "$1" | cmp - <(printf 'one\0two\nlines\0')
	}
	both bytes
}

@test "a message that holds a newline gets one warning, and none where it is kept apart" {
	ipcctl mq send --create "$Q" $'a\nb' $'c\nd'
	run -0 --separate-stderr ipcctl mq recv --drain "$Q"
	assert_equal "$(wc -l <<<"$stderr")" 1
	[[ $stderr = "ipcctl mq recv: a message holds the newline"* ]]
	ipcctl mq send "$Q" $'a\nb'
	run -0 --separate-stderr ipcctl mq recv -F netstring "$Q"
	assert_equal "$stderr" ""
}

@test "control characters are escaped on a terminal" {
	require script
	ipcctl mq send --create "$Q" $'\e[2Jx'
	run -0 script -qec "ipcctl mq recv $Q" /dev/null
	assert_output --partial '\x1b[2Jx'
}

@test "--text adds the NUL of a C string, and prints up to it" {
	text() {
		ipcctl mq create "$1"
		ipcctl mq send --text "$1" hello
		ipcctl mq recv "$1" -F whole | cmp - <(printf 'hello\0')
		printf 'a\nb\n' | ipcctl mq send --text "$1"
		run -0 ipcctl mq recv --drain --text "$1"
		assert_output $'a\nb'
		printf 'seen\0junk' | ipcctl mq send "$1" -F whole
		run -0 ipcctl mq recv --text "$1"
		assert_output seen
		run -1 bash -c "printf 'a\0b' | ipcctl mq send --text -F whole '$1'"
		assert_output --partial "text can't hold a NUL"
	}
	both text
}

@test "--layout builds and prints C structures that other programs understand" {
	require perl
	layout='int processId; char message[12]; bool dataReady;'
	fields() {
		ipcctl mq create "$1"
		ipcctl mq send "$1" --layout "$layout" processId=42 $'message=a\nb' dataReady=true
		ipcctl mq recv -F whole "$1" >"$BATS_TEST_TMPDIR/bytes"
		run -0 perl -0777 -ne 'my ($p, $m, $r) = unpack("i Z12 C", $_); print length($_), " $p $m $r"' "$BATS_TEST_TMPDIR/bytes"
		assert_output $'20 42 a\nb 1'
		ipcctl mq send -F whole "$1" <"$BATS_TEST_TMPDIR/bytes"
		ipcctl mq send "$1" --layout "$layout" processId=-1
		run -0 ipcctl mq recv --drain --layout "$layout" "$1"
		assert_equal "$output" $'processId=42\nmessage=a\\nb\ndataReady=true\n\nprocessId=-1\nmessage=\ndataReady=false'
		ipcctl mq send -F whole "$1" <"$BATS_TEST_TMPDIR/bytes"
		run -0 ipcctl mq recv -J --layout "$layout" "$1"
		assert_output '{"processId": 42, "message": "a\nb", "dataReady": true}'
		run -2 ipcctl mq send "$1" --layout "$layout" nothing=1
		run -2 ipcctl mq send "$1" --layout "$layout"
	}
	both fields
	perl -e 'msgsnd(msgget(hex($ARGV[0]), 0), pack("l! i a12 C x3", 1, 7, "from Perl", 1), 0) or die "$!"' "${K#key:}"
	run -0 ipcctl mq peek --layout "$layout" "$K"
	assert_output $'processId=7\nmessage=from Perl\ndataReady=true'
}

@test "a message that is too short for the structure is put back" {
	short() {
		ipcctl mq send --create "$1" abc
		run -1 --separate-stderr ipcctl mq recv --layout 'int a, b;' "$1"
		assert_equal "$stderr" "ipcctl mq recv: a message in queue '$1' has 3 bytes, and the structure 8
ipcctl mq recv: 1 message was put back into queue '$1'"
		run -0 ipcctl mq recv "$1"
		assert_output abc
	}
	both short
}

@test "100,000 messages of every length arrive byte for byte, as netstrings and as JSON" {
	every_length() { # QUEUE
		ipcctl mq create "$1"
		for framing in netstring json; do
			"$PYTHON" "$BATS_TEST_DIRNAME/foreign/mq_stream.py" $framing 50000 8192 >"$BATS_TEST_TMPDIR/in"
			background ipcctl mq recv -n 50000 -F $framing "$1"
			ipcctl mq send -F $framing "$1" <"$BATS_TEST_TMPDIR/in"
			wait "$BG_PID"
			if [ $framing = netstring ]; then
				cmp "$BG_OUT" "$BATS_TEST_TMPDIR/in"
			else
				cmp <("$PYTHON" "$BATS_TEST_DIRNAME/foreign/mq_stream.py" --strip <"$BG_OUT") \
					<("$PYTHON" "$BATS_TEST_DIRNAME/foreign/mq_stream.py" --strip <"$BATS_TEST_TMPDIR/in")
			fi
		done
	}
	both every_length
}

# --- waiting ----------------------------------------------------------------------------------------

@test "an empty queue ends mq recv with status 4, and a full one mq send" {
	limits() {
		ipcctl mq create "$1" "${@:2}"
		run -4 ipcctl mq recv -t 20ms "$1"
		assert_output "ipcctl mq recv: cannot receive from queue '$1': Timed out"
		run -4 ipcctl mq recv --nonblock "$1"
		assert_output "ipcctl mq recv: cannot receive from queue '$1': It would have blocked"
		ipcctl mq send "$1" 1234567890
		run -4 ipcctl mq send -t 20ms "$1" 1234567890
		assert_output "ipcctl mq send: cannot send to queue '$1': Timed out"
		run -4 ipcctl mq send --nonblock "$1" 1234567890
		assert_output "ipcctl mq send: cannot send to queue '$1': It would have blocked"
		run -4 ipcctl mq recv -n 2 -t 20ms "$1"
		assert_line "ipcctl mq recv: cannot receive from queue '$1' after 1 of 2 messages: Timed out"
		assert_line 1234567890
	}
	limits "$Q" --max-messages 1
	limits "$K" --queue-bytes 12
}

@test "a blocked receiver gets a message that comes, and a blocked sender room" {
	blocked() {
		ipcctl mq create "$1" "${@:2}"
		background ipcctl mq recv -t 10 "$1"
		wait_until is_running "$BG_PID"
		ipcctl mq send "$1" 1234567890
		finish
		assert_equal "$output" 1234567890
		ipcctl mq send "$1" 1234567890
		background ipcctl mq send -t 10 "$1" second
		run -0 ipcctl mq recv "$1"
		finish
		assert_equal "$status" 0
		run -0 ipcctl mq recv "$1"
		assert_output second
	}
	blocked "$Q" --max-messages 1
	blocked "$K" --queue-bytes 12
}

@test "--wait waits until the queue exists, and says what it waited for" {
	waits() {
		run -4 ipcctl mq recv --wait -t 30ms "$1"
		assert_output "ipcctl mq recv: waited for queue '$1' to exist: Timed out"
		background ipcctl mq recv --wait -t 10 "$1"
		ipcctl mq create "$1"
		ipcctl mq send "$1" hello
		finish
		assert_equal "$output" hello
	}
	both waits
}

@test "a queue that is removed meanwhile ends the wait for a message" {
	ipcctl mq create "$K"
	background ipcctl mq recv "$K"
	wait_until is_in_syscall "$BG_PID" msgrcv
	ipcrm -Q "${K#key:}"
	finish
	assert_equal "$status" 3
	assert_equal "$stderr" "ipcctl mq recv: cannot receive from queue '$K': It was removed"
}

# --- peek and move ----------------------------------------------------------------------------------

@test "mq peek shows the messages of a System V queue and leaves them there" {
	ipcctl mq send --create "$K" a b c
	run -0 ipcctl mq peek "$K"
	assert_output $'a\nb\nc'
	run -0 ipcctl mq peek -n 1 -J "$K"
	assert_output '{"type":1,"size":1,"data":"a"}'
	run -0 ipcctl mq recv --drain "$K"
	assert_output $'a\nb\nc'
}

@test "mq peek says that the kernel can't do it for POSIX queues" {
	ipcctl mq create "$Q"
	run -1 ipcctl mq peek "$Q"
	assert_line --index 0 "ipcctl mq peek: cannot peek into queue '$Q': the kernel shows no message of a POSIX message queue without taking it"
	assert_line --index 1 "hint: how many there are: ipcctl stat 'mq:$Q'"
}

@test "mq move passes messages on, in order, between queues of both sorts" {
	ipcctl mq send --create "$Q" low
	ipcctl mq send "$Q" -p 4 high
	ipcctl mq move --create "$Q" "$K"
	run -0 ipcctl mq peek -J "$K"
	assert_output $'{"type":5,"size":4,"data":"high"}\n{"type":1,"size":3,"data":"low"}'
	ipcctl mq move "$K" "$Q"
	run -0 ipcctl mq recv --drain -J "$Q"
	[[ $output = *'"priority":4,"size":4,"data":"high"}'*'"priority":0,"size":3,"data":"low"}' ]]
	ipcctl mq send "$Q" 1 2 3
	ipcctl mq move -n 2 --create "$Q" "$Q.b"
	run -0 ipcctl mq recv --drain "$Q.b"
	assert_output $'1\n2'
}

@test "mq move chooses types, the lowest first where that is asked for" {
	ipcctl mq create "$K"
	ipcctl mq create "$Q"
	for type in 7 3 5 3; do
		ipcctl mq send "$K" --type $type "t$type"
	done
	ipcctl mq move --type -5 -n 1 "$K" "$Q"
	ipcctl mq move --except 3 "$K" "$Q"
	run -0 ipcctl mq recv --drain "$Q"
	assert_output $'t7\nt5\nt3'
	run -0 ipcctl mq peek "$K"
	assert_output t3
}

@test "mq move takes nothing that the other queue does not take" {
	ipcctl mq create "$Q" --message-size 10
	ipcctl mq send --create "$K" fits 'does not fit' later
	run -1 --separate-stderr ipcctl mq move "$K" "$Q"
	assert_equal "$stderr" "ipcctl mq move: cannot move to '$Q': a message in '$K' has 12 bytes, the limit is 10
ipcctl mq move: 1 message was moved"
	run -0 ipcctl mq peek "$K"
	assert_output $'does not fit\nlater'
	ipcctl mq create "$Q.large"
	ipcctl mq send "$Q.large" short
	run -1 ipcctl mq move "$Q.large" "$Q"
	assert_output "ipcctl mq move: cannot move to '$Q': it takes messages of 10 bytes, and '$Q.large' may hold longer ones, of 8192"
	run -0 ipcctl mq recv "$Q.large"
	assert_output short
	ipcctl mq recv --drain "$K"
	ipcctl mq send "$K" --type 32769 x
	run -1 ipcctl mq move "$K" "$Q"
	assert_output --partial "has the type 32769, and the largest that becomes a priority is 32768"
}

@test "mq move refuses a queue and itself, whatever it is called" {
	ipcctl mq send --create "$Q" a
	ipcctl mq send --create "$K" b
	id=$(ipcctl stat -J "$K" | jq -r '.[0].id')
	for pair in "$Q $Q" "$K $K" "$K id:$id"; do
		# shellcheck disable=SC2086
		run -2 timeout 10 ipcctl mq move $pair
		assert_output --partial "'${pair% *}' and the queue that messages are moved to are the same"
	done
	run -0 ipcctl mq recv "$Q"
	run -0 ipcctl mq recv "$K"
}

@test "mq move waits for room, and ends with status 4 when there is none in time" {
	ipcctl mq create "$Q" --max-messages 1
	full() {
		ipcctl mq send --create "$1" a b
		run -4 --separate-stderr ipcctl mq move -t 30ms "$1" "$Q"
		[[ $stderr = "ipcctl mq move: cannot send to queue '$Q': Timed out"* ]]
		run -0 ipcctl mq recv "$Q"
		assert_output a
		run -0 ipcctl mq recv --drain "$1"
		assert_output b
	}
	full "$Q.from"
	full "$K"
}

@test "mq move refuses to move a queue onto itself" {
	same() {
		ipcctl mq send --create "$1" x
		run -2 ipcctl mq move "$1" "$1"
		run -0 ipcctl mq recv "$1"
	}
	both same
	ipcctl mq send "$K" x
	id=$(ipcctl ls --noheadings -o id "mq:$K" | tr -d ' ')
	run -2 ipcctl mq move "$K" "id:$id"
}

@test "a mover that is killed loses nothing of a System V queue" {
	ipcctl mq create "$K" --queue-bytes 16000
	for i in $(seq 20); do
		ipcctl mq create "$Q" 2>/dev/null
		seq 10 | ipcctl mq send "$K"
		timeout -s KILL "0.00$((i % 10))" ipcctl mq move "$K" "$Q" || true
		{ ipcctl mq recv --drain "$Q"; ipcctl mq recv --drain "$K"; } | sort -nu | cmp - <(seq 10)
	done
}

# --- nothing is lost --------------------------------------------------------------------------------

@test "messages that could not be printed are put back, with their priority or type" {
	unprinted() { # QUEUE OPTION
		ipcctl mq send --create "$1" "$2" 3 a b c
		run -1 --separate-stderr bash -c "ipcctl mq recv --drain '$1' >/dev/full"
		assert_equal "$stderr" "ipcctl mq recv: cannot write standard output: No space left on device
ipcctl mq recv: 3 messages were put back into queue '$1'"
		run -1 --separate-stderr bash -c "ipcctl mq recv --text '$1' >/dev/full"
		assert_equal "${stderr##*$'\n'}" "ipcctl mq recv: 1 message was put back into queue '$1'"
		run -0 ipcctl mq recv --drain -J "$1"
		assert_equal "$(wc -l <<<"$output")" 3
		assert_equal "$(grep -c "\"${2#--}\":3" <<<"$output")" 3
	}
	unprinted "$Q" --priority
	unprinted "$K" --type
}

@test "a pipe whose reader is gone is noticed before a message is taken" {
	closed() {
		ipcctl mq send --create "$1" a b
		rm -f "$BATS_TEST_TMPDIR/fifo"
		mkfifo "$BATS_TEST_TMPDIR/fifo"
		run -1 --separate-stderr bash -c "exec 5<>'$BATS_TEST_TMPDIR/fifo' 6>'$BATS_TEST_TMPDIR/fifo' 5>&-
			exec ipcctl mq recv '$1' >&6"
		assert_equal "$stderr" "ipcctl mq recv: cannot write standard output: Broken pipe"
		run -0 ipcctl mq recv --drain "$1"
		assert_output $'a\nb'
	}
	both closed
}

@test "what can't be put back is said to be lost" {
	require_root
	ipcctl mq create "$Q" -m 0644
	ipcctl mq send "$Q" a b
	run -1 --separate-stderr as_user bash -c "ipcctl mq recv --drain '$Q' >/dev/full"
	[[ $stderr = *"ipcctl mq recv: 2 messages were lost, not put back into queue '$Q': Permission denied" ]]
}

# --- errors -----------------------------------------------------------------------------------------

# Each row: STATUS ~ COMMAND ~ message ~ hint (a part of it; "-" for none)
@test "each failure has its line, its status, and a hint where a limit is the cause" {
	ipcctl mq create /small --max-messages 1 --message-size 10
	ipcctl mq create key:0x11
	while read -r row; do
		want=${row%% ~ *} rest=${row#* ~ }
		command=${rest%% ~ *} rest=${rest#* ~ }
		message=${rest%% ~ *} help=${rest#* ~ }
		run bash -c "$command"
		echo "$command -> $status: $output"
		assert_equal "$status" "$want"
		# shellcheck disable=SC2053 # the message may be a pattern
		[[ ${lines[0]} = $message ]]
		if [ "$help" = - ]; then
			[ ${#lines[@]} -eq 1 ] || [[ ${lines[1]} = "hint: see "* || ${lines[1]} = *" bytes that were read from standard input were not sent" ]]
		else
			[[ ${lines[1]} = "hint: "*"$help"* ]]
		fi
	done <<-'END'
		3 ~ ipcctl mq recv /none ~ ipcctl mq recv: cannot open queue '/none': No such file or directory ~ -
		3 ~ ipcctl mq send key:0x12 x ~ ipcctl mq send: cannot open queue 'key:0x12': No such file or directory ~ -
		3 ~ ipcctl mq recv id:123456 ~ ipcctl mq recv: cannot open queue 'id:123456': No such file or directory ~ -
		1 ~ ipcctl mq send /small 12345678901 ~ ipcctl mq send: cannot send to queue '/small': the message has 11 bytes, the limit is 10 ~ --message-size
		1 ~ echo 12345678901 | ipcctl mq send /small ~ ipcctl mq send: cannot send to queue '/small': standard input: record 1 has 11 bytes, the limit is 10 ~ -
		1 ~ head -c 9000 /dev/zero | ipcctl mq send -F whole key:0x11 ~ ipcctl mq send: cannot send to queue 'key:0x11': standard input: record 1 has at least * bytes, the limit is 8192 ~ -
		1 ~ ipcctl mq send key:0x11 "$(printf %08193d 1)" ~ ipcctl mq send: cannot send to queue 'key:0x11': the message has 8193 bytes, the limit is 8192 ~ kernel.msgmax
		2 ~ ipcctl mq send /small -p 32768 x ~ ipcctl mq send: --priority: a priority is 0 to 32767 ~ -
		2 ~ ipcctl mq send /small --type 1 x ~ ipcctl mq send: --type: a POSIX message queue has priorities, not types: use --priority ~ -
		2 ~ ipcctl mq send key:0x11 -p 1 x ~ ipcctl mq send: --priority: a System V message queue has types, not priorities: use --type ~ -
		2 ~ ipcctl mq send key:0x11 --type 0 x ~ ipcctl mq send: --type: a type is a number from 1 ~ -
		2 ~ ipcctl mq recv /small --type 1 ~ ipcctl mq recv: --type: a POSIX message queue has priorities, not types: the highest comes first ~ -
		2 ~ ipcctl mq recv key:0x11 --type 0 ~ ipcctl mq recv: --type: a type is not 0 ~ -
		2 ~ ipcctl mq recv /small -f -n 2 ~ ipcctl mq recv: --follow and --count contradict each other ~ -
		2 ~ ipcctl mq send /small -F nul x ~ ipcctl mq send: --framing is about standard input, and the messages are operands ~ -
		2 ~ ipcctl mq recv -J -F nul /small ~ ipcctl mq recv: --json and --framing nul contradict each other ~ -
		2 ~ ipcctl mq create /x --queue-bytes 1 ~ ipcctl mq create: --queue-bytes: a POSIX message queue has no such attribute ~ -
		2 ~ ipcctl mq create key:1 --max-messages 1 ~ ipcctl mq create: --max-messages: a System V message queue has no such attribute ~ -
		1 ~ ipcctl mq create /x --message-size 0 ~ ipcctl mq create: cannot create queue '/x': Invalid argument ~ are numbers from 1
		1 ~ ipcctl mq create /x --max-messages 0 ~ ipcctl mq create: cannot create queue '/x': Invalid argument ~ are numbers from 1
		1 ~ ipcctl mq create key:1 --queue-bytes 0 ~ ipcctl mq create: cannot create queue 'key:1': Invalid argument ~ --queue-bytes is a number from 1
		1 ~ ipcctl mq create /x --max-messages 65537 ~ ipcctl mq create: cannot create queue '/x': Invalid argument ~ fs.mqueue.msg_max
		1 ~ ipcctl mq create /x --message-size 17M ~ ipcctl mq create: cannot create queue '/x': Invalid argument ~ fs.mqueue.msgsize_max
		1 ~ ipcctl mq create id:5 ~ ipcctl mq create: cannot create queue 'id:5': Cannot assign requested address ~ key:private
		1 ~ ulimit -q 1000; ipcctl mq create /x ~ ipcctl mq create: cannot create queue '/x': Too many open files ~ ulimit -q
		1 ~ printf '{"data":"x","type":1}' | ipcctl mq send -F json /small ~ ipcctl mq send: cannot send to '/small': a record says "type", and a POSIX message queue has none; choose a number for all with an option, or use mq move ~ -
		1 ~ printf '{' | ipcctl mq send -F json /small ~ ipcctl mq send: cannot send to queue '/small': standard input: record 1: the JSON text ends in the middle, at byte 1 ~ -
	END
}

@test "the limit of queues and of their bytes are named, with what raises them" {
	require_user
	for i in $(seq 300); do
		run ipcctl mq create "$Q.$i" --max-messages 1 --message-size 1
		[ "$status" -eq 0 ] || break
	done
	assert_equal "$status" 1
	[[ ${lines[0]} = *"No space left on device" && ${lines[1]} = *"fs.mqueue.queues_max"* ]] ||
		[[ ${lines[0]} = *"Too many open files" && ${lines[1]} = *"ulimit -q"* ]]
	run -5 ipcctl mq create "$K" --queue-bytes 1G
	[[ ${lines[1]} = *"kernel.msgmnb"* ]]
}

@test "a queue that this user may not open is status 5" {
	require_user
	closed() {
		ipcctl mq create "$1" -m 0
		run -5 ipcctl mq recv "$1" --nonblock
		[[ $output = *": Permission denied" ]]
		run -5 ipcctl mq send "$1" x
		ipcctl chmod 0600 "mq:$1" # its owner may still do that
		ipcctl mq send "$1" x
	}
	both closed
}

@test "hostile names work and are shown escaped" {
	name=$'/a\n\e[31m b*\\'
	ipcctl mq create "$name"
	ipcctl mq send "$name" hello
	run -0 --separate-stderr ipcctl ls --names mq
	selector=$output
	run -0 ipcctl mq recv "$selector"
	assert_output hello
	run -4 ipcctl mq recv --nonblock "$name"
	assert_output "ipcctl mq recv: cannot receive from queue '/a\\n\\x1b[31m b*\\\\': It would have blocked"
}

@test "queues are listed where nothing of this namespace is mounted, if that is permitted" {
	[ "$TESTS_AS" = root ] || skip "needs the right to mount"
	run -0 unshare -m bash -c 'umount -l /dev/mqueue && ipcctl mq create /hidden && ipcctl ls --names mq'
	assert_output mq:/hidden
	run -0 unshare -im bash -c 'ipcctl mq create /inner && ipcctl ls --names mq'
	assert_output mq:/inner
}

@test "where the queues can't be listed, a hint tells how" {
	[ "$TESTS_AS" = root ] || skip "needs the right to unmount"
	drop="setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin"
	run -1 unshare -m bash -c "umount -l /dev/mqueue && exec $drop ipcctl ls --names mq"
	assert_output --partial "hint: the queues can be listed where their file system is mounted: mkdir -p /dev/mqueue; mount"
	ipcctl mq create "$Q"
	run -1 unshare -im bash -c "exec $drop ipcctl ls --names mq"
	assert_output --partial "hint: /dev/mqueue shows the queues of another IPC namespace; in this one: mount"
}

# --- other languages --------------------------------------------------------------------------------

@test "PHP: msg_send to ipcctl and ipcctl to msg_receive, not serialized" {
	require php
	php -r '$q = msg_get_queue((int)hexdec($argv[1]), 0600); msg_send($q, 3, "from\nPHP", false);' "${K#key:}"
	run -0 --separate-stderr ipcctl mq recv -J "$K"
	[[ $output = *'"type":3,"size":8,"data":"from\nPHP"}' ]]
	ipcctl mq send --type 7 "$K" 'to PHP'
	run -0 php -r '$q = msg_get_queue((int)hexdec($argv[1])); msg_receive($q, 0, $type, 100, $m, false); echo "$type $m";' \
		"${K#key:}"
	assert_output "7 to PHP"
}

@test "Perl: IPC::SysV by key, by id and by ftok, both ways" {
	perl -MIPC::SysV -MIPC::Msg -e 1 || skip "needs Perl with IPC::SysV"
	touch "$BATS_TEST_TMPDIR/app.conf"
	ipcctl mq create "ftok:$BATS_TEST_TMPDIR/app.conf:65"
	id=$(ipcctl ls --noheadings -o id "mq:ftok:$BATS_TEST_TMPDIR/app.conf:65" 2>/dev/null | tr -d ' ') ||
		id=$(tail -n 1 /proc/sysvipc/msg | awk '{ print $2 }')
	perl -MIPC::SysV=ftok -MIPC::Msg -e \
		'my $q = IPC::Msg->new(ftok($ARGV[0], 65), 0) or die "$!"; $q->snd(4, "by ftok") or die "$!"' \
		"$BATS_TEST_TMPDIR/app.conf"
	perl -e 'msgsnd($ARGV[0], pack("l! a*", 5, "by id\0\xff"), 0) or die "$!"' "$id"
	run -0 ipcctl mq recv "ftok:$BATS_TEST_TMPDIR/app.conf:65"
	assert_output "by ftok"
	ipcctl mq recv "id:$id" -F whole | cmp - <(printf 'by id\0\xff')
	ipcctl mq send "id:$id" --type 9 $'to\nPerl'
	run -0 perl -e 'msgrcv($ARGV[0], my $m, 100, 0, 0) or die "$!"; my ($t, $d) = unpack("l! a*", $m); print "$t $d"' "$id"
	assert_output $'9 to\nPerl'
}

@test "C and Python with a POSIX queue: priorities in order, both ways" {
	ipcctl mq create "$Q"
	py=("$PYTHON" "$BATS_TEST_DIRNAME/foreign/mq_posix.py")
	c=("$(build_c foreign/mq_posix.c)")
	for language in py c; do
		declare -n program=$language
		"${program[@]}" send "$Q" 1 low 9 'high one' 9 'high two' 32767 ''
		run -0 ipcctl mq recv --drain "$Q"
		assert_equal "$output" $'\nhigh one\nhigh two\nlow'
		ipcctl mq send "$Q" -p 2 second
		ipcctl mq send "$Q" -p 3 first ''
		run -0 "${program[@]}" recv "$Q"
		assert_equal "$output" $'3 first\n3 \n2 second'
	done
}

@test "a System V queue made by another program is used by its negative key" {
	run -0 ipcmk -Q
	id=${output##* }
	ipcctl mq send "id:$id" hello
	perl -e 'msgget(-5, 01600)' # a key as Perl and PHP print it
	ipcctl mq send key:-5 hello
	run -0 ipcctl mq recv key:0xfffffffb
	assert_output hello
}

@test "how a queue would be made is not said without --create" {
	for option in "--mode 0600" --exclusive "--max-messages 3"; do
		# shellcheck disable=SC2086 # words
		run -2 ipcctl mq recv "$Q" $option
		assert_line --index 0 "ipcctl mq recv: ${option%% *} needs --create"
	done
	run -0 ipcctl mq create "$Q"
	run -0 ipcctl mq move --create --exclusive "$Q" "$Q.to"
}

@test "a record whose number is out of range is told, and how many were sent before it" {
	ipcctl mq create "$Q" --max-messages 3 --message-size 100
	run -1 ipcctl mq send -F json "$Q" <<<'{"data":"x"}'$'\n''{"data":"y","priority":32768}'
	assert_line --index 0 "ipcctl mq send: cannot send to '$Q': a record's \"priority\" is 0 to 32767"
	assert_line --index 1 "ipcctl mq send: 1 record was sent before that"
	run -1 ipcctl mq send -F netstring "$Q" <<<'1:a,1:b,x'
	assert_line --index 1 "ipcctl mq send: 2 records were sent before that"
}

@test "mq send at a signal says what was read from standard input and not sent" {
	interrupted() {
		local limit=--max-messages=1 call=mq_timedsend
		[[ $1 == /* ]] || limit=--queue-bytes=8 call=msgsnd
		ipcctl mq create "$limit" "$1"
		rm -f input
		mkfifo input
		exec 8<>input
		background ipcctl mq send "$1" <input 8>&-
		printf '%s\n' 12345678 abcdefgh >&8
		wait_until is_in_syscall "$BG_PID" "$call"
		kill -TERM "$BG_PID"
		finish
		exec 8>&-
		assert_equal "$status" 143
		assert_regex "$stderr" "1 record was sent before that"
		assert_regex "$stderr" "9 bytes that were read from standard input were not sent"
	}
	cd "$BATS_TEST_TMPDIR"
	both interrupted
}
