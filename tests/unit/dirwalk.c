#include "ipc/dirwalk.h"

#include "ipc/io.h"

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "/tmp/dirwalk.XXXXXX";

static const char *path_of(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* top/1, top/a/b/c/4 and, too deep, top/a/b/c/d/5; beside them a link to a directory outside. */
static int setup(void **state)
{
	static const char *const dirs[] = { "a", "a/b", "a/b/c", "a/b/c/d", "shut" };
	static const char *const fifos[] = { "1", "a/b/c/4", "a/b/c/d/5", "shut/hidden" };

	(void)state;
	assert_non_null(mkdtemp(top));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		assert_int_equal(mkdir(path_of(dirs[i]), 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fifos); i++)
		assert_int_equal(mkfifo(path_of(fifos[i]), 0600), 0);
	assert_int_equal(symlink("b", path_of("a/link")), 0);
	assert_int_equal(symlink("1", path_of("link")), 0);
	assert_int_equal(chmod(path_of("shut"), 0), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	chmod(path_of("shut"), 0700);
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct dirwalk_entry *find(const struct dirwalk *w, const char *name, size_t *ret_count)
{
	const struct dirwalk_entry *found = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < w->len; i++)
		if (strcmp(w->v[i].path, path_of(name)) == 0) {
			found = &w->v[i];
			++*ret_count;
		}
	return found;
}

static size_t count(const char *const *dirs, const char *name)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct dirwalk *w;
	size_t n;

	ctx.dirs = dirs;
	assert_int_equal(dirwalk_get(&ctx, &w), 0);
	find(w, name, &n);
	ipc_ctx_clear(&ctx);
	return n;
}

static void four_levels_and_no_links(void **state)
{
	const char *const dirs[] = { top, NULL };

	(void)state;
	assert_int_equal(count(dirs, "1"), 1);
	assert_int_equal(count(dirs, "a/b/c/4"), 1);
	assert_int_equal(count(dirs, "a/b/c/d/5"), 0);
	assert_int_equal(count(dirs, "link"), 0);
	assert_int_equal(count(dirs, "a/link/c/4"), 0);
	if (geteuid() != 0)
		assert_int_equal(count(dirs, "shut/hidden"), 0);
}

static void a_directory_inside_another_is_searched_once(void **state)
{
	char inner[PATH_MAX];
	snprintf(inner, sizeof(inner), "%s/a/b", top);
	const char *const dirs[] = { top, inner, top, "/nowhere/at/all", NULL };

	(void)state;
	assert_int_equal(count(dirs, "1"), 1);
	assert_int_equal(count(dirs, "a/b/c/4"), 1);
	assert_int_equal(count(dirs, "a/b/c/d/5"), 1); /* three levels below the inner one */
}

static void what_is_found_is_told_with_type_and_identity(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const char *const dirs[] = { top, NULL };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct dirwalk *w, *again;
	struct stat st;
	size_t n;

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", top);
	assert_int_equal(bind(fd, (void *)&address, sizeof(address)), 0);
	ctx.dirs = dirs;
	assert_int_equal(dirwalk_get(&ctx, &w), 0);
	const struct dirwalk_entry *e = find(w, "socket", &n);
	assert_int_equal(n, 1);
	assert_true(e && S_ISSOCK(e->type));
	assert_int_equal(stat(path_of("1"), &st), 0);
	e = find(w, "1", &n);
	assert_true(e && S_ISFIFO(e->type) && e->dev == st.st_dev && e->ino == st.st_ino);
	assert_int_equal(dirwalk_get(&ctx, &again), 0);
	assert_ptr_equal(w, again);
	assert_false(w->cut);
	ipc_ctx_clear(&ctx);
}

static void nowhere_to_look_is_no_error(void **state)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	const struct dirwalk *w;

	(void)state;
	assert_int_equal(dirwalk_get(&ctx, &w), 0);
	assert_int_equal(w->len, 0);
	ipc_ctx_clear(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_levels_and_no_links),
		cmocka_unit_test(a_directory_inside_another_is_searched_once),
		cmocka_unit_test(what_is_found_is_told_with_type_and_identity),
		cmocka_unit_test(nowhere_to_look_is_no_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
