using System.Text.Json;
using Virtap.Cli.Words;
using Virtap.Virtio.Findings;
using Virtap.Virtio.Verdicts;

namespace Virtap.Cli.Tests.Words;

/// <summary>Observations as programs read them.</summary>
public class ObservationJsonTests
{
    [Fact]
    public void Fields_say_what_they_are_called_what_their_values_are_and_who_says_so() => Assert.Equal(
        """
        {"kind":"unchanged","fields":[{"name":"avail.idx","value":7,"by":"guest"},{"name":"inuse","value":null,"by":"qemu"},{"name":"durationSeconds","value":2.04,"by":"virtap"},{"name":"looks","value":41,"by":"virtap"}]}
        """,
        Json(new Unchanged([Field.Guest("avail.idx", 7), Field.Qemu("inuse", (uint?)null)], new Looks(TimeSpan.FromSeconds(2.04), 41))));

    [Fact]
    public void Addresses_are_texts_which_keep_all_their_bits() => Assert.Equal(
        """
        {"kind":"misaligned","fields":[{"name":"part","value":"Used","by":"virtap"},{"name":"address","value":"0xffffffff80000002","by":"qemu"},{"name":"alignment","value":4,"by":"virtap"}]}
        """,
        Json(new Misaligned(RingPart.Used, 0xffffffff80000002, 4)));

    private static string Json(Observation what)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            ObservationJson.Write(writer, "x", what);
            writer.WriteEndObject();
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("x").GetRawText();
    }
}
