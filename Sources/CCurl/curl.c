#include "CCurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

// The answer's body is of no interest.
static size_t ignore(char *data, size_t size, size_t count, void *context) {
    (void)data, (void)context;
    return size * count;
}

static struct curl_slist *headers_of(const char *token) {
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!token || !headers) return headers;
    char line[66000];
    if (snprintf(line, sizeof line, "Authorization: Bearer %s", token) >= (int)sizeof line) return headers;
    struct curl_slist *longer = curl_slist_append(headers, line);
    memset(line, 0, sizeof line);
    return longer ? longer : headers;
}

long fovea_post_json(const char *url, const char *token, const char *body, long length, long seconds, char message[256]) {
    pthread_once(&once, start);
    char text[CURL_ERROR_SIZE] = "";
    message[0] = 0;
    CURL *curl = curl_easy_init();
    if (!curl) return -CURLE_FAILED_INIT;
    struct curl_slist *headers = headers_of(token);
    curl_easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, length);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "fovea");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    CURLcode code = curl_easy_perform(curl);
    long status = -(long)code;
    if (code == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    else snprintf(message, 256, "%s", text[0] ? text : curl_easy_strerror(code));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}
