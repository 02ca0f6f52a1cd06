using System.Globalization;
using System.Text;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>
/// Scripts that are well typed and otherwise anything: functions that call each other and themselves, loops in loops, arrays, texts,
/// errors caught and thrown, regular expressions, slices of arrays, aggregates. The same seed and size make the same script.
/// </summary>
internal sealed class RandomScript
{
    /// <summary>Global arrays by their kind of key, and what they hold; the last is the functions' own, which no loop runs over.</summary>
    private static readonly (string Name, string[] Keys, bool HoldsText)[] s_arrays =
        [("numbers", ["n"], false), ("words", ["t"], false), ("texts", ["t", "n"], true), ("deep", ["n", "t", "n"], false),
            ("own", ["n"], false)];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _iterated = [];
    private readonly int _functions;
    private int _callable;
    private int _loops;
    private int _loopDepth;
    private bool _isFunction;
    private bool _isTextFunction;
    private int _budget;

    private RandomScript(int seed, int statements)
    {
        _random = new Random(seed);
        _budget = statements;
        _functions = _random.Next(0, 6);
    }

    /// <summary>A script of one probe, <c>subject</c>, and its functions.</summary>
    /// <param name="seed">What chance begins with.</param>
    /// <param name="statements">About how many statements there are.</param>
    public static string Create(int seed, int statements) => new RandomScript(seed, statements).Create();

    private string Create()
    {
        _text.Append("global g0, g1, gt0 = \"\", gt1 = \"\"\nglobal numbers[40], words, texts[30], deep%[20], own[10]\n"
            + "global all, some, each[20]\n");
        int all = _budget;
        for (_callable = 0; _callable < _functions; _callable++)
        {
            _isFunction = true;
            _isTextFunction = IsTextFunction(_callable);
            _budget = all / 10;
            _text.Append(
                CultureInfo.InvariantCulture, $"function f{_callable}:{(_isTextFunction ? "string" : "long")} (n0:long, t0:string) {{\n");
            Locals();
            Block(2);
            _text.Append("return ").Append(_isTextFunction ? Text(2) : Number(2)).Append("\n}\n");
        }

        _isFunction = false;
        _budget = all;
        _text.Append("probe subject {\nn0 = $n; t0 = user_string_n($text, 20)\n");
        Locals();
        while (_budget > 0)
            Statement(4);
        return _text.Append("printf(\"%d %s %d %s\\n\", n0, t0, n1, t1)\n}\n"
            + "probe begin { numbers[0] = g0 + g1; words[gt0 . gt1] = 0; texts[\"\", 0] = \"\"; deep[0, \"\", 0] = 0; own[0] = 0\n"
            + "if (pid() == 0) { all <<< 0; some <<< 0; each[0, \"\"] <<< 0 } }\n")
                .ToString();
    }

    private static bool IsTextFunction(int index) => index % 2 == 1;

    private void Locals() =>
        _text.Append("n1 = 0 + ").Append(Number(1)).Append("; n2 = 0; t1 = \"\" . ").Append(Text(1)).Append("; t2 = \"\";\n");

    private void Block(int depth)
    {
        _text.Append("{\n");
        for (int i = _random.Next(1, 4); i > 0 && _budget > 0; i--)
            Statement(depth);
        _text.Append("}\n");
    }

    private void Statement(int depth)
    {
        _budget--;
        switch (_random.Next(depth > 0 ? 24 : 14))
        {
            case 0
                or 1: Add(
                    $"{NumberVariable()} {Pick("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")} {Number(3)}"); break;
            case 2: Add($"{TextVariable()} {Pick("=", ".=")} {Text(3)}"); break;
            case 3: Add($"{Pick(NumberVariable() + "++", "--" + NumberVariable())}"); break;
            case 4 or 5: Store(); break;
            case 6: Delete(); break;
            case 7: Add($"printf(\"%d %5s %x %-3d\\n\", {Number(2)}, {Text(2)}, {Number(1)}, {Number(1)})"); break;
            case 8: Add($"{Pick("println", "print")}({(Chance(2) ? Number(2) : Text(2))})"); break;
            case 9: Add(
                _loopDepth > 0 && Chance(2) ? Pick("break", "continue") : $"printf(\"%c%%%p\\n\", {Number(1)}, {Number(1)})"); break;
            case 10: Leave(); break;
            case 11: Add(_callable > 0 ? Call(_random.Next(_callable), 1) : "printdln(\",\", 1, \"x\", n1)"); break;
            case 12 or 13: Aggregate(); break;
            case 14 or 15 or 16: If(depth); break;
            case 17: Loop($"for (l{_loops} = {Number(0)}; l{_loops} < {_random.Next(20)}; l{_loops++}++)", depth); break;
            case 18: Loop($"while ({Number(2)})", depth); break;
            case 19 or 20: ForEach(depth); break;
            case 21 or 22: Try(depth); break;
            default: Block(depth - 1); break;
        }
    }

    // A line that begins with -- would be the end of the one before.
    private void Add(string statement) => _text.Append(statement).Append(";\n");

    private void Store()
    {
        (string name, string[] keys, bool holdsText) = Writable();
        string element = $"{name}[{Keys(keys, 2)}]";
        Add(
            holdsText
            ? $"{element} {Pick("=", ".=")} {Text(2)}" : Chance(3) ? element + "++" : $"{element} {Pick("=", "+=", "|=")} {Number(2)}");
    }

    /// <summary>Feeds, prints or empties an aggregate. Those of the array are the probe's alone: a loop may run over it.</summary>
    private void Aggregate()
    {
        bool isElement = !_isFunction && !_iterated.Contains("each") && Chance(2);
        string aggregate = isElement ? $"each[{Number(1)}, {Text(1)}]" : Pick("all", "some");
        Add(_random.Next(8) switch
        {
            0 => $"delete {aggregate}",
            1 when !isElement => $"print({Histogram()})",
            2 when !isElement => $"println({Number(1)} in {Histogram()})",
            _ => $"{aggregate} <<< {Number(2)}",
        });
    }

    private string Histogram() => Pick("@hist_log(all)", "@hist_linear(some, -10, 100, 7)");

    private string Extract() =>
        $"{Pick("@count", "@sum", "@min", "@max", "@avg", "@variance")}({Pick("all", "some", $"each[{Number(1)}, {Text(1)}]")})";

    private void Delete()
    {
        (string name, string[] keys, _) = Writable();
        Add(Chance(3) ? "delete " + name : $"delete {name}[{(keys.Length > 1 && Chance(2) ? Slice(keys, 1) : Keys(keys, 1))}]");
    }

    /// <summary>An array that no loop around this statement runs over: SystemTap refuses to change those.</summary>
    private (string Name, string[] Keys, bool HoldsText) Writable()
    {
        (string, string[], bool) chosen = _isFunction ? s_arrays[^1] : s_arrays[_random.Next(s_arrays.Length)];
        return _iterated.Contains(chosen.Item1) ? s_arrays[^1] : chosen;
    }

    private void Leave() => Add(_random.Next(6) switch
    {
        0 when _isFunction => "if (" + Number(1) + ") return " + (_isTextFunction ? Text(1) : Number(1)),
        0 or 1 when !_isFunction => $"if ({Number(1)} == 77) next",
        2 => $"if ({Number(1)} == 78) error({Text(1)})",
        _ => "n2 = " + Number(3),
    });

    private void If(int depth)
    {
        _text.Append("if (").Append(Number(3)).Append(") ");
        Block(depth - 1);
        if (!Chance(2))
            return;
        _text.Append("else ");
        if (Chance(3))
            If(depth - 1);
        else
            Block(depth - 1);
    }

    private void Loop(string head, int depth)
    {
        _text.Append(head).Append(' ');
        _loopDepth++;
        Block(depth - 1);
        _loopDepth--;
    }

    private void ForEach(int depth)
    {
        (string name, string[] keys, bool holdsText) = s_arrays[_random.Next(s_arrays.Length - 1)];
        if (_isFunction || !_iterated.Add(name))
        {
            Loop($"for (l{_loops} = 0; l{_loops} < 3; l{_loops++}++)", depth);
            return;
        }

        if (Chance(4) && _iterated.Add("each"))
        {
            string by = Pick("", "+", "-", " @sum-", " @min+", " @avg-", " @max- limit 3");
            Loop($"foreach ([e{_loops}, et{_loops++}] in each{by})", depth);
            _iterated.Remove("each");
            _iterated.Remove(name);
            return;
        }

        string variables = string.Join(", ", keys.Select((kind, i) => $"k{kind}{_loops}_{i}"));
        string value = Chance(3) ? $"v{(holdsText ? "t" : "n")}{_loops} = " : "";
        string limit = Chance(3) ? $" limit {Number(1)}" : "";
        _loops++;
        string slice = keys.Length > 1 && Chance(3) ? $"[{Slice(keys, 1)}]" : "";
        Loop($"foreach ({value}[{variables}] in {name}{slice}{Pick("", "+", "-")}{limit})", depth);
        _iterated.Remove(name);
    }

    private void Try(int depth)
    {
        _text.Append("try ");
        Block(depth - 1);
        _text.Append("catch (t2) ");
        Block(depth - 1);
    }

    private string Keys(string[] kinds, int depth) => string.Join(", ", kinds.Select(kind => kind == "n" ? Number(depth) : Text(depth)));

    /// <summary>Keys of which some, not all, are any.</summary>
    private string Slice(string[] kinds, int depth)
    {
        int given = _random.Next(kinds.Length);
        return string.Join(", ", kinds.Select((kind, i) => i != given ? "*" : kind == "n" ? Number(depth) : Text(depth)));
    }

    private string Pattern() => Pick(
        "\"a\"", "\"^(a|b)*c\"", "\"[a-z]+,( |x)*with\"", "\"([0-9]{1,4})$\"", "\"(a?)(b?)(c?)(.*)\"", "\"^$\"", "\"[^,]*,[^,]*\"");

    private string NumberVariable() => Pick("n0", "n1", "n2", "g0", "g1");

    private string TextVariable() => Pick("t0", "t1", "t2", "gt0", "gt1");

    private string Number(int depth)
    {
        if (depth <= 0)
            return Chance(2) ? NumberVariable() : Constant();
        string a() => Number(depth - 1);
        string t() => Text(depth - 1);
        switch (_random.Next(22))
        {
            case 20: return $"({t()} {Pick("=~", "!~")} {Pattern()})";
            case 21: return $"([{Slice(s_arrays[3].Keys, depth - 1)}] in {s_arrays[3].Name})";
            case 0 or 1 or 2: return NumberVariable();
            case 3: return Constant();
            case 4 or 5: return $"({a()} {Pick("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", ">>>")} {a()})";
            case 6: return $"({a()} {Pick("<", "<=", ">", ">=", "==", "!=", "&&", "||")} {a()})";
            case 7: return $"({t()} {Pick("<", "<=", ">", ">=", "==", "!=")} {t()})";
            case 8: return $"({Pick("-", "!", "~")}{a()})";
            case 9: return $"({a()} ? {a()} : {a()})";
            case 10: return $"strlen({t()})";
            case 11: return $"strtol({t()}, {Pick("10", "16", "0", a())})";
            case 12: return Pick("tid()", "pid()", "cpu()", "gettimeofday_us()", "uid()");
            case 13: return $"stringat({t()}, {a()})";
            case 14: return $"isinstr({t()}, {t()})";
            case 17: return Extract();
            case 18: return $"{Histogram()}[{(Chance(3) ? a() : "64")}]";
            case 15 when Callable(0) is int number: return Call(number, depth);
            case 16:
                (string name, string[] keys, bool holdsText) = s_arrays[_random.Next(s_arrays.Length)];
                return holdsText || Chance(2) ? $"([{Keys(keys, depth - 1)}] in {name})" : $"{name}[{Keys(keys, depth - 1)}]";
            default: return $"({NumberVariable()} = {a()})";
        }
    }

    private string Text(int depth)
    {
        if (depth <= 0)
            return Chance(2) ? TextVariable() : Literal();
        string a() => Number(depth - 1);
        string t() => Text(depth - 1);
        switch (_random.Next(15))
        {
            case 0 or 1 or 2: return TextVariable();
            case 3: return Literal();
            case 4 or 5: return $"({t()} . {t()})";
            case 6: return $"sprintf(\"%d:%s:%c\", {a()}, {t()}, {a()})";
            case 7: return $"substr({t()}, {a()}, {a()})";
            case 8: return "execname()";
            case 9: return $"tokenize({t()}, {t()})";
            case 10: return $"str_replace({t()}, {t()}, {t()})";
            case 11: return Pick($"text_str({t()})", $"ctime({a()})", $"errno_str({a()})", "probefunc()", "pp()");
            case 12: return $"({a()} ? {t()} : {t()})";
            case 13 when Callable(1) is int number: return Call(number, depth);
            default: return $"texts[{Keys(["t", "n"], depth - 1)}]";
        }
    }

    /// <summary>
    /// A function of those that give numbers (0) or texts (1), if there is one: before the one at hand, or now and then any, itself too.
    /// </summary>
    private int? Callable(int kind)
    {
        int count = ((_isFunction && Chance(4) ? _functions : _callable) + 1 - kind) / 2;
        return count > 0 ? (2 * _random.Next(count)) + kind : null;
    }

    private string Call(int function, int depth) =>
        $"f{function.ToString(CultureInfo.InvariantCulture)}({Number(depth - 1)}, {Text(depth - 1)})";

    private string Constant() =>
        Pick("0", "1", "(-1)", "7", "64", "0x7fffffffffffffff", _random.Next(1000).ToString(CultureInfo.InvariantCulture));

    private string Literal() => Pick("\"\"", "\"a\"", "\", \"", "\"a longer text, with commas\"", "\"12\"");

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
