# The tour of script/demo, in the private world that the test is in already.

# once
load lib

@test "the tour of the demo runs to its end, every step with the status it announces, and leaves nothing" {
	run "$SOURCE/script/demo" --inside
	assert_success
	refute_output --partial "script/demo:"
	[[ "$output" == *'$ ipcctl ls --dir .' ]]
	assert_output --partial "got in"
	run ipcctl ls --names
	assert_output ""
}
