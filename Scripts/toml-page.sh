#!/usr/bin/env bash
# Prints the manual page fovea.toml(5), made of the comments of the configuration: Scripts/toml-page.sh FILE.toml VERSION
#
# What it reads: '# words' explain the key or the table below them; with an empty line below they stand alone. A key or table
# with '#' right before it is listed as well: 'key = value' gives a value, '#key = value' shows the default. Words behind a value
# belong to its key.
set -euo pipefail
exec awk -v version="$2" '
function roff(text) {
  gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text)
  return (text ~ /^[.\x27]/ ? "\\&" : "") text
}
# The place of the first # outside of strings, or 0.
function hash(line,    i, letter, quote) {
  for (i = 1; i <= length(line); i++) {
    letter = substr(line, i, 1)
    if (quote != "") { if (letter == "\\" && quote == "\"") i++; else if (letter == quote) quote = "" }
    else if (letter == "\"" || letter == "\x27") quote = letter
    else if (letter == "#") return i
  }
  return 0
}
# How many brackets a value has left open.
function open_brackets(text,    plain) {
  plain = text; gsub(/"([^"\\]|\\.)*"|\x27[^\x27]*\x27/, "", plain)
  return gsub(/[[{]/, "", plain) - gsub(/[]}]/, "", plain)
}
function begin_body() { if (!has_body) { print ".SH KEYS"; has_body = 1 } }
function paragraph() { if (words != "") { print ".PP"; print roff(words) }; words = "" }
function entry() {
  begin_body()
  print ".TP"
  printf "\\fB%s\\fR = %s\n", roff(key), roff(value)
  print words == "" ? "\\&" : roff(words)
  words = value = ""
}
BEGIN {
  print ".TH FOVEA.TOML 5 \"\" \"fovea " version "\" \"File Formats\""
  print ".SH NAME\nfovea.toml \\- configuration of the camera service of fovea"
  print ".SH SYNOPSIS\n.I /etc/fovea/fovea.toml\n.br\n.I /etc/fovea/conf.d/*.toml\n.SH DESCRIPTION"
}
# A value of several lines goes on.
value != "" {
  line = $0; sub(/^#?[ \t]*/, "", line)
  if (at = hash(line)) line = substr(line, 1, at - 1)
  sub(/[ \t]+$/, "", line); value = value " " line
  if (open_brackets(value) <= 0) entry()
  next
}
/^[ \t]*$/ { paragraph(); next }
/^#?[ \t]*\[\[?[A-Za-z0-9_."-]+\]?\][ \t]*(#.*)?$/ && !/^# / {
  line = $0; sub(/^#/, "", line); if (at = hash(line)) line = substr(line, 1, at - 1)
  gsub(/[ \t]/, "", line)
  has_body = 1
  print ".SH " roff(line); paragraph(); next
}
/^#?[ \t]*[A-Za-z0-9_."-]+[ \t]*=/ && !/^# / {
  line = $0; sub(/^#?[ \t]*/, "", line)
  key = line; sub(/[ \t]*=.*/, "", key)
  sub(/^[^=]*=[ \t]*/, "", line)
  if (at = hash(line)) {
    comment = substr(line, at + 1); line = substr(line, 1, at - 1)
    sub(/^[ \t]+/, "", comment); words = words (words == "" ? "" : " ") comment
  }
  sub(/[ \t]+$/, "", line); value = line
  if (open_brackets(value) <= 0) entry()
  next
}
/^[ \t]*#/ { line = $0; sub(/^[ \t]*#+[ \t]*/, "", line); if (line == "") paragraph(); else words = words (words == "" ? "" : " ") line; next }
{ print "toml-page: " FILENAME ":" FNR ": not understood: " $0 > "/dev/stderr"; bad = 1 }
END {
  paragraph()
  if (value != "") { print "toml-page: the value of " key " does not end" > "/dev/stderr"; bad = 1 }
  print ".SH SEE ALSO\n.BR fovea (1),\n.BR systemd.exec (5)"
  exit bad
}' "$1"
