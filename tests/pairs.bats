# Subcommands piped into each other: records arrive byte for byte, in order, with their boundaries.
#
# A table of sources and one of sinks, and every pair of them, with each framing. A source is a carrier that
# has been given records and the command that prints them; a sink is the command that reads them and
# what its carrier has in the end. What went in and what came out is compared as netstrings.

load lib

SINKS=(mq_posix mq_sysv)
FRAMINGS=(line nul netstring json)

# Records that each carrier takes whatever its limits by default are: at most 8 KB each, 10 of them, 16 KB in
# all. What ends a record in a framing is the only byte that its records do not hold.
COUNT=10
setup_file() {
	[ -x "$PYTHON" ] || skip "needs $PYTHON"
	"$PYTHON" - "$BATS_FILE_TMPDIR" <<-'END'
		import sys
		every = bytes(range(256))
		for framing, without in ("line", b"\n"), ("nul", b"\0"), ("netstring", b""), ("json", b""):
		    records = [b"", b"plain text", every, "gr\u00fc\u00df \u20ac".encode(), b"\r", b"", b'{"data": "x"}',
		               b"3:abc,", every * 33]
		    records = [bytes(b for b in r if b not in without)[:8192] for r in records] + [b""]
		    with open(f"{sys.argv[1]}/{framing}", "wb") as f:
		        f.write(b"".join(b"%d:%s," % (len(r), r) for r in records))
	END
}

# --- the carriers -------------------------------------------------------------------------------------
#
# source_CARRIER makes a carrier, gives it the records of $RECORDS (or has them given in the background) and
# sets FROM to the command that prints them. sink_CARRIER sets TO to the command that reads records, and
# drain_CARRIER prints what arrived.

source_mq_posix() {
	local q
	q=$(unique_name from)
	ipcctl mq send --create -F netstring "$q" <"$RECORDS"
	FROM=(ipcctl mq recv -n "$COUNT" "$q")
}

sink_mq_posix() {
	TO_NAME=$(unique_name to)
	TO=(ipcctl mq send --create -p 0 "$TO_NAME") # JSON of another carrier has no priority, or a type
}

drain_mq_posix() {
	ipcctl mq recv --drain -F netstring "$TO_NAME"
}

source_mq_sysv() {
	local q
	q=$(ipcctl mq create key:private)
	ipcctl mq send -F netstring "$q" <"$RECORDS"
	FROM=(ipcctl mq recv --drain "$q")
}

sink_mq_sysv() {
	TO_NAME=$(ipcctl mq create key:private)
	TO=(ipcctl mq send --type 1 "$TO_NAME")
}

drain_mq_sysv() {
	drain_mq_posix
}

# --- the pairs ----------------------------------------------------------------------------------------

pair() { # SOURCE SINK FRAMING
	local messages=$BATS_TEST_TMPDIR/messages status=0
	RECORDS=$BATS_FILE_TMPDIR/$3
	"source_$1"
	"sink_$2"
	(
		set -euo pipefail
		timeout 60 "${FROM[@]}" -F "$3" | timeout 60 "${TO[@]}" -F "$3"
	) 2>"$messages" || status=$?
	if [ "$status" != 0 ] || [ -s "$messages" ]; then
		echo "$1 to $2 with -F $3: status $status" >&2
		cat "$messages" >&2
		return 1
	fi
	if ! "drain_$2" | cmp - "$RECORDS" >&2; then
		echo "$1 to $2 with -F $3: these are not the records that were sent" >&2
		return 1
	fi
	remove_objects
}

# All that fails is told, not the first alone.
every_sink() { # SOURCE
	local sink framing failed=0
	for sink in "${SINKS[@]}"; do
		for framing in "${FRAMINGS[@]}"; do
			(pair "$1" "$sink" "$framing") || failed=1
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
