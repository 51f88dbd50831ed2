/*
 * Who may connect: rules and an identity to a decision and its reason. A pure function of its
 * arguments; who gathers the identity of a peer is peer.h.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum access_subject { ACCESS_ALL, ACCESS_UID, ACCESS_GID, ACCESS_ADDR };

struct access_rule {
	bool allow;
	enum access_subject subject;
	uid_t uid;
	gid_t gid;
	struct in6_addr addr; /* IPv4 as v4-mapped */
	unsigned prefix;      /* bits of addr that count, 0 to 128 */
};

#define ACCESS_V4_BITS                                                                                       \
	96 /* a prefix of at least so many may be one of IPv4; a shorter one is of IPv6 alone */

/* In their order: the first that matches decides. */
struct access_rules {
	struct access_rule *v; /* owned */
	size_t len;
};

/**
 * Adds a rule: "uid=NAME|NUMBER", "gid=NAME|NUMBER", "addr=ADDRESS[/BITS]" or "all". Bits of the address
 * behind the prefix don't count; one of IPv6 never matches a client of IPv4, whatever its prefix.
 *
 * ret_why: what is wrong with it, a constant phrase
 * Returns 0 or -errno: -EINVAL, -ENOENT for a user or group that does not exist, -ENOMEM.
 */
int access_add(struct access_rules *rules, bool allow, const char *text, const char **ret_why);
void access_clear(struct access_rules *rules);

/*
 * What was lost (a client on the loopback that has closed already) is a user of this machine nobody can name:
 * no rule that admits a user or group matches it, and every one that denies one does. A client of another
 * machine has no user here: neither known nor lost, and rules about users pass it by.
 */
struct access_identity {
	bool ids_known; /* uid and gid are */
	bool ids_lost;
	uid_t uid;
	gid_t gid;
	bool groups_lost;    /* uid and gid are known, and the others can't be told */
	const gid_t *groups; /* supplementary ones */
	size_t groups_len;
	bool has_addr;
	struct in6_addr addr;
};

/* What decides where no rule matches. */
enum access_default { ACCESS_DEFAULT_ALLOW, ACCESS_DEFAULT_OWN_UID, ACCESS_DEFAULT_DENY };

/**
 * Decides. With rules, what none of them matches is denied.
 *
 * own: the uid that ACCESS_DEFAULT_OWN_UID admits
 * ret_rule: the index of the rule that decided, -1 for the default
 */
bool access_decide(const struct access_rules *rules, enum access_default otherwise, uid_t own,
	const struct access_identity *who, int *ret_rule);
