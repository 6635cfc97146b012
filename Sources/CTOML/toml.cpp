#define TOML_EXCEPTIONS 0
#include "CTOML.h"

#include <cmath>
#include <cstdio>
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

// RFC 8259, section 7.
static void write_text(std::string &out, std::string_view text) {
    out += '"';
    for (unsigned char letter : text) {
        if (letter == '"' || letter == '\\') {
            (out += '\\') += static_cast<char>(letter);
        } else if (letter < 0x20) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x", letter);
            out += code;
        } else {
            out += static_cast<char>(letter);
        }
    }
    out += '"';
}

static void write_node(std::string &out, const toml::node &node, const toml::key *key);

static void write_table(std::string &out, const toml::table &table) {
    out += "\"table\",\"value\":{";
    const char *comma = "";
    for (auto &&[key, value] : table) {
        out += comma;
        write_text(out, key.str());
        out += ':';
        write_node(out, value, &key);
        comma = ",";
    }
    out += '}';
}

static void write_list(std::string &out, const toml::array &list) {
    out += "\"list\",\"value\":[";
    const char *comma = "";
    for (auto &&value : list) {
        out += comma;
        write_node(out, value, nullptr);
        comma = ",";
    }
    out += ']';
}

static void write_number(std::string &out, double number) {
    char text[40] = "null";
    if (std::isfinite(number)) std::snprintf(text, sizeof text, "%.17g", number);
    (out += "\"number\",\"value\":") += text;
}

static void write_value(std::string &out, const toml::node &node) {
    if (auto table = node.as_table()) {
        write_table(out, *table);
    } else if (auto list = node.as_array()) {
        write_list(out, *list);
    } else if (auto text = node.as_string()) {
        out += "\"text\",\"value\":";
        write_text(out, text->get());
    } else if (auto integer = node.as_integer()) {
        (out += "\"integer\",\"value\":") += std::to_string(integer->get());
    } else if (auto number = node.as_floating_point()) {
        write_number(out, number->get());
    } else if (auto boolean = node.as_boolean()) {
        (out += "\"boolean\",\"value\":") += boolean->get() ? "true" : "false";
    } else {
        std::ostringstream text;
        node.visit([&](auto &value) { text << toml::default_formatter{value}; });
        out += "\"time\",\"value\":";
        write_text(out, text.str());
    }
}

static void write_node(std::string &out, const toml::node &node, const toml::key *key) {
    auto place = [&](const char *line, const char *column, const toml::source_position &where) {
        (((((out += line) += std::to_string(where.line)) += ',') += column) += std::to_string(where.column)) += ',';
    };
    out += '{';
    place("\"line\":", "\"column\":", node.source().begin);
    if (key) place("\"keyLine\":", "\"keyColumn\":", key->source().begin);
    out += "\"kind\":";
    write_value(out, node);
    out += '}';
}

extern "C" char *fovea_toml_to_json(const char *text, unsigned long length, char **error) {
    toml::parse_result result = toml::parse(std::string_view(text, length));
    if (!result) {
        const auto &e = result.error();
        std::ostringstream out;
        out << "line " << e.source().begin.line << ", column " << e.source().begin.column << ": " << e.description();
        *error = copy(out.str());
        return nullptr;
    }
    std::string out;
    write_node(out, result.table(), nullptr);
    *error = nullptr;
    return copy(out);
}

extern "C" void fovea_toml_free(char *string) { std::free(string); }
