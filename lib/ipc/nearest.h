/* The word that was probably meant. */
#pragma once

#include <stddef.h>

/** A search for the candidate that is nearest to a word: set word and len, offer all, look at best. */
struct ipc_nearest {
	const char *word;
	size_t len;
	const char *best; /* NULL: none is near; not owned, and needs no NUL */
	size_t best_len, distance;
};

/**
 * Offers a candidate of len bytes, which must outlive the search. It is near if it begins with the
 * word (of at least two letters), or if at most two letters (one, if the word has less than four)
 * were added, dropped, changed or swapped with a neighbour, and not all of it; case makes no
 * difference. Of several that are equally near one that begins
 * with the same letter is kept, and the first of those.
 */
void ipc_nearest_offer(struct ipc_nearest *n, const char *candidate, size_t len);
