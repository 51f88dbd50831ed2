#include "cli/json_out.h"

#include <errno.h>
#include <stdio.h>

int json_out_add(struct json_out *j, json_t *object)
{
	int r;

	if (!object)
		return -ENOMEM;
	fputs(j->rows++ ? ",\n " : "[\n ", stdout);
	r = json_dumpf(object, stdout, 0);
	json_decref(object);
	return r < 0 && !ferror(stdout) ? -ENOMEM : 0; /* what could not be written is said once, by main() */
}

void json_out_end(struct json_out *j)
{
	fputs(j->rows ? "\n]\n" : "[]\n", stdout);
}
