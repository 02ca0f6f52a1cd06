using System.Globalization;
using Virtap.Bpf.Kernel;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>
/// What the compiler accepts, the kernel accepts: scripts made by chance are loaded. <c>./test</c> takes some of a fixed seed and some of
/// a new one; <c>VIRTAP_RANDOM_SCRIPTS=5000</c> in the environment takes so many of a new one (<c>VIRTAP_RANDOM_SEED=N</c>: of that one).
/// </summary>
public class RandomScriptTests
{
    private const int Few = 60;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    private static int NewSeed() =>
        Variable("VIRTAP_RANDOM_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next(1_000_000_000);

    private static int Count => Variable("VIRTAP_RANDOM_SCRIPTS") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : Few;

    [Fact]
    public void Scripts_of_a_fixed_seed_load() => Load(1, Few);

    [Fact]
    public void Scripts_of_a_new_seed_load() => Load(NewSeed(), Count);

    private static void Load(int seed, int count)
    {
        ScriptLoad.Loaded? longest = null;
        for (int i = 0; i < count; i++)
        {
            // Most scripts are a page; one in ten has some 300 statements.
            int statements = i % 10 == 9 ? 300 : 5 + (i % 60);
            string script = RandomScript.Create(unchecked(seed + i), statements);
            try
            {
                ScriptLoad.Loaded loaded = ScriptLoad.Load(script);
                longest = longest is null || loaded.Milliseconds > longest.Milliseconds ? loaded : longest;
            }
            catch (Exception e) when (e is BpfException or Xunit.Sdk.XunitException)
            {
                Assert.Fail($"VIRTAP_RANDOM_SEED={seed + i}, {statements} statements: {e.Message}\n{script}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"figure: {count} random scripts of seed {seed} loaded; the longest: {longest}");
    }
}
