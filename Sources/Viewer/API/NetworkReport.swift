import Explanations
import Imaging
import Inference
import Pipeline
import Tensors

/// What a viewer may know of a network: its layers as a strip of blocks, its classes, what can explain it. JSON in snake case.
final class NetworkReport: Encodable, Sendable {
  /// A layer.
  struct Layer: Encodable, Sendable {
    let index: Int
    let name: String, value: String, op: String, kind: LayerKind
    let shape: [Int]
    let channels: Int, height: Int, width: Int
    let parameters: Int, multiplyAdds: Int
    let receptiveField: Field?
    let inputs: [Int]
    let explanation: String
    /// Its maps can be shown.
    let watchable: Bool
    /// Its weights can be shown as colours.
    let hasFilters: Bool
  }

  /// As [height, width], in pixels of the input.
  struct Field: Encodable, Sendable {
    let size: [Int], stride: [Int], offset: [Int]
  }

  /// A saliency method.
  struct Method: Encodable, Sendable {
    let name: String, title: String, summary: String, cost: String
    let looksAtLayer: Bool, isLive: Bool
  }

  let name: String
  let input: [Int]
  let classes: [String]
  let scoresAreProbabilities: Bool
  let parameters: Int, multiplyAdds: Int
  let layers: [Layer]
  let methods: [Method]
  private let indices: [String: Int]

  private enum CodingKeys: CodingKey {
    case name, input, classes, scoresAreProbabilities, parameters, multiplyAdds, methods
  }

  private let graph: Graph

  init(_ analyst: Analyst) {
    let (model, graph) = (analyst.model, analyst.model.graph)
    self.graph = graph
    name = model.name
    input = graph.inputs.first.flatMap { graph.values[$0.value].type?.shape.dimensions } ?? []
    classes = (0..<analyst.classes).map { model.labels[$0] }
    scoresAreProbabilities = model.scoresAreProbabilities
    (parameters, multiplyAdds) = (analyst.summary.parameters, analyst.summary.multiplyAdds)
    layers = analyst.summary.layers.map { Layer($0, analyst.extent(of: $0.value), in: graph) }
    methods = MethodTable.all.map { Method($0.info) }
    indices = Dictionary(layers.map { ($0.value, $0.index) }) { first, _ in first }
  }

  /// The weights [K, 3, R, S] of the convolution that computes this value, where it looks at colours; else nil.
  func filters(of value: String) -> Tensor? {
    layers.first { $0.value == value && $0.hasFilters }.flatMap { graph.filters(named: $0.name) }
  }

  /// The layer whose output bears this name.
  func layer(_ value: String) -> Layer? {
    indices[value].map { layers[$0] }.flatMap { $0.watchable ? $0 : nil }
  }

  /// The layer whose maps are shown at first: the first activation with at most 32 rows, else the last one; convolutions where
  /// there are no activations; else the last layer with positions, or the last of all.
  var initialLayer: String? {
    let shown = layers.filter(\.watchable)
    let wide = shown.filter { $0.height * $0.width > 1 }
    // Maps of 32 rows: in the middle of the network, where objects can still be recognised.
    let activations = wide.filter { $0.kind == .activation || $0.kind == .convolution }
    let rectified = activations.filter { $0.kind == .activation }
    let middle = (rectified.isEmpty ? activations : rectified).first { $0.height <= 32 } ?? activations.last
    return (middle ?? wide.last ?? shown.last)?.value
  }
}

extension NetworkReport.Layer {
  fileprivate init(_ layer: LayerSummary, _ extent: SpatialExtent?, in graph: Graph) {
    let shape = layer.outputShape
    let value = graph.value(named: layer.value).map { graph.values[$0] }
    (index, name, self.value, op) = (layer.index, layer.name, layer.value, layer.op)
    kind = layer.kind
    self.shape = shape.dimensions
    let isPicture = shape.rank == 4 && shape[0] == 1 || extent?.isSpatial == true
    (channels, height, width) = extent.map { ($0.channels, $0.height, $0.width) } ?? (max(1, shape.count), 1, 1)
    (parameters, multiplyAdds) = (layer.parameters, layer.multiplyAdds)
    receptiveField = layer.receptiveField.map { field in
      NetworkReport.Field(
        size: [field.height.size, field.width.size], stride: [field.height.stride, field.width.stride],
        offset: [field.height.offset, field.width.offset])
    }
    (inputs, explanation) = (layer.inputs, layer.explanation)
    watchable =
      value?.type?.element == .float32 && value?.constant == nil && shape.count > 0
      && (isPicture || shape.dimensions.max() == shape.count)
    hasFilters = graph.filters(named: layer.name) != nil
  }
}

extension NetworkReport.Method {
  fileprivate init(_ info: MethodInfo) {
    (name, title, summary, cost) = (info.name, info.title, info.summary, info.cost)
    looksAtLayer = info.looksAtLayer
    isLive = info.isQuick
  }
}

extension Graph {
  /// The weights [K, 3, R, S] of a convolution that looks at colours; nil for other layers.
  func filters(named name: String) -> Tensor? {
    guard let node = nodes.first(where: { $0.name == name && $0.op is Conv }),
      node.inputs.count > 1, let weights = node.inputs[1].flatMap({ values[$0].constant }), weights.type == .float32,
      weights.shape.rank == 4, weights.shape[1] == 3
    else { return nil }
    return weights
  }
}
