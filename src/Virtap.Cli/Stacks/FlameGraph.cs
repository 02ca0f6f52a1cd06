using System.Globalization;
using System.Security;
using System.Text;
using Virtap.Watch.Stacks;

namespace Virtap.Cli.Stacks;

/// <summary>
/// A flame graph: a picture in which each call is a box as wide as it was seen often, on top of the box of its caller; of one file, without
/// a script. Under the mouse a box says its whole name and its share.
/// </summary>
internal static class FlameGraph
{
    private const int Width = 1200, Row = 16, Margin = 10, Top = 40, MaxDepth = 400;
    private const double CharacterWidth = 6.6, MinBox = 0.3;

    /// <summary>Draws a profile.</summary>
    /// <param name="profile">It.</param>
    /// <param name="title">What stands above.</param>
    public static string Draw(StackProfile profile, string title)
    {
        var root = new Box("all");
        foreach (ProfiledStack stack in profile.Stacks)
        {
            root.Samples += stack.Samples;
            Box at = root.Add(stack.ThreadName.Length > 0 ? stack.ThreadName : "thread", stack.Samples);
            foreach (string name in ProfileNames.Of(stack).Reverse().Take(MaxDepth))
                at = at.Add(name, stack.Samples);
        }

        int depth = root.Depth(), height = Top + (depth * Row) + Margin;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}">
            <style>text {"{"} font: 11px monospace; pointer-events: none {"}"} rect:hover {"{"} stroke: #000 {"}"}</style>
            <rect width="100%" height="100%" fill="#fdfdf5"/>
            <text x="{Margin}" y="24" style="font-size: 15px">{Escape(title)}</text>

            """);
        Draw(text, root, root, Margin, height - Margin - Row);
        return text.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder text, Box root, Box box, double left, int y)
    {
        // Not by recursion on what a process made up: depth is bounded, by MaxDepth.
        double width = root.Samples == 0 ? 0 : (Width - (2 * Margin)) * (double)box.Samples / root.Samples;
        if (width < MinBox)
            return;
        double share = (double)box.Samples / root.Samples;
        text.Append(CultureInfo.InvariantCulture, $"""
            <g><title>{Escape(box.Name)} ({box.Samples} samples, {share:0.0%})</title>
            """);
        text.Append(CultureInfo.InvariantCulture, $"""
            <rect x="{left:0.0}" y="{y}" width="{width:0.0}" height="{Row - 1}" rx="1" fill="{Colour(box.Name)}"/>
            """);
        int fitting = (int)(width / CharacterWidth) - 1;
        if (fitting > 2)
        {
            string name = box.Name.Length <= fitting ? box.Name : box.Name[..(fitting - 2)] + "..";
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{left + 3:0.0}\" y=\"{y + 11}\">{Escape(name)}</text>");
        }

        text.Append("</g>\n");
        foreach (Box inner in box.Inner.OrderBy(static each => each.Name, StringComparer.Ordinal))
        {
            Draw(text, root, inner, left, y - Row);
            left += (Width - (2 * Margin)) * (double)inner.Samples / root.Samples;
        }
    }

    /// <summary>A warm colour, of a name always the same; the kernel and the guest have others.</summary>
    private static string Colour(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        uint light = hash % 55;
        return name switch
        {
            "[kernel]" => "#f4a460",
            "[guest]" => "#8fbcdb",
            _ => string.Create(CultureInfo.InvariantCulture, $"rgb({205 + (hash % 50)},{90 + (hash / 64 % 130)},{light})"),
        };
    }

    private static string Escape(string name) =>
        SecurityElement.Escape(string.Concat(name.Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))) ?? "";

    private sealed class Box(string name)
    {
        private readonly Dictionary<string, Box> _inner = new(StringComparer.Ordinal);

        public string Name { get; } = name;

        public long Samples { get; set; }

        public IEnumerable<Box> Inner => _inner.Values;

        public Box Add(string inner, long samples)
        {
            if (!_inner.TryGetValue(inner, out Box? box))
                _inner[inner] = box = new Box(inner);
            box.Samples += samples;
            return box;
        }

        public int Depth() => 1 + (_inner.Count == 0 ? 0 : _inner.Values.Max(static each => each.Depth()));
    }
}
