import CKernels
import Tensors

extension Concat: Lowerable {
  /// Along the channels of blocked pictures: copies only what does not lie in place already.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let output = node.outputs[0], let extent = builder.picture(output), let base = builder.places[output],
      let channels = builder.firstChannels(of: node)
    else { return false }
    builder.homes[output] = [.blocked: base]
    for (input, channel) in zip(node.inputs.compactMap({ $0 }), channels) {
      let target = base.advanced(by: 4 * channel * extent.pixels)
      guard let part = builder.picture(input) else { return false }
      if builder.homes[input]?[.blocked] == target { continue }
      let isFree = builder.homes[input]?[.blocked] == nil && builder.places[input] == target
      let source = try builder.blocked(input)
      if isFree, source == target { continue }
      Self.addCopy(node, from: source, to: target, byteCount: 4 * part.blockedCount, &builder)
    }
    return true
  }

  private static func addCopy(
    _ node: Node, from source: Buffer, to target: Buffer, byteCount: Int, _ builder: inout PlanBuilder
  ) {
    builder.addStep(builder.describe(node, "copy into its place", .blocked), [source, target]) { memory in
      let (from, to) = (memory[source], memory[target])
      return { part, parts in
        let first = byteCount / 64 * part / parts * 64
        let last = byteCount / 64 * (part + 1) / parts * 64
        (to + first).copyMemory(from: from + first, byteCount: last - first)
      }
    }
  }
}

extension PlanBuilder {
  /// Finds a place for the inputs of every Concat inside its output, so that their producers write there and nothing is copied:
  /// one picture, joined along the channels, each input beginning at a whole block.
  ///
  /// From the last Concat to the first: where all inputs of an earlier one already have neighbouring places in a
  /// later one (DenseNet), its output is that stretch itself.
  mutating func placeConcatenations() {
    for node in graph.nodes.reversed() {
      guard let (output, extent) = channelConcat(node), extent.batch == 1 else { continue }
      let inputs = node.inputs.compactMap { $0 }
      if isBfloat16(output) {
        placeBfloat16Concatenation(node, output, inputs)
        continue
      }
      guard let offsets = firstChannels(of: node)?.map({ 4 * $0 * extent.pixels }) else { continue }
      if places[output] == nil, let base = commonBase(inputs, offsets) {
        places[output] = base
        continue
      }
      let isFree = Set(inputs).count == inputs.count && inputs.allSatisfy { places[$0] == nil && homes[$0] == nil }
      let base = places[output] ?? allocate(byteCount: 4 * extent.blockedCount)
      places[output] = base
      for (input, offset) in zip(inputs, offsets)
      where places[input] == nil && homes[input] == nil && (isFree || inputs.count(where: { $0 == input }) == 1)
        && graph.values[input].constant == nil
      {
        places[input] = base.advanced(by: offset)
      }
    }
  }

  /// The output of a Concat along the channels of pictures.
  func channelConcat(_ node: Node) -> (output: ValueID, extent: Planar)? {
    guard let op = node.op as? Concat, let output = node.outputs[0], let extent = picture(output),
      op.axis == 1 || op.axis == 1 - graph.type(of: output).shape.rank
    else { return nil }
    return (output, extent)
  }

  /// For each input of a Concat its first channel in the output; nil unless all are multiples of 16.
  func firstChannels(of node: Node) -> [Int]? {
    var (channel, first) = (0, [Int]())
    for input in node.inputs {
      guard channel % 16 == 0, let extent = picture(input) else { return nil }
      first.append(channel)
      channel += extent.channels
    }
    return first
  }

  /// Where the output would begin if all inputs stayed where they have been placed; nil when they do not adjoin.
  private func commonBase(_ inputs: [ValueID], _ offsets: [Int]) -> Buffer? {
    guard let first = inputs.first, let base = places[first] else { return nil }
    return zip(inputs, offsets).allSatisfy { places[$0] == base.advanced(by: $1) } ? base : nil
  }
}
