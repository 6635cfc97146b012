import Testing

/// Types, and functions with parameters, that other targets can see say what they are.
///
/// Properties, initialisers, enumeration cases and functions without parameters have names that say it; where one does not, a
/// comment is up to the author. What a protocol asks for is documented there, not again on each type that conforms.
@Suite struct DocumentationTests {
  @Test func visibleTypesAndFunctionsAreDocumented() throws {
    let files = try sourceFiles().filter { $0.target != "fovea" }
    let requirements = Set(files.flatMap(requirements))
    #expect(requirements.isSuperset(of: ["forward", "outputTypes"]))
    let missing = files.flatMap { file in
      file.lines.indices.filter { index in
        guard let name = nameToDocument(file.lines[index]) else { return false }
        return !requirements.contains(name) && !isDocumented(file.lines, before: index)
      }.map { "\(file.path):\($0 + 1): \(file.lines[$0])" }
    }
    #expect(missing.isEmpty, "not documented:\n\(missing.joined(separator: "\n"))")
  }

  @Test func theCheckSeesWhatIsMissing() {
    #expect(nameToDocument("  package func f(_ x: Int) {") == "f")
    #expect(nameToDocument("  package static func f(") == "f")
    #expect(nameToDocument("@frozen public struct S {") == "S")
    #expect(nameToDocument("package final class C: P {") == "C")
    #expect(nameToDocument("  package subscript(index: Int) -> Int {") == "subscript")
    for plain in ["  func f(_ x: Int) {", "  package func f() {", "  package var x: Int", "  package init(x: Int) {"] {
      #expect(nameToDocument(plain) == nil)
    }
    #expect(!isDocumented(["", "package func f(_ x: Int) {"], before: 1))
    #expect(isDocumented(["/// Does.", "@inline(never)", "package func f(_ x: Int) {"], before: 2))
    let lines = [
      "protocol P {", "  /// Does.", "  func f(_ x: Int)", "  func g(_ x: Int)", "}", "  /// Does.", "  func h()",
    ]
    #expect(requirements(of: SourceFile(target: "", path: "", lines: lines)) == ["f"])
  }

  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype", "func",
  ]

  /// The name of a visible type, or of a visible function with parameters, that a line declares.
  private func nameToDocument(_ line: String) -> String? {
    let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
    guard words.first == "package" || words.first == "public" else { return nil }
    if words.contains(where: { $0.hasPrefix("subscript") }) { return "subscript" }
    guard let kind = words.firstIndex(where: Self.kinds.contains), kind + 1 < words.endIndex else { return nil }
    let takesNothing = words[kind] == "func" && words[kind + 1].hasSuffix("()")
    return takesNothing ? nil : String(words[kind + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
  }

  /// The functions that the protocols of a file ask for, where they are documented.
  private func requirements(of file: SourceFile) -> [String] {
    var isProtocol = false
    return file.lines.indices.compactMap { index in
      let line = file.lines[index]
      if line.contains(/^((package|public) )?protocol\b/) { isProtocol = true }
      if line == "}" { isProtocol = false }
      guard isProtocol, isDocumented(file.lines, before: index) else { return nil }
      return line.firstMatch(of: /\bfunc (\w+)/).map { String($0.1) }
    }
  }

  /// A `///` line stands right above, with nothing but attributes between.
  private func isDocumented(_ lines: [String], before index: Int) -> Bool {
    var above = index - 1
    while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
    return above >= 0 && lines[above].drop(while: { $0 == " " }).hasPrefix("///")
  }
}
