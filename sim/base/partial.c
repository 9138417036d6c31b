/* SPDX-License-Identifier: MIT
 *
 * Write aside, sync, rename; see partial.h.
 */
#define _GNU_SOURCE /* renameat2, asprintf */
#include "sim/base/partial.h"

#include "sim/base/heap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define INFIX ".partial-"
#define ATTEMPTS 100 /* at creating a file that a cleaner takes away in the same instant */

static char *folder_of(const char *path) {
    char *copy = sim_heap_must(strdup(path));
    char *folder = sim_heap_must(strdup(dirname(copy)));
    free(copy);
    return folder;
}

static char *name_of(const char *path) {
    char *copy = sim_heap_must(strdup(path));
    char *name = sim_heap_must(strdup(basename(copy)));
    free(copy);
    return name;
}

static bool is_partial_of(const char *entry, const char *name) {
    size_t n = strlen(name), infix = strlen(INFIX);
    if (strncmp(entry, name, n) != 0 || strncmp(entry + n, INFIX, infix) != 0)
        return false;
    const char *pid = entry + n + infix;
    return *pid != '\0' && pid[strspn(pid, "0123456789")] == '\0';
}

static void remove_unheld(int folder, const char *entry) {
    int fd = openat(folder, entry, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(folder, entry, 0);
    close(fd);
}

static void remove_stale(const char *target) {
    char *folder = folder_of(target), *name = name_of(target);
    DIR *listing = opendir(folder);
    if (listing != NULL) {
        for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
            if (is_partial_of(entry->d_name, name))
                remove_unheld(dirfd(listing), entry->d_name);
        closedir(listing);
    }
    free(folder);
    free(name);
}

/* Opens and locks a new file. Between the two calls a cleaner may have removed it: then again. */
static int create_locked(const char *path) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0)
            return -1;
        struct stat status;
        if (flock(fd, LOCK_EX) == 0 && fstat(fd, &status) == 0 && status.st_nlink > 0)
            return fd;
        close(fd);
    }
    errno = EBUSY;
    return -1;
}

bool sim_partial_open(struct sim_partial *partial, const char *target, bool force, struct sim_err *err) {
    *partial = (struct sim_partial){.fd = -1, .force = force};
    struct stat status;
    if (lstat(target, &status) == 0) {
        if (stat(target, &status) == 0 && !S_ISREG(status.st_mode))
            return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: is not a regular file", target);
        if (!force)
            return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: exists already (--force replaces it)", target);
    }
    remove_stale(target);
    char *path;
    if (asprintf(&path, "%s" INFIX "%ld", target, (long)getpid()) < 0)
        sim_heap_must(NULL);
    int fd = create_locked(path);
    if (fd < 0) {
        sim_err_add(err, SIM_EXIT_IO, NULL, "%s: cannot be created: %s", path, strerror(errno));
        free(path);
        return false;
    }
    *partial = (struct sim_partial){.target = sim_heap_must(strdup(target)),
                                    .path = path,
                                    .fd = fd,
                                    .force = force};
    return true;
}

static bool give_name(const struct sim_partial *partial) {
    if (partial->force)
        return rename(partial->path, partial->target) == 0;
    if (renameat2(AT_FDCWD, partial->path, AT_FDCWD, partial->target, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (link(partial->path, partial->target) != 0) /* a file system without RENAME_NOREPLACE */
        return false;
    unlink(partial->path);
    return true;
}

/* The new name is on the disk only when its folder is; a file system that cannot sync folders need not. */
static void sync_folder(const char *target) {
    char *folder = folder_of(target);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

bool sim_partial_complete(struct sim_partial *partial, struct sim_err *err) {
    bool done = fsync(partial->fd) == 0 && give_name(partial);
    if (done) {
        sync_folder(partial->target);
    } else {
        sim_err_add(err, SIM_EXIT_IO, NULL, "%s: cannot be completed: %s", partial->target,
                    strerror(errno));
        unlink(partial->path);
    }
    close(partial->fd);
    partial->fd = -1;
    return done;
}

void sim_partial_release(struct sim_partial *partial) {
    if (partial->fd >= 0) {
        unlink(partial->path);
        close(partial->fd);
    }
    free(partial->target);
    free(partial->path);
    *partial = (struct sim_partial){.fd = -1};
}
