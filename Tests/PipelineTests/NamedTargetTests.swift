import Explanations
import Foundation
import Models
import Telemetry
import TestSupport
import Testing

@testable import Pipeline

/// Several targets in a word of the command line.
@Suite struct NamedTargetTests {
  private static let labels = ["a", "b", "a, b", "c,d,e", "f, g minus h", "i", "j", "k", "l", "d"]

  private func targets(_ word: String) throws -> [Target] {
    try TestData.withTemporaryFolder { folder in
      let sidecar = folder.appendingPathComponent("names.toml")
      try Data("labels = \(Self.labels)\n".utf8).write(to: sidecar)
      let model = try Model.load(path: TestData.tinyModel, sidecar: sidecar.path)
      return try NamedTarget.list(word, of: model).map(\.target)
    }
  }

  private func score(_ index: Int, minus other: Int? = nil) -> Target {
    .score(.index(index), minus: other.map { .index($0) })
  }

  /// Names that hold commas are found before the word is cut at them.
  @Test func theLongestNameCounts() throws {
    #expect(try targets("a, b") == [score(2)])
    #expect(try targets("a,b") == [score(0), score(1)])
    #expect(try targets("top,c,d,e,i") == [.top, score(3), score(5)])
    #expect(try targets("f, g minus h") == [score(4)])
    #expect(
      try targets("a, b minus c,d,e, second minus d") == [
        score(2, minus: 3), .score(.rank(1), minus: .index(9)),
      ])
    #expect(try targets("d , 5") == [score(9), score(5)])
  }

  @Test func whatIsNoTargetIsNamed() {
    let error = #expect(throws: UserError.self) { try targets("a,c,d") }
    #expect(error?.description.contains("no class 'c'") == true)
  }
}
