# A live view on a real terminal: tmux plays the user's, and shows what is on the screen.

load lib

setup() {
	require tmux
	export TERM=xterm-256color
	unset NO_COLOR
	SOCKET=$XDG_RUNTIME_DIR/terminal.$BASHPID
	CASE=$(unique_name top)
	CASE=${CASE#/}
}

teardown() {
	for SOCKET in "$XDG_RUNTIME_DIR"/terminal.*; do
		tmux_ kill-server 2>/dev/null || true
	done
	reap_background
	remove_objects
}

tmux_() {
	tmux -S "$SOCKET" -f /dev/null "$@" 3>&-
}

# Starts a shell command on a screen of that size; what comes behind it on the screen: "left N".
screen() { # COLUMNS LINES COMMAND
	tmux_ new-session -d -x "$1" -y "$2" "stty -echo; $3; echo left \$?; exec cat"
}

picture() {
	tmux_ capture-pane -p
}

shows() { # TEXT
	picture | grep -qF -- "$1"
}

shows_not() { # TEXT
	! picture | grep -qF -- "$1"
}

sees() { # TEXT...
	local text
	for text; do
		wait_until shows "$text" || {
			picture
			return 1
		}
	done
}

misses() { # TEXT
	wait_until shows_not "$1" || {
		picture
		return 1
	}
}

keys() { # KEY...
	tmux_ send-keys "$@"
}

# The objects that are shown, in order, by their names.
order() {
	picture | sed -n 's/^\(mq\|shm\|sem\|sock\|fifo\|pipe\):\([^ ]*\) .*/\2/p' | paste -sd' '
}

is_ordered() { # NAME...
	[ "$(order)" = "$*" ]
}

# The row that is selected: the one that begins in reverse, below the headings.
selected() {
	tmux_ capture-pane -pe | awk '
		{
			line = $0
			while (match(line, /^\033\[[0-9;]*m/)) {
				codes = substr(line, 3, RLENGTH - 3)
				if (codes ~ /^0?(;|$)/)
					reverse = 0
				if (codes ~ /(^|;)7(;|$)/)
					reverse = 1
				line = substr(line, RLENGTH + 1)
			}
			if (reverse && line !~ /^OBJECT/)
				print line
			if (match(line, /.*\033\[[0-9;]*m/))
				reverse = substr(line, 1, RLENGTH) ~ /\033\[(0;)?([0-9];)*7m([^\033]|\033\[[^0m][0-9;]*m)*$/
		}'
}

is_selected() { # NAME
	selected | grep -qF -- "$1"
}

selects() { # NAME
	wait_until is_selected "$1" || {
		picture
		return 1
	}
}

three_segments() {
	ipcctl shm create "/$CASE.a" --size 30K
	ipcctl shm create "/$CASE.b" --size 20K
	ipcctl shm create "/$CASE.c" --size 10K
}

@test "the list fills the screen: counts, headings, a line for each object, and the keys" {
	three_segments
	screen 80 24 'ipcctl top -d 1m shm'
	sees "/$CASE.a" Quit
	run picture
	assert_line --index 0 '3 objects: 3 idle; every 1m'
	assert_line --index 1 --regexp '^OBJECT\^ +OWNER +MODE +SIZE +USED +RATE +HOLDERS +AGE +STATE +LABEL$'
	assert_line --index 2 --regexp "^shm:/$CASE\.a +$(id -un) +0600 +30K +32K +[?0] +0 +[0-9]+s +idle +-$"
	assert_line --regexp '^\? Help  q Quit  Enter Detail  / Filter  s Sort  r Reverse  d Remove  Space Pause$'
	# Columns stand one below the other: the state of each row where its heading is.
	column=$(picture | sed -n '2s/STATE.*//p' | wc -m)
	run bash -c "sed -n '3,5s/idle.*//p' | awk '{ print length + 1 }' | sort -u" <<<"$(picture)"
	assert_output "$column"
}

@test "leaving gives the terminal back as it was" {
	screen 80 24 'echo before; ipcctl top shm; stty -a | grep -o "[- ]icanon"'
	sees Quit
	shows_not before
	keys q
	sees before 'left 0' ' icanon'
	shows_not Quit
}

@test "the order is that of any column, and can be turned round" {
	three_segments
	screen 80 24 'ipcctl top shm'
	sees "/$CASE.a" Quit
	keys s
	sees 'Order by'
	keys Down Down Down Enter
	sees 'SIZE^'
	wait_until is_ordered "/$CASE.c" "/$CASE.b" "/$CASE.a"
	keys r
	sees SIZEv
	wait_until is_ordered "/$CASE.a" "/$CASE.b" "/$CASE.c"
	keys s Home Enter
	sees OBJECTv
	wait_until is_ordered "/$CASE.c" "/$CASE.b" "/$CASE.a"
}

@test "--sort and --columns are those of ls, and know the rate" {
	three_segments
	screen 80 24 'ipcctl top --sort=-size -o object,size,rate shm'
	sees "/$CASE.a"
	run picture
	assert_line --index 1 --regexp '^OBJECT +SIZEv +RATE$'
	wait_until is_ordered "/$CASE.a" "/$CASE.b" "/$CASE.c"
	run ipcctl top -o object,rat
	assert_failure 2
	assert_output --partial "there is no column 'rat'"
	run ipcctl top --sort size,rate
	assert_failure 2
}

@test "a filter applies while it is typed, Enter keeps it, and Escape brings back what was before" {
	three_segments
	ipcctl sem create "/$CASE.a"
	screen 80 24 'ipcctl top shm sem'
	sees "sem:/$CASE.a" "shm:/$CASE.c"
	keys / A . A
	sees 'Filter: A.A'
	keys BSpace BSpace BSpace "$CASE.A"
	wait_until is_ordered "/$CASE.a" "/$CASE.a"
	keys ' shm'
	wait_until is_ordered "/$CASE.a"
	sees '1 of 4 objects'
	keys Enter
	sees Quit
	keys / C-u nothing
	sees 'No object passes the filter'
	keys Escape
	sees Quit '1 of 4 objects'
	keys Escape
	sees '4 objects'
}

@test "a filter finds owners, labels and states" {
	require_root
	three_segments
	as_user ipcctl shm create "/$CASE.d" --size 1
	screen 80 24 'ipcctl top shm'
	sees "/$CASE.d"
	keys / tester
	wait_until is_ordered "/$CASE.d"
	keys C-u idle
	sees '4 of 4'
	keys C-u stale
	sees 'No object passes'
}

@test "the selection stays with its object, whatever comes, goes and is renamed" {
	three_segments
	screen 80 24 'ipcctl top -d 100ms shm'
	sees "/$CASE.c"
	keys j
	selects "/$CASE.b"
	ipcctl shm create "/$CASE.0" --size 1
	sees "/$CASE.0" '4 objects'
	selects "/$CASE.b"
	ipcctl rm "shm:/$CASE.a"
	sees '3 objects'
	selects "/$CASE.b"
	mv "/dev/shm/$CASE.b" "/dev/shm/$CASE.z"
	selects "/$CASE.z"
	keys r
	selects "/$CASE.z"
	ipcctl rm "shm:/$CASE.z"
	sees '2 objects'
	selects "/$CASE"
	keys G
	selects "/$CASE.0"
	keys Home
	selects "/$CASE.c"
}

@test "the detail is what stat shows: the state with its evidence, holders and what is not seen" {
	background ipcctl sock serve "@$CASE" --echo
	wait_until ipcctl stat "sock:@$CASE"
	screen 100 40 "ipcctl top -d 100ms sock:@$CASE"
	sees "@$CASE"
	keys Enter
	sees "sock:@$CASE  (Enter closes)" 'State:           live' Evidence: "$BG_PID $(id -un) ipcctl" \
		'(bound)' \
		'Type:            stream' 'Rate:'
	kill "$BG_PID"
	misses "$BG_PID $(id -un)"

	SOCKET=$SOCKET. # another terminal
	ipcctl shm create "/$CASE.s" --size 4K
	background bash -c "exec 5<>'/dev/shm/$CASE.s' 3>&-; exec sleep 100"
	wait_until test -e "/proc/$BG_PID/fd/5"
	screen 100 40 'ipcctl top -d 100ms shm'
	sees "/$CASE.s" live
	keys Enter
	sees 'State:           live' "$BG_PID $(id -un) sleep" 'Size:            4096 (4K)'
	kill "$BG_PID"
	sees 'State:           idle' 'Holders:         0'
	keys Enter
	misses Evidence:
}

@test "the detail follows the selection and can be moved" {
	three_segments
	screen 80 16 'ipcctl top shm'
	sees "/$CASE.c"
	keys Enter
	sees "shm:/$CASE.a  (Enter closes)" 'Object:'
	keys NPage NPage NPage NPage NPage
	sees 'Rate:'
	misses 'Object:'
	keys j
	sees "shm:/$CASE.b  (Enter closes)" 'Object:'
	keys Escape
	misses 'Enter closes'
	sees '3 objects'
}

@test "removal asks, and only y is yes" {
	three_segments
	screen 80 24 'ipcctl top shm'
	sees "/$CASE.c"
	keys d
	sees "Remove segment shm:/$CASE.a? [y/N]"
	keys n
	sees Quit
	keys DC
	sees '[y/N]'
	keys Enter
	sees Quit
	[ -e "/dev/shm/$CASE.a" ]
	keys d
	sees '[y/N]'
	keys y
	sees '2 objects'
	[ ! -e "/dev/shm/$CASE.a" ]
	selects "/$CASE.b"
}

@test "what is in use stays, with the reason and the holder on the screen, and is never forced" {
	ipcctl shm create "/$CASE.s" --size 4K
	screen 120 24 'ipcctl top -d 100ms shm'
	sees "/$CASE.s"
	keys d
	sees '[y/N]'
	# It was idle when the question came.
	background bash -c "exec 5<>'/dev/shm/$CASE.s' 3>&-; exec sleep 100"
	wait_until test -e "/proc/$BG_PID/fd/5"
	keys y
	sees 'Not removed' "cannot remove segment 'shm:/$CASE.s': it is in use: $BG_PID sleep"
	keys y
	sees Quit "/$CASE.s"
	misses 'Not removed'
	[ -e "/dev/shm/$CASE.s" ]

	SOCKET=$SOCKET. # another terminal
	mkfifo "$XDG_RUNTIME_DIR/$CASE.f"
	background bash -c "exec 5<>'$XDG_RUNTIME_DIR/$CASE.f' 3>&-; exec sleep 100"
	wait_until test -e "/proc/$BG_PID/fd/5"
	screen 120 24 'ipcctl top fifo'
	sees "fifo:"
	keys d
	sees '[y/N]'
	keys y
	sees "it is in use: $BG_PID sleep"
	[ -p "$XDG_RUNTIME_DIR/$CASE.f" ]
}

@test "another object that has the name by now stays" {
	ipcctl shm create "/$CASE.s" --size 4K
	screen 80 24 'ipcctl top shm'
	sees "/$CASE.s"
	keys d
	sees '[y/N]'
	rm "/dev/shm/$CASE.s"
	ipcctl shm create "/$CASE.s" --size 8K
	keys y
	sees 'was replaced by another one'
	[ -e "/dev/shm/$CASE.s" ]
}

@test "unread messages are thrown away only after a question of their own" {
	ipcctl mq create "/$CASE"
	ipcctl mq send "/$CASE" one
	screen 80 24 'ipcctl top mq'
	sees "mq:/$CASE"
	keys d
	sees "Remove queue mq:/$CASE? [y/N]"
	keys y
	sees 'It may hold unread messages. Throw them away and remove'
	keys n
	sees Quit
	ipcctl stat "mq:/$CASE"
	keys d
	sees 'Remove queue'
	keys y
	sees 'Throw them away'
	keys y
	sees 'There are no objects'
	run ipcctl stat "mq:/$CASE"
	assert_failure 3
}

@test "another user's object is refused for that reason" {
	require_root
	ipcctl shm create "/$CASE.s" --size 4K
	screen 80 24 "setpriv --reuid=$TESTER --regid=$TESTER --clear-groups ipcctl top shm"
	sees "/$CASE.s" unknown
	keys d
	sees '[y/N]'
	keys y
	sees 'Not removed' "cannot remove segment 'shm:/$CASE.s'"
	[ -e "/dev/shm/$CASE.s" ]
}

@test "a queue shows how fast it fills, and that it is used where its messages stay as many" {
	key=$(unique_key)
	ipcctl mq create "key:$key"
	screen 80 24 'ipcctl top -d 100ms -o object,messages,rate mq'
	sees "mq:key:$key"
	background bash -c "for i in {1..100}; do echo x; sleep 0.02; done | ipcctl mq send key:$key"
	wait_until bash -c "tmux -S '$SOCKET' capture-pane -p | grep -q '+[0-9.]* msg/s'"
	finish
	sees ' 100 '
}

@test "a TCP connection shows the bytes that pass through it" {
	background ipcctl sock serve tcp:127.0.0.1:7007 --echo
	wait_until ipcctl stat sock:tcp:127.0.0.1:7007
	background "$PYTHON" -c '
import socket, time
client = socket.create_connection(("127.0.0.1", 7007))
while True:
    client.sendall(bytes(16384))
    left = 16384
    while left:
        left -= len(client.recv(left))
    time.sleep(0.02)'
	screen 80 40 'ipcctl top -a -d 100ms --sort=-rate -o object,rate,bytes_received,bytes_sent sock'
	wait_until bash -c "tmux -S '$SOCKET' capture-pane -p |
		grep -Eq '^sock:ino:[0-9]+ +[0-9.]+[KM]/s +[0-9.]+[KMG] +[0-9.]+[KMG] *$'"
	keys Home Enter
	sees 'what passes in both directions together'
}

@test "objects of other IPC namespaces are shown with --all-ns, and stay" {
	require_root
	key=$(unique_key)
	background unshare --ipc bash -c "ipcctl shm create key:$key --size 5000; echo made; exec sleep 100"
	wait_until grep -q made "$BG_OUT"
	screen 160 40 "ipcctl top --all-ns shm:key:$key"
	sees "$BG_PID" 'NS_PID' 'CONTAINER' 'shm:key:'
	keys Enter
	sees 'System V shared memory' 'Size:            5000'
	keys d
	sees 'Not removed' 'it belongs to another IPC namespace' "ipcctl rm --ns $BG_PID"
	SOCKET=$SOCKET. # another terminal
	screen 160 24 "ipcctl top --ns $BG_PID shm"
	sees 'shm:key:'
	keys d
	sees '[y/N]'
	keys y
	sees 'There are no objects'
	run ipcctl ls --names --ns "$BG_PID" shm
	assert_output ""
}

@test "objects appear and vanish by themselves" {
	screen 80 24 'ipcctl top -d 100ms sem'
	sees 'There are no objects' '0 objects'
	ipcctl sem create "/$CASE"
	sees "sem:/$CASE" '1 object:'
	ipcctl rm "sem:/$CASE"
	sees 'There are no objects'
}

@test "the screen can have any size, and change it" {
	three_segments
	screen 80 24 'ipcctl top shm'
	sees "/$CASE.c"
	for size in "20 5" "1 1" "2 2" "5 1" "1 5" "200 50" "40 3" "20 2"; do
		# shellcheck disable=SC2086 # two words
		tmux_ resize-window -x ${size% *} -y ${size#* }
		for key in s Escape '?' x d n / x Escape Enter j Enter; do
			keys "$key"
		done
	done
	tmux_ resize-window -x 20 -y 5
	sees '3 objects' '? Help  q Quit'
	tmux_ resize-window -x 80 -y 24
	sees "/$CASE.a" LABEL
	keys q
	sees 'left 0'
}

@test "a question that is too long for a line is asked whole" {
	ipcctl shm create "/$CASE.s" --size 1
	screen 20 6 'ipcctl top shm'
	sees 'shm:/'
	keys d
	sees '[y/N]'
	question=$(picture | sed -n '/^Remove/,$p' | tr -d '\n ')
	assert_equal "$question" "Removesegmentshm:/$CASE.s?[y/N]"
	keys y
	sees 'There are no'
}

@test "columns that do not fit are told of and can be reached; the first stays" {
	three_segments
	screen 40 8 'ipcctl top shm'
	sees 'shm:/t'
	run bash -c "sed -n 2p" <<<"$(picture)"
	assert_output --regexp '^OBJECT\^ .*>$'
	refute_output --partial STATE
	keys Right Right Right Right Right Right Right Right Right Right Right Right
	sees STATE LABEL OBJECT '<'
	misses MODE
	keys '<' '<' '<' '<' '<' '<' '<' '<' '<' '<'
	sees MODE
}

@test "a long name is cut in the middle and says so" {
	name=$(printf 'x%.0s' {1..100})
	ipcctl shm create "/$CASE.$name.end" --size 1
	screen 80 24 'ipcctl top shm'
	sees "shm:/t" '…' '.end'
}

@test "names that are no text for a terminal are shown escaped, and wide ones take their room" {
	: >"/dev/shm/$(printf 'a\nb\033[31mc')"
	: >"/dev/shm/$(printf 'bad\377')"
	: >/dev/shm/日本語
	screen 90 24 'ipcctl top shm'
	sees 'shm:/a\nb\x1b\[31mc' 'shm:/bad\xff' 'shm:/日本語'
	# By columns of the screen, not by characters.
	run "$PYTHON" -c '
import sys, unicodedata
wide = lambda text: sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
print(*{wide(line[:line.index("idle")]) for line in sys.stdin if line.startswith("shm:")})' <<<"$(picture)"
	assert_output --regexp '^[0-9]+$'
	keys Enter
	sees 'Object:          shm:/a\nb'
}

@test "pause stops looking until it is pressed again, and Ctrl-L looks once" {
	screen 80 24 'ipcctl top -d 100ms sem'
	sees 'There are no objects'
	keys Space
	sees paused
	ipcctl sem create "/$CASE.1"
	keys '?'
	sees 'Show this help'
	keys x
	sees 'There are no objects' paused
	keys C-l
	sees "/$CASE.1" paused
	ipcctl sem create "/$CASE.2"
	keys Space
	sees "/$CASE.2" every
}

@test "the interval is an option and a key" {
	run ipcctl top -d 1ms
	assert_failure 2
	screen 80 24 'ipcctl top -d 1h sem'
	sees 'every 1h'
	keys i C-u 0 Enter
	sees 'Interval: 0' 'a duration from 100ms on'
	keys BSpace 200ms Enter
	sees 'every 200ms'
	ipcctl sem create "/$CASE"
	sees "sem:/$CASE"
}

@test "help tells all keys" {
	screen 80 40 'ipcctl top sem'
	sees Quit
	keys '?'
	sees 'Show this help' 'Remove the selected object, after a question' 'Turn the order round' busy
	keys q
	misses 'Show this help'
	sees 'every 2s'
}

@test "Ctrl-C and SIGTERM end it by that signal, and give the terminal back" {
	tmux_ new-session -d -x 80 -y 24 "exec env PS1='ready> ' bash --norc -i"
	sees 'ready>'
	for signal in INT TERM HUP QUIT; do
		keys 'clear; ipcctl top sem' Enter
		sees Quit
		if [ "$signal" = INT ]; then
			keys C-c
		else
			kill -s "$signal" "$(pgrep -x ipcctl -P "$(tmux_ display-message -p '#{pane_pid}')")"
		fi
		sees ready
		misses 'q Quit'
		keys 'echo status $?; stty -a | grep -o "[- ]icanon"' Enter
		sees "status $((128 + $(kill -l "$signal")))" ' icanon'
	done
}

@test "Ctrl-Z stops it with the terminal as it was, and fg brings the screen back" {
	three_segments
	tmux_ new-session -d -x 80 -y 24 "exec env PS1='ready> ' bash --norc -i"
	sees 'ready>'
	keys 'ipcctl top shm' Enter
	sees "/$CASE.a" Quit
	keys C-z
	sees Stopped 'ready>'
	shows_not Quit
	keys fg Enter
	sees "/$CASE.a" Quit
	keys j
	selects "/$CASE.b"
	# SIGSTOP can't be noticed: the shell takes the terminal as it is.
	kill -STOP "$(pgrep -x ipcctl -P "$(tmux_ display-message -p '#{pane_pid}')")"
	sees Stopped
	keys 'stty sane; fg' Enter
	sees "/$CASE.a" Quit
	misses Stopped
	keys k
	selects "/$CASE.a"
	keys q
	sees 'ready>'
}

@test "without a terminal it says so, with status 2, and points to ls" {
	run ipcctl top </dev/null
	assert_failure 2
	assert_line 'ipcctl top: standard input is not a terminal'
	assert_line --partial 'ipcctl ls'
	screen 80 24 'ipcctl top | cat; ipcctl top >/dev/null'
	sees 'standard output is not a terminal' "hint: 'ipcctl ls'" 'left 2'
}

@test "a terminal that can't be drawn on is refused in words" {
	screen 100 24 'TERM=dumb ipcctl top; (unset TERM; exec ipcctl top); TERM=nosuch ipcctl top'
	sees "the terminal can't be drawn on: the type 'dumb' can't move its cursor" 'TERM is not set' "nothing is known of the type 'nosuch'" 'left 2'
}

@test "what is wrong with the operands is said before the screen is taken" {
	screen 100 24 "ipcctl top mq:/$CASE; ipcctl top --state bad"
	sees "cannot find queue 'mq:/$CASE'" "there is no state 'bad'" 'left 2'
}

@test "colours are used as NO_COLOR and --color say" {
	three_segments
	for how in '' NO_COLOR=1 --color=never 'NO_COLOR=1 --color=always'; do
		options=${how#NO_COLOR=1}
		SOCKET=$SOCKET. # another terminal
		screen 80 24 "env ${how%%--*} ipcctl top $options"
		sees Quit
		run bash -c "grep -ac $'\e\\[[0-9;]*3[0-7]m'" <<<"$(tmux_ capture-pane -pe)"
		case $how in
		'' | *always) refute_output 0 ;;
		*) assert_output 0 ;;
		esac
		tmux_ kill-server
	done
}
