#!/usr/bin/env bash
# Rewrites what comes from the table of commands: the parts of the man pages between BEGIN and END
# markers, and the completions. A new command gets its page from man/template.
#
# usage: man/update.sh IPCCTL-DOCS [FOLDER]    FOLDER: where to write instead of this repository
set -euo pipefail

docs=$(realpath "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
out=${2:-$here}
mkdir -p "$out/man" "$out/completions"

# The page with its marked parts made anew. A page is that of the command it is named after.
fill_page() {
	local page=$1 command
	command=$(basename "$page" .1)
	command=${command#ipcctl}
	command=${command#-}
	awk -v docs="$docs" -v command="$command" '
		/^\.\\" BEGIN / {
			print
			fflush()
			run = "\"" docs "\" man " $3 " " command
			if (system(run) != 0)
				exit 1
			inside = 1
			next
		}
		/^\.\\" END / { inside = 0 }
		!inside { print }
	' "$page"
}

for name in $("$docs" verbs | cut -d' ' -f1 | sort -u); do
	page=man/ipcctl-$name.1
	[ -e "$here/$page" ] || sed "s/@NAME@/$name/g" "$here/man/template" >"$here/$page"
done
for page in "$here"/man/*.1; do
	fill_page "$page" >"$out/man/.new"
	mv "$out/man/.new" "$out/man/$(basename "$page")"
done

for shell in bash zsh fish; do
	{
		[ "$shell" != zsh ] || echo '#compdef ipcctl'
		echo "# $shell completion for ipcctl(1). Made by man/update.sh from the table of commands and"
		echo "# completions/frame: do not edit."
		[ "$shell" != bash ] || echo '# shellcheck shell=bash disable=SC2046,SC2086'
		echo
		[ "$shell" != fish ] || cat "$here/completions/frame/ipcctl.fish"
		"$docs" completion "$shell"
		[ "$shell" = fish ] || cat "$here/completions/frame/common.sh" "$here/completions/frame/ipcctl.$shell"
	} >"$out/completions/ipcctl.$shell"
done
