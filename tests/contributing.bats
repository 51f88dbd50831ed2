# The steps of CONTRIBUTING.md, taken literally in a copy of the source.

# once
load lib

# Writes each code block that names a file to that file below the folder $1.
extract_files() {
	awk -v into="$1/" '
		/^   ```c / { file = into $2; next }
		/^   ```$/ { file = "" }
		file { sub(/^   /, ""); print > file }
	' "$SOURCE/CONTRIBUTING.md"
}

# Puts a word into a list of CMakeLists.txt.
add_word() { # LIST WORD FILE
	sed -i "s/^set($1\$/&\n\t$2/" "$3"
}

@test "a mechanism and a command can be added in the steps that CONTRIBUTING names" {
	local copy=$BATS_TEST_TMPDIR/copy
	mkdir "$copy"
	cp -r "$SOURCE"/{CMakeLists.txt,CMakePresets.json,cmake,cmd,completions,lib,man} "$copy"
	extract_files "$copy"

	add_word IPCCTL_KINDS lock "$copy/CMakeLists.txt"
	add_word IPCCTL_COMMANDS lock "$copy/CMakeLists.txt"
	cd "$copy"
	cmake --preset release -DIPCCTL_TESTS=OFF >/dev/null
	cmake --build --preset release --target ipcctl ipcctl-docs docs >build.log 2>&1 || {
		tail -20 build.log
		return 1
	}

	touch held
	exec 7<held
	flock 7
	local ino
	ino=$(stat -c %i held)
	run ./build/release/ipcctl ls -o object,pid --noheadings lock
	assert_success
	assert_line --regexp "^lock:ino:$ino +[0-9]+\$"
	run ./build/release/ipcctl lock count
	assert_success
	((output >= 1))
	grep -q 'ipcctl lock count' man/ipcctl-lock.1
	grep -q "'lock count')" completions/ipcctl.bash
	exec 7<&-
	run ./build/release/ipcctl stat "lock:ino:$ino"
	assert_failure 3
}
