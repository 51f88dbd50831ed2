# Subcommands piped into each other: records arrive byte for byte, in order, with their boundaries.
#
# A table of sources and one of sinks, and every pair of them, with each framing. A source is a carrier that
# is given records and the command that prints them; a sink is the command that reads them and what its
# carrier has in the end.

load lib

SINKS=(mq_posix mq_sysv fifo stream_client seqpacket_client dgram_client broadcast)
FRAMINGS=(line nul netstring json)
COUNT=10 # records

setup_file() {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	command -v socat >/dev/null || skip "needs socat"
	"$PYTHON" "$BATS_TEST_DIRNAME/foreign/records.py" make "$BATS_FILE_TMPDIR"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# --- the carriers -------------------------------------------------------------------------------------
#
# source_CARRIER makes a carrier, has it given $NETSTRINGS, or $WIRE (the same in the framing of the pair) where
# that is bytes, and sets FROM to the command that prints them. sink_CARRIER sets TO to the command that reads
# records, and drain_CARRIER writes what arrived to the file got, as netstrings or, as bytes, to the file wire.

records() { # ARGUMENT...
	"$PYTHON" "$BATS_TEST_DIRNAME/foreign/records.py" "$@"
}

# What was started last ends by itself.
ended() {
	wait_until _has_ended "$BG_PID"
	wait "$BG_PID"
}

source_mq_posix() {
	ipcctl mq send --create -F netstring /from <"$NETSTRINGS"
	FROM=(ipcctl mq recv -n "$COUNT" /from)
}

sink_mq_posix() {
	TO=(ipcctl mq send --create -p 0 /to) # JSON of another carrier has no priority, or a type
}

drain_mq_posix() {
	ipcctl mq recv --drain -F netstring /to >got
}

source_mq_sysv() {
	ipcctl mq send --create -F netstring key:71 <"$NETSTRINGS"
	FROM=(ipcctl mq recv --drain key:71)
}

sink_mq_sysv() {
	TO=(ipcctl mq send --create --type 1 key:72)
}

drain_mq_sysv() {
	ipcctl mq recv --drain -F netstring key:72 >got
}

source_fifo() {
	ipcctl fifo create from
	background cp "$WIRE" from
	FROM=(ipcctl fifo read from)
}

sink_fifo() {
	ipcctl fifo create to
	background cp to wire
	TO=(ipcctl fifo write to)
}

drain_fifo() {
	ended
}

source_stream_server() {
	background ipcctl sock connect --wait -t 10s from <"$WIRE"
	FROM=(ipcctl sock serve --once from)
}

source_seqpacket_server() {
	background ipcctl sock connect --wait -t 10s -F netstring from <"$NETSTRINGS"
	FROM=(ipcctl sock serve --once --type seqpacket from)
}

# A server of datagrams ends when it is told to, with all that was sent to it before.
source_dgram_server() {
	# shellcheck disable=SC2016
	background bash -c 'ipcctl sock connect --wait -t 10s -F netstring from <"$1" && kill "$(cat pid)"' - "$NETSTRINGS"
	# shellcheck disable=SC2016
	FROM=(bash -c 'echo $$ >pid && exec "$@"' - ipcctl sock serve --type dgram from)
}

source_stream_client() {
	background socat -u "OPEN:$WIRE" UNIX-LISTEN:from
	FROM=(ipcctl sock connect --wait -t 10s from)
}

source_seqpacket_client() {
	background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/records.py" seqpacket from "$NETSTRINGS"
	FROM=(ipcctl sock connect --wait -t 10s from)
}

sink_stream_client() {
	background socat -u UNIX-LISTEN:to CREATE:wire
	TO=(ipcctl sock connect --wait -t 10s to)
}

drain_stream_client() {
	ended
}

sink_seqpacket_client() {
	background ipcctl sock serve --once --type seqpacket -F netstring to
	TO=(ipcctl sock connect --wait -t 10s to)
}

drain_seqpacket_client() {
	ended
	cp "$BG_OUT" got
}

sink_dgram_client() {
	background "$PYTHON" "$BATS_TEST_DIRNAME/foreign/records.py" dgram to "$COUNT"
	TO=(ipcctl sock connect --wait -t 10s to)
}

drain_dgram_client() {
	drain_seqpacket_client
}

# Reads nothing before somebody is there.
sink_broadcast() {
	background ipcctl sock connect --wait -t 10s to </dev/null
	TO=(ipcctl sock serve --broadcast to)
}

drain_broadcast() {
	ended
	cp "$BG_OUT" wire
}

# --- the pairs ----------------------------------------------------------------------------------------

# Two of the framings go through the shell's pipe, two through ipcctl's own.
run_pair() { # FRAMING
	case $1 in
	line | json)
		(
			set -euo pipefail
			timeout 60 "${FROM[@]}" -F "$1" </dev/null | timeout 60 "${TO[@]}" -F "$1"
		)
		;;
	*) timeout 60 ipcctl pipe "${FROM[@]}" -F "$1" :: "${TO[@]}" -F "$1" </dev/null ;;
	esac
}

arrived() { # FRAMING
	if [ ! -e wire ]; then
		cmp got "$NETSTRINGS"
	elif [ "$1" = json ]; then
		records json <wire | cmp - "$NETSTRINGS"
	else
		cmp wire "$WIRE"
	fi
}

pair() { # SOURCE SINK FRAMING
	local status=0
	mkdir "$1.$2.$3"
	cd "$1.$2.$3" || return
	NETSTRINGS=$BATS_FILE_TMPDIR/netstrings.$3 WIRE=$BATS_FILE_TMPDIR/wire.$3
	"source_$1"
	"sink_$2"
	run_pair "$3" 2>messages || status=$?
	if [ "$status" != 0 ] || [ -s messages ]; then
		echo "$1 to $2 with -F $3: status $status" >&2
		cat messages >&2
		return 1
	fi
	"drain_$2" || return
	if ! arrived "$3" >&2; then
		echo "$1 to $2 with -F $3: these are not the records that were sent" >&2
		return 1
	fi
}

# All that fails is told, not the first alone.
every_sink() { # SOURCE
	local sink framing failed=0
	for sink in "${SINKS[@]}"; do
		for framing in "${FRAMINGS[@]}"; do
			(
				status=0
				pair "$1" "$sink" "$framing" || status=1
				reap_background
				remove_objects
				exit $status
			) || failed=1
		done
	done
	return $failed
}

@test "what mq recv prints of a POSIX queue arrives whole in every sink" {
	every_sink mq_posix
}

@test "what mq recv prints of a System V queue arrives whole in every sink" {
	every_sink mq_sysv
}

@test "what fifo read prints arrives whole in every sink" {
	every_sink fifo
}

@test "what sock serve prints of a stream arrives whole in every sink" {
	every_sink stream_server
}

@test "what sock serve prints of sequential packets arrives whole in every sink" {
	every_sink seqpacket_server
}

@test "what sock serve prints of datagrams arrives whole in every sink" {
	every_sink dgram_server
}

@test "what sock connect prints of a stream arrives whole in every sink" {
	every_sink stream_client
}

@test "what sock connect prints of sequential packets arrives whole in every sink" {
	every_sink seqpacket_client
}
