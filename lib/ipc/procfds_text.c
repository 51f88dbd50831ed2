#include "ipc/procfds_text.h"

#include "ipc/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/*
 * File systems without a server: asking about a file of theirs never waits for a network, or for a process.
 * Others may be asked in vain for ever, so FIFOs on them are not looked for.
 */
static const char *const local_types[] = {
	"bcachefs",
	"btrfs",
	"devtmpfs",
	"erofs",
	"ext2",
	"ext3",
	"ext4",
	"f2fs",
	"jfs",
	"mqueue",
	"nilfs2",
	"overlay",
	"ramfs",
	"reiserfs",
	"rootfs",
	"squashfs",
	"tmpfs",
	"ubifs",
	"xfs",
	"zfs",
};

/* Digits alone, up to max; moves *text behind them. Returns false if there are none, or it is more. */
static bool take_number(const char **text, const char *end, uint64_t max, uint64_t *ret)
{
	const char *p = *text;
	uint64_t n = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');
		if (n > (max - digit) / 10)
			return false;
		n = 10 * n + digit;
	}
	if (p == *text)
		return false;
	*text = p;
	*ret = n;
	return true;
}

/* "WORD:[N]" */
static bool is_numbered(const char *text, size_t len, const char *word, ino_t *ret)
{
	size_t n = strlen(word);
	const char *p = text + n, *end = text + len;
	uint64_t ino;

	if (len < n || memcmp(text, word, n) != 0)
		return false;
	if (!take_number(&p, end, UINT64_MAX, &ino) || end - p != 1 || *p != ']')
		return false;
	*ret = ino;
	return true;
}

enum procfds_link procfds_link(const char *text, size_t len, ino_t *ret_ino)
{
	if (len > 0 && text[0] == '/')
		return LINK_PATH;
	if (is_numbered(text, len, "pipe:[", ret_ino))
		return LINK_PIPE;
	return is_numbered(text, len, "socket:[", ret_ino) ? LINK_SOCKET : LINK_OTHER;
}

/* "KEY:\tNUMBER\n" in a base of at most ten: moves *text behind it. */
static bool take_line(const char **text, const char *key, uint64_t base, uint64_t max, uint64_t *ret)
{
	size_t len = strlen(key);
	const char *p = *text + len;
	uint64_t n = 0;

	if (strncmp(*text, key, len) != 0 || strncmp(p, ":\t", 2) != 0)
		return false;
	p += 2;
	const char *digits = p += *p == '-'; /* a position can be that */
	for (; *p >= '0' && *p < (char)('0' + base); p++) {
		uint64_t digit = (uint64_t)(*p - '0');
		if (n > (max - digit) / base)
			return false;
		n = base * n + digit;
	}
	if (p == digits || *p != '\n')
		return false;
	*text = p + 1;
	*ret = n;
	return true;
}

bool procfds_link_is_ring(const char *text, size_t len)
{
	static const char ring[] = "anon_inode:[io_uring]";

	return len == sizeof(ring) - 1 && memcmp(text, ring, len) == 0;
}

/* The number in the line of that key, which stands before anything that a name is part of; or -1. */
static int64_t find_number(const char *text, const char *key, const char **ret_end)
{
	const char *line = strstr(text, key);
	char *end;

	if (!line)
		return -1;
	line += strlen(key);
	uintmax_t n = *line >= '0' && *line <= '9' ? strtoumax(line, &end, 10) : UINTMAX_MAX;
	if (n > UINT32_MAX || *end != '\n')
		return -1;
	*ret_end = end;
	return (int64_t)n;
}

int64_t procfds_socket_carries(const char *text)
{
	const char *end;

	return find_number(text, "\nscm_fds: ", &end);
}

/* What has no name in any directory, or is no file. */
static bool is_nameless(const char *file)
{
	static const char *const forms[] = { "socket:[", "pipe:[", "anon_inode:", "<none>" };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strncmp(file, forms[i], strlen(forms[i])) == 0)
			return true;
	return false;
}

/*
 * "UserFiles:\t2\n    0: /a\n    1: socket:[7]\n…": the size of the table, and what there is in it. Older kernels have the
 * last part of a name there and "<none>" for a free place, and leave out all of it for a ring that is just in use.
 */
int64_t procfds_ring_carries(const char *text)
{
	const char *line;
	int64_t n = 0, size = find_number(text, "\nUserFiles:\t", &line);

	if (size < 0 || (size > 0 && line[1] != ' '))
		return -1;
	while (line[1] == ' ' && (line = strchr(line + 1, ':')) != NULL) {
		n += line[1] == ' ' && !is_nameless(line + 2);
		line = strchr(line, '\n');
		if (!line)
			break;
	}
	return n;
}

int procfds_fdinfo(const char *text, struct procfds_fdinfo *ret)
{
	uint64_t skipped, flags, id, ino = 0;

	if (!take_line(&text, "pos", 10, UINT64_MAX, &skipped) ||
		!take_line(&text, "flags", 8, UINT32_MAX, &flags) ||
		!take_line(&text, "mnt_id", 10, INT_MAX, &id))
		return -EBADMSG;
	(void)take_line(&text, "ino", 10, UINT64_MAX, &ino);
	*ret = (struct procfds_fdinfo){ .flags = (unsigned)flags, .mnt_id = (int)id, .ino = (ino_t)ino };
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct procfds_mount *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

const struct procfds_mount *procfds_mount_find(const struct procfds_mounts *m, int id)
{
	const struct procfds_mount key = { .id = id };

	return m->len > 0 ? bsearch(&key, m->v, m->len, sizeof(*m->v), by_id) : NULL;
}

static bool is_local(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(local_types); i++)
		if (strcmp(type, local_types[i]) == 0)
			return true;
	return false;
}

/* Of some local file systems a mount has several sets of numbers: subvolumes, layers. */
static bool is_numbered_once(const char *type)
{
	static const char *const types[] = { "devtmpfs", "ext2", "ext3", "ext4", "mqueue", "ramfs", "tmpfs",
		"xfs" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool is_shared(const char *type)
{
	return strcmp(type, "tmpfs") == 0 || strcmp(type, "ramfs") == 0 || strcmp(type, "mqueue") == 0;
}

/* Of the options "rw,hidepid=2": as a number before Linux 5.8, as a word since then. */
static bool hides_processes(const char *options)
{
	static const char *const values[] = { "2", "4", "invisible", "ptraceable" };
	const char *p = strstr(options, "hidepid=");

	if (!p)
		return false;
	p += strlen("hidepid=");
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (strlen(values[i]) == strcspn(p, ",") && strncmp(p, values[i], strlen(values[i])) == 0)
			return true;
	return false;
}

/*
 * "ID PARENT DEV ROOT POINT OPTIONS [FIELD…] - TYPE SOURCE OPTIONS": blanks and newlines in names are
 * escaped by the kernel, so that a name can't add a field.
 */
static bool parse_mount(char *line, struct procfds_mount *ret)
{
	enum { ID = 0, DEV = 2, POINT = 4, FIXED = 6, TYPE = 0, SOURCE = 1, OPTIONS = 2, BEHIND = 3 };
	const char *before[FIXED] = { NULL }, *behind[BEHIND] = { NULL };
	size_t n = 0, rest = 0;
	bool separated = false;
	uint64_t id, major_no, minor_no;

	for (char *field; (field = strsep(&line, " "));) {
		if (!separated && n >= FIXED && strcmp(field, "-") == 0)
			separated = true;
		else if (separated && rest < BEHIND)
			behind[rest++] = field;
		else if (!separated && n++ < FIXED)
			before[n - 1] = field;
	}
	if (rest <= SOURCE)
		return false;
	const char *p = before[ID], *dev = before[DEV];
	if (!take_number(&p, p + strlen(p), INT_MAX, &id) || *p)
		return false;
	if (!take_number(&dev, dev + strlen(dev), UINT32_MAX, &major_no) || *dev++ != ':' ||
		!take_number(&dev, dev + strlen(dev), UINT32_MAX, &minor_no) || *dev)
		return false;
	*ret = (struct procfds_mount){ .id = (int)id,
		.dev = makedev((unsigned)major_no, (unsigned)minor_no),
		.local = is_local(behind[TYPE]),
		.shared = is_shared(behind[TYPE]),
		.numbered = is_numbered_once(behind[TYPE]) };
	ret->hides = strcmp(behind[TYPE], "proc") == 0 && strcmp(before[POINT], "/proc") == 0 &&
		behind[OPTIONS] && hides_processes(behind[OPTIONS]);
	return true;
}

int procfds_mounts_add(struct procfds_mounts *m, char *text, bool here)
{
	size_t known = m->len, lines = 1;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	struct procfds_mount *v = reallocarray(m->v, m->len + lines, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->v = v;
	for (char *line; (line = strsep(&text, "\n"));) {
		struct procfds_mounts before = { m->v, known };
		struct procfds_mount mount;
		if (!parse_mount(line, &mount) || procfds_mount_find(&before, mount.id))
			continue;
		mount.here = here;
		m->v[m->len++] = mount;
	}
	if (m->len > 0)
		qsort(m->v, m->len, sizeof(*m->v), by_id);
	return 0;
}

int procfds_mounts_put(struct procfds_mounts *m, const struct procfds_mount *mount)
{
	struct procfds_mount *v;

	if (procfds_mount_find(m, mount->id))
		return 0;
	v = reallocarray(m->v, m->len + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->v = v;
	m->v[m->len++] = *mount;
	qsort(m->v, m->len, sizeof(*m->v), by_id);
	return 0;
}

const struct procfds_mount *procfds_mount_of(const struct procfds_mounts *m, dev_t dev)
{
	for (size_t i = 0; i < m->len; i++)
		if (m->v[i].dev == dev)
			return &m->v[i];
	return NULL;
}

int procfds_own_mounts(struct procfds_mounts *m)
{
	AUTO_FREE char *text = NULL;
	int r = ipc_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL);

	if (r == -ENOENT)
		return -ENOSYS;
	return r < 0 ? r : procfds_mounts_add(m, text, true);
}

bool procfds_is_local(const struct procfds_mounts *m, dev_t dev)
{
	for (size_t i = 0; i < m->len; i++)
		if (m->v[i].dev == dev && m->v[i].here)
			return m->v[i].local;
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

void procfds_unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p; to++) {
		if (p[0] == '\\' && is_octal(p[1]) && is_octal(p[2]) && is_octal(p[3])) {
			*to = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 4;
		} else {
			*to = *p++;
		}
	}
	*to = '\0';
}

bool procfds_fd_is_local(const struct procfds_mounts *m, int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) < 0)
		return false;
	if (!(st.stx_mask & STATX_MNT_ID)) /* before Linux 5.8 */
		return procfds_is_local(m, makedev(st.stx_dev_major, st.stx_dev_minor));
	const struct procfds_mount *mount =
		st.stx_mnt_id <= INT_MAX ? procfds_mount_find(m, (int)st.stx_mnt_id) : NULL;
	return mount && mount->local;
}

void procfds_mounts_clear(struct procfds_mounts *m)
{
	free(m->v);
	*m = (struct procfds_mounts){ 0 };
}
