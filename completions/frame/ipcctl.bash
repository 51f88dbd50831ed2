# Bash cuts words at ':' and '='; candidates lose what stands before the cut.
_ipcctl_reply() {
	local typed=$1 candidate cut=''
	case "$COMP_WORDBREAKS" in
	*:*) case "$typed" in *:*) cut=${typed%"${typed##*:}"} ;; esac ;;
	esac
	while IFS= read -r candidate; do
		case "$candidate" in
		"$typed"*)
			printf -v candidate '%q' "$candidate"
			COMPREPLY+=("${candidate#"$cut"}")
			;;
		esac
	done
}

# The files of a kind, and directories on the way to one: where no object is known whose name begins like this.
_ipcctl_files() {
	local file kind=-S
	[ "$1" = sock ] || kind=-p
	compopt -o filenames
	while IFS= read -r file; do
		if [ -d "$file" ] || test "$kind" "$file"; then
			COMPREPLY+=("$file")
		fi
	done < <(compgen -f -- "$2")
}

# Of words that commas separate the last one: those that are not there yet. A '+' may stand before all of them.
_ipcctl_list() {
	local typed=$1 before='' word
	case "$typed" in
	*,*) before=${typed%"${typed##*,}"} ;;
	+*) before=+ ;;
	esac
	compopt -o nospace
	for word in $2; do
		case ",${before#+}" in *",$word,"*) continue ;; esac
		case "$before$word" in "$typed"*) COMPREPLY+=("$before$word") ;; esac
	done
}

# One word, which a '-' may stand before.
_ipcctl_order() {
	local word minus=''
	case "$1" in -*) minus=- ;; esac
	for word in $2; do
		case "$minus$word" in "$1"*) COMPREPLY+=("$minus$word") ;; esac
	done
}

_ipcctl_complete() {
	local source=$1 typed=$2
	case "$source" in
	list\ *) _ipcctl_list "$typed" "${source#list }" ;;
	order\ *) _ipcctl_order "$typed" "${source#order }" ;;
	words\ *) _ipcctl_reply "$typed" < <(printf '%s\n' ${source#words }) ;;
	file) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$typed") ;;
	user) mapfile -t COMPREPLY < <(compgen -u -- "$typed") ;;
	command) mapfile -t COMPREPLY < <(compgen -c -- "$typed") ;;
	*+*)
		_ipcctl_complete "${source%%+*}" "$typed"
		_ipcctl_complete "${source#*+}" "$typed"
		;;
	kind) _ipcctl_reply "$typed" < <(printf '%s\n' $(_ipcctl_kinds)) ;;
	topic) _ipcctl_reply "$typed" < <(printf '%s\n' $(_ipcctl_commands)) ;;
	fifo | sock)
		_ipcctl_reply "$typed" < <(_ipcctl_names "$source" "$typed")
		[ ${#COMPREPLY[@]} -gt 0 ] || _ipcctl_files "$source" "$typed"
		;;
	none | end | '') ;;
	*) _ipcctl_reply "$typed" < <(_ipcctl_names "$source" "$typed") ;;
	esac
}

_ipcctl() {
	local at operand option implied typed line words
	COMPREPLY=()
	line=${COMP_LINE:0:COMP_POINT}
	read -ra words <<<"$line" # our own cut: at white space only
	typed=''
	case "$line" in
	*[[:space:]]) ;;
	*) typed=${words[-1]} && unset 'words[-1]' ;;
	esac
	_ipcctl_parse "${words[@]:1}"
	case "$typed" in
	--*=*)
		_ipcctl_complete "$(_ipcctl_argument "$at" "${typed%%=*}")" "${typed#*=}"
		return
		;;
	esac
	if [ -n "$option" ]; then
		_ipcctl_complete "$(_ipcctl_argument "$at" "$option")" "$typed"
		return
	fi
	case "$typed,$at" in
	-*)
		_ipcctl_reply "$typed" < <(printf '%s\n' $(_ipcctl_options "$at") $(_ipcctl_globals))
		case "${COMPREPLY[*]}" in *=) compopt -o nospace ;; esac
		;;
	*,) _ipcctl_reply "$typed" < <(printf '%s\n' $(_ipcctl_commands)) ;;
	*' ?') _ipcctl_reply "$typed" < <(printf '%s\n' $(_ipcctl_verbs "${at% ?}")) ;;
	*) _ipcctl_complete "$(_ipcctl_source)" "$typed" ;;
	esac
}

complete -F _ipcctl ipcctl
