// libcurl, behind the one function that is needed: its options are variadic, which Swift cannot call.
#pragma once

/// Posts JSON to an http or https address, without following it elsewhere.
/// - token: sent as "Authorization: Bearer TOKEN"; NULL for none.
/// - seconds: for all of it.
/// Returns the answer's HTTP status, or minus libcurl's error number, whose text is in `message` (256 bytes).
long fovea_post_json(const char *url, const char *token, const char *body, long length, long seconds, char message[256]);
