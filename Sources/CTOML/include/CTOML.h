// TOML text to JSON text, by toml++: one function is all the program needs of it.
#pragma once
#ifdef __cplusplus
extern "C" {
#endif

/// Parses UTF-8 TOML and returns it as JSON, or NULL with a message "line N, column M: why" in *error.
/// Both strings are freed with fovea_toml_free.
char *fovea_toml_to_json(const char *text, unsigned long length, char **error);
void fovea_toml_free(char *string);

#ifdef __cplusplus
}
#endif
