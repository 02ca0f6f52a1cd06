using Virtap.Cli.Rendering;

namespace Virtap.Cli.Tests.Rendering;

public class FiguresTests
{
    [Theory]
    [InlineData(0.085, "85 ms")]
    [InlineData(1.44, "1.4 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(7265, "2 h 1 min")]
    [InlineData(280800, "3 d 6 h")]
    public void Durations_have_the_units_that_suit_them(double seconds, string expected) => Assert.Equal(expected, Figures.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(8.46, "8.5")]
    [InlineData(412.4, "412")]
    [InlineData(62300.4, "62,300")]
    public void Rates_show_no_more_digits_than_they_have(double rate, string expected) => Assert.Equal(expected, Figures.Rate(rate));
}
