import Testing

/// Every declaration that other targets can see says what it is.
@Suite struct DocumentationTests {
  @Test func everyVisibleDeclarationIsDocumented() throws {
    var missing: [String] = []
    for file in try sourceFiles() where file.target != "fovea" {
      for (index, line) in file.lines.enumerated() where isVisibleDeclaration(line) {
        if !isDocumented(file.lines, before: index) { missing.append("\(file.path):\(index + 1): \(line)") }
      }
    }
    #expect(missing.isEmpty, "not documented:\n\(missing.joined(separator: "\n"))")
  }

  @Test func theCheckSeesWhatIsMissing() {
    #expect(isVisibleDeclaration("  package func f() {"))
    #expect(isVisibleDeclaration("@frozen public struct S {"))
    #expect(!isVisibleDeclaration("  func f() {"))
    #expect(!isVisibleDeclaration("package extension S {"))
    #expect(!isDocumented(["", "package func f() {"], before: 1))
    #expect(isDocumented(["/// Does.", "@inline(never)", "package func f() {"], before: 2))
  }

  private func isVisibleDeclaration(_ line: String) -> Bool {
    var words = line.split(separator: " ")
    while let first = words.first, first.hasPrefix("@") { words.removeFirst() }
    guard let first = words.first, first == "package" || first == "public" || first.hasPrefix("package(") else {
      return false
    }
    let keywords: Set<Substring> = [
      "func", "var", "let", "struct", "class", "enum", "protocol", "typealias", "actor", "subscript", "associatedtype",
    ]
    return words.dropFirst().contains { word in
      keywords.contains(word) || word.hasPrefix("init") || word.hasPrefix("subscript(")
    } && !words.contains("extension")
  }

  /// A `///` line stands right above, with nothing but attributes between.
  private func isDocumented(_ lines: [String], before index: Int) -> Bool {
    var above = index - 1
    while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
    return above >= 0 && lines[above].drop(while: { $0 == " " }).hasPrefix("///")
  }
}
