import Inference
import Telemetry
import Tensors

/// Which of a network's outputs holds the class scores.
struct OutputChoice {
  /// The network; with a further output where the scores are only inside, before a TopK or an ArgMax.
  private(set) var graph: Graph
  private(set) var index = 0
  /// A sentence about outputs that might be meant as well.
  private(set) var warning: String?

  /// Of more outputs the first ones are compared.
  private static let mostOutputs = 16

  /// - Parameters:
  ///   - name: the output that the user named.
  ///   - labels: how many classes have names; nil where none have.
  init(_ graph: Graph, path: String, name: String?, labels: Int?) throws {
    self.graph = graph
    if let name {
      try take(name, path)
      return
    }
    var candidates = self.candidates().prefix(Self.mostOutputs)
    if candidates.isEmpty, let inner = rankedValue() {
      self.graph.setOutputs(graph.outputs + [inner])
      candidates = self.candidates().prefix(Self.mostOutputs)
    }
    let ranked = candidates.map { (index: $0, merits: merits(of: $0, among: candidates, labels)) }
      .sorted { $0.merits == $1.merits ? $0.index < $1.index : $1.merits.isBelow($0.merits) }
    guard let best = ranked.first else { throw Self.refusal(graph, path) }
    index = best.index
    let rivals = ranked.filter {
      $0.merits.fits == best.merits.fits && $0.merits.isAuxiliary == best.merits.isAuxiliary
    }
    if rivals.count > 1 { warning = announcement(rivals.map(\.index), path) }
  }

  private func shape(_ index: Int) -> Shape { graph.values[graph.outputs[index]].type?.shape ?? [] }
  private func name(_ index: Int) -> String { graph.values[graph.outputs[index]].name }

  private mutating func take(_ name: String, _ path: String) throws {
    let names = graph.outputs.map { graph.values[$0].name }
    guard let index = names.firstIndex(of: name) else {
      throw UserError(
        "\(path) has no output '\(name)': its outputs are \(names.joined(separator: ", "))"
          + "\(suggestion(for: name, among: names)).", .configuration)
    }
    guard candidates(excludingSelections: false).contains(index) else {
      let type = graph.values[graph.outputs[index]].type.map { "\($0)" } ?? "of unknown type"
      throw UserError(
        "\(path): output '\(name)' is \(type), and one float32 score per class is expected.", .configuration)
    }
    self.index = index
  }

  /// Outputs of one float32 number for each class: [1, K] or [1, K, 1, 1].
  /// - Parameter excludingSelections: the best scores of a TopK are no scores of all classes.
  private func candidates(excludingSelections: Bool = true) -> [Int] {
    graph.outputs.indices.filter { index in
      let shape = shape(index)
      guard graph.values[graph.outputs[index]].type?.element == .float32, shape.count > 0, shape.rank > 0,
        shape.dimensions.contains(shape.count)
      else { return false }
      return !excludingSelections || !(graph.layer(computing: graph.outputs[index])?.op.selectsBest ?? false)
    }
  }

  /// The scores of which a TopK or an ArgMax tells the best, in a network that gives nothing else.
  private func rankedValue() -> ValueID? {
    for output in graph.outputs {
      guard let node = graph.layer(computing: output), node.op.selectsBest, let input = node.inputs.first ?? nil,
        let type = graph.values[input].type, type.element == .float32, type.shape.count > 1,
        type.shape.dimensions.contains(type.shape.count)
      else { continue }
      return input
    }
    return nil
  }

  // MARK: Merits

  private struct Merits: Equatable {
    /// Number of labels, more than one class, nothing else computed from it.
    var fits: [Bool]
    /// What only training reads.
    var isAuxiliary: Bool
    /// -1 for the name of a feature, 1 for the name of scores.
    var name: Int
    var isProbability: Bool

    func isBelow(_ other: Merits) -> Bool {
      for (mine, its) in zip(fits, other.fits) where mine != its { return its }
      if isAuxiliary != other.isAuxiliary { return isAuxiliary }
      if name != other.name { return name < other.name }
      return !isProbability && other.isProbability
    }
  }

  private func merits(of index: Int, among candidates: ArraySlice<Int>, _ labels: Int?) -> Merits {
    let output = graph.outputs[index]
    let count = shape(index).count
    let leadsElsewhere = candidates.contains { other in
      graph.outputs[other] != output && graph.valuesLeading(to: graph.outputs[other]).contains(output)
    }
    let words = name(index).lowercased()
    func says(_ list: [String]) -> Bool { list.contains(where: words.contains) }
    let isFeature = says(["embed", "feat", "pool", "hidden", "vector", "repr"])
    let isScore = says(["prob", "softmax", "logit", "score", "class", "label", "pred"])
    return Merits(
      fits: [labels == count || (labels == 2 && count == 1), count > 1, !leadsElsewhere], isAuxiliary: says(["aux"]),
      name: (isScore ? 1 : 0) - (isFeature ? 1 : 0), isProbability: graph.scoreForm(of: output) != nil)
  }

  private func announcement(_ indices: [Int], _ path: String) -> String {
    let list = indices.sorted().map { "'\(name($0))' (\(shape($0).count) classes)" }.joined(separator: ", ")
    return "\(path) has \(indices.count) outputs that may be the class scores, \(list): '\(name(index))' is used; "
      + "--output-name or output.name in the sidecar chooses another one"
  }

  private static func refusal(_ graph: Graph, _ path: String) -> UserError {
    let list = graph.outputs.map { output in
      "'\(graph.values[output].name)' \(graph.values[output].type.map { "\($0)" } ?? "of unknown type")"
    }
    return UserError(
      "\(path) is no image classifier: its outputs are \(list.joined(separator: ", ")), and one float32 score per class "
        + "is expected.")
  }
}
