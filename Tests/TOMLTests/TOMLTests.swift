import Foundation
import TOML
import Telemetry
import Testing

@Suite struct TOMLTests {
  private func parse(_ text: String) throws -> [String: TOMLNode] {
    try TOMLFile.parse(Data(text.utf8), name: "f.toml")
  }

  @Test func valuesKnowWhereTheyStand() throws {
    let table = try parse(
      "a = 1\n\n[b]\n  c = \"é\\n\\u0001\"\n[[d]]\ne = [1.5, true, inf]\n[[d]]\nwhen = 2026-01-02\n")
    guard case .integer(1)? = table["a"]?.value, case .table(let b)? = table["b"]?.value else {
      Issue.record("wrong values")
      return
    }
    #expect(table["a"]?.place == TOMLPlace(line: 1, column: 5))
    #expect(table["a"]?.keyPlace == TOMLPlace(line: 1, column: 1))
    #expect(b["c"]?.place == TOMLPlace(line: 4, column: 7) && b["c"]?.keyPlace == TOMLPlace(line: 4, column: 3))
    if case .text(let text)? = b["c"]?.value { #expect(text == "é\n\u{1}") }
    guard case .list(let rows)? = table["d"]?.value, rows.count == 2, case .table(let first) = rows[0].value,
      case .list(let items)? = first["e"]?.value, case .table(let second) = rows[1].value
    else {
      Issue.record("wrong lists")
      return
    }
    #expect(rows[0].place.line == 5 && rows[1].place.line == 7)
    #expect(items.map(\.kind) == ["a number", "true or false", "a number"])
    #expect(second["when"]?.kind == "a date or time")
    if case .time(let text)? = second["when"]?.value { #expect(text == "2026-01-02") }
  }

  @Test(arguments: ["a = ", "a = 1\na = 2", "[a", "a = \"\u{FF}\\q\"", "\0"])
  func brokenTextsAreRefusedWithTheirPlace(_ text: String) {
    let error = #expect(throws: UserError.self) { try parse(text) }
    #expect(error?.description.contains("line ") == true, "\(String(describing: error))")
    #expect(error?.kind == .configuration)
  }
}
