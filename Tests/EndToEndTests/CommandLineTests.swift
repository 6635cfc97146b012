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
