#include "cli/message_opt.h"

#include <limits.h>

static uint64_t arg_priority, arg_type = 1, arg_count;
static bool priority_given, type_given, count_given, choose_given, except_given;
static bool arg_drain, arg_follow;
static int64_t arg_choose, arg_except;

const struct opt message_tag_opts[] = {
	{ OPT_UINT, 'p', "priority", "NUMBER", "Priority, 0 to 32767, the highest is received first (POSIX)",
		{ .uint = &arg_priority }, &priority_given },
	{ OPT_UINT, 0, "type", "NUMBER", "Type, from 1 (System V)", { .uint = &arg_type }, &type_given },
	{ 0 },
};

const struct opt message_choose_opts[] = {
	{ OPT_INT, 0, "type", "NUMBER",
		"Only messages of this type; negative: of the lowest type up to it (System V)",
		{ .integer = &arg_choose }, &choose_given },
	{ OPT_INT, 0, "except", "NUMBER", "Only messages of other types (System V)",
		{ .integer = &arg_except }, &except_given },
	{ 0 },
};

const struct opt message_amount_opts[] = {
	{ OPT_UINT, 'n', "count", "NUMBER", "How many messages", { .uint = &arg_count }, &count_given },
	{ OPT_FLAG, 0, "drain", NULL, "Until there are no more (with -t: and none come)",
		{ .flag = &arg_drain } },
	{ OPT_FLAG, 'f', "follow", NULL, "For ever", { .flag = &arg_follow } },
	{ 0 },
};

int message_tag(const struct ipc_kind *kind, struct cli_tag *ret)
{
	bool typed = kind->tag == TAG_TYPE;

	if (typed && priority_given)
		return usage_error("--priority: a %s has types, not priorities: use --type", kind->label);
	if (!typed && type_given)
		return usage_error("--type: a %s has priorities, not types: use --priority", kind->label);
	if (arg_priority > PRIORITY_MAX)
		return usage_error("--priority: a priority is 0 to %d", PRIORITY_MAX);
	if (arg_type == 0 || arg_type > LONG_MAX)
		return usage_error("--type: a type is a number from 1");
	ret->given = typed ? type_given : priority_given;
	ret->number = (int64_t)(typed ? arg_type : arg_priority);
	return CLI_OK;
}

static int filter_of(const struct ipc_kind *kind, struct ipc_filter *ret)
{
	if (choose_given && except_given)
		return usage_error("--type and --except contradict each other");
	if ((choose_given || except_given) && kind->tag != TAG_TYPE)
		return usage_error("--%s: a %s has priorities, not types: the highest comes first",
			choose_given ? "type" : "except", kind->label);
	if (choose_given && (arg_choose == 0 || arg_choose == INT64_MIN))
		return usage_error("--type: a type is not 0");
	if (except_given && arg_except <= 0)
		return usage_error("--except: a type is a number from 1");
	if (choose_given)
		*ret = (struct ipc_filter){ FILTER_TYPE, arg_choose };
	if (except_given)
		*ret = (struct ipc_filter){ FILTER_EXCEPT, arg_except };
	return CLI_OK;
}

int message_amount(const struct ipc_kind *kind, bool all, struct cli_amount *ret)
{
	if (arg_follow && (arg_drain || count_given))
		return usage_error("--follow and --%s contradict each other", arg_drain ? "drain" : "count");
	bool drain = arg_drain || (all && !count_given);
	*ret = (struct cli_amount){
		.count = count_given          ? arg_count
			: arg_follow || drain ? UINT64_MAX
					      : 1,
		.drain = drain && !arg_follow,
	};
	return filter_of(kind, &ret->filter);
}
