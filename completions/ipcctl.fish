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
function __ipcctl_topics
	echo chmod
	echo chown
	echo fifo
	echo ftok
	echo graph
	echo help
	echo limits
	echo ls
	echo mq
	echo pipe
	echo rm
	echo sem
	echo shm
	echo sock
	echo stat
	echo top
	echo wait
end

complete -c ipcctl -s q -l quiet -d 'Say nothing but errors'
complete -c ipcctl -s v -l verbose -d 'Say more'
complete -c ipcctl -l color -d 'Colour: auto, always or never' -xa ' auto always never'
complete -c ipcctl -s h -l help -d 'Show this help'
complete -c ipcctl -s V -l version -d 'Show the version'
complete -c ipcctl -n '__ipcctl_needs_command' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a fifo -d 'Create and use FIFOs (named pipes)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a create -d 'Create a FIFO'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a write -d 'Write standard input, or the operands as records'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a read -d 'Print what is written, until the last writer has left'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a serve -d 'Run a program for each record, which is its standard input'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_at "fifo chmod"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo chmod" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_at "fifo chown"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo chown" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a graph -d 'Draw processes and the objects between them'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l format -d 'What to write: dot or mermaid' -xa ' dot mermaid'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -s a -l all -d 'Also pipes and sockets without a name, what no process has, and each connection by itself'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo graph"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "fifo graph" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a limits -d 'Show the limits of the system, their use, and who uses most'
complete -c ipcctl -n '__ipcctl_at "fifo limits"' -l warn -d 'Show only what is used up to this part or more; status 6 if anything is' -x
complete -c ipcctl -n '__ipcctl_at "fifo limits"' -l sort -d 'Order by table or by percent' -xa ' table percent'
complete -c ipcctl -n '__ipcctl_at "fifo limits"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "fifo limits"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo limits"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "fifo limits"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "fifo limits" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo ls"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "fifo ls" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo rm"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "fifo rm" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a stat -d 'Show all there is to know of objects, or why a call fails'
complete -c ipcctl -n '__ipcctl_at "fifo stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "fifo stat"' -l error -d 'Explain why a call fails: the name or the words of an error, and a system call or a kind' -x
complete -c ipcctl -n '__ipcctl_at "fifo stat"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo stat"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "fifo stat" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_verb fifo' -a top -d 'Watch objects live on the terminal'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -s d -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "fifo top"' -s o -l columns -d 'Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "fifo top"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "fifo top" 0 more' -xa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_needs_command' -a ftok -d 'Print the System V key of a path: hexadecimal, decimal, and signed as some languages print it'
complete -c ipcctl -n '__ipcctl_needs_command' -a graph -d 'Draw processes and the objects between them'
complete -c ipcctl -n '__ipcctl_needs_command' -a help -d 'Show what a command does'
complete -c ipcctl -n '__ipcctl_needs_command' -a limits -d 'Show the limits of the system, their use, and who uses most'
complete -c ipcctl -n '__ipcctl_needs_command' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_needs_command' -a mq -d 'Create and use message queues'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a create -d 'Create a queue'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a send -d 'Send messages: the operands, or else the records of standard input'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a recv -d 'Receive messages and print them: one unless told otherwise'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a peek -d 'Print messages without taking them, where the kernel can (System V)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a move -d 'Pass messages on to another queue without losing one'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_at "mq chmod"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq chmod" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_at "mq chown"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq chown" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a graph -d 'Draw processes and the objects between them'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l format -d 'What to write: dot or mermaid' -xa ' dot mermaid'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -s a -l all -d 'Also pipes and sockets without a name, what no process has, and each connection by itself'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq graph"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "mq graph" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a limits -d 'Show the limits of the system, their use, and who uses most'
complete -c ipcctl -n '__ipcctl_at "mq limits"' -l warn -d 'Show only what is used up to this part or more; status 6 if anything is' -x
complete -c ipcctl -n '__ipcctl_at "mq limits"' -l sort -d 'Order by table or by percent' -xa ' table percent'
complete -c ipcctl -n '__ipcctl_at "mq limits"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "mq limits"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq limits"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "mq limits"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "mq limits" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq ls"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "mq ls" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq rm"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "mq rm" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a stat -d 'Show all there is to know of objects, or why a call fails'
complete -c ipcctl -n '__ipcctl_at "mq stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "mq stat"' -l error -d 'Explain why a call fails: the name or the words of an error, and a system call or a kind' -x
complete -c ipcctl -n '__ipcctl_at "mq stat"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq stat"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "mq stat" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_verb mq' -a top -d 'Watch objects live on the terminal'
complete -c ipcctl -n '__ipcctl_at "mq top"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "mq top"' -s d -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "mq top"' -s o -l columns -d 'Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "mq top"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "mq top"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "mq top"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "mq top"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "mq top"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "mq top"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq top"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq top"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "mq top"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "mq top"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "mq top"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "mq top" 0 more' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_needs_command' -a pipe -d 'Run commands that are connected by pipes'
complete -c ipcctl -n '__ipcctl_needs_command' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_needs_command' -a sem -d 'Count with semaphores, and run programs that hold them'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a create -d 'Create a semaphore, or a System V set of them'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a wait -d 'Take units, waiting until they are there'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a post -d 'Add units'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a get -d 'Print the value'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a set -d 'Set the value'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a run -d 'Run a program that holds units until it ends, however it ends'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a holders -d 'Tell who holds it, and who waits'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a repair -d 'Give back what dead holders kept'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_at "sem chmod"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem chmod" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_at "sem chown"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem chown" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a graph -d 'Draw processes and the objects between them'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l format -d 'What to write: dot or mermaid' -xa ' dot mermaid'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -s a -l all -d 'Also pipes and sockets without a name, what no process has, and each connection by itself'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem graph"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sem graph" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a limits -d 'Show the limits of the system, their use, and who uses most'
complete -c ipcctl -n '__ipcctl_at "sem limits"' -l warn -d 'Show only what is used up to this part or more; status 6 if anything is' -x
complete -c ipcctl -n '__ipcctl_at "sem limits"' -l sort -d 'Order by table or by percent' -xa ' table percent'
complete -c ipcctl -n '__ipcctl_at "sem limits"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "sem limits"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem limits"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "sem limits"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "sem limits" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem ls"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sem ls" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem rm"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sem rm" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a stat -d 'Show all there is to know of objects, or why a call fails'
complete -c ipcctl -n '__ipcctl_at "sem stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "sem stat"' -l error -d 'Explain why a call fails: the name or the words of an error, and a system call or a kind' -x
complete -c ipcctl -n '__ipcctl_at "sem stat"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem stat"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sem stat" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_verb sem' -a top -d 'Watch objects live on the terminal'
complete -c ipcctl -n '__ipcctl_at "sem top"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "sem top"' -s d -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "sem top"' -s o -l columns -d 'Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "sem top"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "sem top"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "sem top"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sem top"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sem top"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sem top"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem top"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem top"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sem top"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sem top"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sem top"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sem top" 0 more' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_needs_command' -a shm -d 'Create and use shared memory'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a create -d 'Create a segment'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a write -d 'Write bytes into a segment, from an operand or standard input'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a read -d 'Print the bytes of a segment'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a resize -d 'Change the size of a POSIX segment'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a get -d 'Print fields of a C structure in a segment'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a set -d 'Change fields of a C structure in a segment'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a watch -d 'Print the fields of a C structure and each change, or wait for one'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_at "shm chmod"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm chmod" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_at "shm chown"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm chown" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a graph -d 'Draw processes and the objects between them'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l format -d 'What to write: dot or mermaid' -xa ' dot mermaid'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -s a -l all -d 'Also pipes and sockets without a name, what no process has, and each connection by itself'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm graph"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "shm graph" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a limits -d 'Show the limits of the system, their use, and who uses most'
complete -c ipcctl -n '__ipcctl_at "shm limits"' -l warn -d 'Show only what is used up to this part or more; status 6 if anything is' -x
complete -c ipcctl -n '__ipcctl_at "shm limits"' -l sort -d 'Order by table or by percent' -xa ' table percent'
complete -c ipcctl -n '__ipcctl_at "shm limits"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "shm limits"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm limits"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "shm limits"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "shm limits" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm ls"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "shm ls" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm rm"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "shm rm" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a stat -d 'Show all there is to know of objects, or why a call fails'
complete -c ipcctl -n '__ipcctl_at "shm stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "shm stat"' -l error -d 'Explain why a call fails: the name or the words of an error, and a system call or a kind' -x
complete -c ipcctl -n '__ipcctl_at "shm stat"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm stat"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "shm stat" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_verb shm' -a top -d 'Watch objects live on the terminal'
complete -c ipcctl -n '__ipcctl_at "shm top"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "shm top"' -s d -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "shm top"' -s o -l columns -d 'Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "shm top"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "shm top"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "shm top"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "shm top"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "shm top"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "shm top"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm top"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm top"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "shm top"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "shm top"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "shm top"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "shm top" 0 more' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_needs_command' -a sock -d 'Serve and use sockets'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a serve -d 'Serve clients: run a program for each, or print what they send'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a connect -d 'Connect: send the operands, or else standard input, and print what comes'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a probe -d 'Print whether somebody is there: live, stale, absent or denied'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a relay -d 'Listen, and pass each client on to another socket'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a chmod -d 'Change the permissions of objects'
complete -c ipcctl -n '__ipcctl_at "sock chmod"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock chmod" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a chown -d 'Change the owner and the group of objects'
complete -c ipcctl -n '__ipcctl_at "sock chown"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock chown" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a graph -d 'Draw processes and the objects between them'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l format -d 'What to write: dot or mermaid' -xa ' dot mermaid'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -s a -l all -d 'Also pipes and sockets without a name, what no process has, and each connection by itself'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock graph"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sock graph" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a limits -d 'Show the limits of the system, their use, and who uses most'
complete -c ipcctl -n '__ipcctl_at "sock limits"' -l warn -d 'Show only what is used up to this part or more; status 6 if anything is' -x
complete -c ipcctl -n '__ipcctl_at "sock limits"' -l sort -d 'Order by table or by percent' -xa ' table percent'
complete -c ipcctl -n '__ipcctl_at "sock limits"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "sock limits"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock limits"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "sock limits"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "sock limits" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a ls -d 'List objects'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock ls"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sock ls" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a rm -d 'Remove objects, safely'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock rm"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sock rm" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a stat -d 'Show all there is to know of objects, or why a call fails'
complete -c ipcctl -n '__ipcctl_at "sock stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "sock stat"' -l error -d 'Explain why a call fails: the name or the words of an error, and a system call or a kind' -x
complete -c ipcctl -n '__ipcctl_at "sock stat"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock stat"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sock stat" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_verb sock' -a top -d 'Watch objects live on the terminal'
complete -c ipcctl -n '__ipcctl_at "sock top"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "sock top"' -s d -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "sock top"' -s o -l columns -d 'Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "sock top"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "sock top"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "sock top"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "sock top"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "sock top"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "sock top"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sock top"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock top"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "sock top"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "sock top"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "sock top"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "sock top" 0 more' -xa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_needs_command' -a stat -d 'Show all there is to know of objects, or why a call fails'
complete -c ipcctl -n '__ipcctl_needs_command' -a top -d 'Watch objects live on the terminal'
complete -c ipcctl -n '__ipcctl_needs_command' -a wait -d 'Wait until an object is there, gone, empty, readable, in use or idle'
complete -c ipcctl -n '__ipcctl_at "chmod"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "chmod" 1 more' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "chown"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "chown" 0' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "chown" 2 more' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "fifo create"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "fifo create"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo create"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo create" 0' -rFa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -s F -l framing -d 'Carry records, separated like this; else a stream is plain bytes' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -l drop -d 'Drop a record rather than wait when nobody reads, and count those'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "fifo write"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "fifo write"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo write"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo write" 0' -rFa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -s F -l framing -d 'Carry records, separated like this; else a stream is plain bytes' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -s J -l json -d 'Print records as JSON, one object a line'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -l keep -d 'Stay when the last writer has left, for those that come later'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -s n -l count -d 'End after so many records' -x
complete -c ipcctl -n '__ipcctl_at "fifo read"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "fifo read"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "fifo read"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo read"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo read" 0' -rFa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -s F -l framing -d 'How records are separated' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -s j -l jobs -d 'How many handlers may run at once' -x
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -s n -l count -d 'End after so many records' -x
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "fifo serve"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "fifo serve" 0' -rFa '(__ipcctl_names fifo)'
complete -c ipcctl -n '__ipcctl_at "fifo serve" 1 more' -xa '(__fish_complete_command)'
complete -c ipcctl -n '__ipcctl_at "ftok" 0' -rF
complete -c ipcctl -n '__ipcctl_at "graph"' -l format -d 'What to write: dot or mermaid' -xa ' dot mermaid'
complete -c ipcctl -n '__ipcctl_at "graph"' -s a -l all -d 'Also pipes and sockets without a name, what no process has, and each connection by itself'
complete -c ipcctl -n '__ipcctl_at "graph"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "graph"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "graph"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "graph"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "graph"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "graph"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "graph"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "graph"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "graph"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "graph"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "graph" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "graph" 1 more' -xa ' fifo mq pipe sem shm sock'
complete -c ipcctl -n '__ipcctl_at "help" 0' -xa '(__ipcctl_topics)'
complete -c ipcctl -n '__ipcctl_at "limits"' -l warn -d 'Show only what is used up to this part or more; status 6 if anything is' -x
complete -c ipcctl -n '__ipcctl_at "limits"' -l sort -d 'Order by table or by percent' -xa ' table percent'
complete -c ipcctl -n '__ipcctl_at "limits"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "limits"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "limits"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "limits"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "limits" 0 more' -xa ' fifo mq pipe sem shm sock'
complete -c ipcctl -n '__ipcctl_at "ls"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "ls"' -s o -l columns -d 'Show these columns, named as the JSON keys; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "ls"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent)'
complete -c ipcctl -n '__ipcctl_at "ls"' -l names -d 'Print the selectors alone, one a line'
complete -c ipcctl -n '__ipcctl_at "ls"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "ls"' -l bytes -d 'Print sizes in bytes'
complete -c ipcctl -n '__ipcctl_at "ls"' -l noheadings -d 'Print no headings'
complete -c ipcctl -n '__ipcctl_at "ls"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "ls"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "ls"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "ls"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "ls"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "ls"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "ls"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "ls" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "ls" 1 more' -xa ' fifo mq pipe sem shm sock'
complete -c ipcctl -n '__ipcctl_at "mq create"' -l max-messages -d 'Messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq create"' -l message-size -d 'Longest message' -x
complete -c ipcctl -n '__ipcctl_at "mq create"' -l queue-bytes -d 'Bytes of messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq create"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "mq create"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq create"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "mq create" 0' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_at "mq send"' -s p -l priority -d 'Priority, 0 to 32767, the highest is received first (POSIX)' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -l type -d 'Type, from 1 (System V)' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -s F -l framing -d 'How records are separated' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "mq send"' -l text -d 'Messages are text that ends with a NUL, as C programs send it'
complete -c ipcctl -n '__ipcctl_at "mq send"' -l layout -d 'The structure: C declarations, or @FILE.h' -rF
complete -c ipcctl -n '__ipcctl_at "mq send"' -l struct -d 'Which structure of the layout, unless the last one' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "mq send"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "mq send"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "mq send"' -l max-messages -d 'Messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -l message-size -d 'Longest message' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -l queue-bytes -d 'Bytes of messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "mq send"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq send"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "mq send" 0' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s n -l count -d 'How many messages' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l drain -d 'Until there are no more (with -t: and none come)'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s f -l follow -d 'For ever'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l type -d 'Only messages of this type; negative: of the lowest type up to it (System V)' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l except -d 'Only messages of other types (System V)' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s F -l framing -d 'How records are separated' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s J -l json -d 'Print records as JSON, one object a line'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l text -d 'Messages are text that ends with a NUL, as C programs send it'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l layout -d 'The structure: C declarations, or @FILE.h' -rF
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l struct -d 'Which structure of the layout, unless the last one' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l max-messages -d 'Messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l message-size -d 'Longest message' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l queue-bytes -d 'Bytes of messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "mq recv"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq recv"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "mq recv" 0' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -s n -l count -d 'How many messages, unless all' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -s F -l framing -d 'How records are separated' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -s J -l json -d 'Print records as JSON, one object a line'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l text -d 'Messages are text that ends with a NUL, as C programs send it'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l layout -d 'The structure: C declarations, or @FILE.h' -rF
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l struct -d 'Which structure of the layout, unless the last one' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l max-messages -d 'Messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l message-size -d 'Longest message' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l queue-bytes -d 'Bytes of messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "mq peek"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq peek"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "mq peek" 0' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_at "mq move"' -s n -l count -d 'How many messages' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -l drain -d 'Until there are no more (with -t: and none come)'
complete -c ipcctl -n '__ipcctl_at "mq move"' -s f -l follow -d 'For ever'
complete -c ipcctl -n '__ipcctl_at "mq move"' -l type -d 'Only messages of this type; negative: of the lowest type up to it (System V)' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -l except -d 'Only messages of other types (System V)' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "mq move"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "mq move"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "mq move"' -l max-messages -d 'Messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -l message-size -d 'Longest message' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -l queue-bytes -d 'Bytes of messages the queue can hold' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "mq move"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "mq move"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "mq move" 0' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_at "mq move" 1' -xa '(__ipcctl_names mq)'
complete -c ipcctl -n '__ipcctl_at "pipe"' -s t -l timeout -d 'How long all of it may take' -x
complete -c ipcctl -n '__ipcctl_at "pipe"' -l kill-after -d 'How long stages that are told to end have for that, before they are killed' -x
complete -c ipcctl -n '__ipcctl_at "pipe"' -l sep -d 'The word between two stages, instead of ::' -x
complete -c ipcctl -n '__ipcctl_at "pipe"' -l size -d 'How much each pipe holds; less where the kernel refuses it' -x
complete -c ipcctl -n '__ipcctl_at "pipe"' -l tee -d 'Send the output of the first stage to all the others'
complete -c ipcctl -n '__ipcctl_at "pipe"' -l merge -d 'Bring the lines of all the others into the last stage, each whole'
complete -c ipcctl -n '__ipcctl_at "pipe"' -s F -l framing -d 'What --merge keeps whole' -xa ' line nul json'
complete -c ipcctl -n '__ipcctl_at "pipe"' -l ring -d 'Make the output of the last stage the input of the first'
complete -c ipcctl -n '__ipcctl_at "pipe"' -l meter -d 'Show bytes, rate and which stage holds the line up'
complete -c ipcctl -n '__ipcctl_at "pipe"' -l report -d 'Write that as JSON, with how each stage ended' -rF
complete -c ipcctl -n '__ipcctl_at "pipe" 0 more' -xa '(__fish_complete_command)'
complete -c ipcctl -n '__ipcctl_at "pipe" 1 more' -xa '(__fish_complete_command)'
complete -c ipcctl -n '__ipcctl_at "pipe" 2 more' -xa '(__fish_complete_command)'
complete -c ipcctl -n '__ipcctl_at "rm"' -s y -l yes -d 'Do not ask'
complete -c ipcctl -n '__ipcctl_at "rm"' -s n -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c ipcctl -n '__ipcctl_at "rm"' -l discard -d 'Also queues that hold unread messages'
complete -c ipcctl -n '__ipcctl_at "rm"' -s f -l force -d 'Also what is in use or may be; only for objects that are named one by one'
complete -c ipcctl -n '__ipcctl_at "rm"' -l if-exists -d 'A name that leads to nothing is no error'
complete -c ipcctl -n '__ipcctl_at "rm"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "rm"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "rm"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "rm"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "rm"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "rm"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "rm"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "rm"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "rm"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "rm" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "rm" 1' -xa ' fifo mq pipe sem shm sock'
complete -c ipcctl -n '__ipcctl_at "sem create"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem create"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem create"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem create"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem create"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem create" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l units -d 'Take so many at once' -x
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l zero -d 'Wait until the value is 0, and take nothing'
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sem wait"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem wait"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem wait"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem wait"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem wait" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem post"' -l units -d 'Add so many' -x
complete -c ipcctl -n '__ipcctl_at "sem post"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sem post"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sem post"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sem post"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "sem post"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem post"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem post"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem post"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem post"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem post" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem get"' -s J -l json -d 'Print JSON'
complete -c ipcctl -n '__ipcctl_at "sem get"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sem get"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sem get"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sem get"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "sem get"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem get"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem get"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem get"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem get"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem get" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem set"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sem set"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sem set"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sem set"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "sem set"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem set"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem set"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem set"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem set"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem set" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem run"' -l units -d 'Hold so many' -x
complete -c ipcctl -n '__ipcctl_at "sem run"' -l conflict-status -d 'Exit status when it could not be had in time' -x
complete -c ipcctl -n '__ipcctl_at "sem run"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sem run"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sem run"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sem run"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "sem run"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem run"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem run"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem run"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem run"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem run" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem run" 1 more' -xa '(__fish_complete_command)'
complete -c ipcctl -n '__ipcctl_at "sem holders"' -s J -l json -d 'Print JSON'
complete -c ipcctl -n '__ipcctl_at "sem holders"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sem holders"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sem holders"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sem holders"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "sem holders"' -l value -d 'Value the semaphore begins with' -x
complete -c ipcctl -n '__ipcctl_at "sem holders"' -l nsems -d 'Semaphores in the set' -x
complete -c ipcctl -n '__ipcctl_at "sem holders"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sem holders"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sem holders"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "sem holders" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "sem repair"' -l value -d 'The value that it has when nobody holds it' -x
complete -c ipcctl -n '__ipcctl_at "sem repair"' -s f -l force -d 'Set it even if somebody may have it'
complete -c ipcctl -n '__ipcctl_at "sem repair" 0' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "shm create"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm create"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm create"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm create"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm create" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "shm write"' -s o -l offset -d 'Where to begin, in bytes' -x
complete -c ipcctl -n '__ipcctl_at "shm write"' -l text -d 'Write a closing NUL, as C programs expect'
complete -c ipcctl -n '__ipcctl_at "shm write"' -l lock -d 'Hold this semaphore during each access' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "shm write"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "shm write"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "shm write"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "shm write"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "shm write"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm write"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm write"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm write"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm write" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "shm read"' -s o -l offset -d 'Where to begin, in bytes' -x
complete -c ipcctl -n '__ipcctl_at "shm read"' -s l -l length -d 'How many bytes; all that follow, unless told' -x
complete -c ipcctl -n '__ipcctl_at "shm read"' -l text -d 'Read up to the first NUL'
complete -c ipcctl -n '__ipcctl_at "shm read"' -l hex -d 'Print offsets and bytes in hexadecimal'
complete -c ipcctl -n '__ipcctl_at "shm read"' -l lock -d 'Hold this semaphore during each access' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "shm read"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "shm read"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "shm read"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "shm read"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "shm read"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm read"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm read"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm read"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm read" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "shm resize"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "shm resize"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "shm resize"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "shm resize"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "shm resize"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm resize"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm resize"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm resize"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm resize" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "shm get"' -l layout -d 'The structure: C declarations, or @FILE.h' -rF
complete -c ipcctl -n '__ipcctl_at "shm get"' -l struct -d 'Which structure of the layout, unless the last one' -x
complete -c ipcctl -n '__ipcctl_at "shm get"' -s o -l offset -d 'Where to begin, in bytes' -x
complete -c ipcctl -n '__ipcctl_at "shm get"' -s J -l json -d 'Print JSON'
complete -c ipcctl -n '__ipcctl_at "shm get"' -l lock -d 'Hold this semaphore during each access' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "shm get"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "shm get"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "shm get"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "shm get"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "shm get"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm get"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm get"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm get"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm get" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "shm set"' -l layout -d 'The structure: C declarations, or @FILE.h' -rF
complete -c ipcctl -n '__ipcctl_at "shm set"' -l struct -d 'Which structure of the layout, unless the last one' -x
complete -c ipcctl -n '__ipcctl_at "shm set"' -l if -d 'Only if the field has this value; status 6 if it has not' -x
complete -c ipcctl -n '__ipcctl_at "shm set"' -s o -l offset -d 'Where to begin, in bytes' -x
complete -c ipcctl -n '__ipcctl_at "shm set"' -l lock -d 'Hold this semaphore during each access' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "shm set"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "shm set"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "shm set"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "shm set"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "shm set"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm set"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm set"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm set"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm set" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l layout -d 'The structure: C declarations, or @FILE.h' -rF
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l struct -d 'Which structure of the layout, unless the last one' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l until -d 'End when the field has this value' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s i -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s o -l offset -d 'Where to begin, in bytes' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s J -l json -d 'Print JSON'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l lock -d 'Hold this semaphore during each access' -xa '(__ipcctl_names sem)'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l create -d 'Create the object first if it is not there'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s s -l size -d 'Size of the segment' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "shm watch"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "shm watch"' -s x -l exclusive -d 'Fail if the object exists'
complete -c ipcctl -n '__ipcctl_at "shm watch" 0' -xa '(__ipcctl_names shm)'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l echo -d 'Send back what comes'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l type -d 'Of the socket: stream, dgram or seqpacket' -xa ' stream dgram seqpacket'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l broadcast -d 'Send standard input to every client'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l slow -d 'A client that is far behind: block, drop or close' -xa ' drop block close'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l replay -d 'Play back what '\''sock relay --dump json'\'' recorded' -rF
complete -c ipcctl -n '__ipcctl_at "sock serve"' -s F -l framing -d 'Carry records, separated like this; else a stream is plain bytes' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -s J -l json -d 'Print records as JSON, one object a line'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l max -d 'How many clients at once; more wait' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l max-per-uid -d 'How many of one user; more are refused' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l allow -d 'Admit whom the rule names; the first rule that matches decides' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l deny -d 'Refuse whom the rule names' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l idle -d 'Let a client go that has sent nothing for so long' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l once -d 'Serve one client and end'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l ready-fd -d 'Write a newline to this descriptor when clients may come' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sock serve"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sock serve"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sock serve" 0' -rFa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_at "sock serve" 1 more' -xa '(__fish_complete_command)'
complete -c ipcctl -n '__ipcctl_at "sock connect"' -l type -d 'Type of the socket; any: the one it turns out to have' -xa ' any stream dgram seqpacket'
complete -c ipcctl -n '__ipcctl_at "sock connect"' -l keep-open -d 'Do not close the sending side at the end of the input'
complete -c ipcctl -n '__ipcctl_at "sock connect"' -l replies -d 'End after so many replies, which datagrams are not waited for otherwise' -x
complete -c ipcctl -n '__ipcctl_at "sock connect"' -s F -l framing -d 'Carry records, separated like this; else a stream is plain bytes' -xa ' line nul netstring json whole'
complete -c ipcctl -n '__ipcctl_at "sock connect"' -s J -l json -d 'Print records as JSON, one object a line'
complete -c ipcctl -n '__ipcctl_at "sock connect"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sock connect"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sock connect"' -l wait -d 'Wait until the object exists'
complete -c ipcctl -n '__ipcctl_at "sock connect" 0' -rFa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_at "sock probe"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sock probe"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sock probe" 0' -rFa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l dump -d 'Print what passes: hex, or json, which '\''serve --replay'\'' plays' -xa ' none hex json'
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l pass-fds -d 'Pass descriptors on, too'
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l type -d 'Of the socket: stream, dgram or seqpacket' -xa ' stream dgram seqpacket'
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l max -d 'How many clients at once; more wait' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l max-per-uid -d 'How many of one user; more are refused' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l allow -d 'Admit whom the rule names; the first rule that matches decides' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l deny -d 'Refuse whom the rule names' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l idle -d 'Let a client go that has sent nothing for so long' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l once -d 'Serve one client and end'
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l ready-fd -d 'Write a newline to this descriptor when clients may come' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -s m -l mode -d 'Permissions, octal, whatever the umask' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l owner -d 'Owner, where the kernel allows it' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "sock relay"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "sock relay"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "sock relay" 0' -rFa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_at "sock relay" 1' -rFa '(__ipcctl_names sock)'
complete -c ipcctl -n '__ipcctl_at "stat"' -s J -l json -d 'Print a JSON array'
complete -c ipcctl -n '__ipcctl_at "stat"' -l error -d 'Explain why a call fails: the name or the words of an error, and a system call or a kind' -x
complete -c ipcctl -n '__ipcctl_at "stat"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "stat"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "stat" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "top"' -s a -l all -d 'Also unnamed pipes and connected sockets'
complete -c ipcctl -n '__ipcctl_at "top"' -s d -l interval -d 'How often to look' -x
complete -c ipcctl -n '__ipcctl_at "top"' -s o -l columns -d 'Show these columns, named as the JSON keys, and rate; +COLUMNS adds to those shown by default' -xa '(__ipcctl_list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "top"' -l sort -d 'Order by this column; -COLUMN turns the order round' -xa '(__ipcctl_order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate)'
complete -c ipcctl -n '__ipcctl_at "top"' -l all-ns -d 'Go through the IPC namespaces of all processes'
complete -c ipcctl -n '__ipcctl_at "top"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "top"' -l state -d 'Only these: live, idle, stale, unknown, orphan' -xa '(__ipcctl_list live idle stale unknown orphan)'
complete -c ipcctl -n '__ipcctl_at "top"' -l stale -d 'The same as --state stale'
complete -c ipcctl -n '__ipcctl_at "top"' -s u -l user -d 'Only what this user owns' -xa '(__fish_complete_users)'
complete -c ipcctl -n '__ipcctl_at "top"' -l older-than -d 'Only what was created longer ago' -x
complete -c ipcctl -n '__ipcctl_at "top"' -l unused-for -d 'Only what was last used longer ago' -x
complete -c ipcctl -n '__ipcctl_at "top"' -l label -d 'Only what has this label, or one that the pattern matches' -xa ' apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11'
complete -c ipcctl -n '__ipcctl_at "top"' -l holder -d 'Only what this process has' -x
complete -c ipcctl -n '__ipcctl_at "top"' -l dir -d 'Look for FIFOs and socket files here, instead of in /run, /tmp and XDG_RUNTIME_DIR' -rF
complete -c ipcctl -n '__ipcctl_at "top" 0' -xa '(__ipcctl_names any)'
complete -c ipcctl -n '__ipcctl_at "top" 1 more' -xa ' fifo mq pipe sem shm sock'
complete -c ipcctl -n '__ipcctl_at "wait"' -l for -d 'What to wait for: exists, gone, empty, readable, live or idle' -xa ' exists gone empty readable live idle'
complete -c ipcctl -n '__ipcctl_at "wait"' -s t -l timeout -d 'Give up a wait after this time' -x
complete -c ipcctl -n '__ipcctl_at "wait"' -l nonblock -d 'Fail rather than wait'
complete -c ipcctl -n '__ipcctl_at "wait"' -l ns -d 'Act in the IPC namespace of this process' -x
complete -c ipcctl -n '__ipcctl_at "wait" 0' -xa '(__ipcctl_names any)'
