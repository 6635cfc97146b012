import Tensors

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
      if bfloat16Values.contains(output) {
        placeBfloat16Concatenation(node, output, inputs)
        continue
      }
      guard let offsets = blockOffsets(node) else { continue }
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
        places[input] = Buffer(allocation: base.allocation, offset: base.offset + offset)
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

  /// Bytes from the output's start to each input; nil unless each begins at a whole block.
  private func blockOffsets(_ node: Node) -> [Int]? {
    var (channel, offsets) = (0, [Int]())
    for input in node.inputs {
      guard channel % 16 == 0, let extent = picture(input) else { return nil }
      offsets.append(4 * channel * extent.pixels)
      channel += extent.channels
    }
    return offsets
  }

  /// Where the output would begin if all inputs stayed where they have been placed; nil when they do not adjoin.
  private func commonBase(_ inputs: [ValueID], _ offsets: [Int]) -> Buffer? {
    guard let first = inputs.first, let base = places[first] else { return nil }
    for (input, offset) in zip(inputs, offsets) {
      guard places[input] == Buffer(allocation: base.allocation, offset: base.offset + offset) else { return nil }
    }
    return base
  }

  /// Joins along the channels, blocked: copies only what does not lie in place already.
  mutating func addConcat(_ node: Node) throws -> Bool {
    guard let output = node.outputs[0], let extent = picture(output), let base = places[output],
      node.op is Concat, let offsets = blockOffsets(node)
    else { return false }
    homes[output] = [.blocked: base]
    for (input, offset) in zip(node.inputs.compactMap({ $0 }), offsets) {
      let target = Buffer(allocation: base.allocation, offset: base.offset + offset)
      guard let part = picture(input) else { return false }
      if homes[input]?[.blocked] == target { continue }
      if homes[input]?[.blocked] == nil, places[input] == target, try blocked(input) == target { continue }
      try addCopy(node, from: try blocked(input), to: target, byteCount: 4 * part.blockedCount)
    }
    _ = extent
    return true
  }

  private mutating func addCopy(_ node: Node, from source: Buffer, to target: Buffer, byteCount: Int) throws {
    addStep(describe(node, "copy into its place", .blocked), [source, target]) { memory in
      let (from, to) = (memory[source], memory[target])
      return { part, parts in
        let first = byteCount / 64 * part / parts * 64
        let last = byteCount / 64 * (part + 1) / parts * 64
        (to + first).copyMemory(from: from + first, byteCount: last - first)
      }
    }
  }
}
