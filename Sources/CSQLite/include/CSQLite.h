// SQLite, and what Swift cannot import of it.
#pragma once
#include <sqlite3.h>

/// sqlite3_bind_text with a copy of the text.
int fovea_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length);
