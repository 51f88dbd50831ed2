#include "cli/accounts.h"

#include "ipc/utf8.h"

#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 64, NAME_MAX_SHOWN = 64 };

struct account {
	bool known;
	uint32_t number;
	char name[NAME_MAX_SHOWN * ESCAPE_FACTOR + 1];
};

/* Allocated when the first name is asked for: most commands ask for none. One slot serves without memory. */
struct accounts {
	struct account *slots;
	struct account spare;
};

static struct accounts users, groups;

static const char *user_entry(uint32_t number)
{
	const struct passwd *pw = getpwuid(number);

	return pw ? pw->pw_name : NULL;
}

static const char *group_entry(uint32_t number)
{
	const struct group *gr = getgrgid(number);

	return gr ? gr->gr_name : NULL;
}

/* The slot of a number; one that another number has is given to this one. */
static const char *find(struct accounts *all, uint32_t number, const char *(*entry)(uint32_t))
{
	if (!all->slots)
		all->slots = calloc(SLOTS, sizeof(*all->slots));
	struct account *a = all->slots ? &all->slots[number % SLOTS] : &all->spare;

	if (a->known && a->number == number)
		return a->name;
	const char *name = entry(number);
	size_t len = name ? strnlen(name, NAME_MAX_SHOWN + 1) : 0;
	if (len == 0 || len > NAME_MAX_SHOWN)
		snprintf(a->name, sizeof(a->name), "%" PRIu32, number);
	else
		ipc_escape(a->name, name, len, 0);
	a->known = true;
	a->number = number;
	return a->name;
}

const char *user_name(uid_t uid)
{
	return find(&users, uid, user_entry);
}

const char *group_name(gid_t gid)
{
	return find(&groups, gid, group_entry);
}
