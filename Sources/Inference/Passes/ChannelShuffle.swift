import Tensors

/// Shuffled channels are gathered in one step from the values that they were computed in, past the Concats before a shuffle and the
/// cuts behind it.
///
/// A shuffle is [N, C, H, W] as [N, g, C/g, H, W], the two axes exchanged, as [N, C, H, W] again (Zhang et al., "ShuffleNet: An Extremely
/// Efficient Convolutional Neural Network for Mobile Devices", 2018, section 3.1). In ShuffleNetV2 a Concat comes before it, and cuts behind.
/// No number changes.
struct ChannelShuffle {
  /// Where the channels of a value are computed.
  private struct Origin {
    var channels: [(value: ValueID, channel: Int)]
    /// True behind a shuffle.
    var isShuffled = false
    /// The groups of a form with five axes.
    var groups: Int?
  }

  private let graph: Graph
  private let forward: Range<Int>
  private let isVisible: Set<ValueID>
  /// What is known of the outputs of nodes that only move channels.
  private var origins: [ValueID: Origin] = [:]
  /// How many channels may still be noted. A network has some thousands; a damaged file could repeat them without end.
  private var budget = 1 << 22

  /// The graph with shuffles gathered; the values in `taps` stay readable, and the first node of each segment its first.
  static func gather(_ segmented: SegmentedGraph, keeping taps: Set<ValueID>) -> SegmentedGraph {
    var shuffle = ChannelShuffle(segmented, taps)
    guard shuffle.graph.nodes[shuffle.forward].contains(where: { isExchange($0) }) else { return segmented }
    for index in shuffle.forward { shuffle.follow(shuffle.graph.nodes[index]) }
    guard shuffle.origins.values.contains(where: \.isShuffled) else { return segmented }
    let nodes = shuffle.rewritten()
    var result = segmented
    result.graph.nodes.replaceSubrange(shuffle.forward, with: nodes)
    result.starts = segmented.starts.map { $0 + nodes.count - shuffle.forward.count }
    return result
  }

  private init(_ segmented: SegmentedGraph, _ taps: Set<ValueID>) {
    graph = segmented.graph
    forward = 0..<(segmented.starts.first ?? graph.nodes.count)
    isVisible = taps.union(graph.outputs)
  }

  private static func isExchange(_ node: Node) -> Bool { (node.op as? Transpose)?.permutation == [0, 2, 1, 3, 4] }

  private mutating func note(_ value: ValueID, _ origin: Origin) {
    budget -= origin.channels.count
    if budget >= 0 { origins[value] = origin }
  }

  /// The value as pictures that may be gathered from.
  private func shape(_ value: ValueID?) -> Shape? {
    guard let value, graph.values[value].constant == nil, let type = graph.values[value].type else { return nil }
    let fits = type.element == .float32 && type.shape.count > 0 && type.shape.count < Int(Int32.max) / 16
    return fits ? type.shape : nil
  }

  private func origin(_ value: ValueID?) -> Origin? {
    guard let value, let shape = shape(value) else { return nil }
    if let known = origins[value] { return known }
    return shape.rank == 4 && shape[1] <= budget ? Origin(channels: (0..<shape[1]).map { (value, $0) }) : nil
  }

  /// Notes where the channels of the node's outputs come from, if it only moves channels.
  private mutating func follow(_ node: Node) {
    switch node.op {
    case let concat as Concat: join(node, axis: concat.axis)
    case is Reshape: regroup(node)
    case is Transpose: exchange(node)
    case let slice as SliceOperator: cut(node, slice)
    case let split as Split: cut(node, axis: split.axis)
    default: break
    }
  }

  private mutating func join(_ node: Node, axis: Int) {
    guard let output = node.outputs[0], shape(output)?.rank == 4, axis == 1 || axis == -3 else { return }
    let all = node.inputs.compactMap { origin($0) }
    guard all.count == node.inputs.count, all.reduce(0, { $0 + $1.channels.count }) <= budget else { return }
    note(output, Origin(channels: all.flatMap(\.channels), isShuffled: all.contains(where: \.isShuffled)))
  }

  /// [N, C, H, W] to [N, g, C/g, H, W], or back.
  private mutating func regroup(_ node: Node) {
    guard var origin = origin(node.inputs[0]), let output = node.outputs[0], let from = shape(node.inputs[0]),
      let to = shape(output), from[0] == to[0],
      from.dimensions.suffix(2) == to.dimensions.suffix(2)
    else { return }
    if from.rank == 4, to.rank == 5, to[1] * to[2] == from[1] {
      origin.groups = to[1]
    } else if from.rank == 5, to.rank == 4, from[1] * from[2] == to[1] {
      origin.groups = nil
    } else {
      return
    }
    note(output, origin)
  }

  private mutating func exchange(_ node: Node) {
    guard Self.isExchange(node), let output = node.outputs[0], let origin = origin(node.inputs[0]),
      let groups = origin.groups
    else { return }
    let each = origin.channels.count / groups
    let order = (0..<each).flatMap { i in (0..<groups).map { g in origin.channels[g * each + i] } }
    note(output, Origin(channels: order, isShuffled: true, groups: each))
  }

  private mutating func cut(_ node: Node, _ slice: SliceOperator) {
    guard let output = node.outputs[0], shape(output)?.rank == 4, let origin = origin(node.inputs[0]),
      let whole = shape(node.inputs[0]),
      let positions = slice.positions(
        along: 1, of: whole, node.inputs.map { $0.flatMap { graph.values[$0].constant?.view } }),
      positions.count == graph.type(of: output).shape[1]
    else { return }
    note(output, Origin(channels: positions.map { origin.channels[$0] }, isShuffled: origin.isShuffled))
  }

  private mutating func cut(_ node: Node, axis: Int) {
    guard axis == 1 || axis == -3, let origin = origin(node.inputs[0]), shape(node.inputs[0])?.rank == 4,
      node.outputs.allSatisfy({ shape($0) != nil })
    else { return }
    var first = 0
    for case let output? in node.outputs {
      let end = first + graph.type(of: output).shape[1]
      note(output, Origin(channels: Array(origin.channels[first..<end]), isShuffled: origin.isShuffled))
      first = end
    }
  }

  /// The nodes of the forward pass, those gone that only served moves which are gathered now.
  private func rewritten() -> [Node] {
    let nodes = graph.nodes[forward].flatMap { node in
      let gathers = node.outputs.compactMap { $0 }.map { gather($0, node) }
      return gathers.isEmpty || gathers.contains { $0 == nil } ? [node] : gathers.compactMap { $0 }
    }
    let read = graph.nodes[forward.upperBound...].flatMap(\.inputs).compactMap { $0 }
    return nodes.needed(for: isVisible.union(read))
  }

  /// The node that gathers a value; nil when it is no shuffled picture.
  private func gather(_ value: ValueID, _ node: Node) -> Node? {
    guard let origin = origins[value], origin.isShuffled, origin.groups == nil else { return nil }
    var inputs: [ValueID] = []
    let channels = origin.channels.map { value, channel in
      let index = inputs.firstIndex(of: value) ?? inputs.count
      if index == inputs.count { inputs.append(value) }
      return ChannelGather.Source(input: index, channel: channel)
    }
    return Node(name: node.name, op: ChannelGather(channels: channels), inputs: inputs, outputs: [value])
  }
}
