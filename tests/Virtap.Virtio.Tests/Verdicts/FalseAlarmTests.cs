using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Tests.Support;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Verdicts;

/// <summary>A guest that does as much as it can, on every kind of ring at once: nothing of it is a fault.</summary>
[Collection(GuestCollection.Name)]
public sealed class FalseAlarmTests(GuestFixture guest, ITestOutputHelper output) : IDisposable
{
    private const int Looks = 1000;
    // Two queues with an iothread; packed with one and with two; legacy and modern without event_idx; another driver; a network.
    private static readonly string[] s_busy = ["disk0", "packed0", "packed1", "plain0", "noevent0", "scsi0", "nic0"];
    // How virtap why looks: what is still after the shortest time is watched for the longest.
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(0.3), s_limit = TimeSpan.FromSeconds(2);

    private readonly TcpListener _peer = new(IPAddress.Loopback, 0);

    public void Dispose() => _peer.Dispose();

    [Fact]
    public async Task A_thousand_looks_at_a_busy_guest_find_no_fault()
    {
        _peer.Start();
        Task peer = Task.Run(Flood, TestContext.Current.CancellationToken);
        Begin();
        QemuProcess qemu = QemuProcess.Open(guest.Qemu.Process);
        QueueReader[] readers = [.. qemu.FindDevices().Where(d => s_busy.Contains(d.Id)).Select(d => new QueueReader(qemu, d))];
        List<DeviceState>[] looks = [.. readers.Select(_ => new List<DeviceState>(Looks))];
        DeviceState[] before = [.. readers.Select(r => r.Read()!)];
        Assert.True(SpinWait.SpinUntil(() => readers.Zip(before).All(d => HasMoved(d.Second, d.First.Read()!)), TimeSpan.FromSeconds(60)));
        for (int n = 0; n < Looks; n++)
        {
            for (int i = 0; i < readers.Length; i++)
                looks[i].Add(readers[i].Read()!);
            Thread.Sleep(3);
        }

        var diagnoses = new Diagnosis[readers.Length];
        Parallel.For(
            0, readers.Length, new ParallelOptions { MaxDegreeOfParallelism = readers.Length },
            i => diagnoses[i] = Diagnosis.Run(qemu, readers[i].Device, s_limit));
        guest.Qemu.Run("killall fio; while killall -0 fio 2>/dev/null; do sleep 0.1; done; killall nc; true");
        _peer.Stop();
        await peer.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        output.WriteLine(
            "figure: a thousand looks at a busy guest, no false alarm; requests meanwhile (most in flight): "
            + string.Join(", ", looks.Select(CheckWindows)));
        Assert.All(diagnoses, d => Assert.True(d.IsHealthy, FaultTests.Describe(d)));
        Assert.Contains(diagnoses, d => d.Verdicts.Any(v => v.Kind == VerdictKind.Working));
    }

    private static bool HasMoved(DeviceState before, DeviceState after) =>
        before.Queues.Zip(after.Queues).Any(q => q.First.UsedIndex != q.Second.UsedIndex);

    // From each look on, as if virtap why had been called then.
    private static string CheckWindows(List<DeviceState> looks)
    {
        for (int first = 0; first < looks.Count; first++)
        {
            if (End(first, s_shortest) is not { } end)
                break;
            if (Judge(first, end).Any(v => v.IsFault) && End(first, s_limit) is { } last)
                Assert.DoesNotContain(Judge(first, last), v => v.IsFault);
        }

        uint most = looks.Max(l => l.Queues.Max(q => q.InUse ?? 0));
        var meter = new QueueMeter(null!);
        foreach (DeviceState look in looks)
            meter.Add(look);
        long requests = meter.Take().Sum(r => r.Completed);
        string name = looks[0].Device.Name;
        Assert.True(requests > 100, $"{name} has done no more than {requests} requests");
        return $"{name} {requests} ({most})";

        int? End(int start, TimeSpan length)
        {
            int end = looks.FindIndex(start, l => Stopwatch.GetElapsedTime(looks[start].Timestamp, l.Timestamp) >= length);
            return end < 0 ? null : end;
        }

        IReadOnlyList<Verdict> Judge(int start, int end) => DeviceJudge.Judge(looks[start..(end + 1)], HostView.None);
    }

    private void Begin()
    {
        string Job(string name) => $"--name={name} --filename=/dev/{name} --numjobs=2";
        guest.Qemu.Run("fio --direct=1 --rw=randrw --bs=4k --ioengine=libaio --iodepth=128 --time_based --runtime=300 --thread "
            + string.Join(' ', new[] { "vda", "vdb", "vdc", "vde", "vdf", "sda" }.Select(Job)) + " >/dev/null & "
            + $"nc 10.0.2.2 {((IPEndPoint)_peer.LocalEndpoint).Port} </dev/zero >/dev/null &");
    }

    // Takes whatever the guest sends, and sends as much.
    private void Flood()
    {
        try
        {
            using Socket socket = _peer.AcceptSocket();
            Task sending = Task.Run(() => Transfer(socket.Send));
            Transfer(socket.Receive);
            sending.Wait();
        }
        catch (SocketException)
        {
            // Nobody came: the guest's part of the test says so.
        }

        static void Transfer(Func<byte[], int> operation)
        {
            byte[] buffer = new byte[16384];
            try
            {
                while (operation(buffer) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // The guest's end was killed.
            }
        }
    }
}
