#include "CCurl.h"
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void begin(void) { curl_global_init(CURL_GLOBAL_ALL); }

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    const struct gc_events *events = context;
    size_t length = size * count;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) length--;
    events->header(bytes, length, events->context);
    return size * count;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    const struct gc_events *events = context;
    return events->body(bytes, size * count, events->context) ? size * count : 0;
}

static int look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    const struct gc_events *events = context;
    return events->is_cancelled(events->context);
}

static size_t give_body(char *bytes, size_t size, size_t count, void *context) {
    ssize_t got = read(*(const int *)context, bytes, size * count);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

int gc_perform(const struct gc_request *request, const struct gc_events *events, long *status, char *error) {
    pthread_once(&once, begin);
    *status = 0;
    error[0] = 0;
    CURL *curl = curl_easy_init();
    if (!curl) return CURLE_OUT_OF_MEMORY;
    struct curl_slist *headers = NULL;
    for (const char *const *header = request->headers; header && *header; header++) headers = curl_slist_append(headers, *header);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (strcmp(request->method, "HEAD") == 0) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    // Nothing but the web: a redirect or a mirror must not make us read files.
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, request->connect_milliseconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, request->low_speed);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->low_speed_seconds);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "gantry");
    if (request->authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, request->authorities);
    if (request->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
    } else if (request->body_fd >= 0) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, &request->body_fd);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_size);
    }
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, events);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, events);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, events);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    if (code != CURLE_OK && error[0] == 0) strncpy(error, curl_easy_strerror(code), 255);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return (int)code;
}
