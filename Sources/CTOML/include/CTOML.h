// TOML text to JSON text, by toml++: one function is all the program needs of it.
#pragma once
#ifdef __cplusplus
extern "C" {
#endif

/// Parses UTF-8 TOML and returns it as JSON, or NULL with a message "line N, column M: why" in *error.
///
/// Every value of the JSON is an object that says where it stands in the text, counted from 1: `{"line": 3, "column": 8, "kind": "text",
/// "value": …}`. Kinds are text, integer, number, boolean, time, list and table. A number that is not finite has the value null, a time that
/// of its text. Each entry of a table has also `keyLine` and `keyColumn`, the place of its name.
/// Both strings are freed with fovea_toml_free.
char *fovea_toml_to_json(const char *text, unsigned long length, char **error);
void fovea_toml_free(char *string);

#ifdef __cplusplus
}
#endif
