#include "ipc/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 40 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The distance of two words: insertions, deletions, changes and swapped neighbours each count one. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1]; /* of the last three letters of a */

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
				lower(a[i - 2]) == lower(b[j - 1]);
			if (swapped)
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

static bool begins_alike(const struct ipc_nearest *n, const char *candidate)
{
	return n->len > 0 && lower(*candidate) == lower(*n->word);
}

void ipc_nearest_offer(struct ipc_nearest *n, const char *candidate, size_t len)
{
	size_t most = n->len < 4 ? 1 : 2, d;

	if (n->len >= 2 && len >= n->len && memcmp(candidate, n->word, n->len) == 0)
		d = 1;
	else if (n->len > WORD_MAX || len > WORD_MAX || len > n->len + most || n->len > len + most)
		return;
	else
		d = distance(n->word, n->len, candidate, len);
	if (d > most || d >= n->len)
		return;
	bool better = !n->best || d < n->distance ||
		(d == n->distance && begins_alike(n, candidate) && !begins_alike(n, n->best));
	if (!better)
		return;
	n->best = candidate;
	n->best_len = len;
	n->distance = d;
}
