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

