#include "ipc/overlay.h"

#include "ipc/io.h"
#include "ipc/procfds_text.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the descriptor leads to. */
static bool read_path(int fd, char ret[static PATH_MAX])
{
	char link[FD_PATH_SIZE];

	ipc_fd_path(fd, link);
	ssize_t n = fd < 0 ? -1 : readlink(link, ret, PATH_MAX - 1);
	if (n <= 0 || ret[0] != '/')
		return false;
	ret[n] = '\0';
	return true;
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

static bool is_below_relative(const char *path, const char *directory)
{
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/'))
		if (is_below(p + 1, directory))
			return true;
	return false;
}

bool overlay_has(char *line, const char *path)
{
	char *options = strstr(line, " - overlay "), real[PATH_MAX];
	char *upper = options ? strstr(options, ",upperdir=") : NULL;

	if (!upper)
		return false;
	upper += strlen(",upperdir=");
	upper[strcspn(upper, ", ")] = '\0';
	procfds_unescape(upper); /* a comma is "\054" there */
	if (*upper != '/')
		return *upper && is_below_relative(path, upper);
	AUTO_CLOSE int fd = open(upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return is_below(path, upper) || (read_path(fd, real) && is_below(path, real));
}

bool overlay_shows(const char *file)
{
	AUTO_CLOSE int fd = open(file, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FREE char *text = NULL;
	char path[PATH_MAX], *rest;

	if (!read_path(fd, path) ||
		ipc_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (overlay_has(line, path))
			return true;
	return false;
}

bool overlay_is_remote(const char *file)
{
	struct procfds_mounts mounts = { 0 };
	const struct procfds_mount *mount = NULL;
	struct statx st;

	if (statx(AT_FDCWD, file, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) < 0 ||
		!(st.stx_mask & STATX_MNT_ID) || procfds_own_mounts(&mounts) < 0)
		return false;
	mount = procfds_mount_find(&mounts, (int)st.stx_mnt_id);
	bool remote = mount && !mount->local;
	procfds_mounts_clear(&mounts);
	return remote;
}
