# Memory that has no name any more: unlinked segments that processes have, and System V segments marked for removal.

load lib

setup() {
	HOLD=$(build_c - <<-'END'
		#include <fcntl.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <sys/shm.h>
		#include <sys/stat.h>
		#include <unistd.h>

		/* hold WHAT NAME SIZE USED: makes a segment, writes the first USED bytes, takes its name away, and waits. */
		int main(int argc, char **argv)
		{
			size_t size = strtoul(argv[3], NULL, 0), used = strtoul(argv[4], NULL, 0);
			int fd = -1;
			char *p;
			if (strcmp(argv[1], "sysv") == 0) {
				int id = shmget(strtol(argv[2], NULL, 0), size, IPC_CREAT | 0600);
				p = shmat(id, NULL, 0);
				memset(p, 'x', used);
				shmctl(id, IPC_RMID, NULL);
			} else {
				fd = strcmp(argv[1], "tmpfile") == 0 ? open("/dev/shm", O_TMPFILE | O_RDWR, 0600)
					: open(argv[2], O_CREAT | O_EXCL | O_RDWR, 0640);
				if (fd < 0 || ftruncate(fd, size) < 0)
					return 1;
				p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
				memset(p, 'x', used);
				if (strcmp(argv[1], "fd") == 0)
					munmap(p, size);
				if (strcmp(argv[1], "map") == 0)
					close(fd);
				if (strcmp(argv[1], "named") != 0)
					unlink(argv[2]);
			}
			puts("ready");
			fflush(stdout);
			pause();
		}
	END
	)
}

# Starts a process that holds a segment; BG_PID is its pid.
hold() { # HOW NAME SIZE USED
	background "$HOLD" "$@"
	wait_until grep -q ready "$BG_OUT"
}

# A count of holders that may not be all ends with a plus.
orphans() { # [COLUMNS]
	ipcctl ls --noheadings --bytes --state orphan -o "${1:-object}" shm | sed 's/  */ /g; s/+$//'
}

@test "an unlinked segment that is only mapped is listed with its size and its holder" {
	hold map /dev/shm/gone 1000000 5000
	run ipcctl ls --noheadings --bytes -o kind,api,size,holders,state shm
	assert_output --regexp "^shm +posix +100(0000|3520) +1\\+? +orphan$"
	name=$(orphans)
	assert_regex "$name" '^shm:ino:[0-9]+$'
	run ipcctl stat "$name"
	assert_line --regexp "^ +$BG_PID .* map /dev/shm/gone 1000000 5000 \\(map\\)$"
	assert_line --regexp '^Evidence: +its name is gone: it goes when nobody has it any more$'
	assert_line --regexp '^Former name: +/gone$'
}

@test "who may look through a mapping sees what is really used; else it is unknown, and the size what is mapped" {
	hold map /dev/shm/gone 1000000 5000
	run ipcctl ls -J --state orphan shm
	if [ "$TESTS_AS$TESTS_REAL_ROOT" = root1 ]; then
		assert_output --partial '"uid": 0,'
		assert_output --partial '"mode": "0640", "size": 1000000, "used": 8192,'
	else
		assert_output --partial '"size": 1003520, "used": null,'
		assert_output --partial '"uid": null,'
	fi
}

@test "an unlinked segment that is only open is listed with what is really used" {
	hold fd /dev/shm/gone 1000000 5000
	assert_equal "$(orphans mode,size,used,uid,holders)" "0640 1000000 8192 $(id -u) 1"
	run ipcctl stat "$(orphans)"
	assert_line --regexp "^ +$BG_PID .* \\(fd\\)$"
}

@test "a segment that never had a name is listed too" {
	hold tmpfile - 4096 1
	assert_equal "$(orphans size,used,former_name)" "4096 4096 -"
}

@test "several processes that have one segment are one row" {
	hold fd /dev/shm/gone 4096 1
	background sleep infinity 7<"/proc/$BG_PID/fd/3"
	wait_until test -e "/proc/$BG_PID/fd/7"
	assert_equal "$(orphans | wc -l)" 1
	assert_equal "$(orphans holders)" " 2"
}

@test "a new segment with the old name is another one, and is removed alone" {
	hold map /dev/shm/name 4096 1
	: >/dev/shm/name
	assert_equal "$(ipcctl ls --noheadings -o object,state shm | sed 's/:[0-9]*  */ /; s/  */ /' | sort)" \
		$'shm:/name idle\nshm:ino orphan'
	run ipcctl rm shm:/name
	assert_success
	assert_equal "$(orphans former_name)" /name
}

@test "a segment that is called as if it were deleted is none of them" {
	hold named "/dev/shm/live (deleted)" 4096 1
	assert_equal "$(orphans)" ""
	assert_equal "$(ipcctl ls --noheadings -o state shm)" live
}

@test "the name that it had is shown printable, whatever it was" {
	hold fd $'/dev/shm/a\nb\033[31m\377 (deleted)' 4096 1
	assert_equal "$(orphans former_name)" '/a\nb\x1b[31m\xff (deleted)'
}

@test "a System V segment marked for removal is an orphan, with its size, use and attaches" {
	hold sysv "$(unique_key)" 100000 5000
	assert_equal "$(orphans api,size,used,attaches,key)" "sysv 100000 8192 1 -"
	assert_regex "$(orphans)" '^shm:id:[0-9]+$'
}

@test "rm says that it is gone already, and what would free it" {
	hold map /dev/shm/gone 4096 1
	run ipcctl rm "$(orphans)"
	assert_failure 1
	assert_output --regexp "^ipcctl rm: cannot remove segment '$(orphans)': it has been removed, and goes when the last process lets go of it: $BG_PID ${HOLD:0:20}.* \(map\)\$"
	run ipcctl rm -f "$(orphans)"
	assert_failure 1
	run ipcctl rm -y --state orphan
	assert_failure 1
	assert_output --partial ": $BG_PID $HOLD"
	run ipcctl rm -n --state orphan
	assert_failure 1
	kill "$BG_PID"
	wait_until _has_ended "$BG_PID"
	assert_equal "$(orphans)" ""
	run ipcctl rm shm:ino:12345
	assert_failure 3
}

@test "rm of a segment marked for removal says the same, and a dry run too" {
	hold sysv 0x55 4096 1
	name=$(orphans)
	for option in -n -f -q; do
		run ipcctl rm $option "$name"
		assert_failure 1
		assert_line --index 0 --partial "cannot remove segment '$name': it has been removed, and goes when the last process lets go of it"
	done
}

@test "bulk removal of segments passes over those without a name" {
	hold map /dev/shm/gone 4096 1
	: >/dev/shm/idle
	run ipcctl rm -y 'shm:*'
	assert_success
	assert_output ""
	assert_equal "$(ipcctl ls --names --all shm)" "$(orphans)"
}

@test "a pattern for objects without a name finds them, and bulk removal then says why they stay" {
	hold map /dev/shm/gone 4096 1
	name=$(orphans)
	assert_equal "$(ipcctl ls --names 'shm:ino:*')" "$name"
	for option in -n -y; do
		run --separate-stderr ipcctl rm $option 'shm:ino:*'
		assert_failure 1
		assert_equal "${stderr_lines[0]%%: $BG_PID*}" "ipcctl rm: cannot remove segment '$name': it has been removed, and goes when the last process lets go of it"
	done
}

@test "they are listed where a column or a filter looks at processes, and with --all" {
	hold map /dev/shm/gone 4096 1
	name=$(orphans)
	assert_equal "$(ipcctl ls --names shm)" ""
	assert_equal "$(ipcctl ls --noheadings -o object,size shm)" ""
	assert_equal "$(ipcctl ls --names --all shm)" "$name"
	assert_equal "$(ipcctl ls --names --state orphan,live)" "$name"
	assert_equal "$(ipcctl ls --names --state live)" ""
	run ipcctl ls
	assert_line --regexp "^$name "
	run ipcctl ls 'shm:*'
	assert_line --regexp "^$name "
	run ipcctl stat 'shm:ino:*'
	assert_line --regexp "^Object: +$name$"
}

@test "what is in it can still be read by its number" {
	hold fd /dev/shm/gone 10 4
	assert_equal "$(ipcctl shm read "$(orphans)" | tr '\0' .)" xxxx......
	run ipcctl shm write "$(orphans)" yy
	assert_success
	assert_equal "$(ipcctl shm read "$(orphans)" | tr '\0' .)" yyxx......
}

@test "wait sees it go" {
	hold fd /dev/shm/gone 4096 1
	holder=$BG_PID
	background ipcctl wait "$(orphans)" --for gone -t 20s
	kill "$holder"
	finish
	assert_success
}

@test "another user's are not seen by who may not look at his processes, and that is no error" {
	require_root
	hold map /dev/shm/gone 4096 1
	name=$(orphans)
	run as_user ipcctl ls shm
	assert_success
	assert_output ""
	run as_user ipcctl stat "$name"
	assert_failure 3
}

@test "they are those of the namespace that is looked at" {
	[ "$TESTS_AS" = root ] || skip "needs root, of a user namespace at least"
	hold map /dev/shm/here 4096 1
	background unshare -im sh -c "mount -t tmpfs tmpfs /dev/shm; exec '$HOLD' map /dev/shm/there 8192 1"
	there=$BG_PID
	wait_until grep -q ready "$BG_OUT"
	assert_equal "$(orphans former_name)" /here
	assert_equal "$(ipcctl ls --noheadings -o former_name --state orphan --ns "$there" shm)" /there
	run ipcctl ls --noheadings -o former_name --state orphan --all-ns shm
	assert_line /here
	assert_line /there
}
