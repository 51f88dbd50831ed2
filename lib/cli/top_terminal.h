/* What is known of the terminal's type, from the terminfo database: terminfo(5). */
#pragma once

/**
 * Asks for a type.
 *
 * Returns 0 or -errno: -ENOENT if nothing is known of it, -EOPNOTSUPP if it can't move its cursor.
 */
int top_terminal_check(const char *type);
