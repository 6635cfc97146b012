import Inference
import Telemetry
import Tensors

/// A classifier's graph as explanations need it: where pictures come in, where class scores are, which layers have positions.
package struct ExplainedNetwork: Sendable {
  package let graph: Graph
  /// The ONNX name of the picture input.
  package let input: String
  package let inputExtent: SpatialExtent
  /// The ONNX name of the value that holds one score per class, before a final softmax or sigmoid: probabilities that
  /// are close to 1 hardly have a gradient, and rise when other classes fall (Simonyan et al. 2013, section 3.1).
  package let scores: String
  package let classes: Int
  /// For each value, the node that computes it.
  let producers: [Int?]
  private let tracker: AxisTracker

  /// The network of a specialised graph with one picture input.
  /// - Parameters:
  ///   - output: which of the graph's outputs holds the class scores, or their probabilities.
  ///   - scores: the ONNX name of the value with the scores before softmax or sigmoid; nil: what goes into the last one.
  package init(_ graph: Graph, output: Int = 0, scores: String? = nil) throws {
    guard graph.inputs.count == 1, let type = graph.values[graph.inputs[0].value].type, type.shape.rank == 4,
      type.shape[0] == 1
    else { throw UserError("only networks with one picture input, [1, C, H, W], can be explained.") }
    guard graph.outputs.indices.contains(output), let scoreType = graph.values[graph.outputs[output]].type,
      scoreType.shape.count > 1, scoreType.shape.dimensions.contains(scoreType.shape.count)
    else { throw UserError("the network's output is not one score per class; explanations need a classifier.") }
    self.graph = graph
    producers = graph.producers()
    tracker = AxisTracker(graph)
    input = graph.values[graph.inputs[0].value].name
    inputExtent = SpatialExtent(type.shape)
    classes = scoreType.shape.count
    self.scores = scores ?? graph.values[Self.scores(graph, from: graph.outputs[output])].name
  }

  /// What goes into the last softmax or sigmoid; else the output.
  private static func scores(_ graph: Graph, from output: ValueID) -> ValueID {
    guard let last = graph.layer(computing: output), last.op.scoreForm != nil else { return output }
    return last.inputs.first.flatMap { $0 } ?? output
  }

  /// The extents of a value; nil for a name that the graph does not have, and for constants.
  package func extent(of name: String) -> SpatialExtent? {
    guard let value = graph.value(named: name), graph.values[value].constant == nil,
      let type = graph.values[value].type, type.element == .float32
    else { return nil }
    return SpatialExtent(type.shape)
  }

  /// Where the channels, rows and columns of a layer lie: by what is known of its axes, else as [1, C, H, W]. Nil for a name that the
  /// graph does not have.
  package func layout(of name: String) -> LayerLayout? {
    guard let extent = extent(of: name), let value = graph.value(named: name) else { return nil }
    return knownLayout(value) ?? LayerLayout(planar: extent)
  }

  /// True when the value has rows and columns of the picture, of which it is known where they lie; false for pooled values, tokens
  /// with a class token among them, and tables of attention.
  func isMap(_ value: ValueID) -> Bool {
    guard graph.values[value].constant == nil, let type = graph.values[value].type, type.element == .float32 else {
      return false
    }
    if tracker.axes(value) == nil { return SpatialExtent(type.shape).isSpatial }
    return knownLayout(value)?.extent.isSpatial ?? false
  }

  private func knownLayout(_ value: ValueID) -> LayerLayout? {
    tracker.axes(value).flatMap { axes in graph.values[value].type.flatMap { LayerLayout(axes, $0.shape) } }
  }
}
