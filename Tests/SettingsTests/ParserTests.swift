import Telemetry
import Testing

@testable import Settings

private let input = Argument("INPUT", .text("INPUT"), "what to paint on")
private let output = Argument("OUTPUT", optional: .file, "where")
private let overwrite = Option("overwrite", short: "y", "replace OUTPUT")
private let layer = Option("layer", repeated: .text("NAME"), short: "l", "which layer")
private let top = Option("top", .integer(1...20), default: 5, "how many classes")
private let fit = Option<Fit?>("fit", .choice, section: "Model", "how it fits")
private let start = Option("start", .time, "where to begin")
private let opacity = Option("opacity", .number(0...1), default: Float(0.5), "how opaque")

private enum Fit: String, CaseIterable { case crop, squash, pad }

private let spec = CommandSpec(
  name: "paint", summary: "paint a picture", discussion: "Paints.", arguments: [input, output],
  options: [overwrite, layer, top, fit, start, opacity], examples: [("fovea paint a b", "paints a onto b")])

@Suite struct ParserTests {
  @Test func allSpellingsOfAnOptionAreRead() throws {
    let parsed = try parse(
      ["in.mp4", "--layer", "conv1,relu1", "--layer=pool", "-y", "--top=3", "-lfc", "--start", "1:30"], for: spec)
    #expect(parsed[input] == "in.mp4" && parsed[output] == nil)
    #expect(parsed[layer] == ["conv1", "relu1", "pool", "fc"])
    #expect(parsed[overwrite] && parsed[top] == 3 && parsed[start] == 90)
    #expect(try parse(["a", "--fit", "pad"], for: spec)[fit] == .pad)
  }

  @Test func defaultsHoldWhereNothingIsGiven() throws {
    let parsed = try parse(["in.mp4", "out.mp4"], for: spec)
    #expect(parsed[output] == "out.mp4" && parsed[layer].isEmpty && !parsed[overwrite])
    #expect(parsed[top] == 5 && parsed[opacity] == 0.5 && parsed[start] == nil && parsed[fit] == nil)
    #expect(!parsed.has(top))
    #expect(try parse(["in.mp4", "--top", "5"], for: spec).has(top))
  }

  @Test func kindsOfTheirOwnThrowTheirSentences() throws {
    let even = Option(
      "even", ValueKind("N", needed: "an even number is needed") { Int($0).flatMap { $0 % 2 == 0 ? $0 : nil } }, "x")
    let odd = Argument("ODD", ValueKind<Int>("N") { throw UserError("'\($0)' is not odd", .usage) }, "x")
    let spec = CommandSpec(name: "count", summary: "count", arguments: [odd], options: [even])
    let option = #expect(throws: UserError.self) { try parse(["1", "--even", "3"], for: spec) }
    #expect(option?.description == "'--even 3': an even number is needed. See 'fovea count --help'.")
    let argument = #expect(throws: UserError.self) { try parse(["2"], for: spec) }
    #expect(argument?.description == "'2' is not odd")
  }

  @Test func theLastArgumentMayRepeat() throws {
    let colours = Argument("COLOUR", repeated: .text("COLOUR"), "a colour")
    let many = CommandSpec(name: "mix", summary: "mix", arguments: [colours])
    #expect(try parse(["red", "green", "blue"], for: many)[colours] == ["red", "green", "blue"])
    #expect(throws: UserError.self) { try parse([], for: many) }
    #expect(usageLine(for: many) == "fovea mix COLOUR…")
  }

  @Test func aDashIsAPipeAndEverythingAfterTwoDashesIsPositional() throws {
    let pipes = try parse(["-", "-"], for: spec)
    #expect(pipes[input] == "-" && pipes[output] == "-")
    let names = try parse(["--", "--overwrite", "-y"], for: spec)
    #expect(names[input] == "--overwrite" && names[output] == "-y" && !names[overwrite])
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
      #expect(try parse(words, for: spec)[layer] == ["x"])
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
    #expect(help.contains("how many classes [5]") && help.contains("how opaque [0.5]"))
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func manPageAndCompletionsComeFromTheSameTable() {
    let page = manPage(
      program: "fovea", summary: "sees", version: "1", commands: [spec],
      variables: [VariableSpec("FOVEA_X", "what it is")])
    #expect(page.contains(".B FOVEA_X\nWhat it is.\n"))
    for option in spec.options { #expect(page.contains("\\-\\-\(option.name)")) }
    for shell in CompletionShell.allCases {
      let script = shell.script(program: "fovea", commands: [spec])
      let dashes = shell == .fish ? "-l " : "--"
      for option in spec.options { #expect(script.contains("\(dashes)\(option.name)")) }
      #expect(script.contains("crop squash pad"))
    }
  }

  @Test func completionsQuoteWhatShellsWouldRead() {
    let odd = CommandSpec(
      name: "odd", summary: "it's odd",
      options: [Option("path", .text("A:B"), default: "", "a [list] of the user's \\")])
    let zsh = CompletionShell.zsh.script(program: "fovea", commands: [odd])
    #expect(zsh.contains("'odd:it'\\''s odd'"))
    #expect(zsh.contains("'--path=[a \\[list\\] of the user'\\''s \\\\]:A\\:B: '"))
    let fish = CompletionShell.fish.script(program: "fovea", commands: [odd])
    #expect(fish.contains("-l path -x -d 'a [list] of the user\\'s \\\\'"))
  }
}
