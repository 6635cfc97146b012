import Foundation
import TestSupport
import Testing

/// What Docs/Limits.md quotes is what the program says.
@Suite struct LimitsTests {
  @Test func everyQuotedMessageIsInTheProgram() throws {
    let page = try String(contentsOf: TestData.root.appendingPathComponent("Docs/Limits.md"), encoding: .utf8)
    // Long messages are joined of several pieces.
    let program = try sourceFiles().map { $0.lines.joined(separator: " ") }.joined(separator: " ")
      .replacing(/"\s*\+\s*"/, with: "")
    var quotes = 0
    for row in page.split(separator: "\n") where row.hasPrefix("|") {
      guard let answer = row.split(separator: "|").last else { continue }
      for quote in answer.matches(of: /`([^`]+)`/) where quote.1.contains(" ") && !quote.1.hasPrefix("fovea ") {
        guard !quote.1.hasPrefix("--"), !quote.1.contains("not encrypted") else { continue }
        quotes += 1
        #expect(program.contains(quote.1), "\(quote.1)")
      }
    }
    #expect(quotes > 20)
  }
}
