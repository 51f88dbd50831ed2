/* The keys of a profile, from their table: a part of ipcctl-profile(5), and a JSON Schema for editors. */
#include "cli/docs.h"
#include "cli/profile_schema.h"
#include "ipc/io.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* --- mdoc(7) ----------------------------------------------------------------------------------------- */

static int print_key(const struct profile_key *key, void *arg)
{
	(void)arg;
	printf(".It Cm %s", key->name);
	if (key->inner || key->type == PROFILE_NAMED_TEXT) {
		putchar('\n');
	} else if (key->words) {
		fputs(" : ", stdout);
		for (size_t i = 0; key->words[i]; i++)
			printf("%s%s", i ? " | " : "", key->words[i]);
		putchar('\n');
	} else {
		printf(" : Ar %s\n", profile_type_name(key->type));
	}
	printf("%s", key->help);
	if (key->required)
		fputs("; it must be there", stdout);
	if (key->class)
		printf("; of kind\n.Cm %s ,\nalone", key->class);
	puts(".");
	return 0;
}

static int print_section(const struct profile_section *section)
{
	printf(".Ss %s\n.Bl -tag -width Ds\n", section->title);
	profile_each_key(section, print_key, NULL);
	puts(".El");
	for (const struct profile_key *k = section->keys; k->name; k++)
		if (k->inner)
			print_section(k->inner);
	return 0;
}

int docs_profile_keys(void)
{
	return print_section(&profile_top);
}

/* --- JSON Schema ------------------------------------------------------------------------------------- */

static json_t *schema_of_section(const struct profile_section *section);

static json_t *one_or_list(json_t *item)
{
	return json_pack("{s:[O,{s:s,s:o}]}", "oneOf", item, "type", "array", "items", item);
}

/* Numbers may be written as such, and every value may hold ${VARIABLE}. */
static json_t *schema_of_value(const struct profile_key *key)
{
	json_t *words;

	switch (key->type) {
	case PROFILE_FLAG:
		return json_pack("{s:[s,s]}", "type", "boolean", "string");
	case PROFILE_COUNT:
	case PROFILE_SIZE:
	case PROFILE_DURATION:
	case PROFILE_MODE:
	case PROFILE_OWNER:
	case PROFILE_GROUP:
		return json_pack("{s:[s,s]}", "type", "integer", "string");
	case PROFILE_WORD:
		words = json_array();
		for (size_t i = 0; key->words[i]; i++)
			json_array_append_new(words, json_string(key->words[i]));
		/* "1" is a number for who reads YAML with types. */
		if (key->words[0][0] >= '0' && key->words[0][0] <= '9')
			json_array_append_new(words, json_integer(strtol(key->words[0], NULL, 10)));
		return json_pack("{s:o}", "enum", words);
	case PROFILE_TEXTS:
	case PROFILE_RULES:
	case PROFILE_PATTERNS:
		return one_or_list(json_pack("{s:s}", "type", "string"));
	case PROFILE_SECTION:
		return schema_of_section(key->inner);
	case PROFILE_NAMED:
		return json_pack("{s:s,s:{s:s},s:o}", "type", "object", "propertyNames", "pattern",
			"^[A-Za-z0-9_.-]+$", "additionalProperties", schema_of_section(key->inner));
	case PROFILE_NAMED_TEXT:
		return json_pack("{s:s,s:{s:s}}", "type", "object", "additionalProperties", "type", "string");
	default:
		return json_pack("{s:[s,s]}", "type", "string", "integer");
	}
}

struct gathering {
	json_t *properties, *required;
};

static int gather_key(const struct profile_key *key, void *arg)
{
	const struct gathering *g = arg;
	json_t *value = schema_of_value(key);

	json_object_set_new(value, "description", json_string(key->help));
	json_object_set_new(g->properties, key->name, value);
	if (key->required)
		json_array_append_new(g->required, json_string(key->name));
	return 0;
}

static json_t *schema_of_section(const struct profile_section *section)
{
	struct gathering g = { json_object(), json_array() };

	profile_each_key(section, gather_key, &g);
	return json_pack("{s:s,s:o,s:o,s:b}", "type", "object", "properties", g.properties, "required", g.required,
		"additionalProperties", 0);
}

int docs_profile_schema(void)
{
	json_t *schema = schema_of_section(&profile_top);

	json_object_set_new(schema, "$schema", json_string("http://json-schema.org/draft-07/schema#"));
	json_object_set_new(schema, "title", json_string("ipcctl profile"));
	int r = json_dumpf(schema, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	json_decref(schema);
	putchar('\n');
	return r;
}
