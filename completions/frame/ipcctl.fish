# Names of objects; the KIND: that the command implies is left out where the name needs no escapes.
function __ipcctl_names
	if test $argv[1] = any
		ipcctl ls --names 2>/dev/null
		return
	end
	for name in (ipcctl ls --names $argv[1] 2>/dev/null)
		if string match -q '*\\\\*' -- $name
			echo $name
		else
			string replace -r "^$argv[1]:" '' -- $name
		end
	end
end

# The words before the cursor that are no options: ipcctl, command, verb, operands.
function __ipcctl_words
	string match -v -- '-*' (commandline -opc)
end

# Whether the command line leads to this command and verb, and the operand is the Nth or a later one.
function __ipcctl_at
	set -l words (__ipcctl_words)
	set -l path (string split ' ' -- $argv[1])
	test (count $words) -gt (count $path); or return 1
	set -l last (math (count $path) + 1)
	test "$words[2..$last]" = "$argv[1]"; or return 1
	set -q argv[2]; or return 0
	set -l operand (math (count $words) - (count $path) - 1)
	if set -q argv[3]
		test $operand -ge $argv[2]
	else
		test $operand -eq $argv[2]
	end
end

# Of words that commas separate the last one; a '+' may stand before all of them.
function __ipcctl_list
	set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')
	set -l before (string match -r '^(?:.*,|\\+)' -- $typed)
	for word in $argv
		contains -- $word (string split , -- (string trim -l -c + -- "$before")); or echo "$before$word"
	end
end

# One word, which a '-' may stand before.
function __ipcctl_order
	set -l minus (string match -r '^-(?!-)' -- (commandline -ct | string replace -r '^--[^=]*=' ''))
	for word in $argv
		echo "$minus$word"
	end
end

function __ipcctl_needs_command
	test (count (__ipcctl_words)) -eq 1
end

function __ipcctl_needs_verb
	set -l words (__ipcctl_words)
	test (count $words) -eq 2; and test $words[2] = $argv[1]
end

complete -c ipcctl -f
