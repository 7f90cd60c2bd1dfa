// One HTTP exchange by libcurl, as a plain function: its options are variadic in C and cannot be called from Swift.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct gc_request {
    const char *url;
    const char *method;
    // "Name: value", ended by NULL.
    const char *const *headers;
    // Sent with the request when not NULL.
    const void *body;
    size_t body_size;
    // Read for the request's body from here on, when not negative; `body_size` bytes of it.
    int body_fd;
    // A file or a folder of certificates to trust, or NULL for the host's own.
    const char *authorities;
    long connect_milliseconds;
    // Fewer bytes a second than this, for so many seconds, is an error.
    long low_speed;
    long low_speed_seconds;
};

struct gc_events {
    void *context;
    // A line of the answer's head, without its end. The first is the status line.
    void (*header)(const char *line, size_t size, void *context);
    // Returns whether to go on.
    int (*body)(const void *bytes, size_t size, void *context);
    // Asked now and then: whether to give up.
    int (*is_cancelled)(void *context);
};

// Returns 0 or libcurl's number of the error, whose text is put into `error` (256 bytes). *status is the HTTP status, 0 if none came.
// Redirects are not followed: whoever asks decides where credentials go.
int gc_perform(const struct gc_request *request, const struct gc_events *events, long *status, char *error);
