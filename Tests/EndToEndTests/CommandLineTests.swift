import Foundation
import TestSupport
import Testing

@Suite struct CommandLineTests {
  private let commands = ["annotate", "explain", "methods", "devices", "inspect", "bench", "completions", "man"]

  @Test func everyCommandHasHelp() throws {
    let overview = try fovea(["--help"])
    #expect(overview.status == 0 && overview.errors.isEmpty)
    for command in commands {
      #expect(overview.text.contains("\n  \(command) "))
      let help = try fovea([command, "--help"])
      #expect(help.status == 0 && help.errors.isEmpty)
      #expect(help.text.contains("Usage: fovea \(command)"))
      #expect(help.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(help.text)")
      #expect(try fovea(["help", command]).text == help.text)
    }
    #expect(try fovea(["--version"]).text.hasPrefix("fovea "))
  }

  @Test func theManualPageIsGoodRoff() throws {
    let page = try TestData.withTemporaryFolder { folder in
      try shell("fovea man > fovea.1 && man --warnings -l fovea.1 2>&1 >/dev/null || true; cat fovea.1", in: folder)
    }
    #expect(page.text.contains(".TH FOVEA 1"))
    #expect(!page.text.contains("warning:"))
  }

  @Test func completionsAreGoodBash() throws {
    let result = try shell(
      """
      source <(fovea completions)
      COMP_WORDS=(fovea annotate --lay) COMP_CWORD=2; _fovea; echo "${COMPREPLY[@]}"
      COMP_WORDS=(fovea annotate --layout "") COMP_CWORD=3; _fovea; echo "${COMPREPLY[@]}"
      COMP_WORDS=(fovea ins) COMP_CWORD=1; _fovea; echo "${COMPREPLY[@]}"
      """)
    #expect(result.text == "--layer --layout\noverlay side below\ninspect\n", "\(result.text)\(result.errors)")
  }

  @Test(.enabled(if: hasProgram("zsh"), "zsh is not installed")) func completionsAreGoodZsh() throws {
    // Its completion needs a terminal; `_arguments` and `_describe` are replaced by what prints what they are told.
    let result = try shell(
      """
      zsh -f -c '
        compdef() { : }
        _arguments() { print -rl -- "$@" | grep -e "^--lay" }
        _describe() { print -rl -- "${(P@)2}" | grep "^inspect:" }
        compadd() { : }
        source <(fovea completions zsh)
        words=(fovea annotate --lay) CURRENT=3; _fovea
        words=(fovea ins) CURRENT=2; _fovea'
      """)
    let lines = result.text.split(separator: "\n")
    #expect(result.errors.isEmpty && lines.count == 2, "\(result.text)\(result.errors)")
    #expect(lines.first?.hasSuffix(":overlay|side|below:(overlay side below)") == true, "\(result.text)")
  }

  @Test(.enabled(if: hasProgram("fish"), "fish is not installed")) func completionsAreGoodFish() throws {
    let result = try shell(
      """
      fish -c 'fovea completions fish | source
        for line in "fovea annotate --lay" "fovea annotate --layout " "fovea ins"
          complete -C $line | cut -f 1
        end'
      """)
    #expect(result.text == "--layer\n--layout\nbelow\noverlay\nside\ninspect\n", "\(result.text)\(result.errors)")
  }

  @Test(arguments: [
    ([], "a command is missing"),
    (["anotate"], "did you mean 'annotate'?"),
    (["annotate"], "INPUT is missing"),
    (["annotate", "a", "b", "--overwirte"], "did you mean '--overwrite'?"),
    (["annotate", "a", "b", "--every", "0"], "whole number"),
    (["annotate", "a", "b", "--layout", "sidee"], "did you mean 'side'?"),
  ]) func aWrongCommandLineIsNamed(words: [String], expected: String) throws {
    expectRefusal(try fovea(words), status: 2, saying: [expected])
  }

  @Test func helpIntoAClosedPipeIsNoError() throws {
    let result = try shell("fovea annotate --help | head -c 10")
    #expect(result.status == 0 && !result.errors.contains("Fatal"))
  }
}

private func hasProgram(_ name: String) -> Bool {
  FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
}

/// The model that ships with the program takes pictures of any size.
@Suite struct DefaultModelTests {
  private static let isThere = FileManager.default.fileExists(
    atPath: TestData.root.appendingPathComponent("Samples/Model/fovea-default.onnx").path)

  @Test(.enabled(if: isThere)) func defaultModelIsFoundFromAnyFolder() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try fovea(
        ["annotate", "synthetic:size=64x48,frames=3", "--json", "-", "-q", "--top", "1"], in: folder)
      #expect(result.status == 0 && result.text.split(separator: "\n").count == 3, "\(result.errors)")
      #expect(try fovea(["inspect"], in: folder).text.contains("fovea-default.onnx"))
    }
  }
}
