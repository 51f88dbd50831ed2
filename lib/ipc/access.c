#include "ipc/access.h"

#include "ipc/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

enum { ADDR_BITS = 128, V4_BITS = ADDR_BITS - ACCESS_V4_BITS, DECIMAL = 10 };

/* Digits alone, at most limit. */
static int parse_number(const char *text, uint64_t limit, uint64_t *ret)
{
	uint64_t n = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		n = n * DECIMAL + (uint64_t)(*text - '0');
		if (n > limit)
			return -ERANGE;
	}
	*ret = n;
	return 0;
}

/* (uid_t)-1 is no user: chown(2). */
static int parse_id(const char *text, uint32_t *ret, const char **ret_why)
{
	uint64_t n = 0;
	int r = parse_number(text, UINT32_MAX - 1, &n);

	if (r == -ERANGE) {
		*ret_why = "the number is too large for a user or group";
		return -EINVAL;
	}
	if (r == 0)
		*ret = (uint32_t)n;
	return r;
}

static int parse_uid(const char *text, struct access_rule *rule, const char **ret_why)
{
	int r = parse_id(text, &rule->uid, ret_why);

	rule->subject = ACCESS_UID;
	if (r == 0 || *ret_why)
		return r;
	const struct passwd *pw = *text ? getpwnam(text) : NULL;
	*ret_why = *text ? "there is no such user" : "a user is missing behind uid=";
	if (!pw)
		return *text ? -ENOENT : -EINVAL;
	rule->uid = pw->pw_uid;
	return 0;
}

static int parse_gid(const char *text, struct access_rule *rule, const char **ret_why)
{
	int r = parse_id(text, &rule->gid, ret_why);

	rule->subject = ACCESS_GID;
	if (r == 0 || *ret_why)
		return r;
	const struct group *gr = *text ? getgrnam(text) : NULL;
	*ret_why = *text ? "there is no such group" : "a group is missing behind gid=";
	if (!gr)
		return *text ? -ENOENT : -EINVAL;
	rule->gid = gr->gr_gid;
	return 0;
}

static void map_v4(struct in_addr from, struct in6_addr *ret)
{
	*ret = (struct in6_addr){ 0 };
	ret->s6_addr[10] = ret->s6_addr[11] = 0xff; /* ::ffff:0:0/96, RFC 4291 2.5.5.2 */
	memcpy(ret->s6_addr + ACCESS_V4_BITS / 8, &from, sizeof(from));
}

static int parse_addr(const char *text, struct access_rule *rule, const char **ret_why)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/');
	size_t len = (size_t)(slash - text);
	uint64_t bits = 0;
	struct in_addr v4;
	unsigned width = ADDR_BITS;

	rule->subject = ACCESS_ADDR;
	*ret_why = "the address is none of IPv4 or IPv6";
	if (len >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, &v4) == 1) {
		map_v4(v4, &rule->addr);
		width = V4_BITS;
	} else if (inet_pton(AF_INET6, address, &rule->addr) != 1) {
		return -EINVAL;
	}
	*ret_why = "behind the slash there must be a number of bits, up to 32 for IPv4 and 128 for IPv6";
	if (*slash && parse_number(slash + 1, width, &bits) < 0)
		return -EINVAL;
	rule->prefix = ADDR_BITS - width + (*slash ? (unsigned)bits : width);
	return 0;
}

static int parse_all(const char *text, struct access_rule *rule, const char **ret_why)
{
	rule->subject = ACCESS_ALL;
	*ret_why = "nothing may stand behind all";
	return *text ? -EINVAL : 0;
}

static const struct {
	const char *word;
	int (*parse)(const char *text, struct access_rule *rule, const char **ret_why);
} subjects[] = {
	{ "uid=", parse_uid },
	{ "gid=", parse_gid },
	{ "addr=", parse_addr },
	{ "all", parse_all },
};

static int parse_rule(const char *text, struct access_rule *rule, const char **ret_why)
{
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		size_t len = strlen(subjects[i].word);
		if (strncmp(text, subjects[i].word, len) == 0)
			return subjects[i].parse(text + len, rule, ret_why);
	}
	*ret_why = "a rule is uid=USER, gid=GROUP, addr=ADDRESS[/BITS] or all";
	return -EINVAL;
}

int access_add(struct access_rules *rules, bool allow, const char *text, const char **ret_why)
{
	struct access_rule rule = { .allow = allow };
	const char *why = NULL;
	int r = parse_rule(text, &rule, &why);

	if (r < 0) {
		*ret_why = why;
		return r;
	}
	struct access_rule *v = reallocarray(rules->v, rules->len + 1, sizeof(*v));
	if (!v) {
		*ret_why = "there is no memory for it";
		return -ENOMEM;
	}
	v[rules->len++] = rule;
	rules->v = v;
	return 0;
}

void access_clear(struct access_rules *rules)
{
	free(rules->v);
	*rules = (struct access_rules){ 0 };
}

static bool has_group(const struct access_identity *who, gid_t gid)
{
	for (size_t i = 0; i < who->groups_len; i++)
		if (who->groups[i] == gid)
			return true;
	return who->gid == gid;
}

static bool in_network(const struct access_rule *rule, const struct in6_addr *addr)
{
	size_t bytes = rule->prefix / 8;
	unsigned rest = rule->prefix % 8;
	unsigned mask = 0xff00u >> rest & 0xff;

	if (rule->prefix < ACCESS_V4_BITS && IN6_IS_ADDR_V4MAPPED(addr))
		return false;
	if (memcmp(rule->addr.s6_addr, addr->s6_addr, bytes) != 0)
		return false;
	return rest == 0 || ((rule->addr.s6_addr[bytes] ^ addr->s6_addr[bytes]) & mask) == 0;
}

static bool matches(const struct access_rule *rule, const struct access_identity *who)
{
	switch (rule->subject) {
	case ACCESS_ALL:
		return true;
	case ACCESS_UID:
		return who->ids_known ? who->uid == rule->uid : who->ids_lost && !rule->allow;
	case ACCESS_GID:
		if (!who->ids_known)
			return who->ids_lost && !rule->allow;
		return has_group(who, rule->gid) || (who->groups_lost && !rule->allow);
	case ACCESS_ADDR:
		return who->has_addr && in_network(rule, &who->addr);
	}
	return false;
}

bool access_decide(const struct access_rules *rules, enum access_default otherwise, uid_t own,
	const struct access_identity *who, int *ret_rule)
{
	for (size_t i = 0; i < rules->len; i++)
		if (matches(&rules->v[i], who)) {
			*ret_rule = (int)i;
			return rules->v[i].allow;
		}
	*ret_rule = -1;
	if (rules->len > 0)
		return false;
	if (otherwise == ACCESS_DEFAULT_OWN_UID)
		return who->ids_known && who->uid == own;
	return otherwise == ACCESS_DEFAULT_ALLOW;
}
