namespace Virtap.Virtio.Verdicts;

/// <summary>What is the matter with a device or queue.</summary>
public enum VerdictKind
{
    /// <summary>Requests come and go.</summary>
    Working,

    /// <summary>Requests come and go without notifications, which the driver does not want: it polls.</summary>
    Polled,

    /// <summary>Nothing to do, or buffers that wait for something to happen.</summary>
    Idle,

    /// <summary>Requests were in flight or waited at the one moment that is known: whether they moved is not.</summary>
    Outstanding,

    /// <summary>The guest has suspended itself.</summary>
    Suspended,

    /// <summary>The guest has no driver for the device, or not yet.</summary>
    NotDriven,

    /// <summary>The queues are served by vhost: what QEMU knows of them is old.</summary>
    NotLive,

    /// <summary>The ring cannot be seen in guest memory.</summary>
    RingNotVisible,

    /// <summary>QEMU has given the device up after an error of the driver.</summary>
    DeviceBroken,

    /// <summary>The thread that serves the device is stopped on the host, by a signal or a debugger.</summary>
    Stopped,

    /// <summary>QEMU does not run its guest: it was paused, or something has gone wrong with it.</summary>
    Paused,

    /// <summary>The process outside of QEMU that ought to serve the device is not there.</summary>
    BackendGone,

    /// <summary>The device asked for a reset that has not come.</summary>
    NeedsReset,

    /// <summary>Requests wait in the ring, the driver had to kick, and no kick has arrived.</summary>
    LostKick,

    /// <summary>Requests wait in the ring, and QEMU's thread does not take them.</summary>
    NotServed,

    /// <summary>QEMU has taken requests and none comes back.</summary>
    BackendStuck,

    /// <summary>Completions that the driver has not taken notice of.</summary>
    LostInterrupt,

    /// <summary>Completions for which no notification was considered.</summary>
    NotificationPending,

    /// <summary>Fields that contradict each other.</summary>
    Corrupt,
}
