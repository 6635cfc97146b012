import Foundation

/// Classifiers that were made for programs around them, as Azure Custom Vision's and scikit-learn's, end in ZipMap, a table from each
/// class name to its score, and in an output with the best class as text. What counts here is the scores that go into the table: they
/// become the output, the names its labels, and texts are left out with all that only leads to them.
struct ClassTables {
  /// The class names of the first table; none without one.
  private(set) var labels: [String] = []

  /// TensorProto.DataType of texts.
  private static let text: Int64 = 8

  /// Takes tables and texts out of a network.
  mutating func takeOut(of graph: inout GraphProto) {
    for node in graph.nodes where node.key == "ai.onnx.ml.ZipMap" {
      guard let scores = node.inputs.first, let table = node.outputs.first else { continue }
      if labels.isEmpty { labels = names(node) }
      for index in graph.outputs.indices where graph.outputs[index].name == table { graph.outputs[index].name = scores }
    }
    let numbers = graph.outputs.filter { $0.elementType != Self.text }
    guard !numbers.isEmpty, !labels.isEmpty || numbers.count < graph.outputs.count else { return }
    graph.outputs = numbers
    removeUnneededNodes(&graph)
  }

  private func names(_ node: NodeProto) -> [String] {
    for attribute in node.attributes {
      switch (attribute.name, attribute.value) {
      case ("classlabels_strings", .strings(let names)) where !names.isEmpty: return names
      case ("classlabels_int64s", .ints(let numbers)) where !numbers.isEmpty: return numbers.map { "\($0)" }
      default: continue
      }
    }
    return []
  }

  /// With the constants that only they read, among them texts.
  private func removeUnneededNodes(_ graph: inout GraphProto) {
    var producers: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() { for output in node.outputs { producers[output] = index } }
    var isNeeded = graph.nodes.map { _ in false }
    var wanted = graph.outputs.map(\.name)
    while let name = wanted.popLast() {
      guard let index = producers[name], !isNeeded[index] else { continue }
      isNeeded[index] = true
      wanted += graph.nodes[index].readNames
    }
    graph.nodes = zip(graph.nodes, isNeeded).filter(\.1).map(\.0)
    let read = Set(graph.nodes.flatMap(\.readNames) + graph.outputs.map(\.name))
    graph.initializers.removeAll { !read.contains($0.name) }
  }
}
