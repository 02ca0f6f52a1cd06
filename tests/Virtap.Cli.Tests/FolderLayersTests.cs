namespace Virtap.Cli.Tests;

/// <summary>
/// Folders are layers too: within a project they do not import each other in a circle (<see cref="FolderGraph"/> says what an import is).
/// </summary>
public class FolderLayersTests
{
    public static TheoryData<string> Projects() =>
        [.. Directory.GetDirectories(Path.Combine(RoomsTests.Root(), "src")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_do_not_import_each_other_in_a_circle(string project)
    {
        FolderGraph graph = FolderGraph.Read(Path.Combine(RoomsTests.Root(), "src", project));
        IEnumerable<string> circles = graph.Circles().Select(circle => $"{circle}\n    {string.Join("\n    ", graph.Within(circle))}");
        Assert.True(!circles.Any(), $"{project} has circles:\n{string.Join('\n', circles)}");
    }

    [Fact]
    public void Imports_are_found_in_usings_in_qualified_names_and_in_names_of_the_parents_types()
    {
        string root = Directory.CreateTempSubdirectory("virtap-folders").FullName;
        try
        {
            string project = Path.Combine(root, "Some.Room");
            Write("Top.cs", "namespace Some.Room;\npublic class Top { Lower.Low _low; }");
            Write("Lower/Low.cs", "namespace Some.Room.Lower;\n/// <see cref=\"Top\"/>\npublic class Low { string s = \"Top\"; }");
            Write("Other/One.cs", "using Some.Room.Lower;\nnamespace Some.Room.Other;\npublic class One { }");
            Assert.Empty(FolderGraph.Read(project).Circles());
            Assert.Equal([".", "Lower", "Other"], FolderGraph.Read(project).Folders);

            Write("Lower/Up.cs", "namespace Some.Room.Lower;\ninternal sealed record Up(Top Top);");
            Assert.Equal([".,Lower"], FolderGraph.Read(project).Circles().Select(circle => circle.Replace(" ", "")));
            Write("Lower/Up.cs", "namespace Some.Room.Lower;\ninternal sealed record Up { string S => $\"{Other.One.Name}\"; }");
            Assert.Equal("Lower, Other", Assert.Single(FolderGraph.Read(project).Circles()));
            Assert.Contains("Lower -> Other (Lower/Up.cs)", FolderGraph.Read(project).Within("Lower, Other"));

            void Write(string file, string text)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(project, file))!);
                File.WriteAllText(Path.Combine(project, file), text);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void Folders_below_one_folder_count_as_that_folder_too()
    {
        string root = Directory.CreateTempSubdirectory("virtap-folders").FullName;
        try
        {
            string project = Path.Combine(root, "Room");
            foreach ((string folder, string text) in new[]
            {
                ("A/X", "using Room.B.Y;\nnamespace Room.A.X;\nclass AX { }"), ("B/Y", "namespace Room.B.Y;\nclass BY { }"),
                ("B/Z", "using Room.A.W;\nnamespace Room.B.Z;\nclass BZ { }"), ("A/W", "namespace Room.A.W;\nclass AW { }"),
            })
            {
                Directory.CreateDirectory(Path.Combine(project, folder));
                File.WriteAllText(Path.Combine(project, folder, "File.cs"), text);
            }

            Assert.Equal("A, B", Assert.Single(FolderGraph.Read(project).Circles()));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
