import Testing

/// Every declaration that other targets can see says what it is.
@Suite struct DocumentationTests {
  @Test func everyVisibleDeclarationIsDocumented() throws {
    var missing: [String] = []
    let files = try sourceFiles()
    let protocols = files.flatMap(requirements)
    for file in files where file.target != "fovea" {
      let text = file.lines.joined(separator: "\n")
      // What a protocol asks for is documented there; a type that conforms to it need not say it again.
      let inherited = protocols.filter { text.contains(": \($0.name)") || text.contains(", \($0.name)") }
      for (index, line) in file.lines.enumerated() where isVisibleDeclaration(line) {
        if inherited.contains(where: { $0.requirements.contains { line.contains("package \($0)") } }) { continue }
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

  /// The documented requirements of the protocols in a file, as `func forward(` or `var name:`.
  private func requirements(of file: SourceFile) -> [(name: String, requirements: [String])] {
    var found: [(name: String, requirements: [String])] = []
    for (index, line) in file.lines.enumerated() {
      if line.hasPrefix("package protocol ") {
        let name = line.dropFirst("package protocol ".count).prefix { $0.isLetter || $0.isNumber }
        found.append((String(name), []))
      } else if line == "}" {
        if found.last.map({ $0.requirements.isEmpty }) != true { found.append(("", [])) }
      } else if !found.isEmpty, found[found.count - 1].name != "", isDocumented(file.lines, before: index) {
        let declaration = line.drop { $0 == " " }
        guard declaration.hasPrefix("func ") || declaration.hasPrefix("var ") else { continue }
        let end = declaration.firstIndex { $0 == "(" || $0 == ":" } ?? declaration.endIndex
        let requirement = String(declaration[..<end])
        found[found.count - 1].requirements += [requirement, requirement.replacing("var ", with: "let ")]
      }
    }
    return found.filter { !$0.requirements.isEmpty }
  }

  /// A `///` line stands right above, with nothing but attributes between.
  private func isDocumented(_ lines: [String], before index: Int) -> Bool {
    var above = index - 1
    while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
    return above >= 0 && lines[above].drop(while: { $0 == " " }).hasPrefix("///")
  }
}
