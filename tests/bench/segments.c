/* Makes N System V segments of one page, quickly: what `ls` and lsipc then list. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 0;

	for (long i = 0; i < n; i++) {
		if (shmget((key_t)(0x5e000000 + i), 4096, IPC_CREAT | IPC_EXCL | 0600) < 0) {
			perror("shmget");
			return 1;
		}
	}
	return 0;
}
