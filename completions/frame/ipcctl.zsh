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
