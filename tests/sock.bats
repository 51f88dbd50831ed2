# sock: what its verbs have in common. Each verb has a file of its own: sock_VERB.bats.

load lib

@test "an address that is none is pointed at, with status 2" {
	run ipcctl sock serve tcp:localhost
	assert_failure 2
	assert_output --partial "cannot parse 'tcp:localhost'"
	run ipcctl sock serve tcp:[::1:7
	assert_failure 2
	run ipcctl sock serve mq:/x
	assert_failure 2
}

@test "a path without its directory, and a socket that was not handed over, are told" {
	run ipcctl sock serve "$BATS_TEST_TMPDIR/none/s"
	assert_failure 3
	run ipcctl sock serve fd:99
	assert_failure 1
	run ipcctl sock serve systemd:none
	assert_failure 3
}
