/*
 * The accessors of a QEMU of some version, as far as layouts are read from them: structures by declaration, functions by what they do. Which version is said by macros:
 *   PACKED           packed rings (4.2): used_elems and the wrap counters
 *   ENABLED          host_notifier_enabled (4.2)
 *   INITIALIZED      EventNotifier.initialized (6.0)
 *   AIO_OUTPUT       handle_aio_output (until 6.2)
 *   HOST_FIRST       host_features before guest_features (10.0)
 *   DEVICE_STATE     sizeof(DeviceState)
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct EventNotifier {
    int rfd, wfd;
#ifdef INITIALIZED
    bool initialized;
#endif
} EventNotifier;

typedef struct VRing {
    unsigned int num, num_default, align;
    uint64_t desc, avail, used;
    void *caches;
} VRing;

typedef struct VirtIODevice VirtIODevice;
typedef struct VirtQueue {
    VRing vring;
#ifdef PACKED
    void *used_elems;
#endif
    uint16_t last_avail_idx;
#ifdef PACKED
    bool last_avail_wrap_counter;
#endif
    uint16_t shadow_avail_idx;
#ifdef PACKED
    bool shadow_avail_wrap_counter;
#endif
    uint16_t used_idx;
#ifdef PACKED
    bool used_wrap_counter;
#endif
    uint16_t signalled_used;
    bool signalled_used_valid;
    bool notification;
    uint16_t queue_index;
    unsigned int inuse;
    uint16_t vector;
    void (*handle_output)(VirtIODevice *, struct VirtQueue *);
#ifdef AIO_OUTPUT
    void (*handle_aio_output)(VirtIODevice *, struct VirtQueue *);
#endif
    VirtIODevice *vdev;
    EventNotifier guest_notifier, host_notifier;
#ifdef ENABLED
    bool host_notifier_enabled;
#endif
    struct { void *next, **prev; } node;
} VirtQueue;

struct VirtIODevice {
    char parent_obj[DEVICE_STATE];
    const char *name;
    uint8_t status, isr;
    uint16_t queue_sel;
#ifdef HOST_FIRST
    uint64_t host_features, guest_features, backend_features;
#else
    uint64_t guest_features, host_features, backend_features;
#endif
    size_t config_len;
    void *config;
    uint16_t config_vector;
    uint32_t generation;
    int nvectors;
    VirtQueue *vq;
    char listener[192];
    uint16_t device_id;
    bool vm_running, broken;
};

static bool has_feature(VirtIODevice *vdev, unsigned int bit) { return vdev->guest_features & (1ULL << bit); }

EXPORT VirtQueue *virtio_get_queue(VirtIODevice *vdev, int n) { return vdev->vq + n; }
EXPORT uint16_t virtio_get_queue_index(VirtQueue *vq) { return vq->queue_index; }
EXPORT int virtio_queue_get_num(VirtIODevice *vdev, int n) { return vdev->vq[n].vring.num; }
EXPORT int virtio_queue_get_max_num(VirtIODevice *vdev, int n) { return vdev->vq[n].vring.num_default; }
EXPORT uint64_t virtio_queue_get_desc_addr(VirtIODevice *vdev, int n) { return vdev->vq[n].vring.desc; }
EXPORT uint64_t virtio_queue_get_avail_addr(VirtIODevice *vdev, int n) { return vdev->vq[n].vring.avail; }
EXPORT uint64_t virtio_queue_get_used_addr(VirtIODevice *vdev, int n) { return vdev->vq[n].vring.used; }
EXPORT uint16_t virtio_queue_vector(VirtIODevice *vdev, int n) { return n < 1024 ? vdev->vq[n].vector : 0xffff; }
EXPORT EventNotifier *virtio_queue_get_guest_notifier(VirtQueue *vq) { return &vq->guest_notifier; }
EXPORT EventNotifier *virtio_queue_get_host_notifier(VirtQueue *vq) { return &vq->host_notifier; }
EXPORT void virtio_queue_invalidate_signalled_used(VirtIODevice *vdev, int n) { vdev->vq[n].signalled_used_valid = false; }

#ifdef ENABLED
EXPORT void virtio_queue_set_host_notifier_enabled(VirtQueue *vq, bool enabled) { vq->host_notifier_enabled = enabled; }
#endif

EXPORT unsigned int virtio_queue_get_last_avail_idx(VirtIODevice *vdev, int n)
{
#ifdef PACKED
    if (has_feature(vdev, 34)) {
        unsigned int avail = vdev->vq[n].last_avail_idx, used = vdev->vq[n].used_idx;
        avail |= (uint16_t)vdev->vq[n].last_avail_wrap_counter << 15;
        used |= (uint16_t)vdev->vq[n].used_wrap_counter << 15;
        return avail | used << 16;
    }
#endif
    return vdev->vq[n].last_avail_idx;
}

EXPORT void virtio_queue_set_last_avail_idx(VirtIODevice *vdev, int n, unsigned int idx)
{
#ifdef PACKED
    if (has_feature(vdev, 34)) {
        VirtQueue *vq = &vdev->vq[n];
        vq->last_avail_idx = vq->shadow_avail_idx = idx & 0x7fff;
        vq->last_avail_wrap_counter = vq->shadow_avail_wrap_counter = !!(idx & 0x8000);
        idx >>= 16;
        vq->used_idx = idx & 0x7fff;
        vq->used_wrap_counter = !!(idx & 0x8000);
        return;
    }
#endif
    vdev->vq[n].last_avail_idx = idx;
    vdev->vq[n].shadow_avail_idx = idx;
}

EXPORT bool virtqueue_rewind(VirtQueue *vq, unsigned int num)
{
    if (num > vq->inuse)
        return false;
    vq->inuse -= num;
#ifdef PACKED
    if (has_feature(vq->vdev, 34)) {
        if (vq->last_avail_idx < num) {
            vq->last_avail_idx = vq->vring.num + vq->last_avail_idx - num;
            vq->last_avail_wrap_counter ^= 1;
        } else
            vq->last_avail_idx -= num;
        return true;
    }
#endif
    vq->last_avail_idx -= num;
    return true;
}

extern int read_avail_idx(VirtQueue *vq);
EXPORT int virtio_queue_empty(VirtQueue *vq)
{
    if (vq->vdev->broken)
        return 1;
    if (!vq->vring.avail)
        return 1;
    if (vq->shadow_avail_idx != vq->last_avail_idx)
        return 0;
    return read_avail_idx(vq) == vq->last_avail_idx;
}

extern void update_notification(VirtQueue *vq, int enable);
EXPORT void virtio_queue_set_notification(VirtQueue *vq, int enable)
{
    vq->notification = enable;
    if (!vq->vring.desc)
        return;
    update_notification(vq, enable);
}

extern int validate(VirtIODevice *vdev);
extern void set_status(VirtIODevice *vdev, uint8_t status);
EXPORT int virtio_set_status(VirtIODevice *vdev, uint8_t status)
{
    if (has_feature(vdev, 32) && !(vdev->status & 8) && status & 8) {
        int result = validate(vdev);
        if (result)
            return result;
    }
    set_status(vdev, status);
    vdev->status = status;
    return 0;
}

extern void report(const char *text);
extern void notify_config(VirtIODevice *vdev);
EXPORT void virtio_error(VirtIODevice *vdev, const char *text, ...)
{
    report(text);
    if (has_feature(vdev, 32)) {
        vdev->status |= 64;
        notify_config(vdev);
    }
    vdev->broken = true;
}

/* What the tests hold the recovered offsets to. */
EXPORT const int truth[] = {
    sizeof(VirtQueue), offsetof(VirtQueue, last_avail_idx), offsetof(VirtQueue, shadow_avail_idx), offsetof(VirtQueue, used_idx), offsetof(VirtQueue, signalled_used),
    offsetof(VirtQueue, signalled_used_valid), offsetof(VirtQueue, notification), offsetof(VirtQueue, queue_index), offsetof(VirtQueue, inuse), offsetof(VirtQueue, vector),
    offsetof(VirtQueue, handle_output), offsetof(VirtQueue, vdev), offsetof(VirtQueue, guest_notifier), offsetof(VirtQueue, host_notifier), offsetof(VirtIODevice, vq),
    offsetof(VirtIODevice, guest_features), offsetof(VirtIODevice, host_features), offsetof(VirtIODevice, name), offsetof(VirtIODevice, status), offsetof(VirtIODevice, device_id),
    offsetof(VirtIODevice, broken),
};
