/* Runs a fuzz target over files and folders of files: the corpora without libFuzzer. */
#include "ipc/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int r = ipc_read_file(AT_FDCWD, path, 1 << 20, &text, &len);

	if (r < 0)
		return -1;
	LLVMFuzzerTestOneInput((const uint8_t *)text, len);
	return 1;
}

static int replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	if (!dir)
		return -1;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char file[PATH_MAX];
		if (e->d_name[0] == '.' || snprintf(file, sizeof(file), "%s/%s", path, e->d_name) >= PATH_MAX)
			continue;
		count += replay_file(file) == 1;
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		int n = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? replay_folder(argv[i])
								       : replay_file(argv[i]);
		if (n < 0) {
			perror(argv[i]);
			return 1;
		}
		total += n;
	}
	printf("replayed %d inputs\n", total);
	return total > 0 ? 0 : 1;
}
