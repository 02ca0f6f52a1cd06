using Virtap.Virtio.Queues;

namespace Virtap.Cli.Queues;

/// <summary>What the queues of a device did in an interval.</summary>
/// <param name="State">The device at the interval's end.</param>
/// <param name="Rates">For each queue that is set up.</param>
/// <param name="Traffic">What was counted at each of its queues; null where nothing is counted.</param>
internal sealed record DeviceSample(DeviceState State, IReadOnlyList<QueueRates> Rates, IReadOnlyList<QueueTraffic>? Traffic = null);
