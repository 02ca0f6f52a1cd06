using System.Runtime.InteropServices;
using CsCheck;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Language.Tests.Syntax;

public partial class ConditionTests
{
    [Theory]
    [InlineData("kernel_v == \"6.1.0\"", true)]
    [InlineData("kernel_v >= \"6.1\"", true)]
    [InlineData("kernel_v == \"6.*\"", true)]
    [InlineData("kernel_v != \"5.*\"", true)]
    [InlineData("kernel_v < \"6.10.0\"", true)]
    [InlineData("kernel_v < \"6.01.0\"", false)]
    [InlineData("kernel_v == \"6.1\"", false)]
    [InlineData("kernel_vr == \"*amd64\"", true)]
    [InlineData("kernel_vr == \"6.1.0\"", false)]
    [InlineData("kernel_vr > \"6.1.0\"", true)]
    [InlineData("arch == \"x86_64\"", true)]
    [InlineData("arch == \"x86*\"", true)]
    [InlineData("arch != \"i?86\"", true)]
    [InlineData("arch == \"[xy]86_[0-9]4\"", true)]
    [InlineData("CONFIG_SMP == \"y\"", true)]
    [InlineData("CONFIG_SMP == \"[!n]\"", true)]
    [InlineData("CONFIG_NONE == \"\"", true)]
    [InlineData("CONFIG_HZ >= 100", true)]
    [InlineData("CONFIG_BASE == 256", true)]
    [InlineData("CONFIG_HZ < CONFIG_BASE", true)]
    [InlineData("CONFIG_SMP == CONFIG_HZ", false)]
    [InlineData("systemtap_v >= \"5.0\"", true)]
    [InlineData("systemtap_v < \"4.9\"", false)]
    [InlineData("systemtap_privilege == \"stapdev\"", true)]
    [InlineData("systemtap_privilege == \"stap*\"", false)]
    [InlineData("guru_mode == 1", true)]
    [InlineData("guru_mode != 1", false)]
    [InlineData("runtime == \"kernel\"", true)]
    [InlineData("runtime != \"dyn*\"", true)]
    [InlineData("1 < 2", true)]
    [InlineData("0x10 == 16", true)]
    [InlineData("\"a\" < \"b\"", true)]
    [InlineData("\"ab\" == \"a*\"", false)]
    [InlineData("\"10\" < \"9\"", true)]
    [InlineData("1 == 2 || 1 == 1 && 2 == 2", true)]
    [InlineData("1 == 1 || 1 == 1 && 2 == 3", true)]
    [InlineData("1 == 2 && 1 == 1 || 2 == 3", false)]
    [InlineData("$# == 2", true)]
    [InlineData("@# == \"2\"", true)]
    [InlineData("@1 == \"one\"", true)]
    [InlineData("$2 > 1", true)]
    public void A_condition_holds_as_in_SystemTap(string condition, bool holds)
    {
        var environment = Scripts.Environment with { Arguments = ["one", "2"] };
        Assert.Equal(holds ? "1;\n" : "0;\n", ScriptPrinter.Print(Scripts.Statements($"%( {condition} %? 1 %: 0 %)", environment)[0]));
    }

    [Fact]
    public void Conditions_stand_anywhere_and_within_each_other()
    {
        const string text = """
            probe begin %( 1 == 1 %? , end %: , never %) {
                %( 1 == 2 %? broken ( 08 "x
                %: %( 1 == 1 %? x %: y %) %) = %( 1 == 1 %? 3 %)
            }
            %( 1 == 2 %? junk %)
            """;
        Assert.Equal("probe begin, end{\n(x) = (3);\n}\n", ScriptPrinter.Print(Scripts.Parse(text)));
    }

    [Fact]
    public void Versions_are_ordered_as_the_C_library_orders_them()
    {
        var version = Gen.Char["0012.9a-"].Array[0, 8].Select(c => new string(c));
        Gen.Select(version, version).Sample((left, right) =>
        {
            int expected = Math.Sign(strverscmp(left, right));
            foreach (var (comparison, holds) in new[] { ("<", expected < 0), ("==", expected == 0), (">", expected > 0) })
            {
                string text = $"%( kernel_vr {comparison} \"{right}\" %? global yes %)";
                bool isKept = Scripts.Parse(text, Scripts.Environment with { KernelRelease = left }).Declarations.Count == 1;
                Assert.True(isKept == holds, $"'{left}' {comparison} '{right}' should be {holds}");
            }
        }, iter: 20_000);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int strverscmp(string left, string right);
}
