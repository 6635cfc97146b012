import Foundation
import Inference
import Tensors
import Testing

@testable import ONNX

/// Every operator against onnxruntime's answers: through the importer, the reference and the session.
@Suite struct OperatorTableTests {
  @Test(arguments: OperatorCases.families)
  func reference(family: String) throws {
    for test in try OperatorCases.load(family) {
      do {
        let graph = try imported(test)
        let results = try interpret(graph, Dictionary(test.inputs.map { ($0.name, $0.tensor) }) { $1 })
        compare(results.map(\.tensor.view), test, graph, "\(family): \(test.name)")
        withExtendedLifetime(results) {}
      } catch { Issue.record("\(family): \(test.name): \(error)") }
    }
  }

  @Test(arguments: OperatorCases.families, ISA.allCases.filter(\.isSupported))
  func session(family: String, isa: ISA) throws {
    for test in try OperatorCases.load(family) {
      do {
        let graph = try imported(test)
        let shapes = Dictionary(test.inputs.map { ($0.name, $0.tensor.shape) }) { $1 }
        let session = try CompiledNetwork(graph, inputShapes: shapes, options: NetworkOptions(threads: 2, isa: isa))
          .session()
        for input in session.inputs {
          guard let given = test.inputs.first(where: { $0.name == input.name })?.tensor else { continue }
          input.view.pointer.copyMemory(from: given.view.pointer, byteCount: given.byteCount)
        }
        try session.run()
        compare(session.outputs.map(\.view), test, graph, "\(family) \(isa): \(test.name)")
      } catch { Issue.record("\(family) \(isa): \(test.name): \(error)") }
    }
  }

  @Test func everyImporterHasACase() throws {
    var seen: Set<String> = []
    for test in try OperatorCases.families.flatMap(OperatorCases.load) {
      let proto = try ModelProto(WireReader(ByteSource(copying: test.model)))
      seen.formUnion(proto.graph?.nodes.map(\.key) ?? [])
    }
    let missing = ImporterTable.entries.keys.filter { !seen.contains($0) }.sorted()
    #expect(missing.isEmpty, "no fixture for \(missing)")
  }

  private func imported(_ test: OperatorCase) throws -> Graph {
    let model = try importModel(bytes: test.model, name: test.name)
    let shapes = Dictionary(test.inputs.map { ($0.name, $0.tensor.shape) }) { $1 }
    return try model.graph.specialized(inputs: shapes)
  }

  private func compare(_ results: [TensorView], _ test: OperatorCase, _ graph: Graph, _ title: String) {
    #expect(results.count == test.outputs.count, "\(title)")
    let tolerance = Double(graph.nodes.map(\.op.tolerance).max() ?? 0)
    for (result, expected) in zip(results, test.outputs) {
      let distance = distance(result, from: expected.tensor.view)
      #expect(
        distance <= tolerance,
        "\(title): \(expected.name) is \(result.type) \(result.shape), expected \(expected.tensor.type) \(expected.tensor.shape)"
      )
    }
  }
}
