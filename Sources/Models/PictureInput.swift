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
  /// [N, H, W, C].
  let channelsLast: Bool
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
    let read = ChannelOrder(graph)
    func areChannels(_ size: Int?) -> Bool { size == 1 || size == 3 }
    let (first, last) = (sizes[1], sizes[3])
    switch read.order {
    case .last?: channelsLast = areChannels(last) || (last == nil && !areChannels(first))
    case .first?: channelsLast = !areChannels(first) && first != nil && areChannels(last)
    case nil: channelsLast = !areChannels(first) && areChannels(last)
    }
    channels = (channelsLast ? last : first) ?? read.channels ?? 3
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
