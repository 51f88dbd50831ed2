# What `cmake --install` and cpack put where, and how the binary was hardened.
# once

load lib

setup_file() {
	export BUILD=${IPCCTL%/*}
	export STAGE=$BATS_FILE_TMPDIR/stage PACKAGE=$BATS_FILE_TMPDIR/package
	DESTDIR=$STAGE cmake --install "$BUILD" --prefix /usr >"$BATS_FILE_TMPDIR/install.log"
	if command -v dpkg-deb >/dev/null; then
		(umask 077 && cd "$BUILD" && cpack -G DEB -B "$PACKAGE" >"$BATS_FILE_TMPDIR/cpack.log")
	fi
}

# The files below a directory, sorted, without documents and the man pages of single commands.
tree() { # DIR
	(cd "$1" && find . -type f -o -type l) | sed 's,^\.,,' | grep -v '/man/man1/ipcctl-\|/doc/' | sort
}

@test "cmake --install puts everything where distributions look for it, below DESTDIR" {
	run tree "$STAGE"
	assert_output - <<-'END'
		/usr/bin/ipcctl
		/usr/share/bash-completion/completions/ipcctl
		/usr/share/fish/vendor_completions.d/ipcctl.fish
		/usr/share/man/man1/ipcctl.1
		/usr/share/zsh/site-functions/_ipcctl
	END
}

@test "every man page and document is installed" {
	for page in "$SOURCE"/man/*.[1-8]; do
		assert cmp "$page" "$STAGE/usr/share/man/man${page##*.}/${page##*/}"
	done
	for document in LICENSE README.md CHANGELOG.md; do
		[ ! -e "$SOURCE/$document" ] || assert cmp "$SOURCE/$document" "$STAGE/usr/share/doc/ipcctl/$document"
	done
}

@test "the installed binary runs from its new place" {
	run "$STAGE/usr/bin/ipcctl" --version
	assert_success
	assert_output --regexp '^ipcctl [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "nothing but the C library is loaded at start" {
	run bash -c 'readelf -dW "$1" | sed -n "s/.*(NEEDED).*\[\(.*\)\]/\1/p"' x "$STAGE/usr/bin/ipcctl"
	assert_output libc.so.6
}

@test "the binary is hardened: PIE, full RELRO, no executable stack, canaries, checked functions" {
	binary=$STAGE/usr/bin/ipcctl
	run readelf -hW "$binary"
	assert_output --regexp 'Type: +DYN'
	run readelf -lW "$binary"
	assert_output --regexp 'GNU_RELRO'
	assert_output --regexp 'GNU_STACK .* RW +0x'
	run readelf -dW "$binary"
	assert_output --regexp 'FLAGS_1.*NOW.*PIE'
	run readelf --dyn-syms -W "$binary"
	assert_output --partial __stack_chk_fail
	assert_output --regexp '__[a-z]+_chk@'
	# What is ours; ncurses, of which a part is in the binary, has its own ways.
	objects=("${IPCCTL%/*}"/lib{ipc,cli}.a "${IPCCTL%/*}"/CMakeFiles/commands.dir/cmd/*.o)
	run -0 nm -u "${objects[@]}"
	assert_output --regexp ' U snprintf| U __snprintf_chk'
	refute_output --regexp ' U (strcpy|strcat|sprintf|vsprintf|gets|__strcpy_chk|__strcat_chk|__sprintf_chk)$'
}

@test "the package holds the same in the places and forms that Debian wants" {
	require dpkg-deb
	mkdir "$BATS_TEST_TMPDIR/x"
	dpkg-deb -x "$PACKAGE"/ipcctl_*.deb "$BATS_TEST_TMPDIR/x"
	run tree "$BATS_TEST_TMPDIR/x"
	assert_output - <<-'END'
		/usr/bin/ipcctl
		/usr/share/bash-completion/completions/ipcctl
		/usr/share/fish/vendor_completions.d/ipcctl.fish
		/usr/share/man/man1/ipcctl.1.gz
		/usr/share/zsh/vendor-completions/_ipcctl
	END
	for page in "$SOURCE"/man/*.[1-8]; do
		zcat "$BATS_TEST_TMPDIR/x/usr/share/man/man${page##*.}/${page##*/}.gz" | cmp - "$page"
	done
	doc=$BATS_TEST_TMPDIR/x/usr/share/doc/ipcctl
	assert cmp "$SOURCE/LICENSE" "$doc/copyright"
	[ ! -e "$SOURCE/CHANGELOG.md" ] || zcat "$doc/changelog.gz" | cmp - "$SOURCE/CHANGELOG.md"
	run zcat "$doc/changelog.Debian.gz"
	assert_line --regexp '^ipcctl \([0-9.]+-1\) unstable; urgency=medium$'
	run "$BATS_TEST_TMPDIR/x/usr/bin/ipcctl" --version
	assert_success
}

@test "files of the package belong to root and are readable, whatever the umask of the build" {
	require dpkg-deb
	run dpkg-deb -c "$PACKAGE"/ipcctl_*.deb
	assert_success
	# Mode and owner of each line: programs and directories 0755, files 0644.
	run awk '{ print substr($1, 1, 10), $2, /\/bin\/[a-z]+$/ ? "bin" : "-" }' <<<"$output"
	for line in "${lines[@]}"; do
		[[ $line = "drwxr-xr-x root/root -" || $line = "-rw-r--r-- root/root -" || $line = "-rwxr-xr-x root/root bin" ]] ||
			fail "$line"
	done
}

@test "the package depends on the C library and on what is opened later" {
	require dpkg-deb
	run dpkg-deb -f "$PACKAGE"/ipcctl_*.deb Package Version Architecture Section Depends Maintainer Description
	assert_line 'Package: ipcctl'
	assert_line --regexp '^Version: [0-9.]+-1$'
	assert_line "Architecture: $(dpkg --print-architecture)"
	assert_line --regexp '^Depends: .*libc6'
	assert_line --regexp '^Depends: .*libsmartcols1'
	refute_line --regexp '^Depends: .*jansson'
	assert_line --regexp '^Description: create, use, list'
}

@test "the package installs into an empty root and comes out of it again" {
	require dpkg-deb
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/var/lib/dpkg"
	: >"$root/var/lib/dpkg/status"
	dpkg_there() {
		dpkg --root="$root" --force-not-root --force-depends --force-script-chrootless --log=/dev/null "$@"
	}
	run dpkg_there -i "$PACKAGE"/ipcctl_*.deb
	assert_success
	assert [ -x "$root/usr/bin/ipcctl" ]
	run dpkg_there -P ipcctl
	assert_success
	assert [ ! -e "$root/usr/bin/ipcctl" ]
	assert [ ! -e "$root/usr/share/doc/ipcctl" ]
}
