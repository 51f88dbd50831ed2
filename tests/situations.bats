# What ls and stat say of objects in every situation, and that they disturb nobody.
#
# The table: a line is a situation. It says how the object is made (the steps of situations/situation.c) and what must
# be seen of it, by three users: root, the owner, and another one who has no right to it. As an ordinary user there is
# the owner alone; what he sees then may differ, since the shell that runs the tests is his, and older than the object.
#
#	makes NAME STEP...     a process does that and ends
#	stays NAME STEP...     a process does that and stays; HOLDER is its pid
#	leaves NAME STEP...    a process does that, ends, and leaves a daemon, a copy of it that does no more; HOLDER is its pid
#	later                  what follows is later by a clock of seconds, which is all that some objects have
#	sees SELECTOR ROOT OWNER OTHER HOW WORDS [USER]
#	                       the state that each sees (another user may not know what the owner made with ipcctl, and
#	                       so never sees a System V object stale); "-": nothing; A/B: A if he may look at the processes of others,
#	                       which root may not in all containers and nobody else does with hidepid, else B (USER: the owner among processes of his that are older than
#	                       the object; the same as OWNER unless given), how HOLDER has it ("-": it is no holder, "?":
#	                       nobody need see how), and what the evidence, or what is unseen, must say: a regular
#	                       expression, that root and the owner's must match
#
# What is live or unknown is then refused by rm, what is stale is removed by it, and rm --stale leaves all the rest.

load lib

setup() {
	WORLD=$(mktemp -d /tmp/s.XXXX)
	cp "$(build_c situations/situation.c)" "$WORLD/situation"
	OWNER_RUNTIME=$XDG_RUNTIME_DIR
	if [ "$TESTS_AS" = root ] && [ "$TESTS_REAL_ROOT" = 1 ]; then
		OWNER_RUNTIME=/run/user/$TESTER2
		mkdir -p "$OWNER_RUNTIME" "/run/user/$TESTER"
		chmod 0700 "$OWNER_RUNTIME" "/run/user/$TESTER"
		chown "$TESTER2:$TESTER2" "$WORLD" "$OWNER_RUNTIME"
		chown "$TESTER:$TESTER" "/run/user/$TESTER"
	fi
	chmod 0755 "$WORLD" "$WORLD/situation"
	cd "$WORLD" || return
	K=$(unique_key)
	MADE_AS=as_owner
}

teardown() {
	reap_background
	[ -z "${DAEMON-}" ] || kill "$DAEMON"
	[ -z "${OVERLAY-}" ] || umount -l /dev/shm "$OVERLAY"
	remove_objects
	rm -rf "$WORLD"
}

# --- who does it -----------------------------------------------------------------------------------

# Whether somebody may look at the processes of others: at the first one, which root may not do in some containers.
sees_others() { # VIEWER
	if [ "$1" = root ]; then
		readlink /proc/1/exe >/dev/null
	else
		"as_$1" test -e /proc/1/stat
	fi
}

# Of A/B the one that holds for this user here.
either() { # VIEWER STATE
	case $2 in
	*/*) sees_others "$1" && echo "${2%/*}" || echo "${2#*/}" ;;
	*) echo "$2" ;;
	esac
}

is_three() {
	[ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ]
}

as_uid() { # UID RUNTIME-DIR COMMAND...
	local uid=$1 runtime=$2
	shift 2
	XDG_RUNTIME_DIR=$runtime exec setpriv --reuid="$uid" --regid="$uid" --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# The owner of what the table makes: a user of his own, so that no process of his is older than the object.
as_owner() { # COMMAND...
	if is_three; then
		(as_uid "$TESTER2" "$OWNER_RUNTIME" "$@")
	else
		"$@"
	fi
}

as_other() { # COMMAND...
	(as_uid "$TESTER" "/run/user/$TESTER" "$@")
}

as_root() { # COMMAND...
	"$@"
}

makes() { # NAME STEP...
	"$MADE_AS" "$WORLD/situation" "$@"
}

# What follows is later even by clocks that count seconds.
later() {
	local from=$EPOCHSECONDS
	while ((EPOCHSECONDS < from + 3)); do sleep 0.05; done
}

stays() { # NAME STEP...
	background "$MADE_AS" "$WORLD/situation" "$@"
	wait_until grep -Eq '^(ready|skip)' "$BG_OUT" || {
		cat "$BG_ERR"
		return 1
	}
	! grep -q '^skip' "$BG_OUT" || skip "$(cat "$BG_OUT")"
	HOLDER=$(sed -n 's/^ready //p;q' "$BG_OUT")
}

leaves() { # NAME STEP...
	stays "$1" outlive "${@:2}" daemon stay
	DAEMON=$HOLDER
}

# --- what was made ---------------------------------------------------------------------------------

# The identifier, or the key, of the only System V object of a table.
newest() { # shm|sem|msg [key]
	if [ "${2-}" = key ]; then
		printf '0x%08x\n' $(($(awk 'END { print $1 }' "/proc/sysvipc/$1") & 0xffffffff))
	else
		awk 'END { print $2 }' "/proc/sysvipc/$1"
	fi
}

# The inode of the segment that HOLDER has mapped.
held_inode() {
	awk '$6 ~ "^/dev/shm/" { print $5; exit }' "/proc/$HOLDER/maps"
}

# /dev/shm is an overlay, as in a container that has none of its own.
overlay_shm() {
	require_root
	mkdir "$WORLD"/{lower,layers}
	mount -t tmpfs tmpfs "$WORLD/layers"
	mkdir -m 1777 "$WORLD"/layers/{upper,work}
	mount -t overlay overlay -o "lowerdir=$WORLD/lower,upperdir=$WORLD/layers/upper,workdir=$WORLD/layers/work" /dev/shm ||
		skip "no overlay can be mounted here"
	OVERLAY=$WORLD/layers
}

# A pid that was one, and is none now.
dead_pid() {
	sh -c 'echo $$'
}

# A server on a port that was free a moment ago.
serves_tcp() {
	mkfifo tcp-ready
	for PORT in {7101..7120}; do
		background as_owner ipcctl sock serve --ready-fd 9 "tcp:127.0.0.1:$PORT" cat 9<>tcp-ready
		if read -r -t 5 _ <>tcp-ready; then
			HOLDER=$BG_PID
			return
		fi
	done
	return 1
}

# --- what is seen ----------------------------------------------------------------------------------

# Says what is wrong; the row fails at its end, so that it tells what all three see.
wrong() { # TEXT...
	echo "$*"
	WRONG=1
}

# What somebody sees of the object must be that state, proved.
look() { # VIEWER SELECTOR STATE
	local viewer=$1 selector=$2 state=$3 seen facts
	SAID='' HELD=null HELD_BY=''
	run --separate-stderr "as_$viewer" ipcctl stat -J "$selector"
	if [ "$state" = - ]; then
		[ "$status" = 3 ] || wrong "$viewer sees it: $output"
		return
	fi
	if [ "$status" != 0 ]; then
		# shellcheck disable=SC2154 # run sets it
		wrong "$viewer: status $status: $stderr"
		return
	fi
	# One jq for all: it takes longer than ipcctl.
	readarray -d '' -t facts < <(jq -j '.[0] | (.state, .object, (.unseen | length), (.evidence | length),
		([(.evidence + .unseen)[]?] | join("\n")), (.holders | tojson),
		([.holders[]? | "\(.pid) \(.how)"] | join("\n"))) | "\(.)\u0000"' <<<"$output")
	[ ${#facts[@]} = 7 ] || wrong "$viewer: not what stat -J prints: $output"
	seen=${facts[0]} SAID=${facts[4]} HELD=${facts[5]} HELD_BY=${facts[6]}
	[ "$seen" = "$state" ] || wrong "$viewer sees it $seen, not $state: $SAID, $HELD"
	if [ "$state" = unknown ]; then
		[ "${facts[2]}" -gt 0 ] || wrong "$viewer: nothing says what can't be seen"
	else
		[ "${facts[3]}" -gt 0 ] || wrong "$viewer: no evidence for $state"
	fi
	seen=$("as_$viewer" ipcctl ls --names --all --state "$state" "$selector")
	[ "$seen" = "${facts[1]}" ] || wrong "$viewer: ls --state $state: '$seen'"
}

must_say() { # VIEWER WORDS
	[[ $SAID =~ $2 ]] || wrong "$1: '$SAID' does not say '$2'"
}

# A process in a pid namespace of its own has said a pid that is not its one here.
must_be_holder() { # VIEWER HOW
	case $2 in
	'?') ;;
	-) [ "$HELD" = '[]' ] || [ "$HELD" = null ] || wrong "$1 sees holders: $HELD" ;;
	*)
		[[ $'\n'$HELD_BY$'\n' =~ $'\n'("${HOLDER:-0}"|1)" $2"$'\n' ]] ||
			wrong "$1 does not see that $HOLDER has it ($2): $HELD"
		;;
	esac
}

is_there() { # SELECTOR
	[ -n "$(ipcctl ls --names --all "$1")" ]
}

# What rm makes of a state: the same as what was seen, or it would be worth nothing.
must_be_kept_or_go() { # VIEWER SELECTOR STATE
	[[ $3 != - && $2 != pipe:* && $2 != sock:tcp:* && $2 != sock:@* ]] || return 0
	case $3 in
	live | unknown)
		run "as_$1" ipcctl rm "$2"
		[ "$status" != 0 ] || wrong "$1: rm did not refuse what is $3"
		is_there "$2" || wrong "$1: rm removed what is $3"
		;;
	esac
	run "as_$1" ipcctl rm --stale -y --discard "$2"
	if [ "$3" = stale ]; then
		[ "$status" = 0 ] || wrong "$1: rm --stale: $output"
		! is_there "$2" || wrong "$1: rm --stale left it"
	else
		is_there "$2" || wrong "$1: rm --stale removed what is $3"
	fi
}

sees() { # SELECTOR ROOT OWNER OTHER HOW WORDS [USER]
	local selector=$1 root=$2 owner=$3 other=$4 how=$5 words=$6 user=${7-$3}
	WRONG=0
	if ! is_three; then
		# Root of a user namespace is the one user there is, and has no power over the processes of others.
		[ "$TESTS_AS" = user ] || skip "needs the machine's root, or an ordinary user"
		user=$(either owner "$user")
		look owner "$selector" "$user"
		must_say owner "$words"
		must_be_holder owner "$how"
		must_be_kept_or_go owner "$selector" "$user"
		return $WRONG
	fi
	root=$(either root "$root") owner=$(either owner "$owner") other=$(either other "$other")
	look other "$selector" "$other"
	must_be_kept_or_go other "$selector" "$([ "$other" = stale ] && echo idle || echo "$other")"
	look owner "$selector" "$owner"
	must_say owner "$words"
	look root "$selector" "$root"
	must_say root "$words"
	must_be_holder root "$how"
	must_be_kept_or_go root "$selector" "$root"
	return $WRONG
}

# --- the table: segments ---------------------------------------------------------------------------

@test "shm, open" { stays /s shm-make stay; sees shm:/s live live unknown fd 'open'; }
@test "shm, open for reading" { makes /s shm-make; stays /s shm-open:ro stay; sees shm:/s live live unknown fd 'open'; }
@test "shm, mapped with the descriptor closed" { stays /s shm-make map close stay; sees shm:/s live live unknown map 'mapped'; }
@test "shm, mapped read-only with the descriptor closed" { stays /s shm-make map:ro close stay; sees shm:/s live live unknown map 'mapped'; }
@test "shm, mapped private with the descriptor closed" { stays /s shm-make map:private close stay; sees shm:/s live live unknown map 'mapped'; }
@test "shm, mapped without any access" { stays /s shm-make map-none close stay; sees shm:/s live live unknown map 'mapped'; }
@test "shm, its descriptor in flight in SCM_RIGHTS" { stays /s shm-make flight stay; sees shm:/s live live unknown - 'lease'; }
@test "shm, open in an io_uring alone" { stays /s shm-make ring stay; sees shm:/s live live unknown - 'lease'; }
@test "shm, open with O_PATH alone" { makes /s shm-make; stays /s shm-path stay; sees shm:/s idle idle unknown '?' 'nobody has it|never'; }
@test "shm, held in another pid namespace" { makes /s shm-make; stays /s pid-namespace shm-open stay; sees shm:/s live live unknown '?' 'open|lease'; }
@test "shm, readable by all, and open" { stays /s shm-make:666 stay; sees shm:/s live live unknown fd 'open'; }
@test "shm, held by another user who can't be inspected" { require_root; makes /s shm-make:666; MADE_AS=as_other stays /s shm-open stay; sees shm:/s live live live fd 'open|lease'; }
@test "shm, held by root, who can't be inspected" { require_root; makes /s shm-make:666; MADE_AS=as_root stays /s shm-open map close stay; sees shm:/s live live unknown map 'mapped'; }
@test "shm, closed, its maker alive" { stays /s shm-make shm-use close stay; sees shm:/s idle idle unknown - 'nobody has it'; }
@test "shm, mapped and unmapped, its maker alive" { stays /s shm-make map unmap close stay; sees shm:/s idle idle unknown - 'nobody has it'; }
@test "shm, its maker dead and every process of the owner younger" { makes /s shm-make map shm-use; sees shm:/s stale stale/idle unknown - 'younger|seen from here|as old' idle; }
@test "shm, its maker dead, a process of the owner older" { require_root; background as_owner sleep 1000; wait_until pgrep -U "$TESTER2" sleep; makes /s shm-make shm-use; sees shm:/s idle idle unknown - 'nobody has it'; }
@test "shm, of root, its maker dead" { require_root; MADE_AS=as_root makes /s shm-make shm-use; sees shm:/s idle unknown unknown - 'lease|opened|may not'; }
@test "shm, never used since it was made" { makes /s shm-empty; sees shm:/s idle idle unknown - 'never|not used since'; }
@test "shm, made by ipcctl" { as_owner ipcctl shm create /s --size 4096; as_owner ipcctl shm write /s hello; sees shm:/s idle idle unknown - 'ipcctl'; }
@test "shm, its maker dead, a daemon left that it forked" { leaves /s shm-make shm-use close; sees shm:/s idle idle unknown - 'forked by one that is gone|as old'; }
@test "shm, on an overlay, mapped with the descriptor closed" { overlay_shm; makes /s shm-make:666 shm-use; MADE_AS=as_other stays /s shm-open map close stay; sees shm:/s unknown unknown unknown '?' 'no leases'; }
@test "shm, renamed while it is open" { stays /s shm-make shm-rename:/t stay; run is_there shm:/s; assert_failure; sees shm:/t live live unknown fd 'open'; }
@test "shm, renamed while it is mapped" { stays /s shm-make map close shm-rename:/t stay; sees shm:/t live live unknown map 'mapped'; }
@test "shm, its name taken by another one while it is open" { stays /s shm-make shm-unlink stay; makes /s shm-make shm-use; sees shm:/s idle idle unknown - 'as old'; }
@test "shm, unlinked while it is open" { stays /s shm-make map shm-unlink stay; sees "shm:ino:$(held_inode)" orphan orphan - '?' 'name|unlinked'; }
@test "shm, unlinked while it is mapped" { stays /s shm-make map shm-unlink close stay; sees "shm:ino:$(held_inode)" orphan orphan - map 'name|unlinked'; }
@test "shm, empty" { stays /s shm-empty stay; sees shm:/s live live unknown fd 'open'; }
@test "shm, a name with a newline" { stays $'/a\nb' shm-make stay; sees 'shm:/a\nb' live live unknown fd 'open'; }
@test "shm, a name with escapes" { stays $'/\e]2;x\a' shm-make map close stay; sees 'shm:/\x1b]2;x\x07' live live unknown map 'mapped'; }
@test "shm, a name that ends in (deleted)" { stays '/x (deleted)' shm-make map close stay; sees 'shm:/x (deleted)' live live unknown map 'mapped'; }
@test "shm, a name with bad UTF-8" { stays $'/\xff\xfe' shm-make stay; sees 'shm:/\xff\xfe' live live unknown fd 'open'; }
@test "shm, a name with a newline, left behind" { makes $'/a\nshm:b' shm-make map shm-use; sees 'shm:/a\nshm:b' stale stale/idle unknown - 'younger|seen from here|as old' idle; }
@test "shm, a short file that is called like a semaphore" { stays /sem.x shm-empty stay; sees shm:/sem.x live live unknown fd 'open'; }
@test "shm, a name with the pid of a live maker" { stays /s shm-make shm-use close shm-rename:/nccl-tmp stay; mv /dev/shm/nccl-tmp "/dev/shm/torch_${HOLDER}_1"; sees "shm:/torch_${HOLDER}_1" idle idle unknown - "$HOLDER"; }
@test "shm, a name with the pid of a dead maker" { D=$(dead_pid); makes "/torch_${D}_1" shm-make shm-use; sees "shm:/torch_${D}_1" stale stale/idle unknown - 'gone|younger|seen from here|as old' stale/idle; }

@test "shm sysv, attached" { stays "$K" seg-make seg-attach stay; sees "shm:key:$K" live live live attach 'attached'; }
@test "shm sysv, attached for reading" { makes "$K" seg-make; stays "$K" seg-attach:ro stay; sees "shm:key:$K" live live live attach 'attached'; }
@test "shm sysv, one attachment that counts as three" { stays "$K" seg-make seg-attach seg-split stay; sees "shm:key:$K" live live live attach 'attached'; }
@test "shm sysv, attached in another pid namespace" { makes "$K" seg-make; stays "$K" pid-namespace seg-attach stay; sees "shm:key:$K" live live live '?' 'attached'; }
@test "shm sysv, attached by another user who can't be inspected" { require_root; makes "$K" seg-make:666; MADE_AS=as_other stays "$K" seg-attach stay; sees "shm:key:$K" live live live attach 'attached'; }
@test "shm sysv, marked for removal while attached" { stays "$K" seg-make seg-attach seg-remove stay; sees "shm:id:$(newest shm)" orphan orphan orphan attach 'removal'; }
@test "shm sysv, private and attached" { stays 0 seg-make seg-attach stay; sees "shm:id:$(newest shm)" live live live attach 'attached'; }
@test "shm sysv, its maker alive" { stays "$K" seg-make seg-attach seg-detach stay; sees "shm:key:$K" live live live/unknown '?' "$HOLDER"; }
@test "shm sysv, never attached, its maker alive" { stays "$K" seg-make stay; sees "shm:key:$K" idle idle idle - "$HOLDER|never"; }
@test "shm sysv, used last by another process that is alive" { makes "$K" seg-make seg-attach; stays "$K" seg-attach seg-detach stay; sees "shm:key:$K" live live live/unknown '?' "$HOLDER"; }
@test "shm sysv, its maker and last user dead" { makes "$K" seg-make seg-attach; sees "shm:key:$K" stale stale idle - 'gone'; }
@test "shm sysv, its maker and last user dead, a daemon left that it forked" { leaves "$K" seg-make seg-attach seg-detach; sees "shm:key:$K" idle idle idle - 'forked by one that is gone'; }
@test "shm sysv, its maker and last user dead, a daemon left whose parent runs the same program" { stays "$K" adopt seg-make seg-attach seg-detach daemon stay; DAEMON=$HOLDER; sees "shm:key:$K" idle idle idle - 'forked by one that is gone'; }
@test "shm sysv, its maker and last user dead, a daemon left that a copy of the first process of its pid namespace forked" { stays "$K" pid-namespace adopt:copy seg-make seg-attach seg-detach daemon stay; sees "shm:key:$K" idle idle idle - 'forked by one that is gone'; }
@test "shm sysv, its maker and last user dead, a daemon left that is the user whom it was given to" { require_root; MADE_AS=as_root stays "$K" outlive seg-make seg-attach seg-detach "seg-give:$TESTER2" daemon "become:$TESTER2" stay; DAEMON=$HOLDER; sees "shm:key:$K" idle idle idle - 'forked by one that is gone|forked may be'; }
@test "shm sysv, its maker and last user dead, a daemon left that it forked before" { stays "$K" outlive daemon stay; DAEMON=$HOLDER; later; makes "$K" seg-make seg-attach; sees "shm:key:$K" stale stale idle - 'gone'; }
@test "shm sysv, never used since it was made by ipcmk" { as_owner ipcmk -M 4096; sees "shm:key:$(newest shm key)" idle idle idle - 'never'; }
@test "shm sysv, made by ipcctl" { as_owner ipcctl shm create "key:$K" --size 4096; as_owner ipcctl shm write "key:$K" hello; sees "shm:key:$K" idle idle idle - 'ipcctl'; }
@test "shm sysv, readable by all, its maker and last user dead" { makes "$K" seg-make:666 seg-attach; sees "shm:key:$K" stale stale idle - 'gone'; }

# --- semaphores ------------------------------------------------------------------------------------

@test "sem, open" { stays /s sem-make stay; sees sem:/s live live unknown map 'mapped'; }
@test "sem, with a process blocked in sem_wait" { stays /s sem-make block sem-wait; sees sem:/s live live unknown map 'mapped'; }
@test "sem, closed, its maker alive" { stays /s sem-make sem-post sem-close stay; sees sem:/s idle idle unknown - 'nobody has it'; }
@test "sem, its maker dead and every process of the owner younger" { makes /s sem-make; later; makes /s sem-open sem-post; sees sem:/s stale stale/idle unknown - 'younger|seen from here|as old' idle; }
@test "sem, made by ipcctl" { as_owner ipcctl sem create /s; as_owner ipcctl sem post /s; sees sem:/s idle idle unknown - 'ipcctl'; }
@test "sem, held in another pid namespace" { stays /s pid-namespace sem-make stay; sees sem:/s live live unknown '?' 'mapped|lease'; }
@test "sem, a name with a newline" { stays $'/a\nb' sem-make stay; sees 'sem:/a\nb' live live unknown map 'mapped'; }

@test "sem sysv, with a process blocked in semop" { stays "$K" set-make block set-take; sees "sem:key:$K" live live unknown blocked 'wait'; }
@test "sem sysv, with a process that waits for zero" { stays "$K" set-make set-post block set-zero; sees "sem:key:$K" live live unknown blocked 'wait'; }
@test "sem sysv, with a process of another user blocked in semop" { require_root; makes "$K" set-make:666; MADE_AS=as_other stays "$K" block set-take; sees "sem:key:$K" live live live blocked 'wait'; }
@test "sem sysv, used last by a process that is alive" { stays "$K" set-make set-post stay; sees "sem:key:$K" live live unknown '?' "$HOLDER"; }
@test "sem sysv, a unit held to be given back at the end of a process" { makes "$K" set-make set-post; stays "$K" set-undo stay; sees "sem:key:$K" live live unknown '?' "$HOLDER"; }
@test "sem sysv, a unit held by one process, and used last by another that is dead" { makes "$K" set-make set-post set-post; stays "$K" set-undo stay; makes "$K" set-post; sees "sem:key:$K" idle idle unknown - 'gone|can.t be seen|as old'; }
@test "sem sysv, its users dead" { makes "$K" set-make set-post; sees "sem:key:$K" stale stale/idle unknown - 'gone|seen|as old' idle; }
@test "sem sysv, never used since it was made by ipcmk" { as_owner ipcmk -S 2; sees "sem:key:$(newest sem key)" idle idle idle - 'never'; }
@test "sem sysv, given a value and never used" { makes "$K" set-make set-value:5; sees "sem:key:$K" idle idle unknown - 'never'; }
@test "sem sysv, made by ipcctl" { as_owner ipcctl sem create "key:$K"; as_owner ipcctl sem post "key:$K"; sees "sem:key:$K" idle idle unknown - 'ipcctl'; }
@test "sem sysv, readable by all, its users dead" { makes "$K" set-make:644 set-post; sees "sem:key:$K" stale stale/idle idle - 'gone|seen|as old' idle; }
@test "sem sysv, open to all, its users dead" { makes "$K" set-make:666 set-post; sees "sem:key:$K" idle idle idle - 'others may|seen|as old'; }

# --- queues ----------------------------------------------------------------------------------------

@test "mq, open" { stays /q mq-make stay; sees mq:/q live live unknown fd 'open'; }
@test "mq, open for reading" { makes /q mq-make; stays /q mq-open:ro stay; sees mq:/q live live unknown fd 'open'; }
@test "mq, with a process blocked in mq_receive" { stays /q mq-make block mq-receive; sees mq:/q live live unknown fd 'waits'; }
@test "mq, full, with a process blocked in mq_send" { stays /q mq-make mq-send block mq-send; sees mq:/q live live unknown fd 'waits'; }
@test "mq, with a process that is to be notified" { stays /q mq-make mq-notify stay; sees mq:/q live live unknown fd 'open'; }
@test "mq, its descriptor in flight in SCM_RIGHTS" { stays /q mq-make flight stay; sees mq:/q live live unknown - 'lease'; }
@test "mq, held in another pid namespace" { makes /q mq-make; stays /q pid-namespace mq-open stay; sees mq:/q live live unknown '?' 'open|lease'; }
@test "mq, held by another user who can't be inspected" { require_root; makes /q mq-make:666; MADE_AS=as_other stays /q mq-open stay; sees mq:/q live live live fd 'open|lease'; }
@test "mq, closed, its maker alive" { stays /q mq-make mq-send close stay; sees mq:/q idle idle unknown - 'nobody has it'; }
@test "mq, its maker dead and every process of the owner younger" { makes /q mq-make; later; makes /q mq-open mq-send mq-receive; sees mq:/q stale stale/idle unknown - 'younger|seen from here|as old' idle; }
@test "mq, its maker dead, a daemon left that it forked" { leaves /q mq-make mq-send close; sees mq:/q idle idle unknown - 'forked by one that is gone|as old'; }
@test "mq, its maker dead, with a message in it" { makes /q mq-make mq-send; sees mq:/q stale stale/idle unknown - 'younger|seen from here|as old' idle; }
@test "mq, never used since it was made" { makes /q mq-make; sees mq:/q idle idle unknown - 'not recorded'; }
@test "mq, made by ipcctl" { as_owner ipcctl mq create /q --max-messages 2 --message-size 16; as_owner ipcctl mq send /q hello; sees mq:/q idle idle unknown - 'ipcctl'; }
@test "mq, a name with a newline" { stays $'/a\nb' mq-make stay; sees 'mq:/a\nb' live live unknown fd 'open'; }
@test "mq, a name that ends in (deleted)" { stays '/q (deleted)' mq-make stay; sees 'mq:/q (deleted)' live live unknown fd 'open'; }
@test "mq, its name taken by another one while it is open" { stays /q mq-make mq-unlink stay; makes /q mq-make mq-send; sees mq:/q idle idle unknown - 'as old'; }

@test "mq sysv, with a process blocked in msgrcv" { stays "$K" queue-make block queue-receive; sees "mq:key:$K" live live unknown blocked 'wait|blocked'; }
@test "mq sysv, full, with a process blocked in msgsnd" { stays "$K" queue-make queue-fill block queue-send; sees "mq:key:$K" live live live/unknown blocked 'wait|blocked'; }
@test "mq sysv, with a process of another user blocked in msgrcv" { require_root; makes "$K" queue-make:666; MADE_AS=as_other stays "$K" block queue-receive; sees "mq:key:$K" live unknown live blocked 'wait|blocked|looked at'; }
@test "mq sysv, used last by a process that is alive" { stays "$K" queue-make queue-send stay; sees "mq:key:$K" live live live/unknown '?' "$HOLDER"; }
@test "mq sysv, received from last by a process that is alive" { makes "$K" queue-make queue-send; stays "$K" queue-receive stay; sees "mq:key:$K" live live live/unknown '?' "$HOLDER"; }
@test "mq sysv, its users dead" { makes "$K" queue-make queue-send queue-receive; sees "mq:key:$K" stale/unknown unknown unknown - 'gone|looked at' unknown; }
@test "mq sysv, its users dead, a process of the owner older" { require_root; background as_owner sleep 1000; wait_until pgrep -U "$TESTER2" sleep; makes "$K" queue-make queue-send; sees "mq:key:$K" idle/unknown unknown unknown - 'wait|looked at|as old'; }
@test "mq sysv, never used since it was made by ipcmk" { as_owner ipcmk -Q; sees "mq:key:$(newest msg key)" idle/unknown unknown unknown - 'no message|looked at' unknown; }
@test "mq sysv, made by ipcctl" { as_owner ipcctl mq create "key:$K"; as_owner ipcctl mq send "key:$K" hello; sees "mq:key:$K" idle/unknown unknown unknown - 'ipcctl|looked at' unknown; }

# --- FIFOs -----------------------------------------------------------------------------------------

@test "fifo, open" { stays "$WORLD/f" fifo-make fifo-open stay; sees "fifo:$WORLD/f" live live unknown read+write 'open'; }
@test "fifo, with a process blocked in open for reading" { stays "$WORLD/f" fifo-make block fifo-open:read; sees "fifo:$WORLD/f" live live unknown blocked 'waits to open'; }
@test "fifo, with a process blocked in open for writing" { stays "$WORLD/f" fifo-make block fifo-open:write; sees "fifo:$WORLD/f" live live unknown blocked 'waits to open'; }
@test "fifo, its descriptor in flight in SCM_RIGHTS" { stays "$WORLD/f" fifo-make fifo-open flight stay; sees "fifo:$WORLD/f" unknown unknown unknown - "message to process $HOLDER |looked at"; }
@test "fifo, in a datagram" { stays "$WORLD/f" fifo-make fifo-open flight:dgram stay; sees "fifo:$WORLD/f" unknown unknown unknown - "message to process $HOLDER |looked at"; }
@test "fifo, in a message to a socket that is in a message itself" { stays "$WORLD/f" fifo-make fifo-open flight:nested stay; sees "fifo:$WORLD/f" unknown unknown unknown - "message to process $HOLDER |looked at"; }
@test "fifo, in a message to a socket on which locks are held" { stays "$WORLD/f" fifo-make fifo-open flight:locked stay; sees "fifo:$WORLD/f" unknown unknown unknown - "socket of process $HOLDER |looked at"; }
@test "fifo, in a message of a connection that was not accepted yet" { stays "$WORLD/f" fifo-make fifo-open flight:backlog stay; sees "fifo:$WORLD/f" unknown unknown unknown - "process $HOLDER |looked at"; }
@test "fifo, open in an io_uring alone" { stays "$WORLD/f" fifo-make fifo-open ring stay; sees "fifo:$WORLD/f" unknown unknown unknown - "process $HOLDER |looked at"; }
@test "fifo, open in an io_uring alone that is mapped, its descriptor closed" { stays "$WORLD/f" fifo-make fifo-open ring:mapped stay; sees "fifo:$WORLD/f" unknown unknown unknown - "process $HOLDER |looked at"; }
@test "fifo, open in a thread alone" { stays "$WORLD/f" fifo-make fifo-open thread stay; sees "fifo:$WORLD/f" live live unknown read+write 'open'; }
@test "fifo, open in one of two threads with tables of their own, which its main thread left" { stays "$WORLD/f" fifo-make fifo-open thread:second leave; sees "fifo:$WORLD/f" live live unknown read+write 'open'; }
@test "fifo, held in another pid namespace" { makes "$WORLD/f" fifo-make; stays "$WORLD/f" pid-namespace fifo-open stay; sees "fifo:$WORLD/f" live live unknown '?' 'open'; }
@test "fifo, held by another user who can't be inspected" { require_root; makes "$WORLD/f" fifo-make:666; MADE_AS=as_other stays "$WORLD/f" fifo-open stay; sees "fifo:$WORLD/f" live unknown live read+write 'open'; }
@test "fifo, renamed while it is open" { stays "$WORLD/f" fifo-make fifo-open rename:"$WORLD/g" stay; sees "fifo:$WORLD/g" live live unknown read+write 'open'; }
@test "fifo, never used, its maker alive" { stays "$WORLD/f" fifo-make stay; sees "fifo:$WORLD/f" idle/unknown unknown unknown - 'open|went through|looked at'; }
@test "fifo, never used, its maker dead" { makes "$WORLD/f" fifo-make; sees "fifo:$WORLD/f" idle/unknown unknown unknown - 'open|went through|looked at'; }
@test "fifo, used, its maker dead and every process of the owner younger" { makes "$WORLD/f" fifo-make fifo-use; sees "fifo:$WORLD/f" stale/unknown unknown unknown - 'open|younger|looked at'; }
@test "fifo, made by ipcctl" { as_owner ipcctl fifo create "$WORLD/f"; makes "$WORLD/f" fifo-use; sees "fifo:$WORLD/f" idle/unknown unknown unknown - 'open|ipcctl|looked at'; }
@test "fifo, a name with a newline and escapes" { stays "$WORLD/"$'\n\e[1m' fifo-make fifo-open stay; sees "fifo:$WORLD/"'\n\x1b[1m' live live unknown read+write 'open'; }
@test "fifo, in /dev/shm" { stays /dev/shm/f fifo-make fifo-open stay; sees fifo:/dev/shm/f live live unknown read+write 'open'; }

# --- sockets, pipes --------------------------------------------------------------------------------

@test "sock, listening" { stays "$WORLD/s" sock-bind sock-listen stay; sees "sock:$WORLD/s" live live live bound 'bound'; }
@test "sock, bound but not listening" { stays "$WORLD/s" sock-bind stay; sees "sock:$WORLD/s" live live live bound 'bound'; }
@test "sock, of datagrams" { stays "$WORLD/s" sock-bind:dgram stay; sees "sock:$WORLD/s" live live live bound 'bound'; }
@test "sock, of records, listening" { stays "$WORLD/s" sock-bind:seqpacket sock-listen stay; sees "sock:$WORLD/s" live live live bound 'bound'; }
@test "sock, its backlog full" { stays "$WORLD/s" sock-bind sock-listen:0 sock-crowd stay; sees "sock:$WORLD/s" live live live bound 'bound'; }
@test "sock, renamed while it is bound" { stays "$WORLD/s" sock-bind sock-listen rename:"$WORLD/t" stay; sees "sock:$WORLD/t" live live live bound 'bound'; }
@test "sock, its descriptor in flight in SCM_RIGHTS" { stays "$WORLD/s" sock-bind sock-listen flight stay; sees "sock:$WORLD/s" live live live - 'bound'; }
@test "sock, its server dead" { makes "$WORLD/s" sock-bind sock-listen; sees "sock:$WORLD/s" stale stale stale - 'refuses'; }
@test "sock, closed to others, its server dead" { makes "$WORLD/s" sock-bind sock-listen chmod:600; sees "sock:$WORLD/s" stale stale unknown - 'refuses'; }
@test "sock, bound and closed, its maker alive" { stays "$WORLD/s" sock-bind close stay; sees "sock:$WORLD/s" stale stale stale - 'refuses'; }
@test "sock, held in another pid namespace" { stays "$WORLD/s" pid-namespace sock-bind sock-listen stay; sees "sock:$WORLD/s" live live live '?' 'bound'; }
@test "sock, a name with a newline and escapes" { stays "$WORLD/"$'\n\e[1m' sock-bind sock-listen stay; sees "sock:$WORLD/"'\n\x1b[1m' live live live bound 'bound'; }
@test "sock, a name that ends in (deleted)" { stays "$WORLD/s (deleted)" sock-bind sock-listen stay; sees "sock:$WORLD/s (deleted)" live live live bound 'bound'; }
@test "sock, in /dev/shm" { stays /dev/shm/s sock-bind sock-listen stay; sees sock:/dev/shm/s live live live bound 'bound'; }
@test "sock, abstract and listening" { stays "@a.$$" sock-bind sock-listen stay; sees "sock:@a.$$" live live live bound 'open'; }
@test "sock, abstract and bound, a name with a newline" { stays "@a.$$"$'\nb' sock-bind stay; sees "sock:@a.$$"'\nb' live live live bound 'open'; }
@test "sock, of TCP, served by ipcctl" { serves_tcp; sees "sock:tcp:127.0.0.1:$PORT" live live live '?' 'open'; }
@test "pipe, open" { stays - pipe stay; sees "pipe:ino:$(stat -L -c %i "/proc/$HOLDER/fd/3")" live live - '?' 'open'; }

# --- situations that take more than a line -----------------------------------------------------------

# Runs a command in a pid namespace of its own.
in_pid_namespace() { # COMMAND...
	local user=()
	[ "$TESTS_AS" = root ] || user=(-U --map-current-user --keep-caps)
	unshare "${user[@]}" -pf --mount-proc "$@"
}

# Makes an object in a pid namespace of its own, lets another program have the pid of the dead maker, and prints
# what ipcctl says of it there.
with_reused_pid() { # SELECTOR STEP...
	# shellcheck disable=SC2016 # its own parameters
	in_pid_namespace bash -c '
		selector=$1 key=$2
		shift 2
		"$@" &
		maker=$!
		wait $maker || exit
		# Times of System V objects have no fractions, and a second more is left to the clocks: what starts before
		# that is over proves nothing.
		made=$EPOCHSECONDS
		while ((EPOCHSECONDS < made + 4)); do sleep 0.05; done
		echo $((maker - 1)) >/proc/sys/kernel/ns_last_pid || exit
		sleep 1000 &
		[ $! = $maker ] || exit
		ipcctl stat -J "$selector" | jq -r ".[0].state"
		kill $!' bash "$1" "$K" "$WORLD/situation" "$K" "${@:2}"
}

@test "shm sysv, the pid of its dead maker was given to another program" {
	run with_reused_pid "shm:key:$K" seg-make seg-attach
	assert_output stale
}

@test "sem sysv, the pid of its dead user was given to another program" {
	run with_reused_pid "sem:key:$K" set-make set-post
	# Of the set's other semaphore it can't be told from there whether a process outside used it.
	assert_output unknown
}

@test "mq sysv, the pid of its dead user was given to another program" {
	run with_reused_pid "mq:key:$K" queue-make queue-send
	# Whether somebody outside of the pid namespace waits on it can't be seen.
	assert_output unknown
}

@test "sem sysv, a unit held by a process that is younger than the set, and used last by another that is dead" {
	require_root
	makes "$K" set-make set-post set-post
	later
	stays "$K" set-undo stay
	makes "$K" set-post
	# Its holder has a unit, which the kernel shows to nobody.
	for viewer in owner root; do
		run "as_$viewer" ipcctl ls --noheadings -o state "sem:key:$K"
		refute_output stale
	done
	ipcctl rm --stale -y
	is_there "sem:key:$K"
	# Once it is gone nobody is left who could have used the set.
	reap_background
	run ipcctl ls --noheadings -o state "sem:key:$K"
	assert_output stale
}

@test "from another pid namespace: what is held outside is live or unknown, and never stale" {
	stays /s shm-make map close stay
	stays /q mq-make stay
	stays /n sem-make stay
	stays "$K" seg-make seg-attach stay
	stays "$K" set-make block set-take
	stays "$K" queue-make block queue-receive
	stays "$WORLD/f" fifo-make fifo-open stay
	stays "$WORLD/s" sock-bind sock-listen stay
	run in_pid_namespace ipcctl ls --noheadings -o object,state shm mq sem "fifo:$WORLD/f" "sock:$WORLD/s"
	assert_success
	assert_equal "$(tr -s " " <<<"$output" | sort)" "fifo:$WORLD/f unknown
mq:/q live
mq:key:$K unknown
sem:/n live
sem:key:$K live
shm:/s live
shm:key:$K live
sock:$WORLD/s live"
	in_pid_namespace ipcctl rm --stale -y --discard
	assert_equal "$(ipcctl ls --names shm mq sem "fifo:$WORLD/f" "sock:$WORLD/s" | wc -l)" 8
}

@test "from another pid namespace: what was made and used outside is idle, or unknown where a user is recorded" {
	makes /s shm-make shm-use
	makes "$K" seg-make seg-attach
	run in_pid_namespace ipcctl ls --noheadings -o state,object shm
	assert_equal "$(tr -s " " <<<"$output" | sort)" "idle shm:/s
unknown shm:key:$K"
}

@test "directories, links and other files in /dev/shm are no segments, and stay" {
	mkdir /dev/shm/dir /dev/shm/sem.dir
	ln -s /etc/passwd /dev/shm/link
	ln -s nowhere /dev/shm/sem.link
	mkfifo /dev/shm/fifo
	makes /dev/shm/sock sock-bind sock-listen
	: >/dev/shm/sem.short
	head -c 33 /dev/zero >/dev/shm/sem.long
	run ipcctl ls --names shm sem
	assert_equal "$(sort <<<"$output")" $'sem:/long\nshm:/sem.short'
	run ipcctl rm -y 'shm:*' 'sem:*'
	assert_success
	assert_equal "$(find /dev/shm -mindepth 1 | sort | tr '\n' ' ')" \
		"/dev/shm/dir /dev/shm/fifo /dev/shm/link /dev/shm/sem.dir /dev/shm/sem.link /dev/shm/sock "
	for name in shm:/dir sem:/dir shm:/link sem:/link; do
		run ipcctl rm -f "$name"
		assert_failure
	done
	assert [ -d /dev/shm/dir ] && assert [ -e /etc/passwd ]
}

# --- nobody is disturbed -----------------------------------------------------------------------------

# Everything that looks at objects.
look_at_all() {
	local selectors
	ipcctl ls --all --dir "$WORLD" >/dev/null
	ipcctl ls --all --dir "$WORLD" -J >/dev/null
	ipcctl ls --names --dir "$WORLD" >"$WORLD/names"
	mapfile -t selectors <"$WORLD/names"
	ipcctl stat "${selectors[@]}" >/dev/null
	ipcctl rm -n --state live,idle,stale,unknown >/dev/null 2>&1 || true
	ipcctl rm --stale -y >/dev/null 2>&1 || true
	ipcctl rm "${selectors[@]}" >/dev/null 2>&1 || true
}

@test "a reader and a writer that are blocked in open of a FIFO stay so" {
	stays "$WORLD/r" fifo-make block fifo-open:read
	reader=$HOLDER reader_out=$BG_OUT
	stays "$WORLD/w" fifo-make block fifo-open:write
	look_at_all
	is_in_syscall "$reader" openat
	is_in_syscall "$HOLDER" openat
	assert_equal "$(cat "$reader_out" "$BG_OUT")" "ready $reader"$'\n'"ready $HOLDER"
	assert [ -p r ] && assert [ -p w ]
}

@test "a server sees no connection and no datagram, whatever its type, nor does one with a full backlog" {
	for type in stream seqpacket; do
		stays "$WORLD/$type" sock-bind:$type sock-listen sock-accept
		declare "${type}_out=$BG_OUT"
	done
	stays "@accept.$$" sock-bind sock-listen sock-accept
	abstract_out=$BG_OUT
	stays "$WORLD/dgram" sock-bind:dgram sock-receive
	dgram_out=$BG_OUT
	look_at_all
	# What comes now comes first: nobody has come before.
	ipcctl sock connect "$WORLD/stream" </dev/null
	ipcctl sock connect "$WORLD/seqpacket" </dev/null
	ipcctl sock connect "@accept.$$" </dev/null
	ipcctl sock connect "$WORLD/dgram" hello
	# shellcheck disable=SC2154 # declared above
	for out in "$stream_out" "$seqpacket_out" "$abstract_out" "$dgram_out"; do
		wait_until grep -Eq 'accepted|came' "$out"
		assert_equal "$(grep -Ec 'accepted|came' "$out")" 1
	done
}

@test "the times of queues, segments and sets stay as they were" {
	makes /q mq-make mq-send
	makes /s shm-make shm-use
	stays /m shm-make map close stay
	makes /n sem-make sem-post
	makes "$K" seg-make seg-attach
	stays $((K + 1)) seg-make seg-attach stay
	makes "$K" set-make set-post
	makes "$K" queue-make queue-send
	makes "$WORLD/f" fifo-make fifo-use
	times() {
		stat -c '%n %x %y %z' /dev/mqueue/q /dev/shm/* "$WORLD/f"
		cat /proc/sysvipc/{msg,sem,shm}
		ipcs -s -i "$(newest sem)"
	}
	# Of the queue not all that is listed may be removed: it holds a message, and --discard was not said.
	times >"$WORLD/before"
	ipcctl ls --all >/dev/null
	ipcctl ls -J >/dev/null
	ipcctl ls --names >"$WORLD/names"
	mapfile -t selectors <"$WORLD/names"
	ipcctl stat "${selectors[@]}" >/dev/null
	ipcctl rm -n --state live,idle,stale,unknown >/dev/null 2>&1 || true
	ipcctl rm "shm:/m" "mq:/q" "shm:key:$((K + 1))" 2>/dev/null || true
	times >"$WORLD/after"
	diff "$WORLD/before" "$WORLD/after"
}

@test "whoever opens a segment, a semaphore or a queue beside a loop of ls never fails, but with EAGAIN if he will not wait" {
	makes /s shm-make
	makes /n sem-make
	makes /q mq-make
	background as_owner "$WORLD/situation" /s open-loop
	patient=$BG_PID patient_out=$BG_OUT
	background as_owner "$WORLD/situation" /s open-loop:nonblock
	hasty=$BG_PID hasty_out=$BG_OUT
	background as_owner "$WORLD/situation" /q open-loop:mq
	queue=$BG_PID queue_out=$BG_OUT
	background as_owner "$WORLD/situation" /sem.n open-loop
	sem=$BG_PID sem_out=$BG_OUT
	for out in "$patient_out" "$hasty_out" "$queue_out" "$sem_out"; do
		wait_until grep -q ready "$out"
	done
	for _ in {1..60}; do
		as_owner ipcctl ls >/dev/null
		as_owner ipcctl stat shm:/s mq:/q sem:/n >/dev/null
	done
	for pid in "$patient" "$hasty" "$queue" "$sem"; do
		is_running "$pid" || fail "$(cat "$patient_out" "$hasty_out" "$queue_out" "$sem_out")"
	done
	assert_equal "$(grep -h failed "$patient_out" "$hasty_out" "$queue_out" "$sem_out" | sort -u)" ""
}

@test "a look at objects by a user who holds a segment himself does not count as a holder" {
	makes /s shm-make shm-use
	exec {OWN}<>/dev/shm/s
	run ipcctl ls --noheadings -o state shm:/s
	assert_output live
	exec {OWN}<&-
	run ipcctl ls --noheadings -o state shm:/s
	refute_output live
}
