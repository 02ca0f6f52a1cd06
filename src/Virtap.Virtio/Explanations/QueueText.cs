using System.Globalization;
using Virtap.Virtio.Queues;

namespace Virtap.Virtio.Explanations;

/// <summary>
/// Reads virtqueues out of text that people paste: gdb's <c>display *vq</c> or <c>print *vq</c> (any order of fields, lines wrapped
/// anywhere, <c>&lt;symbol+off&gt;</c> in between, several stops), QMP's answer to <c>x-query-virtio-queue-status</c>, HMP's <c>info
/// virtio-queue-status</c>. All three are names and values; the names differ in punctuation only.
/// </summary>
public static class QueueText
{
    private const int MaximumQueues = 10_000;

    private static readonly HashSet<string> s_fields =
    [
        "num", "num_default", "desc", "avail", "used", "last_avail_idx", "last_avail_wrap_counter", "shadow_avail_idx",
        "shadow_avail_wrap_counter", "used_idx", "used_wrap_counter",
        "signalled_used", "signalled_used_valid", "notification", "queue_index", "inuse", "vector", "vdev",
    ];

    private static readonly string[] s_flags =
        ["last_avail_wrap_counter", "shadow_avail_wrap_counter", "used_wrap_counter", "signalled_used_valid", "notification"];

    private static readonly string[] s_required = ["num", "last_avail_idx", "used_idx"];

    /// <summary>Reads all queues of a text, in its order. Prose around them may speak of their fields.</summary>
    /// <exception cref="VirtioException">There is no whole one; the message says where one begins and what it lacks.</exception>
    public static QueueTexts Parse(string text)
    {
        var entries = new List<QueueTextEntry>();
        var unread = new List<UnreadQueue>();
        var fields = new Dictionary<string, string>();
        int line = 1, firstLine = 1, depth = 0, at = 0;
        char sign = '=';
        while (at < text.Length && entries.Count < MaximumQueues)
        {
            char c = text[at];
            if (IsNameStart(c) && !IsInsideWord(text, at))
            {
                int start = at;
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-'))
                    at++;
                string name = Normalise(text.AsSpan(start, at - start));
                if (s_fields.Contains(name) && TryValue(text, at, out string value, out char between))
                {
                    // A field that is there already begins another queue, and so does one of another notation.
                    if (fields.ContainsKey(name) || between != sign)
                        Finish();
                    sign = between;
                    if (fields.Count == 0)
                        firstLine = line;
                    // Of what a text breaks off in, the last digits may be missing.
                    if (depth == 0 || !EndsIn(text, at, value))
                        fields[name] = value;
                }

                continue;
            }

            switch (c)
            {
                case '\n':
                    line++;
                    // Outside of structures a paragraph is a paragraph.
                    if (depth == 0 && at + 1 < text.Length && text[at + 1] == '\n')
                        Finish();
                    break;
                case '<':
                    // gdb's names of addresses, whatever is in them.
                    at = SkipTo(text, at, '>');
                    break;
                case '(':
                    // The arguments of the function that gdb stopped in.
                    at = SkipTo(text, at, ')');
                    break;
                case '{':
                    // What stood before it was prose.
                    if (depth++ == 0)
                        Finish();
                    break;
                case '}' when --depth <= 0:
                    depth = 0;
                    Finish();
                    break;
            }

            at++;
        }

        Finish(isCutOff: depth > 0);
        return entries.Count > 0 ? new QueueTexts(entries, unread) : throw new VirtioException(unread is [{ } first, ..] ? Describe(first) :
            "no virtqueue in this text: expected gdb's \"display *vq\" ({vring = {num = 128, ...}, last_avail_idx = ...}), "
            + "QMP's answer to x-query-virtio-queue-status, or HMP's \"info virtio-queue-status\"");

        void Finish(bool isCutOff = false)
        {
            // Other structures have an `avail` or a `num` too; a virtqueue begins with them.
            if (fields.ContainsKey("last_avail_idx") || fields.ContainsKey("used_idx") || (isCutOff && fields.ContainsKey("num")))
                Add();
            fields.Clear();
        }

        void Add()
        {
            string[] missing = [.. s_required.Where(f => !fields.ContainsKey(f))];
            (string Field, string Value)? odd = fields.Where(static f => !s_flags.Contains(f.Key) && Number(f.Value) is null)
                .Select(static f => ((string, string)?)(f.Key, f.Value)).FirstOrDefault();
            if (missing.Length > 0 || odd is not null)
                unread.Add(new UnreadQueue(firstLine, [.. fields.Keys], missing, odd));
            else
                entries.Add(Entry(fields, firstLine, isFromMonitor: sign == ':'));
        }
    }

    private static string Describe(UnreadQueue queue) => queue.NotANumber is { } odd
        ? $"line {queue.Line}: {odd.Field} is \"{odd.Value}\", which is no number"
        : $"line {queue.Line}: the virtqueue that begins here has no {string.Join(", no ", queue.Missing)}; is the text cut off?";

    private static QueueTextEntry Entry(Dictionary<string, string> fields, int line, bool isFromMonitor)
    {
        bool isVhost = isFromMonitor && fields.ContainsKey("inuse") && !fields.ContainsKey("shadow_avail_idx");
        return new QueueTextEntry(line, Number("vdev"), new QueueState
        {
            Index = (int?)Number("queue_index"),
            Number = (uint)Number("num")!,
            DefaultNumber = (uint?)Number("num_default"),
            Descriptors = Number("desc"),
            Avail = Number("avail"),
            Used = Number("used"),
            LastAvailIndex = (ushort)Number("last_avail_idx")!,
            LastAvailWrap = Flag("last_avail_wrap_counter"),
            ShadowAvailIndex = (ushort?)Number("shadow_avail_idx"),
            UsedIndex = (ushort)Number("used_idx")!,
            UsedWrap = Flag("used_wrap_counter"),
            SignalledUsed = (ushort?)Number("signalled_used"),
            SignalledUsedValid = Flag("signalled_used_valid"),
            Notification = Flag("notification"),
            InUse = (uint?)Number("inuse"),
            Vector = (ushort?)Number("vector"),
        }, isVhost);

        ulong? Number(string name) => fields.TryGetValue(name, out string? text) ? QueueText.Number(text) : null;

        bool? Flag(string name) => fields.TryGetValue(name, out string? text) ? text is "true" or "1" : null;
    }

    private static ulong? Number(string text)
    {
        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(
            hex
                ? text.AsSpan(2)
                : text, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
                    ? value : null;
    }

    // vring-num, vring_num and num are one field; so are last-avail-idx and last_avail_idx.
    private static string Normalise(ReadOnlySpan<char> name)
    {
        string text = name.ToString().Replace('-', '_');
        return text.StartsWith("vring_", StringComparison.Ordinal) ? text["vring_".Length..] : text;
    }

    // NAME = VALUE, "NAME": VALUE or NAME: VALUE, with white space and newlines anywhere. Structures are no values.
    private static bool TryValue(string text, int at, out string value, out char sign)
    {
        value = "";
        sign = default;
        if (at < text.Length && text[at] == '"')
            at++;
        at = SkipSpace(text, at);
        if (at >= text.Length || text[at] is not ('=' or ':'))
            return false;
        sign = text[at];
        at = SkipSpace(text, at + 1);
        int start = at;
        while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
            at++;
        value = text[start..at];
        return value.Length > 0 && (char.IsAsciiDigit(value[0]) || value is "true" or "false");
    }

    /// <summary>Whether the value behind a name is the last thing in a text.</summary>
    private static bool EndsIn(string text, int at, string value) =>
        text.AsSpan(at).EndsWith(value, StringComparison.Ordinal) && text.AsSpan(at).IndexOfAny(',', '}', '\n') < 0;

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    // Stays where it is when the bracket is never closed, as at the end of a text that was cut off.
    private static int SkipTo(string text, int at, char end)
    {
        int found = text.IndexOf(end, at);
        return found < 0 || text.AsSpan(at, found - at).Contains('\n') && text.AsSpan(at, found - at).Contains('{') ? at : found;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsInsideWord(string text, int at) => at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] == '_');
}
