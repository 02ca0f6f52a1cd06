using Virtap.Tracing.Tests.Specs;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>Handlers of many threads at once, by the real kernel: nothing is lost, and each runs as if alone.</summary>
public class ConcurrencyTests
{
    private const int Calls = 20_000;
    private const int Threads = 4;

    [Fact]
    public void Additions_are_exact_without_a_lock()
    {
        const string program = """
            global n, sum
            probe subject { n++; sum += $n }
            probe end { println(n, " ", sum) }
            """;
        Assert.Equal($"{Calls * Threads} {(long)Calls * (Calls - 1) / 2 * Threads}\n", Trace(program));
    }

    [Fact]
    public void Aggregates_are_exact_without_a_lock()
    {
        const string program = """
            global x, powers
            probe subject { x <<< $n; powers <<< $n & 1 }
            probe end {
                println(@count(x), " ", @sum(x), " ", @min(x), " ", @max(x))
                println(@hist_log(powers)[64], " ", @hist_log(powers)[65])
            }
            """;
        Assert.Equal(
            $"{Calls * Threads} {(long)Calls * (Calls - 1) / 2 * Threads} 0 {Calls - 1}\n{Calls * Threads / 2} {Calls * Threads / 2}\n",
            Trace(program));
    }

    [Fact]
    public void An_aggregate_that_is_read_and_deleted_beside_loses_nothing()
    {
        const string program = """
            global x, count, sum
            probe subject { x <<< $n }
            probe subject { if ($n % 7 == 0) { count += @count(x); sum += @sum(x); delete x } }
            probe end { println(count + @count(x), " ", sum + @sum(x)) }
            """;
        Assert.Equal($"{Calls * Threads} {(long)Calls * (Calls - 1) / 2 * Threads}\n", Trace(program));
    }

    [Fact]
    public void Aggregates_of_an_array_are_exact()
    {
        const string program = """
            global a
            probe subject { a[$n & 3] <<< $n }
            probe end {
                foreach (k+ in a) { count += @count(a[k]); sum += @sum(a[k]); least += @min(a[k]) }
                println(count, " ", sum, " ", least)
            }
            """;
        Assert.Equal($"{Calls * Threads} {(long)Calls * (Calls - 1) / 2 * Threads} 6\n", Trace(program));
    }

    [Fact]
    public void Arrays_and_scalars_change_together()
    {
        const string program = """
            global seen, total, broken
            probe subject {
                seen[$n % 10, "thread"]++
                total++
                if ($n % 1000 == 0) {
                    foreach ([d, s] in seen) sum += seen[d, s]
                    if (sum != total) broken++
                }
            }
            probe end {
                foreach ([d, s] in seen) sum += seen[d, s]
                println(total, " ", sum, " ", broken)
            }
            """;
        Assert.Equal($"{Calls * Threads} {Calls * Threads} 0\n", Trace(program));
    }

    [Fact]
    public void A_handler_that_resets_what_another_counts_loses_nothing()
    {
        const string program = """
            global count, total
            probe subject { count++ }
            probe subject { if ($n % 7 == 0) { total += count; count = 0 } }
            probe end { println(total + count) }
            """;
        Assert.Equal($"{Calls * Threads}\n", Trace(program));
    }

    private static string Trace(string program)
    {
        SpecOutcome outcome = SpecRun.Trace(program, Calls, Threads);
        Assert.Equal(("", ""), (outcome.Messages, outcome.Errors));
        return outcome.Output;
    }
}
