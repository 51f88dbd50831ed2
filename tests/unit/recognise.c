#include "ipc/recognise.h"

#include "ipc/ctx.h"
#include "ipc/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The label of an object by its selector, "" if there is none. */
static const char *label_of(const char *selector, pid_t *ret_maker)
{
	struct ipc_ctx ctx = IPC_CTX_INIT;
	struct ipc_selector_error error = { 0 };
	AUTO_OBJECT struct ipc_object o = { 0 };

	if (ipc_selector_parse(&ctx, selector, NULL, 0, &o.selector, &error) < 0)
		fail_msg("'%s': %s", selector, error.why);
	const char *label = ipc_recognise(&o, ret_maker);
	assert_int_equal(ipc_recognise_maker(&o), *ret_maker);
	return label ? label : "";
}

static void names_have_the_labels_and_makers_of_their_forms(void **state)
{
	static const struct {
		const char *selector, *label;
		pid_t maker;
	} cases[] = {
		{ "shm:/psm_0123abcd", "python", 0 },
		{ "shm:/psm_0123abc", "", 0 },
		{ "shm:/psm_0123abcde", "", 0 },
		{ "shm:/psm_0123abcx", "", 0 },
		{ "mq:/psm_0123abcd", "", 0 },
		{ "sem:/mp-abcd_123", "python", 0 },
		{ "sock:/tmp/pymp-abc123/listener-x_y", "python", 0 },
		{ "sem:/loky-4711-abc", "loky", 4711 },
		{ "shm:/torch_12_34_5", "pytorch", 12 },
		{ "shm:/torch_12_34", "pytorch", 12 },
		{ "shm:/torch_12", "", 0 },
		{ "shm:/torch_012_34", "", 0 },
		{ "shm:/torch_0_34", "", 0 },
		{ "shm:/torch_2147483647_1", "pytorch", 2147483647 },
		{ "shm:/torch_2147483648_1", "", 0 },
		{ "shm:/torch_99999999999999999999999_1", "", 0 },
		{ "shm:/torch_-1_34", "", 0 },
		{ "shm:/nccl-AbC123", "nccl", 0 },
		{ "shm:/nccl-mine", "", 0 },
		{ "shm:/fastrtps_port7411_el", "fastdds", 0 },
		{ "sem:/fastrtps_port7411_mutex", "fastdds", 0 },
		{ "shm:/vader_segment.host-1.1000.1f.0", "openmpi", 0 },
		{ "shm:/mpich_shar_tmpAbCdEf", "mpich", 0 },
		{ "shm:/PostgreSQL.1234", "postgresql", 0 },
		{ "shm:/PostgreSQL.1234x", "", 0 },
		{ "shm:/PostgreSQL.", "", 0 },
		{ "shm:/org.mozilla.ipc.42.7", "firefox", 42 },
		{ "shm:key:0x282929", "jack", 0 },
		{ "sem:key:0x282929", "jack", 0 },
		{ "mq:key:0x282929", "", 0 },
		{ "shm:key:0x4e545031", "ntp", 0 },
		{ "shm:key:0x4e545131", "", 0 },
		{ "shm:id:5", "", 0 },
		{ "sock:/tmp/.java_pid77", "java", 77 },
		{ "sock:/data/tmp/.java_pid77", "java", 77 },
		{ "sock:.java_pid77", "java", 77 },
		{ "sock:/tmp/.java_pid77/x", "", 0 },
		{ "sock:/tmp/.X11-unix/X0", "x11", 0 },
		{ "sock:@/tmp/.X11-unix/X0", "x11", 0 },
		{ "sock:@tmp/.X11-unix/X0", "", 0 },
		{ "sock:/tmp/.ICE-unix/910", "ice", 910 },
		{ "sock:/tmp/ssh-AbC/agent.910", "ssh", 0 },
		{ "sock:/run/screen/S-me/333.pts-0.host", "screen", 333 },
		{ "fifo:/run/screen/S-me/333.x", "screen", 333 },
		{ "sock:/run/docker.sock", "docker", 0 },
		{ "sock:/run/docker/containerd/containerd.sock", "containerd", 0 },
		{ "sock:/run/docker/metrics.sock", "docker", 0 },
		{ "sock:/run/systemd/journal/stdout", "systemd", 0 },
		{ "sock:/run/systemd", "", 0 },
		{ "sock:/run/s.sock", "", 0 },
		{ "fifo:/s/event/ftrig1:@400000005982728b3a8d09c2:UjWh_a", "s6", 0 },
		{ "shm:/.ipcctl-12-0", "ipcctl", 12 },
		{ "sock:tcp:127.0.0.1:80", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		pid_t maker = -1;
		const char *label = label_of(cases[i].selector, &maker);
		if (strcmp(label, cases[i].label) != 0 || maker != cases[i].maker)
			fail_msg("'%s' has label '%s' and maker %d", cases[i].selector, label, (int)maker);
	}
}

/* A text that has the form of a pattern, made from the pattern itself. */
static void make_text(const char *pattern, char text[256])
{
	FILE *f = fmemopen(text, 256, "w");

	for (const char *p = pattern; *p; p++) {
		if (strncmp(p, "*/", 2) == 0 && p == pattern) {
			fputs("/some/where/", f);
			p++;
		} else if (*p == '<') {
			size_t n = strcspn(p, "0123456789>");
			int count = p[n] == '>' ? 3 : atoi(p + n);
			fprintf(f, "%.*s", count,
				"7777777777777777777777777777777777777777777777777777777777777777");
			p += strcspn(p, ">");
		} else {
			fputc(*p, f);
		}
	}
	fclose(f);
}

static void every_form_of_the_table_is_recognised_and_documented(void **state)
{
	(void)state;
	for (const struct recognise_form *f = recognise_forms; f->class; f++) {
		char name[256], selector[280];
		pid_t maker = -1;
		assert_non_null(f->label);
		assert_non_null(f->what);
		assert_non_null(ipc_kind_next(f->class, NULL));
		assert_true(f->pattern || f->fits);
		if (!f->pattern)
			continue;
		make_text(f->pattern, name);
		snprintf(selector, sizeof(selector), "%s:%s", f->class, name);
		assert_string_equal(label_of(selector, &maker), f->label);
		assert_int_equal(maker != 0, strstr(f->pattern, "<pid>") != NULL);
	}
}

static void names_are_bytes_of_any_kind(void **state)
{
	pid_t maker = -1;

	(void)state;
	assert_true(recognise_match("/a<any>", "/a\n\xff\0b", 6, &maker));
	assert_false(recognise_match("/a<any>", "/a", 2, NULL));
	assert_false(recognise_match("/a<any>", "/ab/c", 5, NULL));
	assert_true(recognise_match("/a<path>", "/ab/c", 5, NULL));
	assert_false(recognise_match("/a", "/a\0", 3, NULL));
	assert_false(recognise_match("/ab", "/a", 2, NULL));
	assert_false(recognise_match("*/a/b", "b", 1, NULL));
	assert_true(recognise_match("*/a/b", "a/b", 3, NULL));
	assert_true(recognise_match("*/a/b", "//a/b", 5, NULL));
	assert_false(recognise_match("*/b", "", 0, NULL));
	assert_int_equal(maker, 0);
}

static void a_set_of_postgresql_has_its_number_in_the_last_semaphore(void **state)
{
	int64_t values[20] = { [16] = 537, [19] = 537 };
	AUTO_OBJECT struct ipc_object o = { 0 };

	(void)state;
	o.selector.kind = ipc_kind_next("sem", NULL);
	while (strcmp(o.selector.kind->api, "sysv") != 0)
		o.selector.kind = ipc_kind_next("sem", o.selector.kind);
	o.selector.form = FORM_KEY;
	o.selector.key = 4711;
	o.list = values;
	for (o.list_len = 0; o.list_len <= 20; o.list_len++) {
		const char *label = ipc_recognise(&o, NULL);
		assert_int_equal(
			label && strcmp(label, "postgresql") == 0, o.list_len == 17 || o.list_len == 20);
	}
	o.list_len = 17;
	values[16] = 536;
	assert_null(ipc_recognise(&o, NULL));
	o.list = NULL;
}

static void labels_come_in_order_each_once(void **state)
{
	const char *previous = NULL;
	size_t n = 0;

	(void)state;
	for (const char *l = NULL; (l = ipc_recognise_next(l)) != NULL; previous = l, n++)
		assert_true(!previous || strcmp(previous, l) < 0);
	assert_true(n > 30);
	assert_string_equal(ipc_recognise_next(NULL), "apache");
}

static void what_could_not_be_looked_for_has_no_label(void **state)
{
	struct ipc_object nothing = { 0 };
	pid_t maker = -1;

	(void)state;
	assert_null(ipc_recognise(&nothing, &maker));
	assert_int_equal(maker, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_the_labels_and_makers_of_their_forms),
		cmocka_unit_test(every_form_of_the_table_is_recognised_and_documented),
		cmocka_unit_test(names_are_bytes_of_any_kind),
		cmocka_unit_test(a_set_of_postgresql_has_its_number_in_the_last_semaphore),
		cmocka_unit_test(labels_come_in_order_each_once),
		cmocka_unit_test(what_could_not_be_looked_for_has_no_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
