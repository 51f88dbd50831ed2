#include "ipc/sysv.h"

#include "ipc/io.h"
#include "ipc/kind_ops.h"
#include "ipc/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* Since Linux 4.17; include/uapi/linux/. */
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

enum { COLUMNS_MAX = 16, TABLE_MAX = 64 << 20 };

/* The kernel's array has holes where objects were: it is gone through unless there is little else in it. */
enum { SPARSE_FACTOR = 4, SPARSE_MIN = 1024 };

struct ipc_sysv_table {
	enum ipc_sysv_type type;
	size_t len, cursor;
	struct ipc_sysv_row rows[];
};

/* The caller has to define it: semctl(2). */
union semun {
	int val;
	struct semid_ds *buf;
	struct seminfo *info;
};

static int get_msg(key_t key)
{
	return msgget(key, 0);
}

static int get_sem(key_t key)
{
	return semget(key, 0, 0);
}

static int get_shm(key_t key)
{
	return shmget(key, 0, 0);
}

static int stat_msg(int index, union ipc_sysv_ds *ret)
{
	return msgctl(index, MSG_STAT_ANY, &ret->msg);
}

static int stat_sem(int index, union ipc_sysv_ds *ret)
{
	return semctl(index, 0, SEM_STAT_ANY, (union semun){ .buf = &ret->sem });
}

static int stat_shm(int index, union ipc_sysv_ds *ret)
{
	return shmctl(index, SHM_STAT_ANY, &ret->shm);
}

/* The highest index that is in use; ret_used: how many are. The three commands are Linux's own (msgctl(2) and the like). */
static int last_msg(uint64_t *ret_used)
{
	struct msginfo info = { 0 };
	int last = msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&info);

	*ret_used = (unsigned)info.msgpool;
	return last;
}

static int last_sem(uint64_t *ret_used)
{
	struct seminfo info = { 0 };
	int last = semctl(0, 0, SEM_INFO, (union semun){ .info = &info });

	*ret_used = (unsigned)info.semusz;
	return last;
}

static int last_shm(uint64_t *ret_used)
{
	struct shm_info info = { 0 };
	int last = shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info);

	*ret_used = (unsigned)info.used_ids;
	return last;
}

static void fill_permissions(const struct ipc_perm *p, struct ipc_sysv_row *row)
{
	row->key = p->__key;
	row->perms = p->mode;
	row->uid = p->uid;
	row->gid = p->gid;
	row->cuid = p->cuid;
	row->cgid = p->cgid;
}

static void fill_msg(const union ipc_sysv_ds *ds, struct ipc_sysv_row *row)
{
	fill_permissions(&ds->msg.msg_perm, row);
	row->size = ds->msg.__msg_cbytes;
	row->count = ds->msg.msg_qnum;
	row->cpid = ds->msg.msg_lspid;
	row->lpid = ds->msg.msg_lrpid;
	row->atime = ds->msg.msg_stime;
	row->dtime = ds->msg.msg_rtime;
	row->ctime = ds->msg.msg_ctime;
}

static void fill_sem(const union ipc_sysv_ds *ds, struct ipc_sysv_row *row)
{
	fill_permissions(&ds->sem.sem_perm, row);
	row->size = ds->sem.sem_nsems;
	row->atime = ds->sem.sem_otime;
	row->ctime = ds->sem.sem_ctime;
}

static void fill_shm(const union ipc_sysv_ds *ds, struct ipc_sysv_row *row)
{
	fill_permissions(&ds->shm.shm_perm, row);
	row->size = ds->shm.shm_segsz;
	row->count = ds->shm.shm_nattch;
	row->cpid = ds->shm.shm_cpid;
	row->lpid = ds->shm.shm_lpid;
	row->atime = ds->shm.shm_atime;
	row->dtime = ds->shm.shm_dtime;
	row->ctime = ds->shm.shm_ctime;
}

/* How many columns each file has, and which of them becomes which member, in the order of proc(5). */
static const struct sysv_source {
	const char *path;
	int (*get)(key_t key);
	int (*stat)(int index, union ipc_sysv_ds *ret);
	int (*last)(uint64_t *ret_used);
	void (*fill)(const union ipc_sysv_ds *ds, struct ipc_sysv_row *row);
	size_t columns;
	enum {
		COL_SKIP,
		COL_SIZE,
		COL_COUNT,
		COL_CPID,
		COL_LPID,
		COL_UID,
		COL_GID,
		COL_CUID,
		COL_CGID,
		COL_ATIME,
		COL_DTIME,
		COL_CTIME,
		COL_RSS,
		COL_SWAP,
	} column[COLUMNS_MAX]; /* key, id and perms come first in all three */
} sources[SYSV_TYPES] = {
	[SYSV_MSG] = { "/proc/sysvipc/msg", get_msg, stat_msg, last_msg, fill_msg, 14,
		{ [3] = COL_SIZE,
			COL_COUNT,
			COL_CPID,
			COL_LPID,
			COL_UID,
			COL_GID,
			COL_CUID,
			COL_CGID,
			COL_ATIME,
			COL_DTIME,
			COL_CTIME } },
	[SYSV_SEM] = { "/proc/sysvipc/sem", get_sem, stat_sem, last_sem, fill_sem, 10,
		{ [3] = COL_SIZE, COL_UID, COL_GID, COL_CUID, COL_CGID, COL_ATIME, COL_CTIME } },
	[SYSV_SHM] = { "/proc/sysvipc/shm", get_shm, stat_shm, last_shm, fill_shm, 16,
		{ [3] = COL_SIZE,
			COL_CPID,
			COL_LPID,
			COL_COUNT,
			COL_UID,
			COL_GID,
			COL_CUID,
			COL_CGID,
			COL_ATIME,
			COL_DTIME,
			COL_CTIME,
			COL_RSS,
			COL_SWAP } },
};

/* Parses one number of a line; strtoll(3) would take a locale's and white space's detours. */
static const char *next_number(const char *p, const char *end, int64_t *ret)
{
	bool negative = false;
	uint64_t n = 0;

	while (p < end && *p == ' ')
		p++;
	if (p < end && *p == '-') {
		negative = true;
		p++;
	}
	if (p == end || *p < '0' || *p > '9')
		return NULL;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	*ret = negative ? -(int64_t)n : (int64_t)n;
	return p;
}

/* perms is octal in the files, and so arrives here as decimal digits that mean octal ones. */
static unsigned octal_digits(int64_t n)
{
	unsigned mode = 0;

	for (unsigned shift = 0; n > 0; n /= 10, shift += 3)
		mode |= (unsigned)(n % 10 & 7) << shift;
	return mode;
}

static void fill_row(const struct sysv_source *src, const int64_t *n, struct ipc_sysv_row *row)
{
	*row = (struct ipc_sysv_row){ .key = (int32_t)n[0], .id = (int)n[1], .perms = octal_digits(n[2]) };
	for (size_t i = 3; i < src->columns; i++) {
		switch (src->column[i]) {
		case COL_SIZE:
			row->size = (uint64_t)n[i];
			break;
		case COL_COUNT:
			row->count = (uint64_t)n[i];
			break;
		case COL_CPID:
			row->cpid = (pid_t)n[i];
			break;
		case COL_LPID:
			row->lpid = (pid_t)n[i];
			break;
		case COL_UID:
			row->uid = (uid_t)n[i];
			break;
		case COL_GID:
			row->gid = (gid_t)n[i];
			break;
		case COL_CUID:
			row->cuid = (uid_t)n[i];
			break;
		case COL_CGID:
			row->cgid = (gid_t)n[i];
			break;
		case COL_ATIME:
			row->atime = n[i];
			break;
		case COL_DTIME:
			row->dtime = n[i];
			break;
		case COL_CTIME:
			row->ctime = n[i];
			break;
		case COL_RSS:
			row->rss = (uint64_t)n[i];
			break;
		case COL_SWAP:
			row->swap = (uint64_t)n[i];
			break;
		case COL_SKIP:
			break;
		}
	}
}

static int parse_line(const struct sysv_source *src, const char *p, const char *end, struct ipc_sysv_row *row)
{
	int64_t n[COLUMNS_MAX];

	for (size_t i = 0; i < src->columns; i++) {
		p = next_number(p, end, &n[i]);
		if (!p)
			return -EBADMSG; /* another kernel's table: better an error than wrong columns */
	}
	fill_row(src, n, row);
	return 0;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t lines = 0;

	for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + len - p))) != NULL; p++)
		lines++;
	return lines;
}

static int read_table(enum ipc_sysv_type type, struct ipc_sysv_table **ret)
{
	const struct sysv_source *src = &sources[type];
	AUTO_FREE char *text = NULL;
	AUTO_FREE struct ipc_sysv_table *table = NULL;
	size_t len = 0;
	int r = ipc_read_file(AT_FDCWD, src->path, TABLE_MAX, &text, &len);

	if (r < 0)
		return r == -ENOENT ? -ENOSYS : r;
	table = calloc(1, sizeof(*table) + count_lines(text, len) * sizeof(table->rows[0]));
	if (!table)
		return -ENOMEM;
	table->type = type;
	const char *end = text + len, *line = memchr(text, '\n', len); /* behind the headings */
	while (line && ++line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			break;
		r = parse_line(src, line, stop, &table->rows[table->len]);
		if (r < 0)
			return r;
		table->len++;
		line = stop;
	}
	*ret = table;
	table = NULL; /* the caller owns it now */
	return 0;
}

/*
 * The attributes alone: the kernel tells them in a third of the time that its text takes, which it computes each
 * segment's real use for. What is there is asked for in the order of that text. Fails where it can't be done, or not quickly.
 */
static int ask_for_each(enum ipc_sysv_type type, struct ipc_sysv_table **ret)
{
	const struct sysv_source *src = &sources[type];
	AUTO_FREE struct ipc_sysv_table *table = NULL;
	uint64_t used = 0;
	int last = src->last(&used);

	if (last < 0 || (uint64_t)last / SPARSE_FACTOR > used + SPARSE_MIN)
		return -EOPNOTSUPP;
	table = calloc(1, sizeof(*table) + ((size_t)last + 1) * sizeof(table->rows[0]));
	if (!table)
		return -ENOMEM;
	table->type = type;
	for (int i = 0; i <= last; i++) {
		union ipc_sysv_ds ds;
		struct ipc_sysv_row *row = &table->rows[table->len];
		row->id = src->stat(i, &ds);
		if (row->id < 0 && errno != EINVAL && errno != EIDRM)
			return -errno;
		if (row->id < 0)
			continue; /* nothing is there */
		src->fill(&ds, row);
		table->len++;
	}
	if (table->len < used)
		return -EOPNOTSUPP; /* some went just now, or it is an older kernel, which says EINVAL of all */
	*ret = table;
	table = NULL; /* the caller owns it now */
	return 0;
}

int ipc_sysv_list(
	struct ipc_ctx *ctx, const struct ipc_kind *kind, enum ipc_sysv_type type, ipc_name_fn *fn, void *arg)
{
	/* What is called for each may list others, to measure a limit. */
	struct ipc_sysv_table *table = NULL, *outer = ctx->sysv;
	int r = ctx->attributes_only ? ask_for_each(type, &table) : -EOPNOTSUPP;

	if (r < 0)
		r = read_table(type, &table);
	if (r < 0)
		return r;
	ctx->sysv = table;
	for (size_t i = 0; r >= 0 && i < table->len; i++) {
		struct ipc_selector sel = { .kind = kind, .form = FORM_ID, .number = table->rows[i].id };
		table->cursor = i;
		r = fn(&sel, arg);
	}
	ctx->sysv = outer;
	ipc_sysv_table_free(table);
	return r;
}

int ipc_sysv_id(struct ipc_ctx *ctx, enum ipc_sysv_type type, const struct ipc_selector *sel)
{
	(void)ctx;
	if (sel->form == FORM_ID)
		return sel->number >= 0 && sel->number <= INT32_MAX ? (int)sel->number : -ENOENT;
	if (sel->key == IPC_PRIVATE)
		return -EINVAL; /* it would make one */
	/* With no size and no permission asked for, the kernel looks the key up and checks nothing. */
	int id = sources[type].get(sel->key);
	return id < 0 ? -errno : id;
}

/* The index of an object in the kernel's array is in the low bits of its id: 15, or 24 of them (ipcmni_extend). */
static const int index_masks[] = { (1 << 15) - 1, (1 << 24) - 1 };

int ipc_sysv_stat(enum ipc_sysv_type type, int id, union ipc_sysv_ds *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(index_masks); i++) {
		union ipc_sysv_ds ds;
		if (sources[type].stat(id & index_masks[i], &ds) == id) {
			*ret = ds;
			return 0;
		}
	}
	return -ENOENT;
}

/* One object without the whole table, which for each of many objects would be a lot. */
static int find_directly(enum ipc_sysv_type type, const struct ipc_selector *sel, struct ipc_sysv_row *ret)
{
	union ipc_sysv_ds ds;
	int id = ipc_sysv_id(NULL, type, sel);
	int r = id < 0 ? id : ipc_sysv_stat(type, id, &ds);

	if (r < 0)
		return r;
	*ret = (struct ipc_sysv_row){ .id = id };
	sources[type].fill(&ds, ret);
	return 0;
}

static bool row_matches(const struct ipc_sysv_row *row, const struct ipc_selector *sel)
{
	return sel->form == FORM_ID ? row->id == sel->number : row->key == sel->key;
}

int ipc_sysv_find(struct ipc_ctx *ctx, enum ipc_sysv_type type, const struct ipc_selector *sel, unsigned want,
	struct ipc_sysv_row *ret)
{
	bool use = want & WANT_USED && type == SYSV_SHM; /* only the table has it */
	AUTO_FREE struct ipc_sysv_table *table = NULL;
	int r;

	if (ctx->sysv && ctx->sysv->type == type && row_matches(&ctx->sysv->rows[ctx->sysv->cursor], sel)) {
		*ret = ctx->sysv->rows[ctx->sysv->cursor];
		return 0;
	}
	if (!use && find_directly(type, sel, ret) == 0)
		return 0;
	r = read_table(type, &table);
	if (r < 0)
		return r == -ENOSYS ? -ENOENT : r; /* the kernel has been asked above */
	for (size_t i = 0; i < table->len; i++) {
		if (row_matches(&table->rows[i], sel)) {
			*ret = table->rows[i];
			return 0;
		}
	}
	return -ENOENT;
}

int ipc_sysv_fill(const struct ipc_kind *kind, const struct ipc_sysv_row *row, struct ipc_object *o)
{
	o->selector = (struct ipc_selector){
		.kind = kind, .form = row->key ? FORM_KEY : FORM_ID, .key = row->key, .number = row->id
	};
	if (row->key)
		ipc_object_set(o, FIELD_KEY, row->key);
	ipc_object_set(o, FIELD_ID, row->id);
	ipc_object_set(o, FIELD_UID, row->uid);
	ipc_object_set(o, FIELD_GID, row->gid);
	ipc_object_set(o, FIELD_MODE, row->perms & 07777);
	return 0;
}

void ipc_sysv_set_time(struct ipc_object *o, enum ipc_field_id field, int64_t seconds)
{
	if (seconds > 0)
		ipc_object_set(o, field, ipc_time_ns((struct timespec){ .tv_sec = seconds }));
}

void ipc_sysv_table_free(struct ipc_sysv_table *table)
{
	free(table);
}
