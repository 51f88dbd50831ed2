#include "ipc/posixnames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int posixnames_add(struct posixnames *names, const char *file)
{
	if (names->len == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		char **v = reallocarray(names->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		names->v = v;
		names->room = room;
	}
	size_t size = strlen(file) + 1;
	char *name = malloc(size + 1);
	if (!name)
		return -ENOMEM;
	*name = '/';
	memcpy(name + 1, file, size);
	names->v[names->len++] = name;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int posixnames_each(struct posixnames *names, const struct ipc_kind *kind, ipc_name_fn *fn, void *arg)
{
	int r = 0;

	if (names->len > 0)
		qsort(names->v, names->len, sizeof(*names->v), by_bytes);
	for (size_t i = 0; r >= 0 && i < names->len; i++) {
		struct ipc_selector sel = {
			.kind = kind, .form = FORM_POSIX, .name = names->v[i], .name_len = strlen(names->v[i])
		};
		r = fn(&sel, arg);
	}
	return r;
}

void posixnames_clear(struct posixnames *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct posixnames){ 0 };
}
