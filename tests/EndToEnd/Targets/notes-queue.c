/* The structures of the notes, as far as their fields are printed there; and threads that notify as fast as they are told to. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct VirtIODevice VirtIODevice;
typedef struct VirtQueue VirtQueue;
typedef void (*VirtIOHandleOutput)(VirtIODevice *, VirtQueue *);
typedef bool (*VirtIOHandleAIOOutput)(VirtIODevice *, VirtQueue *);
typedef struct VRing {
    unsigned int num;
    unsigned int num_default;
    unsigned int align;
    uint64_t desc;
    uint64_t avail;
    uint64_t used;
    void *caches;
} VRing;
typedef struct { int rfd; int wfd; } EventNotifier;
struct VirtQueue {
    VRing vring;
    void *used_elems;
    uint16_t last_avail_idx;
    bool last_avail_wrap_counter;
    uint16_t shadow_avail_idx;
    bool shadow_avail_wrap_counter;
    uint16_t used_idx;
    bool used_wrap_counter;
    uint16_t signalled_used;
    bool signalled_used_valid;
    bool notification;
    uint16_t queue_index;
    unsigned int inuse;
    uint16_t vector;
    VirtIOHandleOutput handle_output;
    VirtIOHandleAIOOutput handle_aio_output;
    VirtIODevice *vdev;
    EventNotifier guest_notifier;
    EventNotifier host_notifier;
    bool host_notifier_enabled;
    struct { VirtQueue *le_next; VirtQueue **le_prev; } node;
};
struct VirtIODevice { const char *name; VirtQueue *vq; VirtQueue *first; };

static volatile int notified;

void virtio_blk_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    vq->inuse--;
}

bool virtio_blk_data_plane_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    return vq->inuse > 0;
}

__attribute__((noinline)) void virtio_notify_irqfd(VirtIODevice *vdev, VirtQueue *vq)
{
    vq->signalled_used = vq->used_idx;
    notified++;
}

__attribute__((noinline)) static int depth(int n)
{
    if (n == 0)
        return notified;
    return depth(n - 1) + 1;
}

static void *notifier(void *argument)
{
    VirtIODevice *vdev = argument;
    for (;;) {
        vdev->vq->last_avail_idx++;
        vdev->vq->shadow_avail_idx++;
        vdev->vq->used_idx++;
        virtio_notify_irqfd(vdev, vdev->vq);
        depth(3);
        usleep(2000);
    }
    return 0;
}

static void *brief(void *argument)
{
    usleep(500);
    return argument;
}

static void on_signal(int signal)
{
    notified += signal;
}

static VirtQueue vq = {
    .vring = { 128, 128, 4096, 4641325056, 4641327104, 4641327424, 0 }, .last_avail_idx = 31893, .last_avail_wrap_counter = true,
    .shadow_avail_idx = 31893, .shadow_avail_wrap_counter = true, .used_idx = 31893, .used_wrap_counter = true,
    .signalled_used = 31892, .signalled_used_valid = true, .notification = true, .vector = 1,
    .handle_output = virtio_blk_handle_output, .handle_aio_output = virtio_blk_data_plane_handle_output,
    .guest_notifier = { 109, 109 }, .host_notifier = { 110, 110 }, .host_notifier_enabled = true,
};

/* What the word says: a process that forks, one whose threads come and go, one that is sent signals, one that ends. */
int main(int argc, char **argv)
{
    VirtIODevice vdev = { "virtio-blk", &vq, &vq };
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;

    vq.vdev = &vdev;
    vq.node.le_prev = &vdev.first;
    signal(SIGUSR1, on_signal);
    signal(SIGALRM, on_signal);
    if (strcmp(what, "end") == 0) {
        virtio_notify_irqfd(&vdev, &vq);
        return depth(2) == 3 ? 7 : 1;
    }
    if (strcmp(what, "exec") == 0) {
        virtio_notify_irqfd(&vdev, &vq);
        execl(argv[0], argv[0], "end", (char *)0);
    }
    if (strcmp(what, "single") != 0)
        pthread_create(&thread, 0, notifier, &vdev);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        if (strcmp(what, "fork") == 0 || strcmp(what, "vfork") == 0) {
            pid_t child = what[0] == 'v' ? vfork() : fork();
            if (child == 0) {
                if (what[0] != 'v')
                    virtio_notify_irqfd(&vdev, &vq);
                _exit(3);
            }
            int status = 0;
            waitpid(child, &status, 0);
            if (status != 3 << 8)
                abort();
            virtio_notify_irqfd(&vdev, &vq);
        } else if (strcmp(what, "threads") == 0) {
            pthread_t each;
            pthread_create(&each, 0, brief, 0);
            pthread_join(each, 0);
        } else if (strcmp(what, "single") == 0) {
            virtio_notify_irqfd(&vdev, &vq);
            depth(3);
            usleep(2000);
        } else {
            usleep(5000);
        }
    }
}
