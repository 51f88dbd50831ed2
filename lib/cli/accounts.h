/* Names of users and groups, looked up once each: a list of thousands of objects has few owners. */
#pragma once

#include <sys/types.h>

/**
 * The name of a user, made printable, or the number as text if there is none.
 * Valid until the next call.
 */
const char *user_name(uid_t uid);

/** The same for a group. */
const char *group_name(gid_t gid);
