import Testing

/// What is known of an operator stands in the operator's own file, as members. Lists of operator names elsewhere would have to be
/// extended with every new operator, and come to disagree.
@Suite struct OperatorNamesTests {
  @Test func onlyOperatorsAndImportersKnowNames() throws {
    let files = try sourceFiles()
    let names = operatorNames(files)
    #expect(names.count > 90 && names.isSuperset(of: ["Conv", "Relu", "Unsqueeze"]))
    let places = files.filter { !isAllowed($0.path) }.flatMap { file in
      findings(in: file.lines, names).map { "\(file.path):\($0 + 1): \(file.lines[$0])" }
    }
    #expect(places.isEmpty, "operators are told apart by name:\n\(places.joined(separator: "\n"))")
  }

  @Test func theCheckSeesNames() {
    let names: Set<String> = ["Conv", "Relu", "Gemm"]
    #expect(findings(in: [#"let all: Set<String> = ["Conv", "Relu"]"#], names) == [0])
    #expect(findings(in: ["switch x {", #"case "Conv": 1"#, #"case "Gemm": 2"#], names) == [1])
    #expect(findings(in: [#"if node.op.name == "Conv" { }"#], names) == [0])
    #expect(findings(in: [#"guard known.contains(node.op.name) else { }"#], names) == [0])
    #expect(findings(in: ["switch node.op.name {"], names) == [0])
    #expect(findings(in: ["switch node.op {", "case let conv as Conv: conv.groups"], names) == [])
    #expect(findings(in: [#"let label = "Conv""#, "", #"let other = "Relu""#, "print(node.op.name)"], names) == [])
  }

  private func isAllowed(_ path: String) -> Bool {
    path.hasPrefix("Sources/Inference/Operators/") || path.hasPrefix("Sources/ONNX/Importers/")
  }

  /// The keys of the importers' tables.
  private func operatorNames(_ files: [SourceFile]) -> Set<String> {
    let lines = files.filter { $0.path.hasPrefix("Sources/ONNX/Importers/") }.flatMap(\.lines)
    return Set(lines.flatMap { $0.matches(of: /"([A-Z]\w+)":\s/).map { String($0.1) } })
  }

  /// Lines with two names of operators, together with the next line, and lines that compare an operator's name.
  private func findings(in lines: [String], _ names: Set<String>) -> [Int] {
    let found = lines.map { line in
      Set(line.matches(of: /"(\w+)"/).map { String($0.1) }).intersection(names)
    }
    return lines.indices.filter { index in
      let next = index + 1 < lines.count ? found[index + 1] : []
      let isList = !found[index].isEmpty && found[index].union(next).count > 1
      return isList
        || lines[index].contains(/\.op(\.name)? *[!=]= *"|contains\([\w.]*op\.name\)|switch [\w.]*op\.name \{/)
    }
  }
}
