/* SPDX-License-Identifier: MIT
 *
 * Write aside, sync, rename; see partial.h.
 */
#define _GNU_SOURCE /* renameat2, asprintf */
#include "sim/base/partial.h"

#include "sim/base/heap.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".nocsim-partial"
#define ATTEMPTS 100 /* at taking a file that another writer is ending with in the same instant */

static char *folder_of(const char *path) {
    char *copy = sim_heap_must(strdup(path));
    char *folder = sim_heap_must(strdup(dirname(copy)));
    free(copy);
    return folder;
}

/* Opens the file, which a dead writer may have left; an errno on a failure, else 0. */
static int open_file(const char *path, int *fd, struct stat *status) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (*fd < 0)
        return errno;
    if (fstat(*fd, status) != 0)
        return errno;
    return S_ISREG(status->st_mode) ? 0 : EEXIST;
}

/* Opens, locks and empties the file; EWOULDBLOCK: another writer holds it. Between opening and locking that
 * one may have given it its name, or removed it: then again. */
static int take(const char *path, int *fd) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct stat own, named;
        int fault = open_file(path, fd, &own);
        if (fault == 0 && flock(*fd, LOCK_EX | LOCK_NB) != 0)
            fault = errno;
        bool ours = fault == 0 && lstat(path, &named) == 0 && named.st_dev == own.st_dev &&
                    named.st_ino == own.st_ino;
        if (ours && ftruncate(*fd, 0) != 0)
            fault = errno;
        if (ours && fault == 0)
            return 0;
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
        if (fault != 0)
            return fault;
    }
    return EBUSY;
}

void sim_partial_survive_limits(void) {
    struct sigaction action;
    if (sigaction(SIGXFSZ, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        signal(SIGXFSZ, SIG_IGN);
}

bool sim_partial_open(struct sim_partial *partial, const char *target, bool force, struct sim_err *err) {
    *partial = (struct sim_partial){.fd = -1, .force = force};
    struct stat status;
    if (*target == '\0')
        return sim_err_add(err, SIM_EXIT_IO, NULL, "a file to be written needs a name, not ''");
    if (lstat(target, &status) == 0) {
        if (stat(target, &status) == 0 && !S_ISREG(status.st_mode))
            return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: is not a regular file", target);
        if (!force)
            return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: exists already (--force replaces it)", target);
    }
    char *path;
    if (asprintf(&path, "%s" SUFFIX, target) < 0)
        sim_heap_must(NULL);
    sim_partial_survive_limits();
    int fd, fault = take(path, &fd);
    if (fault == EWOULDBLOCK)
        sim_err_add(err, SIM_EXIT_IO, NULL,
                    "%s: is being written by another process (which holds %s): wait for its end, or name "
                    "another file",
                    target, path);
    else if (fault != 0)
        sim_err_add(err, SIM_EXIT_IO, NULL, "%s: cannot be created (first as %s): %s", target, path,
                    strerror(fault));
    if (fault != 0) {
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
