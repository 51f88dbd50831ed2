// The program of a customer: a System V segment with key 5678 and a structure in it.
//
//	shared_data create           makes it, and fills the structure
//	shared_data make             makes it, and waits: each line of input is one of
//	                             "ready" (dataReady = true), "message TEXT" and "end"
//	shared_data print            prints the structure
//	shared_data storm SECONDS    changes all of it without a pause: all letters of the message are alike
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <sys/ipc.h>
#include <sys/shm.h>

struct SharedData {
	int processId;
	char message[900];
	bool dataReady;
};

static void storm(volatile SharedData *data, double seconds)
{
	auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
	for (unsigned round = 0; std::chrono::steady_clock::now() < end; round++) {
		data->processId = 'a' + round % 26;
		for (int i = 0; i < 899; i++)
			data->message[i] = static_cast<char>('a' + round % 26);
		data->dataReady = round % 26 == 0;
	}
}

static void obey(SharedData *data)
{
	std::string line;
	while (std::getline(std::cin, line) && line != "end") {
		if (line == "ready")
			__atomic_store_n(&data->dataReady, true, __ATOMIC_SEQ_CST);
		else if (line.rfind("message ", 0) == 0)
			std::snprintf(data->message, sizeof(data->message), "%s", line.c_str() + 8);
	}
}

int main(int argc, char **argv)
{
	std::string what = argc > 1 ? argv[1] : "";
	int id = shmget(5678, 1024, 0666 | (what == "print" ? 0 : IPC_CREAT));
	void *at = id < 0 ? reinterpret_cast<void *>(-1) : shmat(id, nullptr, 0);
	if (at == reinterpret_cast<void *>(-1)) {
		std::perror("shared_data");
		return 1;
	}
	auto *data = static_cast<SharedData *>(at);
	if (what == "create") {
		data->processId = 4711;
		std::strcpy(data->message, "hello from C++");
		data->dataReady = true;
	} else if (what == "make") {
		obey(data);
	} else if (what == "print") {
		std::printf("%d|%s|%d\n", data->processId, data->message, data->dataReady);
	} else if (what == "storm") {
		storm(data, std::atof(argv[2]));
	}
	return 0;
}
