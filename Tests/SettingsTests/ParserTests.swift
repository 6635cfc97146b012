import Settings
import Telemetry
import Testing

private let spec = CommandSpec(
  name: "paint", summary: "paint a picture", discussion: "Paints.",
  arguments: [ArgumentSpec("INPUT", "what to paint on"), ArgumentSpec("OUTPUT", isOptional: true, "where")],
  options: [
    OptionSpec("overwrite", short: "y", "replace OUTPUT"),
    OptionSpec("layer", .text("NAME"), short: "l", repeats: true, "which layer"),
    OptionSpec("top", .integer(1...20), standard: "5", "how many classes"),
    OptionSpec("fit", .choice(["crop", "squash", "pad"]), section: "Model", "how it fits"),
    OptionSpec("start", .time, "where to begin"),
    OptionSpec("opacity", .number(0...1), "how opaque"),
  ],
  examples: [("fovea paint a b", "paints a onto b")])

@Suite struct ParserTests {
  @Test func allSpellingsOfAnOptionAreRead() throws {
    let parsed = try parse(
      ["in.mp4", "--layer", "conv1,relu1", "--layer=pool", "-y", "--top=3", "-lfc", "--start", "1:30"], for: spec)
    #expect(parsed.argument("INPUT") == "in.mp4")
    #expect(parsed.argument("OUTPUT") == nil)
    #expect(parsed.all("layer") == ["conv1", "relu1", "pool", "fc"])
    #expect(parsed.has("overwrite"))
    #expect(parsed.integer("top") == 3)
    #expect(parsed.seconds("start") == 90)
    #expect(!parsed.has("fit"))
  }

  @Test func theLastArgumentMayRepeat() throws {
    let many = CommandSpec(name: "mix", summary: "mix", arguments: [ArgumentSpec("COLOUR", repeats: true, "a colour")])
    #expect(try parse(["red", "green", "blue"], for: many).positionals == ["red", "green", "blue"])
    #expect(throws: UserError.self) { try parse([], for: many) }
    #expect(usageLine(for: many) == "fovea mix COLOUR…")
  }

  @Test func aDashIsAPipeAndEverythingAfterTwoDashesIsPositional() throws {
    #expect(try parse(["-", "-"], for: spec).positionals == ["-", "-"])
    #expect(try parse(["--", "--overwrite", "-y"], for: spec).positionals == ["--overwrite", "-y"])
  }

  @Test(arguments: [
    (["a", "--overwirte"], "did you mean '--overwrite'?"),
    (["a", "--fit", "corp"], "did you mean 'crop'?"),
    (["a", "--top", "0"], "from 1 to 20"),
    (["a", "--top", "three"], "from 1 to 20"),
    (["a", "--opacity", "nan"], "from 0 to 1"),
    (["a", "--top"], "needs a value"),
    (["a", "--top", "1", "--top", "2"], "given twice"),
    (["a", "--layer", "x,,"], ""),
    (["a", "--overwrite=no"], "takes no value"),
    (["a", "-q"], "there is no option '-q'"),
    (["a", "--start", "1:99"], "a time is needed"),
    (["a", "b", "c"], "one argument too many"),
    ([], "INPUT is missing"),
  ]) func mistakesAreNamed(words: [String], expected: String) throws {
    if expected.isEmpty {
      #expect(try parse(words, for: spec).all("layer") == ["x"])
      return
    }
    let error = #expect(throws: UserError.self) { try parse(words, for: spec) }
    #expect(error?.kind == .usage)
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    #expect(error?.description.contains("See 'fovea paint --help'.") == true)
  }

  @Test func timesAreRead() {
    #expect(parseTime("90") == 90)
    #expect(parseTime("1.5") == 1.5)
    #expect(parseTime("0:01:30.5") == 90.5)
    #expect(parseTime("2:00:00") == 7200)
    for bad in ["", ":", "1:", "-1", "1:60", "1.5:00", "inf", "nan", "1:2:3:4", "abc"] {
      #expect(parseTime(bad) == nil, "\(bad)")
    }
  }
}

@Suite struct HelpTests {
  @Test func everythingOfTheTableIsInTheHelp() {
    let help = helpText(for: spec)
    for option in spec.options {
      #expect(help.contains("--\(option.name)"))
      #expect(help.contains(option.help))
    }
    #expect(help.contains("Usage: fovea paint INPUT [OUTPUT] [options]"))
    #expect(help.contains("-y, --overwrite"))
    #expect(help.contains("[5]"))
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func manPageAndCompletionsComeFromTheSameTable() {
    let page = manPage(
      program: "fovea", summary: "sees", version: "1", commands: [spec],
      variables: [VariableSpec("FOVEA_X", "what it is")])
    #expect(page.contains(".B FOVEA_X\nWhat it is.\n"))
    let bash = bashCompletions(program: "fovea", commands: [spec])
    for option in spec.options {
      #expect(page.contains("\\-\\-\(option.name)"))
      #expect(bash.contains("--\(option.name)"))
    }
    #expect(bash.contains("crop squash pad"))
  }
}
