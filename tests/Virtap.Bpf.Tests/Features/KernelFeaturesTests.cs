using System.Diagnostics;
using Virtap.Bpf.Features;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;

namespace Virtap.Bpf.Tests.Features;

public class KernelFeaturesTests
{
    [Fact]
    public void All_features_are_found_on_a_kernel_that_has_them_and_each_says_what_is_done_without_it()
    {
        RealKernel.Require();
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 10), "an older kernel");
        long start = Stopwatch.GetTimestamp();
        foreach (KernelFeature feature in new KernelFeatures().All())
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{feature} after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:f1} ms");
            Assert.True(feature.Present, feature.Name);
            Assert.NotEmpty(feature.Fallback);
        }
    }

    [Fact]
    public void A_feature_is_tried_once()
    {
        RealKernel.Require();
        var features = new KernelFeatures();
        Assert.Same(features.Loop, features.Loop);
        Assert.Same(features.Loop, features.All().Single(f => f.Name == features.Loop.Name));
    }

    [Fact]
    public void The_largest_value_is_what_the_kernel_says()
    {
        RealKernel.Require();
        uint tooLarge = KernelFeatures.Current.LargestValue + 8192;
        Assert.Throws<BpfException>(() => BpfMap.Create(MapSpec.Memory("memory", tooLarge)));
        Assert.True(KernelFeatures.Current.LargestValue >= 4 << 20);
    }

    [Fact]
    public void Without_privilege_the_explanation_names_what_is_missing()
    {
        string explanation = Privileges.Explain();
        if (Privileges.Suffice)
            Assert.StartsWith("the capabilities are there", explanation, StringComparison.Ordinal);
        else
            Assert.StartsWith("needs root", explanation, StringComparison.Ordinal);
    }
}
