/* The producing side of a thread's stream; see stream.h. */
#define _GNU_SOURCE
#include "stream.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

enum {
    AT_ONCE = 128 * 1024, /* bytes whose pages are asked for together, at least, */
    STEPS = 8,            /* and those of a large segment in so many steps, about */
    LOOK_TIMES = 32,      /* a look at what waits is trusted for so many times as long as it took, */
    LONGEST_TRUST_NS = 1000000000, /* and at most */
    SMALLEST_GROWING = 1 << 20,    /* a segment of this size is followed by a larger one, */
    QUICK_NS = 100000000,          /* if it was filled in less than this, */
    GROWTH = 2,                    /* which is so many times as large, */
    MOST_GROWTH = 4,               /* and so many times as large as is usual, at most; */
    GROWTH_SHARE = 128,            /* and takes this part of the spool's bound, at most */
};

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14; an older one refuses, and pages come one by one */
#endif

/* Write zeros to the file, so that the kernel makes its pages many at a time. Of a page that is first
 * met through the mapping, the file system keeps account by itself: on ext4 that takes three times
 * as long as all else, and as long as the program takes for the events that fill the page. */
static void
fill(int descriptor, size_t from, size_t upto)
{
    static const uint8_t zeros[AT_ONCE];
    while (from < upto) {
        size_t size = upto - from < AT_ONCE ? upto - from : AT_ONCE;
        ssize_t written = pwrite(descriptor, zeros, size, (off_t)from);
        if (written <= 0) {
            return; /* The disk space is claimed all the same. */
        }
        from += (size_t)written;
    }
}

/* The same of a segment in use. No descriptor of it is kept, which the program might meet. */
static void
fill_ahead(const RwStream *stream, size_t from, size_t upto)
{
    int descriptor = from < upto ? open(stream->path, O_WRONLY | O_CLOEXEC) : -1;
    if (descriptor >= 0) {
        fill(descriptor, from, upto);
        close(descriptor);
    }
}

int
rw_stream_reserve(RwStream *stream, size_t size)
{
    if (size <= stream->ready - stream->end) {
        return stream->map != NULL;
    }
    if (size > stream->size - stream->end) {
        return 0;
    }
    /* A page that comes alone, at the first store into it, costs twice as much, and many times
     * that while the disk is busy. */
    size_t step = stream->size / STEPS / AT_ONCE * AT_ONCE;
    step = step < AT_ONCE ? AT_ONCE : step;
    size_t upto = (stream->end + size + step - 1) / step * step;
    upto = upto < stream->size ? upto : stream->size;
    size_t from = stream->ready / step * step;
    fill_ahead(stream, from < AT_ONCE ? AT_ONCE : from, upto);
    madvise(stream->map + from, upto - from, MADV_POPULATE_WRITE);
    stream->ready = upto;
    return 1;
}

static int
is_segment(const char *name)
{
    size_t length = strlen(name);
    return length >= 4 && strcmp(name + length - 4, ".seg") == 0;
}

/* Return how many bytes wait in the folder for the writer; -1 if it cannot be read. */
static int64_t
waiting_bytes(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return -1;
    }
    int64_t total = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct stat facts;
        /* One that is gone was drained by the writer just now. */
        if (is_segment(entry->d_name)
            && fstatat(dirfd(folder), entry->d_name, &facts, 0) == 0) {
            total += facts.st_size;
        }
    }
    closedir(folder);
    return total;
}

/* Take room for a segment; 0 if the spool has none. Whoever looks pays for every segment that waits,
 * so what a look has found holds for some time, and for an eighth of it: others take room as well. */
static int
take_room(RwFolder *folder, size_t size)
{
    int64_t now = rw_clock_of(CLOCK_MONOTONIC);
    if (size > folder->room || now > folder->room_until) {
        int64_t waiting = waiting_bytes(folder->path);
        if (waiting < 0 || (uint64_t)waiting + size > folder->max_bytes) {
            folder->room = 0;
            return 0;
        }
        folder->gave_up = 0;
        int64_t looked = rw_clock_of(CLOCK_MONOTONIC);
        int64_t rest = (looked - now) * LOOK_TIMES;
        folder->room = size + (folder->max_bytes - (uint64_t)waiting - size) / 8;
        folder->room_until = looked + (rest < LONGEST_TRUST_NS ? rest : LONGEST_TRUST_NS);
    }
    folder->room -= size;
    return 1;
}

static void
write_header(uint8_t *map, const RwFolder *folder, const RwStream *stream, uint64_t size,
             int64_t monotonic_ns, int64_t wall_ns)
{
    const uint64_t words[] = {
        RW_HEADER_SIZE,         0,
        folder->pid,            stream->thread,
        stream->sequence,       (uint64_t)monotonic_ns,
        (uint64_t)wall_ns,      stream->number,
        folder->start_ticks,    size,
    };
    memcpy(map, "RWNDSEG1", 8);
    memcpy(map + 8, words, sizeof words);
}

/* Map a new file of this size, its disk space claimed; NULL if the disk refuses. */
static uint8_t *
mapped(const char *path, size_t size)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return NULL;
    }
    void *map = MAP_FAILED;
    /* A sparse file would turn a full disk into SIGBUS at a store. */
    if (posix_fallocate(descriptor, 0, (off_t)size) == 0) {
        fill(descriptor, 0, size < AT_ONCE ? size : AT_ONCE);
        map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    }
    close(descriptor);
    if (map == MAP_FAILED) {
        unlink(path);
        return NULL;
    }
    return map;
}

/* Make the stream's next segment and return its mapping, NULL if it cannot be; its path is kept. */
static uint8_t *
new_segment(RwStream *stream, const RwFolder *folder, size_t size, int64_t monotonic_ns,
            int64_t wall_ns)
{
    char *names = NULL;
    int stem = asprintf(&names, "%s/%" PRIu64 "-%" PRIu64 "-%" PRIu64 "-%" PRIu64 ".new",
                        folder->path, folder->pid, folder->start_ticks, stream->number,
                        stream->sequence);
    if (stem < 0) {
        return NULL;
    }
    char *final = strdup(names);
    uint8_t *map = NULL;
    if (final != NULL) {
        memcpy(final + stem - 4, ".seg", 4);
        map = mapped(names, size);
    }
    if (map != NULL) {
        write_header(map, folder, stream, size, monotonic_ns, wall_ns);
        /* Made under another name: a reader never meets a file without its header. */
        if (rename(names, final) != 0) {
            munmap(map, size);
            unlink(names);
            map = NULL;
        }
    }
    stream->path = map != NULL ? final : NULL;
    if (map == NULL) {
        free(final);
    }
    free(names);
    return map;
}

static int
begin_segment(RwStream *stream, RwFolder *folder, size_t size, RwReach reach)
{
    int64_t monotonic_ns = rw_now(), wall_ns = rw_wall_clock();
    if (reach == RW_WITHIN && !take_room(folder, size)) {
        return 0;
    }
    uint8_t *map = new_segment(stream, folder, size, monotonic_ns, wall_ns);
    if (map == NULL) {
        return 0;
    }
    stream->map = map;
    stream->end = RW_HEADER_SIZE;
    stream->ready = RW_HEADER_SIZE;
    stream->size = stream->made = size;
    stream->made_ns = stream->last_ns = monotonic_ns;
    stream->sequence++;
    return 1;
}

/* Return the size of the segment that follows a full one. To make a file takes a good part of what it
 * takes to fill its first megabyte, and the more the more files are made and removed around it. */
static size_t
size_after(const RwStream *stream, const RwFolder *folder)
{
    size_t usual = folder->segment_size, size = stream->made * GROWTH;
    if (usual < SMALLEST_GROWING || size < usual || rw_now() - stream->made_ns > QUICK_NS) {
        return usual;
    }
    size = size < usual * MOST_GROWTH ? size : usual * MOST_GROWTH;
    return size <= folder->max_bytes / GROWTH_SHARE ? size : usual;
}

int
rw_stream_advance(RwStream *stream, RwFolder *folder, size_t least, RwReach reach)
{
    size_t size = RW_HEADER_SIZE + least, larger = size_after(stream, folder);
    rw_stream_close(stream);
    if (reach == RW_ALONE || size > folder->segment_size) {
        return begin_segment(stream, folder, size, reach);
    }
    return (reach == RW_WITHIN && larger > folder->segment_size
            && begin_segment(stream, folder, larger, reach))
           || begin_segment(stream, folder, folder->segment_size, reach);
}

static void
say_closed(const RwStream *stream)
{
    if (stream->map != NULL) {
        __atomic_store_n((uint64_t *)(stream->map + RW_STATE_AT), 1, __ATOMIC_RELEASE);
    }
}

void
rw_stream_forget(RwStream *stream)
{
    if (stream->map != NULL) {
        munmap(stream->map, stream->size);
        stream->map = NULL;
    }
    free(stream->path);
    stream->path = NULL;
    stream->end = stream->ready = stream->size = 0;
}

void
rw_stream_close(RwStream *stream)
{
    say_closed(stream);
    rw_stream_forget(stream);
}

uint8_t *
rw_stream_hand_over(RwStream *stream, size_t *size)
{
    uint8_t *map = stream->map;
    say_closed(stream);
    *size = stream->size;
    stream->map = NULL;
    rw_stream_forget(stream);
    return map;
}
