# help: what the table of commands says, for people.

load lib

@test "help without a command is the overview, and so is --help" {
	run ipcctl help
	assert_success
	assert_line --index 0 "Usage: ipcctl [OPTION...] COMMAND [VERB] [OPTION...] [OPERAND...]"
	for command in ls rm stat help ftok; do
		assert_line --regexp "^  $command  "
	done
	overview=$output
	for option in --help -h --hel; do
		run ipcctl $option
		assert_success
		assert_output "$overview"
	done
}

@test "no command at all is the overview and wrong usage" {
	run ipcctl
	assert_failure 2
	assert_line --index 0 "Usage: ipcctl [OPTION...] COMMAND [VERB] [OPTION...] [OPERAND...]"
}

@test "help COMMAND and COMMAND --help are the same, wherever --help stands" {
	help=$(ipcctl help rm)
	[[ $help = "Usage: ipcctl rm [OPTION...] [SELECTOR|KIND|-...]"* ]]
	for call in "rm --help" "rm -h" "rm mq:/x -h" "rm -n -h mq:/x" "--help rm" "rm --state live --help" "-h rm"; do
		# shellcheck disable=SC2086 # words
		run ipcctl $call
		assert_success
		assert_output "$help"
	done
}

@test "help names every option, operand and example of a command" {
	run ipcctl help ls
	for text in '  -o, --columns COLUMNS' '      --names ' '  -u, --user USER' '  -J, --json ' 'Operands:' '  SELECTOR ' \
		'  KIND ' 'Examples:' '  ipcctl ls$' 'Everywhere:' '      --color WHEN ' 'More: man ipcctl-ls'; do
		assert_line --regexp "^$text"
	done
}

@test "help of what does not exist says what was meant" {
	run ipcctl help lls
	assert_failure 2
	assert_line --index 0 "ipcctl help: unknown command 'lls'; did you mean 'ls'?"
	run ipcctl help rm verb
	assert_failure 2
	assert_line --index 0 "ipcctl help: 'rm' has no verb 'verb'"
	run ipcctl help $'a\e[31m'
	assert_failure 2
	assert_line --index 0 "ipcctl help: unknown command 'a\\x1b[31m'"
	run ipcctl help rm a b
	assert_failure 2
}

@test "help that can't be written fails" {
	run bash -c 'ipcctl help >/dev/full'
	assert_failure 1
	assert_output "ipcctl help: cannot write standard output: No space left on device"
}

@test "operands are explained in their order, each once" {
	order() { ipcctl "$@" --help | sed -n '/^Operands:/,/^$/s/^  \([A-Z][^ ]*\) .*/\1/p' | paste -sd ' '; }
	assert_equal "$(order sock serve)" "ADDRESS HANDLER"
	assert_equal "$(order sock relay)" "ADDRESS SERVER"
	assert_equal "$(order chown)" "USER[:GROUP] SELECTOR"
	assert_equal "$(order shm set)" "OBJECT FIELD=VALUE"
	assert_equal "$(order pipe)" "COMMAND"
}
