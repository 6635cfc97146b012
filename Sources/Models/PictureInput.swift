import Inference
import Telemetry
import Tensors

/// The network's one picture input: [N, C, H, W], or [N, H, W, C] as TensorFlow's converters leave it.
struct PictureInput {
  /// 1 or 3.
  let channels: Int
  /// nil where the network takes any.
  let height: Int?, width: Int?
  private let graph: Graph
  private let name: String
  private let channelsLast: Bool
  private let path: String

  init(_ graph: Graph, path: String) throws {
    guard let input = graph.inputs.first, graph.inputs.count == 1 else {
      let names = graph.inputs.map { graph.values[$0.value].name }.joined(separator: ", ")
      throw UserError(
        "\(path) is no image classifier: it has \(graph.inputs.count) inputs (\(names)) and one picture is expected.")
    }
    let name = graph.values[input.value].name
    guard input.element == .float32 else {
      throw UserError(
        "\(path): input '\(name)' takes \(input.element), but only float32 pictures can be given; export it so.")
    }
    let extents = input.extents ?? Array(repeating: .dynamic(nil), count: 4)
    guard extents.count == 4 else {
      throw UserError(
        "\(path) is no image classifier: input '\(name)' has \(extents.count) axes, and 4 (N, C, H, W) are expected.")
    }
    (self.graph, self.name, self.path) = (graph, name, path)
    let sizes = extents.map { if case .fixed(let size) = $0 { size } else { nil as Int? } }
    let first = sizes[1], last = sizes[3]
    channelsLast = !(first == nil || first == 1 || first == 3) && (last == 1 || last == 3)
    channels = (channelsLast ? last : first) ?? 3
    (height, width) = channelsLast ? (sizes[1], sizes[2]) : (sizes[2], sizes[3])
    guard channels == 1 || channels == 3 else {
      throw UserError(
        "\(path) is no image classifier: input '\(name)' has \(channels) channels, and 1 (grey) or 3 are expected.")
    }
    if let batch = sizes[0], batch != 1 {
      throw UserError(
        "\(path): input '\(name)' takes \(batch) pictures at a time; export the model with batch size 1 or dynamic.")
    }
  }

  /// The graph for pictures of this size, its input in the order [1, C, H, W].
  func specialized(height: Int, width: Int) throws -> Graph {
    guard channelsLast else { return try graph.specialized(inputs: [name: [1, channels, height, width]]) }
    var wrapped = graph
    let planar = wrapped.values.count
    wrapped.values.append(Value(name: "\(name)/planar"))
    wrapped.nodes.insert(
      Node(
        name: "\(name)/channels_last", op: Transpose(permutation: [0, 2, 3, 1]), inputs: [planar],
        outputs: [graph.inputs[0].value]), at: 0)
    wrapped.inputs = [
      DeclaredInput(value: planar, element: .float32, extents: [1, channels, height, width].map { .fixed($0) })
    ]
    return try wrapped.specialized(inputs: [:])
  }
}

/// The network's output that holds one score per class.
struct ScoreOutput {
  let index: Int, classes: Int
  /// The form of the scores, by the operator that computes them.
  let form: ScoreForm?

  init(_ graph: Graph, path: String) throws {
    let shapes = graph.outputs.map { graph.values[$0].type?.shape ?? [] }
    // Scores are [1, K] or [1, K, 1, 1]: one axis with extent, at least two classes.
    let index = shapes.firstIndex { shape in shape.count > 1 && shape.dimensions.contains(shape.count) }
    guard let index, let type = graph.values[graph.outputs[index]].type, type.element == .float32 else {
      let list = shapes.map(\.description).joined(separator: ", ")
      throw UserError(
        "\(path) is no image classifier: its outputs are \(list), and one float32 score per class is expected.")
    }
    (self.index, classes) = (index, shapes[index].count)
    form = graph.layer(computing: graph.outputs[index])?.op.scoreForm
  }
}
