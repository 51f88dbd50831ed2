#include "cli/picture.h"

#include "cli/layout_json.h"
#include "cli/layout_opt.h"
#include "ipc/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void picture_clear(struct picture *p)
{
	free(p->members);
	free(p->names);
	free(p->bytes);
	free(p->printed);
	ipc_layout_free(p->layout);
	*p = (struct picture){ 0 };
}

static int find_fields(struct picture *p, int argc, char **fields)
{
	struct ipc_member whole = ipc_layout_whole(p->layout);
	int r = CLI_OK;

	p->len = argc > 0 ? (size_t)argc : ipc_member_count(&whole);
	p->bare = argc == 1;
	p->members = calloc(p->len + 1, sizeof(*p->members));
	p->names = calloc(p->len + 1, sizeof(*p->names));
	p->bytes = calloc(1, ipc_layout_size(p->layout) + 1);
	if (!p->members || !p->names || !p->bytes)
		return fail(NULL, -ENOMEM, "cannot read the structure");
	for (size_t i = 0; r == CLI_OK && i < p->len; i++) {
		if (argc > 0) {
			p->names[i] = fields[i];
			r = layout_field(p->layout, fields[i], &p->members[i]);
		} else {
			ipc_member_child(&whole, i, &p->members[i]);
			p->names[i] = p->members[i].name;
		}
	}
	return r;
}

int picture_init(struct picture *p, int argc, char **fields)
{
	int r = layout_load(&p->layout);

	return r == CLI_OK ? find_fields(p, argc, fields) : r;
}

int picture_print(const struct picture *p, bool json)
{
	if (!json)
		return layout_print(p->members, p->names, p->len, p->bytes, p->bare);
	int r = layout_json_object(stdout, p->members, p->names, p->len, p->bytes);
	putchar('\n');
	return r < 0 ? fail(NULL, r, "cannot print the structure") : CLI_OK;
}

bool picture_changed(const struct picture *p)
{
	for (size_t i = 0; p->printed && i < p->len; i++) {
		const struct ipc_member *m = &p->members[i];
		if (memcmp(p->bytes + m->offset, p->printed + m->offset, m->size) != 0)
			return true;
	}
	return !p->printed;
}

int picture_print_changes(struct picture *p, bool json, bool *ret_changed)
{
	const bool first = !p->printed;
	int r = CLI_OK;

	*ret_changed = false;
	if (first)
		p->printed = calloc(1, ipc_layout_size(p->layout) + 1);
	if (!p->printed)
		return fail(NULL, -ENOMEM, "cannot print the structure");
	for (size_t i = 0; r == CLI_OK && i < p->len; i++) {
		const struct ipc_member *m = &p->members[i];
		if (!first && ipc_member_equal(m, p->bytes + m->offset, p->printed + m->offset))
			continue;
		*ret_changed = true;
		memcpy(p->printed + m->offset, p->bytes + m->offset, m->size);
		if (!json)
			r = layout_print(m, &p->names[i], 1, p->bytes, false);
	}
	if (*ret_changed && json)
		r = picture_print(p, json);
	if (*ret_changed)
		output_flush();
	return r;
}
