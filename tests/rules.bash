# The rules of the source, as functions: each prints what breaks it, a line each, and nothing if
# all is well. tests/layers.bats and tests/style.bats apply them to this source, and to copies that
# were broken on purpose. A rule takes the root of a source, or objects.
# shellcheck shell=bash

# The names of a set(NAME ...) in CMakeLists.txt.
cmake_list() { # ROOT NAME
	awk -v start="set($2" '
		index($0, start) == 1 && substr($0, length(start) + 1, 1) ~ /^[ )]?$/ { on = 1; sub(/^set\([A-Z_]*/, "") }
		on {
			end = sub(/\).*/, "")
			for (i = 1; i <= NF; i++)
				print $i
			if (end)
				exit
		}' "$1/CMakeLists.txt"
}

# The mechanisms: mq for the kinds mq_posix and mq_sysv.
families() { # ROOT
	cmake_list "$1" IPCCTL_KINDS | sed 's/_.*//' | sort -u
}

# Which of these external symbols objects refer to. What _FORTIFY_SOURCE and large files make of a
# function counts as that function: __fprintf_chk, __open64_2.
refers_to() { # REGEX OBJECT...
	local regex=$1
	shift
	nm -A -u "$@" | awk '{ print $NF, $1 }' | sed -E 's/^__(isoc99_)?([a-z]+)(64)?_(chk|2) /\2 /; s/64 / /' |
		grep -E "^($regex) " | sort -u
}

core_is_quiet() { # ARCHIVE
	refers_to '(v|vf|f|d|vd)?(printf|wprintf)|f?puts|f?putc|putchar|fwrite|stdout|stderr|perror|v?(err|warn)x?|error|syslog|exit|quick_exit|atexit|(secure_)?getenv|(set|unset|put)env' "$1"
}

commands_use_the_core() { # OBJECT...
	local mechanisms='mq_.*|msg(get|snd|rcv|ctl)|shm_.*|shm(get|at|dt|ctl)|sem_.*|sem(get|op|timedop|ctl)'
	local sockets='socket(pair)?|bind|listen|accept4?|connect|send(to|msg|mmsg)?|recv(from|msg|mmsg)?'
	local files='pipe2?|mk(fifo|nod)(at)?|open(at2?)?|creat|unlink(at)?|remove|rename(at2?)?|(ftruncat|truncat)e|posix_fallocate|mmap|splice|tee|vmsplice'
	local processes='v?fork|posix_spawnp?|exec[a-z]*|syscall'
	refers_to "$mechanisms|$sockets|$files|$processes" "$@"
}

# FILE:LINE:INCLUDE of each header of a mechanism that FILE includes and whose mechanism is not OWN.
foreign_includes() { # ROOT OWN FILE...
	local root=$1 own=$2 family
	shift 2
	for family in $(families "$root"); do
		[ "$family" = "$own" ] ||
			grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[\"<](.*/)?${family}(_[a-z0-9_]*)?\.h[\">]" "$@" || true
	done
}

# A mechanism's source includes no other's header, and one variant not the other's.
kinds_are_strangers() { # ROOT
	local family kind file
	for family in $(families "$1"); do
		for file in "$1/lib/ipc/$family".[ch] "$1/lib/ipc/${family}"_*.[ch]; do
			[ ! -e "$file" ] || foreign_includes "$1" "$family" "$file"
		done
	done
	for kind in $(cmake_list "$1" IPCCTL_KINDS); do
		grep -HnE "#[[:space:]]*include.*[\"/]${kind}\.h\"" "$1"/lib/ipc/*.[ch] | grep -v "/$kind\.c:" || true
	done
}

# The terminal side and commands know no mechanism, but for those that are named after one: cmd/mq.c, and the
# parts of a command that is too long for one file, lib/cli/mq_*.c.
generic_code_knows_no_kind() { # ROOT
	local file name
	for file in "$1"/lib/cli/*.[ch] "$1"/cmd/*.c; do
		[ -e "$file" ] || continue
		name=$(basename "${file%.*}")
		families "$1" | grep -qx "${name%%_*}" || foreign_includes "$1" none "$file"
	done
}

core_stands_alone() { # ROOT
	grep -HnE '#[[:space:]]*include.*"(cli|cmd)/' "$1"/lib/ipc/*.[ch] || true
	[ ! -d "$1/cmd" ] || grep -rHnE '#[[:space:]]*include.*"cmd/' "$1"/cmd "$1"/lib || true
}

nobody_switches_on_kinds() { # ROOT
	local file name
	for file in "$1"/lib/*/*.[ch] "$1"/cmd/*.c; do
		[ -e "$file" ] || continue
		name=$(basename "${file%.*}")
		if [[ $file != */lib/ipc/* ]] || ! families "$1" | grep -qx "${name%%_*}"; then
			grep -HnE '\<switch[[:space:]]*\(.*\<(kind|class|api|family)\>' "$file" || true
		fi
	done
}

commands_have_tests_and_pages() { # ROOT
	local name file
	for file in "$1"/cmd/*.c; do
		[ -e "$file" ] || continue
		name=$(basename "$file" .c)
		[ -s "$1/tests/$name.bats" ] || echo "cmd/$name.c has no tests/$name.bats"
		[ -s "$1/man/ipcctl-$name.1" ] || echo "cmd/$name.c has no man/ipcctl-$name.1"
		cmake_list "$1" IPCCTL_COMMANDS | grep -qx "$name" || echo "cmd/$name.c is not in CMakeLists.txt"
	done
}

headers_stand_alone() { # ROOT GENERATED
	local header
	for header in "$1"/lib/*/*.h; do
		cc -std=gnu17 -fsyntax-only -D_GNU_SOURCE -DIPCCTL_VERSION='""' -I "$1/lib" -I "$2" -x c \
			-include "$header" /dev/null 2>&1 || echo "$header does not compile alone"
	done
}

functions_are_short() { # ROOT [LINES]
	find "$1"/lib "$1"/cmd "$1"/tests -name '*.[ch]' 2>/dev/null |
		ctags -x --c-kinds=f --_xformat='%{line} %{end} %{name} %{input}' -L - |
		awk -v most="${2:-100}" '$2 - $1 + 1 > most { print $4 ":" $1 ": " $3 " has " $2 - $1 + 1 " lines" }'
}

# --- style -------------------------------------------------------------------------------------

# Files that git knows or would add, so that build directories do not count; every file in a copy.
source_files() { # ROOT
	git -C "$1" ls-files -co --exclude-standard 2>/dev/null || (cd "$1" && find . -type f | sed 's,^\./,,')
}

c_is_formatted() { # ROOT
	source_files "$1" | grep '\.[ch]$' | sed "s,^,$1/," | xargs -r clang-format --dry-run 2>&1 | grep warning: || true
}

shell_is_clean() { # ROOT
	local file
	source_files "$1" | while IFS= read -r file; do
		file=$1/$file
		case $file in
		*/completions/frame/*) ;; # parts of files that are checked whole
		*.bats) shellcheck -x -f gcc -s bats -e SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 "$file" || true ;;
		*.bash | *.sh) shellcheck -x -f gcc "$file" || true ;;
		*)
			if head -c 20 "$file" | grep -aqE '^#!.*/(ba)?sh'; then
				shellcheck -x -f gcc "$file" || true
			fi
			;;
		esac
	done
}

pages_are_clean() { # ROOT
	local page
	for page in "$1"/man/*.[1-8]; do
		[ -e "$page" ] || continue
		mandoc -Tlint -W warning "$page" || true
		groff -mdoc -ww -b -z -Tutf8 "$page" 2>&1 || true
	done
}

text_is_tidy() { # ROOT
	local file
	source_files "$1" | grep -v '^tests/fuzz/.*/' | while IFS= read -r file; do
		file=$1/$file
		[ -f "$file" ] || continue
		grep -HnIE '[[:space:]]$|'$'\r' "$file" || true
		if [ -s "$file" ] && grep -qI . "$file" && [ -n "$(tail -c 1 "$file")" ]; then
			echo "$file: no newline at the end"
		fi
	done
}

# Leftovers, and what is about one machine alone. The brackets keep these lines from finding themselves.
nothing_is_left_over() { # ROOT
	source_files "$1" | sed "s,^,$1/," | xargs -r -d '\n' grep -HnIE '\<(TO[D]O|FIX[M]E|XX[X])\>|/wor[k]/|/tmp/w[t]/' || true
}

# Calls that can't know how much room there is, or that leave a text without its end.
nothing_is_banned() { # ROOT
	source_files "$1" | grep -v '^tests/' | grep '\.[ch]$' | sed "s,^,$1/," |
		xargs -r grep -HnE '\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|tmpnam|alloca)\(' || true
}
