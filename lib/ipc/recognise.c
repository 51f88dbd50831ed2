#include "ipc/recognise.h"

#include "ipc/io.h"

#include <limits.h>
#include <string.h>

#define KEY_PREFIX "key:0x"

enum { KEY_TEXT_SIZE = sizeof(KEY_PREFIX) + 8 };

/* The sets of sysv_sema.c have 16 semaphores, 19 since PostgreSQL 18, and behind them one that holds PGSemaMagic. */
static bool is_postgresql_set(const struct ipc_object *o)
{
	enum { MAGIC = 537 };

	return (o->list_len == 17 || o->list_len == 20) && o->list[o->list_len - 1] == MAGIC;
}

/* Each comment says where the form comes from. What could be anybody's is not here. */
const struct recognise_form recognise_forms[] = {
	/* CPython, Lib/multiprocessing/shared_memory.py: _make_filename() */
	{ "shm", "/psm_<hex8>", "python", "multiprocessing.shared_memory" },
	/* CPython, Lib/multiprocessing/synchronize.py: SemLock._make_name(), semprefix in process.py */
	{ "sem", "/mp-<word8>", "python", "multiprocessing locks and semaphores" },
	/* CPython, Lib/multiprocessing/connection.py: arbitrary_address(); util.py: get_temp_dir() */
	{ "sock", "*/pymp-<word>/listener-<word>", "python", "multiprocessing listeners" },
	/* loky, backend/synchronize.py: SemLock._make_name() */
	{ "sem", "/loky-<pid>-<word>", "loky", "joblib's process pools" },
	/* PyTorch, ATen/MapAllocator.cpp: NewProcessWideShmHandle(), with a counter since 1.9 */
	{ "shm", "/torch_<pid>_<n>_<n>", "pytorch", "tensors shared between processes" },
	{ "shm", "/torch_<pid>_<n>", "pytorch", "tensors shared between processes" },
	/* NCCL, misc/shmutils.cc: ncclShmOpen(), a mkstemp(3) name */
	{ "shm", "/nccl-<word6>", "nccl", "NCCL and RCCL" },
	/* ... and before 2.8 transport/shm.cc, with a hash */
	{ "shm", "/nccl-shm-<any>", "nccl", "NCCL and RCCL" },
	/* Seen of the CUDA driver, whose source is not public; what the numbers mean is not told. */
	{ "shm", "/cuda.shm.<any>", "cuda", "the CUDA driver" },
	/* Fast DDS, rtps/transport/shared_mem/SharedMemManager.hpp, SharedMemGlobal.hpp; DataSharing */
	{ "shm", "/fastrtps_<any>", "fastdds", "Fast DDS (ROS 2)" },
	{ "sem", "/fastrtps_<any>", "fastdds", "Fast DDS (ROS 2)" },
	{ "shm", "/fastdds_<any>", "fastdds", "Fast DDS (ROS 2)" },
	{ "sem", "/fastdds_<any>", "fastdds", "Fast DDS (ROS 2)" },
	{ "shm", "/fast_datasharing_<any>", "fastdds", "Fast DDS (ROS 2)" },
	/* Open MPI, opal/mca/btl/vader and btl/sm, ompi/mca/osc/rdma and osc/sm: host, user, job, rank */
	{ "shm", "/vader_segment.<any>", "openmpi", "Open MPI" },
	{ "shm", "/sm_segment.<any>", "openmpi", "Open MPI" },
	{ "shm", "/osc_rdma.<any>", "openmpi", "Open MPI" },
	{ "shm", "/osc_sm.<any>", "openmpi", "Open MPI" },
	/* MPICH, mpl/src/shm/mpl_shm_mmap.c: a mkstemp(3) name */
	{ "shm", "/mpich_shar_tmp<word6>", "mpich", "MPICH and its descendants" },
	/* PostgreSQL, src/backend/storage/ipc/dsm_impl.c; port/sysv_sema.c; libpq/pqcomm.h: UNIXSOCK_PATH */
	{ "shm", "/PostgreSQL.<n>", "postgresql", "dynamic shared memory of a server" },
	{ "sem", NULL, "postgresql", "a set of 17 or 20 semaphores of which the last one is 537",
		is_postgresql_set },
	{ "sock", "*/.s.PGSQL.<n>", "postgresql", "a server" },
	/* APR, locks/unix/proc_mutex.c: proc_mutex_posix_create() */
	{ "sem", "/ApR.<any>", "apr", "the Apache portable runtime" },
	/* Chromium, base/files/file_util_posix.cc: GetTempTemplate(); process_singleton_posix.cc */
	{ "shm", "/.org.chromium.Chromium.<word6>", "chromium", "Chromium and programs built on it" },
	{ "shm", "/org.chromium.Chromium.<word6>", "chromium", "Chromium and programs built on it" },
	{ "sock", "*/.org.chromium.Chromium.<word6>/SingletonSocket", "chromium", "Chromium" },
	{ "sock", "*/org.chromium.Chromium.<word6>/SingletonSocket", "chromium", "Chromium" },
	{ "shm", "/.com.google.Chrome.<word6>", "chrome", "Google Chrome" },
	{ "sock", "*/.com.google.Chrome.<word6>/SingletonSocket", "chrome", "Google Chrome" },
	{ "sock", "*/com.google.Chrome.<word6>/SingletonSocket", "chrome", "Google Chrome" },
	/* Firefox, ipc/chromium or ipc/glue SharedMemory_posix: AppendPosixShmPrefix() */
	{ "shm", "/org.mozilla.ipc.<pid>.<n>", "firefox", "Firefox and Thunderbird" },
	{ "shm", "/snap.firefox.org.mozilla.ipc.<pid>.<n>", "firefox", "Firefox as a snap" },
	/* PulseAudio, src/pulsecore/shm.c: segment_name(), a random number; its native protocol's socket */
	{ "shm", "/pulse-shm-<n>", "pulseaudio", "PulseAudio" },
	{ "sock", "*/pulse/native", "pulseaudio", "PulseAudio, or PipeWire in its place" },
	/* PipeWire, pipewire.conf(5): core.name; module-protocol-native */
	{ "sock", "*/pipewire-<n>", "pipewire", "PipeWire" },
	{ "sock", "*/pipewire-<n>-manager", "pipewire", "PipeWire" },
	/* JACK, common/shm.c: registry and segments, JACK_SHM_REGISTRY_KEY, JACK_SEMAPHORE_KEY; JackPosixSemaphore */
	{ "shm", "/jack-shm-registry", "jack", "JACK" },
	{ "shm", "/jack-<n>-<n>", "jack", "JACK" },
	{ "shm", "key:0x00282929", "jack", "JACK" },
	{ "sem", "key:0x00282929", "jack", "JACK" },
	{ "sem", "/jack_sem.<any>", "jack", "JACK" },
	/* gpsd, gpsd.h: GPSD_SHM_KEY; ntpd, refclock_shm.c: NTPD_BASE and the unit */
	{ "shm", "key:0x47505344", "gpsd", "gpsd" },
	{ "shm", "key:0x4e54503<hex1>", "ntp", "a reference clock shared with ntpd, chronyd or gpsd" },
	/* LTTng-UST, lttng/ust-ctl.h: LTTNG_UST_WAIT_FILENAME, LTTNG_UST_SOCK_FILENAME */
	{ "shm", "/lttng-ust-wait-<n>", "lttng", "LTTng" },
	{ "shm", "/lttng-ust-wait-<n>-<n>", "lttng", "LTTng" },
	{ "sock", "*/lttng-ust-sock-<n>", "lttng", "LTTng" },
	/* HotSpot, os/posix/attachListener_posix.cpp */
	{ "sock", "*/.java_pid<pid>", "java", "the attach socket of a Java virtual machine" },
	/* Qt, corelib/ipc/qtipccommon.cpp: legacyPlatformSafeKey() */
	{ "shm", "/qipc_sharedmemory_<any>", "qt", "QSharedMemory" },
	{ "sem", "/qipc_systemsem_<any>", "qt", "QSystemSemaphore" },
	/* dbus-daemon(1), session.conf: unix:tmpdir=/tmp; the system bus; systemd's user bus */
	{ "sock", "*/dbus/system_bus_socket", "dbus", "the D-Bus system bus" },
	{ "sock", "/run/user/<n>/bus", "dbus", "a D-Bus session bus" },
	{ "sock", "/tmp/dbus-<word10>", "dbus", "a D-Bus session bus" },
	{ "sock", "@/tmp/dbus-<word10>", "dbus", "a D-Bus session bus" },
	/* X(7), libxtrans: Xtranssock.c, where ICE's port is getpid() */
	{ "sock", "/tmp/.X11-unix/X<n>", "x11", "an X server" },
	{ "sock", "@/tmp/.X11-unix/X<n>", "x11", "an X server" },
	{ "sock", "/tmp/.ICE-unix/<pid>", "ice", "an X session manager" },
	{ "sock", "@/tmp/.ICE-unix/<pid>", "ice", "an X session manager" },
	/* libwayland, wayland-server.c: wl_display_add_socket_auto() */
	{ "sock", "*/wayland-<n>", "wayland", "a Wayland compositor" },
	/* OpenSSH, ssh-agent.c: the pid of its parent; sshd's session.c: its own. Which of them is not told. */
	{ "sock", "*/ssh-<word>/agent.<n>", "ssh", "ssh-agent, or sshd that forwards one" },
	/* GnuPG, common/homedir.c: names of the sockets */
	{ "sock", "*/S.gpg-agent", "gnupg", "gpg-agent" },
	{ "sock", "*/S.gpg-agent.<word>", "gnupg", "gpg-agent" },
	{ "sock", "*/S.dirmngr", "gnupg", "dirmngr" },
	{ "sock", "*/S.keyboxd", "gnupg", "keyboxd" },
	{ "sock", "*/S.scdaemon", "gnupg", "scdaemon" },
	/* tmux(1): -L; screen(1): SCREENDIR; its screen.c: the server's pid in front */
	{ "sock", "*/tmux-<n>/<any>", "tmux", "tmux" },
	{ "sock", "*/screen/S-<any>/<pid>.<any>", "screen", "GNU screen" },
	{ "fifo", "*/screen/S-<any>/<pid>.<any>", "screen", "GNU screen" },
	/* containerd, defaults_unix.go; containerd-shim, its socket directory; Docker: dockerd(8), its runtime directory */
	{ "sock", "*/containerd.sock", "containerd", "containerd" },
	{ "sock", "*/containerd.sock.ttrpc", "containerd", "containerd" },
	{ "sock", "*/containerd/s/<hex64>", "containerd", "a container's shim" },
	{ "sock", "*/docker.sock", "docker", "Docker" },
	{ "sock", "/run/docker/<path>", "docker", "Docker" },
	{ "sock", "*/podman.sock", "podman", "Podman" },
	/* file-hierarchy(7), systemd's runtime directories; udevd(8) */
	{ "sock", "/run/systemd/<path>", "systemd", "systemd and its services" },
	{ "fifo", "/run/systemd/<path>", "systemd", "systemd and its services" },
	{ "sock", "/run/user/<n>/systemd/<path>", "systemd", "a user's systemd" },
	{ "sock", "/run/udev/control", "systemd", "udevd" },
	/* Redis and MySQL: the names that their configuration files come with */
	{ "sock", "*/redis-server.sock", "redis", "Redis" },
	{ "sock", "*/redis.sock", "redis", "Redis" },
	{ "sock", "*/mysqld.sock", "mysql", "MySQL and MariaDB" },
	{ "sock", "*/mysql.sock", "mysql", "MySQL and MariaDB" },
	{ "sock", "*/mysqlx.sock", "mysql", "MySQL" },
	/* Apache httpd, mod_cgid.c: ScriptSock and the pid of the parent server */
	{ "sock", "*/cgisock.<pid>", "apache", "mod_cgid of Apache httpd" },
	/* supervisord, its sample configuration; s6-svscan(8), s6: libftrigr's ftrigr1 */
	{ "sock", "*/supervisor.sock", "supervisor", "supervisord" },
	{ "fifo", "*/.s6-svscan/control", "s6", "s6-svscan" },
	{ "fifo", "*/ftrig1:@<hex24>:<any>", "s6", "who waits for events of s6" },
	/* Visual Studio Code, base/parts/ipc/node/ipc.net.ts; extensions/git */
	{ "sock", "*/vscode-ipc-<any>", "vscode", "Visual Studio Code" },
	{ "sock", "*/vscode-git-<any>", "vscode", "Visual Studio Code" },
	/* wineserver(1) */
	{ "sock", "*/.wine-<n>/server-<any>/socket", "wine", "Wine" },
	/* semfile.c, claim.c, fifo.c: what has not got its own name yet */
	{ "shm", "/.ipcctl-<pid>-<n>", "ipcctl", "a semaphore that is being made" },
	{ "sock", "*/.ipcctl-sock-<hex8>.<any>", "ipcctl", "a socket that is being made" },
	{ "fifo", "*/.ipcctl-new.<hex16>", "ipcctl", "a FIFO that is being made" },
	{ 0 },
};

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(unsigned char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_word(unsigned char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_any(unsigned char c)
{
	return c != '/';
}

static bool is_anything(unsigned char c)
{
	(void)c;
	return true;
}

static const struct mark {
	const char *name;
	bool (*takes)(unsigned char c);
	bool pid;
} marks[] = {
	{ "pid", is_digit, true },
	{ "n", is_digit, false },
	{ "hex", is_hex, false },
	{ "word", is_word, false },
	{ "any", is_any, false },
	{ "path", is_anything, false },
};

/* The mark that *pattern stands at, which is moved behind it. ret_count: how many bytes, 0: as many as it can. */
static const struct mark *read_mark(const char **pattern, size_t *ret_count)
{
	const char *p = *pattern + 1;
	size_t len = strcspn(p, "0123456789>");

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (strlen(marks[i].name) != len || memcmp(marks[i].name, p, len) != 0)
			continue;
		p += len;
		for (*ret_count = 0; *p != '>'; p++)
			*ret_count = *ret_count * 10 + (size_t)(*p - '0');
		*pattern = p + 1;
		return &marks[i];
	}
	return NULL;
}

/* A pid that some process can have, or 0. */
static pid_t read_pid(const char *digits, size_t len)
{
	enum { DIGITS_MAX = 10 };
	uint64_t n = 0;

	if (*digits == '0' || len > DIGITS_MAX)
		return 0;
	for (size_t i = 0; i < len; i++)
		n = n * 10 + (uint64_t)(digits[i] - '0');
	return n <= INT_MAX ? (pid_t)n : 0;
}

/* The last parts of a path, as many as a pattern has that begins with a star and a slash; NULL: there are fewer. */
static const char *last_parts(const char *pattern, const char *text, size_t len)
{
	const char *p = text + len;
	size_t parts = 0;

	for (const char *q = pattern; *q; q++)
		parts += *q == '/';
	for (; p > text; p--)
		if (p[-1] == '/' && --parts == 0)
			return p;
	return parts == 1 ? text : NULL;
}

bool recognise_match(const char *pattern, const char *text, size_t len, pid_t *ret_maker)
{
	const char *p = pattern, *t = text, *end = text + len;
	pid_t maker = 0;

	if (strncmp(pattern, "*/", 2) == 0) {
		t = last_parts(pattern, text, len);
		p += 2;
		if (!t)
			return false;
	}
	while (*p) {
		size_t count = 0, n = 0;
		if (*p != '<') {
			if (t == end || *t++ != *p++)
				return false;
			continue;
		}
		const struct mark *mark = read_mark(&p, &count);
		if (!mark)
			return false;
		while (t + n < end && (count == 0 || n < count) && mark->takes((unsigned char)t[n]))
			n++;
		if (n == 0 || n < count)
			return false;
		maker = mark->pid ? read_pid(t, n) : maker;
		if (mark->pid && maker == 0)
			return false;
		t += n;
	}
	if (t != end)
		return false;
	if (ret_maker)
		*ret_maker = maker;
	return true;
}

/* Most patterns differ in the first bytes, or in the last one: no more has to be looked at. */
static bool may_match(const char *pattern, const char *text, size_t len)
{
	if (len == 0)
		return false;
	if (pattern[0] != '*' &&
		(pattern[0] != text[0] || (pattern[1] != '<' && (len < 2 || pattern[1] != text[1]))))
		return false;
	size_t last = strlen(pattern) - 1;
	return pattern[last] == '>' || pattern[last] == text[len - 1];
}

static const char *key_text(uint32_t key, char text[KEY_TEXT_SIZE])
{
	char *p = mempcpy(text, KEY_PREFIX, sizeof(KEY_PREFIX) - 1);

	for (int shift = 28; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[key >> shift & 15];
	*p = '\0';
	return text;
}

/* What the patterns are compared with. Returns text, the name itself, or NULL where no form can be known. */
static const char *form_text(const struct ipc_selector *s, char key[KEY_TEXT_SIZE], size_t *ret_len)
{
	if (s->form == FORM_KEY) {
		*ret_len = KEY_TEXT_SIZE - 1;
		return key_text((uint32_t)s->key, key);
	}
	if (s->form != FORM_POSIX && s->form != FORM_PATH && s->form != FORM_ABSTRACT)
		return NULL;
	*ret_len = s->name_len;
	return s->name;
}

static bool has_form(const struct recognise_form *f, const struct ipc_object *o, const char *text, size_t len,
	pid_t *ret_maker)
{
	bool abstract = o->selector.form == FORM_ABSTRACT;

	if (f->pattern) {
		if (!text || (o->selector.form == FORM_KEY && *f->pattern != *text))
			return false;
		if ((*f->pattern == '@') != abstract || !may_match(f->pattern + abstract, text, len))
			return false;
	}
	if (strcmp(f->class, o->selector.kind->class) != 0 || (f->fits && !f->fits(o)))
		return false;
	return !f->pattern || recognise_match(f->pattern + abstract, text, len, ret_maker);
}

const char *ipc_recognise(const struct ipc_object *object, pid_t *ret_maker)
{
	char key[KEY_TEXT_SIZE];
	size_t len = 0;
	pid_t maker = 0;
	const char *label = NULL;
	const char *text = object->selector.kind ? form_text(&object->selector, key, &len) : NULL;

	for (const struct recognise_form *f = recognise_forms; !label && object->selector.kind && f->class;
		f++)
		if (has_form(f, object, text, len, &maker))
			label = f->label;
	if (ret_maker)
		*ret_maker = maker;
	return label;
}

pid_t ipc_recognise_maker(const struct ipc_object *object)
{
	pid_t maker = 0;

	ipc_recognise(object, &maker);
	return maker;
}

const char *ipc_recognise_next(const char *previous)
{
	const char *next = NULL;

	for (const struct recognise_form *f = recognise_forms; f->class; f++)
		if ((!previous || strcmp(f->label, previous) > 0) && (!next || strcmp(f->label, next) < 0))
			next = f->label;
	return next;
}
