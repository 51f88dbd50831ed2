#compdef ipcctl
# zsh completion for ipcctl(1). Made by man/update.sh from the table of commands and
# completions/frame: do not edit.

_ipcctl_commands() { echo ' chmod chown fifo ftok graph help limits ls mq pipe rm sem shm sock stat top wait'; }

_ipcctl_kinds() { echo ' fifo mq pipe sem shm sock'; }

_ipcctl_verbs() {
	case "$1" in
	fifo) echo ' create write read serve chmod chown graph limits ls rm stat top' ;;
	mq) echo ' create send recv peek move chmod chown graph limits ls rm stat top' ;;
	sem) echo ' create wait post get set run holders repair chmod chown graph limits ls rm stat top' ;;
	shm) echo ' create write read resize get set watch chmod chown graph limits ls rm stat top' ;;
	sock) echo ' serve connect probe relay chmod chown graph limits ls rm stat top' ;;
	esac
}

# Commands that any kind has as a verb too.
_ipcctl_generic() { echo ' chmod chown graph limits ls rm stat top'; }

_ipcctl_globals() { echo ' --quiet --verbose --color= --help --version'; }

_ipcctl_options() {
	case "$1" in
	'chmod') echo ' --ns=' ;;
	'chown') echo ' --ns=' ;;
	'fifo create') echo ' --mode= --owner= --exclusive' ;;
	'fifo write') echo ' --framing= --drop --timeout= --nonblock --wait --create --mode= --owner= --exclusive' ;;
	'fifo read') echo ' --framing= --json --keep --count= --timeout= --nonblock --wait --create --mode= --owner= --exclusive' ;;
	'fifo serve') echo ' --framing= --jobs= --count= --timeout= --nonblock --wait --create --mode= --owner= --exclusive' ;;
	'ftok') echo '' ;;
	'graph') echo ' --format= --all --state= --stale --user= --older-than= --unused-for= --label= --holder= --all-ns --ns= --dir=' ;;
	'help') echo '' ;;
	'limits') echo ' --warn= --sort= --json --ns= --bytes --noheadings' ;;
	'ls') echo ' --all --columns= --sort= --names --json --bytes --noheadings --state= --stale --user= --older-than= --unused-for= --label= --holder= --all-ns --ns= --dir=' ;;
	'mq create') echo ' --max-messages= --message-size= --queue-bytes= --mode= --owner= --exclusive' ;;
	'mq send') echo ' --priority= --type= --framing= --text --layout= --struct= --timeout= --nonblock --wait --create --max-messages= --message-size= --queue-bytes= --mode= --owner= --exclusive' ;;
	'mq recv') echo ' --count= --drain --follow --type= --except= --framing= --json --text --layout= --struct= --timeout= --nonblock --wait --create --max-messages= --message-size= --queue-bytes= --mode= --owner= --exclusive' ;;
	'mq peek') echo ' --count= --framing= --json --text --layout= --struct= --timeout= --nonblock --wait --create --max-messages= --message-size= --queue-bytes= --mode= --owner= --exclusive' ;;
	'mq move') echo ' --count= --drain --follow --type= --except= --timeout= --nonblock --wait --create --max-messages= --message-size= --queue-bytes= --mode= --owner= --exclusive' ;;
	'pipe') echo ' --timeout= --kill-after= --sep= --size= --tee --merge --framing= --ring --meter --report=' ;;
	'rm') echo ' --yes --dry-run --discard --force --if-exists --state= --stale --user= --older-than= --unused-for= --label= --holder= --ns= --dir=' ;;
	'sem create') echo ' --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem wait') echo ' --units= --zero --wait --timeout= --nonblock --create --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem post') echo ' --units= --wait --timeout= --nonblock --create --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem get') echo ' --json --wait --timeout= --nonblock --create --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem set') echo ' --wait --timeout= --nonblock --create --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem run') echo ' --units= --conflict-status= --wait --timeout= --nonblock --create --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem holders') echo ' --json --wait --timeout= --nonblock --create --value= --nsems= --mode= --owner= --exclusive' ;;
	'sem repair') echo ' --value= --force' ;;
	'shm create') echo ' --size= --mode= --owner= --exclusive' ;;
	'shm write') echo ' --offset= --text --lock= --timeout= --nonblock --wait --create --size= --mode= --owner= --exclusive' ;;
	'shm read') echo ' --offset= --length= --text --hex --lock= --timeout= --nonblock --wait --create --size= --mode= --owner= --exclusive' ;;
	'shm resize') echo ' --timeout= --nonblock --wait --create --size= --mode= --owner= --exclusive' ;;
	'shm get') echo ' --layout= --struct= --offset= --json --lock= --timeout= --nonblock --wait --create --size= --mode= --owner= --exclusive' ;;
	'shm set') echo ' --layout= --struct= --if= --offset= --lock= --timeout= --nonblock --wait --create --size= --mode= --owner= --exclusive' ;;
	'shm watch') echo ' --layout= --struct= --until= --interval= --offset= --json --lock= --timeout= --nonblock --wait --create --size= --mode= --owner= --exclusive' ;;
	'sock serve') echo ' --echo --type= --broadcast --slow= --replay= --framing= --json --max= --max-per-uid= --allow= --deny= --idle= --once --ready-fd= --mode= --owner= --timeout= --nonblock' ;;
	'sock connect') echo ' --type= --keep-open --replies= --framing= --json --timeout= --nonblock --wait' ;;
	'sock probe') echo ' --timeout= --nonblock' ;;
	'sock relay') echo ' --dump= --pass-fds --type= --max= --max-per-uid= --allow= --deny= --idle= --once --ready-fd= --mode= --owner= --timeout= --nonblock' ;;
	'stat') echo ' --json --error= --ns= --dir=' ;;
	'top') echo ' --all --interval= --columns= --sort= --all-ns --ns= --state= --stale --user= --older-than= --unused-for= --label= --holder= --dir=' ;;
	'wait') echo ' --for= --timeout= --nonblock --ns=' ;;
	esac
}

# What an option takes: words, or where candidates come from.
_ipcctl_argument() {
	case "$1 $2" in
	'chmod --ns') echo 'none' ;;
	'chown --ns') echo 'none' ;;
	'fifo create --mode' | 'fifo create -m') echo 'none' ;;
	'fifo create --owner') echo 'user' ;;
	'fifo write --framing' | 'fifo write -F') echo 'words line nul netstring json whole' ;;
	'fifo write --timeout' | 'fifo write -t') echo 'none' ;;
	'fifo write --mode' | 'fifo write -m') echo 'none' ;;
	'fifo write --owner') echo 'user' ;;
	'fifo read --framing' | 'fifo read -F') echo 'words line nul netstring json whole' ;;
	'fifo read --count' | 'fifo read -n') echo 'none' ;;
	'fifo read --timeout' | 'fifo read -t') echo 'none' ;;
	'fifo read --mode' | 'fifo read -m') echo 'none' ;;
	'fifo read --owner') echo 'user' ;;
	'fifo serve --framing' | 'fifo serve -F') echo 'words line nul netstring json whole' ;;
	'fifo serve --jobs' | 'fifo serve -j') echo 'none' ;;
	'fifo serve --count' | 'fifo serve -n') echo 'none' ;;
	'fifo serve --timeout' | 'fifo serve -t') echo 'none' ;;
	'fifo serve --mode' | 'fifo serve -m') echo 'none' ;;
	'fifo serve --owner') echo 'user' ;;
	'graph --format') echo 'words dot mermaid' ;;
	'graph --state') echo 'list live idle stale unknown orphan' ;;
	'graph --user' | 'graph -u') echo 'user' ;;
	'graph --older-than') echo 'none' ;;
	'graph --unused-for') echo 'none' ;;
	'graph --label') echo 'words apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11' ;;
	'graph --holder') echo 'none' ;;
	'graph --ns') echo 'none' ;;
	'graph --dir') echo 'file' ;;
	'limits --warn') echo 'none' ;;
	'limits --sort') echo 'words table percent' ;;
	'limits --ns') echo 'none' ;;
	'ls --columns' | 'ls -o') echo 'list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent' ;;
	'ls --sort') echo 'order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent' ;;
	'ls --state') echo 'list live idle stale unknown orphan' ;;
	'ls --user' | 'ls -u') echo 'user' ;;
	'ls --older-than') echo 'none' ;;
	'ls --unused-for') echo 'none' ;;
	'ls --label') echo 'words apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11' ;;
	'ls --holder') echo 'none' ;;
	'ls --ns') echo 'none' ;;
	'ls --dir') echo 'file' ;;
	'mq create --max-messages') echo 'none' ;;
	'mq create --message-size') echo 'none' ;;
	'mq create --queue-bytes') echo 'none' ;;
	'mq create --mode' | 'mq create -m') echo 'none' ;;
	'mq create --owner') echo 'user' ;;
	'mq send --priority' | 'mq send -p') echo 'none' ;;
	'mq send --type') echo 'none' ;;
	'mq send --framing' | 'mq send -F') echo 'words line nul netstring json whole' ;;
	'mq send --layout') echo 'file' ;;
	'mq send --struct') echo 'none' ;;
	'mq send --timeout' | 'mq send -t') echo 'none' ;;
	'mq send --max-messages') echo 'none' ;;
	'mq send --message-size') echo 'none' ;;
	'mq send --queue-bytes') echo 'none' ;;
	'mq send --mode' | 'mq send -m') echo 'none' ;;
	'mq send --owner') echo 'user' ;;
	'mq recv --count' | 'mq recv -n') echo 'none' ;;
	'mq recv --type') echo 'none' ;;
	'mq recv --except') echo 'none' ;;
	'mq recv --framing' | 'mq recv -F') echo 'words line nul netstring json whole' ;;
	'mq recv --layout') echo 'file' ;;
	'mq recv --struct') echo 'none' ;;
	'mq recv --timeout' | 'mq recv -t') echo 'none' ;;
	'mq recv --max-messages') echo 'none' ;;
	'mq recv --message-size') echo 'none' ;;
	'mq recv --queue-bytes') echo 'none' ;;
	'mq recv --mode' | 'mq recv -m') echo 'none' ;;
	'mq recv --owner') echo 'user' ;;
	'mq peek --count' | 'mq peek -n') echo 'none' ;;
	'mq peek --framing' | 'mq peek -F') echo 'words line nul netstring json whole' ;;
	'mq peek --layout') echo 'file' ;;
	'mq peek --struct') echo 'none' ;;
	'mq peek --timeout' | 'mq peek -t') echo 'none' ;;
	'mq peek --max-messages') echo 'none' ;;
	'mq peek --message-size') echo 'none' ;;
	'mq peek --queue-bytes') echo 'none' ;;
	'mq peek --mode' | 'mq peek -m') echo 'none' ;;
	'mq peek --owner') echo 'user' ;;
	'mq move --count' | 'mq move -n') echo 'none' ;;
	'mq move --type') echo 'none' ;;
	'mq move --except') echo 'none' ;;
	'mq move --timeout' | 'mq move -t') echo 'none' ;;
	'mq move --max-messages') echo 'none' ;;
	'mq move --message-size') echo 'none' ;;
	'mq move --queue-bytes') echo 'none' ;;
	'mq move --mode' | 'mq move -m') echo 'none' ;;
	'mq move --owner') echo 'user' ;;
	'pipe --timeout' | 'pipe -t') echo 'none' ;;
	'pipe --kill-after') echo 'none' ;;
	'pipe --sep') echo 'none' ;;
	'pipe --size') echo 'none' ;;
	'pipe --framing' | 'pipe -F') echo 'words line nul json' ;;
	'pipe --report') echo 'file' ;;
	'rm --state') echo 'list live idle stale unknown orphan' ;;
	'rm --user' | 'rm -u') echo 'user' ;;
	'rm --older-than') echo 'none' ;;
	'rm --unused-for') echo 'none' ;;
	'rm --label') echo 'words apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11' ;;
	'rm --holder') echo 'none' ;;
	'rm --ns') echo 'none' ;;
	'rm --dir') echo 'file' ;;
	'sem create --value') echo 'none' ;;
	'sem create --nsems') echo 'none' ;;
	'sem create --mode' | 'sem create -m') echo 'none' ;;
	'sem create --owner') echo 'user' ;;
	'sem wait --units') echo 'none' ;;
	'sem wait --timeout' | 'sem wait -t') echo 'none' ;;
	'sem wait --value') echo 'none' ;;
	'sem wait --nsems') echo 'none' ;;
	'sem wait --mode' | 'sem wait -m') echo 'none' ;;
	'sem wait --owner') echo 'user' ;;
	'sem post --units') echo 'none' ;;
	'sem post --timeout' | 'sem post -t') echo 'none' ;;
	'sem post --value') echo 'none' ;;
	'sem post --nsems') echo 'none' ;;
	'sem post --mode' | 'sem post -m') echo 'none' ;;
	'sem post --owner') echo 'user' ;;
	'sem get --timeout' | 'sem get -t') echo 'none' ;;
	'sem get --value') echo 'none' ;;
	'sem get --nsems') echo 'none' ;;
	'sem get --mode' | 'sem get -m') echo 'none' ;;
	'sem get --owner') echo 'user' ;;
	'sem set --timeout' | 'sem set -t') echo 'none' ;;
	'sem set --value') echo 'none' ;;
	'sem set --nsems') echo 'none' ;;
	'sem set --mode' | 'sem set -m') echo 'none' ;;
	'sem set --owner') echo 'user' ;;
	'sem run --units') echo 'none' ;;
	'sem run --conflict-status') echo 'none' ;;
	'sem run --timeout' | 'sem run -t') echo 'none' ;;
	'sem run --value') echo 'none' ;;
	'sem run --nsems') echo 'none' ;;
	'sem run --mode' | 'sem run -m') echo 'none' ;;
	'sem run --owner') echo 'user' ;;
	'sem holders --timeout' | 'sem holders -t') echo 'none' ;;
	'sem holders --value') echo 'none' ;;
	'sem holders --nsems') echo 'none' ;;
	'sem holders --mode' | 'sem holders -m') echo 'none' ;;
	'sem holders --owner') echo 'user' ;;
	'sem repair --value') echo 'none' ;;
	'shm create --size' | 'shm create -s') echo 'none' ;;
	'shm create --mode' | 'shm create -m') echo 'none' ;;
	'shm create --owner') echo 'user' ;;
	'shm write --offset' | 'shm write -o') echo 'none' ;;
	'shm write --lock') echo 'sem' ;;
	'shm write --timeout' | 'shm write -t') echo 'none' ;;
	'shm write --size' | 'shm write -s') echo 'none' ;;
	'shm write --mode' | 'shm write -m') echo 'none' ;;
	'shm write --owner') echo 'user' ;;
	'shm read --offset' | 'shm read -o') echo 'none' ;;
	'shm read --length' | 'shm read -l') echo 'none' ;;
	'shm read --lock') echo 'sem' ;;
	'shm read --timeout' | 'shm read -t') echo 'none' ;;
	'shm read --size' | 'shm read -s') echo 'none' ;;
	'shm read --mode' | 'shm read -m') echo 'none' ;;
	'shm read --owner') echo 'user' ;;
	'shm resize --timeout' | 'shm resize -t') echo 'none' ;;
	'shm resize --size' | 'shm resize -s') echo 'none' ;;
	'shm resize --mode' | 'shm resize -m') echo 'none' ;;
	'shm resize --owner') echo 'user' ;;
	'shm get --layout') echo 'file' ;;
	'shm get --struct') echo 'none' ;;
	'shm get --offset' | 'shm get -o') echo 'none' ;;
	'shm get --lock') echo 'sem' ;;
	'shm get --timeout' | 'shm get -t') echo 'none' ;;
	'shm get --size' | 'shm get -s') echo 'none' ;;
	'shm get --mode' | 'shm get -m') echo 'none' ;;
	'shm get --owner') echo 'user' ;;
	'shm set --layout') echo 'file' ;;
	'shm set --struct') echo 'none' ;;
	'shm set --if') echo 'none' ;;
	'shm set --offset' | 'shm set -o') echo 'none' ;;
	'shm set --lock') echo 'sem' ;;
	'shm set --timeout' | 'shm set -t') echo 'none' ;;
	'shm set --size' | 'shm set -s') echo 'none' ;;
	'shm set --mode' | 'shm set -m') echo 'none' ;;
	'shm set --owner') echo 'user' ;;
	'shm watch --layout') echo 'file' ;;
	'shm watch --struct') echo 'none' ;;
	'shm watch --until') echo 'none' ;;
	'shm watch --interval' | 'shm watch -i') echo 'none' ;;
	'shm watch --offset' | 'shm watch -o') echo 'none' ;;
	'shm watch --lock') echo 'sem' ;;
	'shm watch --timeout' | 'shm watch -t') echo 'none' ;;
	'shm watch --size' | 'shm watch -s') echo 'none' ;;
	'shm watch --mode' | 'shm watch -m') echo 'none' ;;
	'shm watch --owner') echo 'user' ;;
	'sock serve --type') echo 'words stream dgram seqpacket' ;;
	'sock serve --slow') echo 'words drop block close' ;;
	'sock serve --replay') echo 'file' ;;
	'sock serve --framing' | 'sock serve -F') echo 'words line nul netstring json whole' ;;
	'sock serve --max') echo 'none' ;;
	'sock serve --max-per-uid') echo 'none' ;;
	'sock serve --allow') echo 'none' ;;
	'sock serve --deny') echo 'none' ;;
	'sock serve --idle') echo 'none' ;;
	'sock serve --ready-fd') echo 'none' ;;
	'sock serve --mode' | 'sock serve -m') echo 'none' ;;
	'sock serve --owner') echo 'user' ;;
	'sock serve --timeout' | 'sock serve -t') echo 'none' ;;
	'sock connect --type') echo 'words any stream dgram seqpacket' ;;
	'sock connect --replies') echo 'none' ;;
	'sock connect --framing' | 'sock connect -F') echo 'words line nul netstring json whole' ;;
	'sock connect --timeout' | 'sock connect -t') echo 'none' ;;
	'sock probe --timeout' | 'sock probe -t') echo 'none' ;;
	'sock relay --dump') echo 'words none hex json' ;;
	'sock relay --type') echo 'words stream dgram seqpacket' ;;
	'sock relay --max') echo 'none' ;;
	'sock relay --max-per-uid') echo 'none' ;;
	'sock relay --allow') echo 'none' ;;
	'sock relay --deny') echo 'none' ;;
	'sock relay --idle') echo 'none' ;;
	'sock relay --ready-fd') echo 'none' ;;
	'sock relay --mode' | 'sock relay -m') echo 'none' ;;
	'sock relay --owner') echo 'user' ;;
	'sock relay --timeout' | 'sock relay -t') echo 'none' ;;
	'stat --error') echo 'none' ;;
	'stat --ns') echo 'none' ;;
	'stat --dir') echo 'file' ;;
	'top --interval' | 'top -d') echo 'none' ;;
	'top --columns' | 'top -o') echo 'list object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate' ;;
	'top --sort') echo 'order object kind api name key id owner uid group gid mode size used created modified last_used creator_pid last_pid holders age state label ns ns_pid container evidence unseen messages max_messages message_size queue_bytes last_send_pid last_recv_pid value waiters values nsems attaches former_name type peer pending backlog bytes_received bytes_sent rate' ;;
	'top --ns') echo 'none' ;;
	'top --state') echo 'list live idle stale unknown orphan' ;;
	'top --user' | 'top -u') echo 'user' ;;
	'top --older-than') echo 'none' ;;
	'top --unused-for') echo 'none' ;;
	'top --label') echo 'words apache apr chrome chromium containerd cuda dbus docker fastdds firefox gnupg gpsd ice ipcctl jack java loky lttng mpich mysql nccl ntp openmpi pipewire podman postgresql pulseaudio python pytorch qt redis s6 screen ssh supervisor systemd tmux vscode wayland wine x11' ;;
	'top --holder') echo 'none' ;;
	'top --dir') echo 'file' ;;
	'wait --for') echo 'words exists gone empty readable live idle' ;;
	'wait --timeout' | 'wait -t') echo 'none' ;;
	'wait --ns') echo 'none' ;;
	*' --color') echo 'words auto always never' ;;
	esac
}

# What each operand is; the last word is for all that follow.
_ipcctl_operands() {
	case "$1" in
	'chmod') echo ' none any' ;;
	'chown') echo ' user any' ;;
	'fifo create') echo ' fifo end' ;;
	'fifo write') echo ' fifo none' ;;
	'fifo read') echo ' fifo end' ;;
	'fifo serve') echo ' fifo command' ;;
	'ftok') echo ' file none end' ;;
	'graph') echo ' any+kind' ;;
	'help') echo ' topic none end' ;;
	'limits') echo ' kind' ;;
	'ls') echo ' any+kind' ;;
	'mq create') echo ' mq end' ;;
	'mq send') echo ' mq none' ;;
	'mq recv') echo ' mq end' ;;
	'mq peek') echo ' mq end' ;;
	'mq move') echo ' mq mq end' ;;
	'pipe') echo ' command command command' ;;
	'rm') echo ' any+kind' ;;
	'sem create') echo ' sem end' ;;
	'sem wait') echo ' sem end' ;;
	'sem post') echo ' sem end' ;;
	'sem get') echo ' sem end' ;;
	'sem set') echo ' sem none end' ;;
	'sem run') echo ' sem command' ;;
	'sem holders') echo ' sem end' ;;
	'sem repair') echo ' sem end' ;;
	'shm create') echo ' shm end' ;;
	'shm write') echo ' shm none end' ;;
	'shm read') echo ' shm end' ;;
	'shm resize') echo ' shm none end' ;;
	'shm get') echo ' shm none' ;;
	'shm set') echo ' shm none none' ;;
	'shm watch') echo ' shm none' ;;
	'sock serve') echo ' sock command' ;;
	'sock connect') echo ' sock none' ;;
	'sock probe') echo ' sock end' ;;
	'sock relay') echo ' sock sock end' ;;
	'stat') echo ' any' ;;
	'top') echo ' any+kind' ;;
	'wait') echo ' any end' ;;
	esac
}

# Names of objects. The KIND: that the command implies is left out where the name needs no escapes.
_ipcctl_names() {
	local class=$1 typed=$2 name
	if [ "$class" = any ]; then
		ipcctl ls --names 2>/dev/null
		return
	fi
	ipcctl ls --names "$class" 2>/dev/null | while IFS= read -r name; do
		case "$typed:$name" in
		"$class":*:* | *\\*) printf '%s\n' "$name" ;;
		*) printf '%s\n' "${name#"$class":}" ;;
		esac
	done
}

# Reads the words before the cursor: sets at ("mq send"), operand (its number) and option (one that
# waits for its argument, or nothing).
_ipcctl_parse() {
	local word command='' verb='' class=''
	at='' operand=0 option='' implied=''
	for word in "$@"; do
		if [ -n "$option" ]; then
			option=''
			continue
		fi
		case "$word" in
		--*=* | -) ;;
		-*)
			[ -z "$(_ipcctl_argument "$at" "$word")" ] || option=$word
			continue
			;;
		esac
		if [ -z "$command" ]; then
			command=$word at=$word
			class=$(_ipcctl_verbs "$command")
		elif [ -n "$class" ] && [ -z "$verb" ]; then
			verb=$word at="$command $word"
			case "$(_ipcctl_generic) " in
			*" $verb "*) [ -n "$(_ipcctl_operands "$at")" ] || at=$verb implied=$command ;;
			esac
		else
			operand=$((operand + 1))
		fi
	done
	[ -z "$class" ] || [ -n "$verb" ] || at="$command ?"
}

# The source for the operand at the cursor.
_ipcctl_source() {
	local i=0 word last=''
	for word in $(_ipcctl_operands "$at"); do
		last=$word
		[ "$i" -lt "$operand" ] || break
		i=$((i + 1))
	done
	case "$implied:$last" in
	:*) ;;
	*:any*) last=$implied ;;
	*:kind) last=none ;; # the verb says it
	esac
	echo "$last"
}

# With the options that functions of the completion system expect: _ipcctl sets others.
_ipcctl_files() {
	setopt local_options $_comp_options
	_files "$@"
}

_ipcctl_complete() {
	local source=$1
	local -a found given
	case "$source" in
	words\ *) compadd -- ${=source#words } ;;
	list\ *)
		found=(${=source#list })
		compset -P '+'
		given=(${(s:,:)PREFIX})
		[[ $PREFIX != *,* ]] || found=(${found:|given})
		compset -P '*,'
		compadd -qS , -a -- found
		;;
	order\ *) compset -P '-'; compadd -- ${=source#order } ;;
	file) _ipcctl_files ;;
	user) _users ;;
	command) _command_names ;;
	*+*) _ipcctl_complete "${source%%+*}"; _ipcctl_complete "${source#*+}" ;;
	kind) compadd -- ${="$(_ipcctl_kinds)"} ;;
	topic) compadd -- ${="$(_ipcctl_commands)"} ;;
	none|end|'') ;;
	fifo) found=(${(f)"$(_ipcctl_names fifo "$PREFIX")"}); compadd -a -- found; _ipcctl_files -g '*(-p)' ;;
	sock) found=(${(f)"$(_ipcctl_names sock "$PREFIX")"}); compadd -a -- found; _ipcctl_files -g '*(-=)' ;;
	*) found=(${(f)"$(_ipcctl_names "$source" "$PREFIX")"}); compadd -a -- found ;;
	esac
}

_ipcctl() {
	emulate -L zsh -o sh_word_split -o extended_glob
	local at operand option implied
	local -a found
	_ipcctl_parse "${(@)words[2,CURRENT-1]}"
	if [[ $PREFIX == --*=* ]]; then
		option=${PREFIX%%=*}
		compset -P '*='
	fi
	if [[ -n $option ]]; then
		_ipcctl_complete "$(_ipcctl_argument "$at" "$option")"
	elif [[ $PREFIX == -* ]]; then
		found=($(_ipcctl_options "$at") $(_ipcctl_globals))
		compadd -S '' -- ${(M)found:#*=}
		compadd -- ${found:#*=}
	elif [[ -z $at ]]; then
		compadd -- $(_ipcctl_commands)
	elif [[ $at == *' ?' ]]; then
		compadd -- $(_ipcctl_verbs "${at% \?}")
	else
		_ipcctl_complete "$(_ipcctl_source)"
	fi
}

_ipcctl "$@"
