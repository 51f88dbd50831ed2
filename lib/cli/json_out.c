#include "cli/json_out.h"

#include <errno.h>
#include <stdio.h>

/* The library hands over single characters at times: a lock for each would be most of the cost. */
static int write_piece(const char *text, size_t len, void *arg)
{
	return fwrite_unlocked(text, 1, len, arg) == len ? 0 : -1;
}

int json_out_add(struct json_out *j, json_t *object)
{
	if (!object)
		return -ENOMEM;
	fputs(j->rows++ ? ",\n " : "[\n ", stdout);
	int r = json_dump_callback(object, write_piece, stdout, JSON_REAL_PRECISION(15));
	json_decref(object);
	return r < 0 && !ferror(stdout) ? -ENOMEM : 0; /* what could not be written is said once, by main() */
}

void json_out_end(struct json_out *j)
{
	fputs(j->rows ? "\n]\n" : "[]\n", stdout);
}
