# fish completion for ipcctl(1). Made by man/update.sh from the table of commands and
# completions/frame: do not edit.

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
	test "$words[2..(math (count $path) + 1)]" = "$argv[1]"; or return 1
	set -q argv[2]; or return 0
	set -l operand (math (count $words) - (count $path) - 1)
	if set -q argv[3]
		test $operand -ge $argv[2]
	else
		test $operand -eq $argv[2]
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
function __ipcctl_topics
	echo chmod
	echo chown
	echo ftok
	echo help
	echo ls
	echo rm
	echo stat
	echo wait
end

complete -c ipcctl -s q -l quiet -d 'Say nothing but errors'
complete -c ipcctl -s v -l verbose -d 'Say more'
complete -c ipcctl -l color -d 'Colour: auto, always or never' -xa 'auto always never'
complete -c ipcctl -s h -l help -d 'Show this help'
complete -c ipcctl -s V -l version -d 'Show the version'
complete -c ipcctl -n '__ipcctl_needs_command' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a ftok -d 'Print the System V key of a path: hexadecimal, decimal, and signed as some languages print it'
complete -c ipcctl -n '__ipcctl_needs_command' -a help -d 'Show what a command does'
complete -c ipcctl -n '__ipcctl_needs_command' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_needs_command' -a stat -d 'Show all there is to know of objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a wait -d 'Wait until an object is there, gone, empty, readable, in use or idle'
complete -c ipcctl -n '__ipcctl_at "chmod" 1 more' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "chown" 0' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "chown" 2 more' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "ftok" 0' -rF
complete -c ipcctl -n '__ipcctl_at "help" 0' -xa '(__ipcctl_topics)'
complete -c ipcctl -n '__ipcctl_at "ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "ls" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "ls" 1 more' -xa ' mq sem shm'
complete -c ipcctl -n '__ipcctl_at "rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -x
complete -c ipcctl -n '__ipcctl_at "rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "rm" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "stat" 0 more' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "wait"' -l for -d 'What to wait for: exists, gone, empty, readable, live or idle' -xa 'exists gone empty readable live idle'
complete -c ipcctl -n '__ipcctl_at "wait"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "wait"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "wait" 0' -xa '(__ipcctl_names any)'
