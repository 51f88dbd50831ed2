/*
 * Profiles: a YAML file that declares objects, layouts, protection and audit. ipcctl-profile(5).
 *
 * The file is read once, checked against one table of keys (profile_schema.h) and becomes the structures below, which
 * hold nothing that has not been checked. All that is wrong is told in one go.
 */
#pragma once

#include "cli/opt.h"
#include "cli/ydoc.h"
#include "ipc/kind.h"

/* An option of `sock serve` as the profile gives it. */
struct profile_setting {
	const struct opt *opt;
	char *value; /* owned; NULL: a flag that is on */
};

struct profile_object {
	char *word;            /* what stands behind the '%'; owned */
	struct ydoc_mark mark; /* of the word */
	struct ipc_selector sel;
	char *selector;         /* the same as text, with its kind; owned */
	struct ipc_attrs attrs; /* as `create` takes them, the defaults of the file among them */
	char *layout;           /* the name of one of the layouts; NULL: none; owned */
	struct ydoc_mark layout_mark;
	bool later;    /* its key is made of a file that is not there yet: sel has the kind alone */
	bool external; /* declared by somebody else: never made, changed or removed from here */
	struct profile_setting *settings; /* of a socket, in the order of the file; owned */
	size_t settings_len;
	char **handler; /* of a socket: the program that serves it, ended by NULL; NULL: none; owned */
};

struct profile_layout {
	char *name; /* owned */
	char *text; /* owned */
};

struct profile_audit {
	char *target; /* a path, or "journal:", "syslog:"; NULL: no audit; owned */
	bool required, each;
	mode_t mode;
	gid_t gid; /* -1: the caller's */
};

struct profile {
	char *path;                     /* absolute; owned */
	struct profile_object *objects; /* in the order of the file; owned */
	size_t objects_len;
	struct profile_layout *layouts; /* owned */
	size_t layouts_len;
	struct ipc_selector *protect; /* patterns; owned */
	size_t protect_len;
	struct profile_audit audit;
};

/**
 * Reads and checks a profile.
 *
 * path: as the caller wrote it; messages begin with it
 * errors: what is wrong, in the order of the file
 * Returns 0, -EINVAL if something is wrong with what it says (and errors tell what), or -errno when it could
 * not be read: -EFBIG over 1 MiB.
 */
int profile_read(struct ipc_ctx *ctx, const char *path, struct profile **ret, struct ydoc_errors *errors);
void profile_free(struct profile *p);

/** The object behind '%', or NULL, and then *ret_nearest may be a word that was meant. */
const struct profile_object *profile_find(
	const struct profile *p, const char *word, const char **ret_nearest);

/** The text of a layout by its name, or NULL. */
const char *profile_layout(const struct profile *p, const char *name);
