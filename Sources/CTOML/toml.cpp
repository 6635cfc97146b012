#define TOML_EXCEPTIONS 0
#include "CTOML.h"

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <toml++/toml.h>

static char *copy(const std::string &text) {
    char *out = static_cast<char *>(std::malloc(text.size() + 1));
    if (out) std::memcpy(out, text.c_str(), text.size() + 1);
    return out;
}

extern "C" char *fovea_toml_to_json(const char *text, unsigned long length, char **error) {
    toml::parse_result result = toml::parse(std::string_view(text, length));
    std::ostringstream out;
    if (!result) {
        const auto &e = result.error();
        out << "line " << e.source().begin.line << ", column " << e.source().begin.column << ": " << e.description();
        *error = copy(out.str());
        return nullptr;
    }
    out << toml::json_formatter{result.table()};
    *error = nullptr;
    return copy(out.str());
}

extern "C" void fovea_toml_free(char *string) { std::free(string); }
