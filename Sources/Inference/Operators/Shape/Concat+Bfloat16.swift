import CKernels
import Tensors

/// The place of a value in bfloat16 inside what a Concat joins.
struct Bfloat16Place {
  /// The block where its first channel is.
  var buffer: Buffer
  /// That channel's lane: 0 or 16.
  var lane: Int
  /// True when lanes past its last channel are another's.
  var keepsRest: Bool

  /// It has its blocks to itself.
  var isWhole: Bool { lane == 0 && !keepsRest }
}

extension Concat {
  func keepsBfloat16(_ node: Node, _ known: Set<ValueID>, in builder: PlanBuilder) -> Bool {
    builder.channelConcat(node) != nil && builder.firstChannels(of: node) != nil
      && node.inputs.allSatisfy { $0.map(known.contains) ?? false }
  }

  /// Joins along the channels: copies only what does not lie in place already.
  func addBfloat16Steps(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    guard let output = node.outputs[0], let extent = builder.picture(output),
      let channels = builder.firstChannels(of: node)
    else { return false }
    let base =
      builder.bfloat16Places[output]
      ?? Bfloat16Place(buffer: builder.newBfloat16(output, extent), lane: 0, keepsRest: false)
    builder.homes[output] = [.bfloat16: base.buffer]
    for (input, channel) in zip(node.inputs.compactMap({ $0 }), channels) {
      guard let part = builder.picture(input) else { return false }
      let place = builder.bfloat16Place(of: input, at: channel, in: base, extent)
      let source = try builder.bfloat16(input, unit)
      if source == place.buffer, builder.bfloat16Places[input]?.lane == place.lane { continue }
      Self.addCopy(node, unit, part, from: source, to: place, of: extent, &builder)
    }
    return true
  }

  private static func addCopy(
    _ node: Node, _ unit: fovea_bf16_isa, _ part: Planar, from source: Buffer, to place: Bfloat16Place,
    of extent: Planar, _ builder: inout PlanBuilder
  ) {
    let (fromStride, toStride) = (
      part.bfloat16ByteCount / 2 / part.batch, extent.bfloat16ByteCount / 2 / extent.batch
    )
    builder.addStep(builder.describe(node, "copy into its place", .bfloat16), [source, place.buffer]) { memory in
      let (from, to) = (memory.bfloats(source), memory.bfloats(place.buffer))
      let (lane, rest) = (Int32(place.lane), Int32(place.keepsRest ? 1 : 0))
      return kernelBody(part.extent(isBlocked: true)) { extent, index, parts in
        for n in 0..<Int(extent.pointee.batch) {
          fovea_bf16_place(
            unit, extent.pointee.channels, extent.pointee.pixels, lane, rest, from + n * fromStride,
            to + n * toStride, index, parts)
        }
      }
    }
  }
}

extension PlanBuilder {
  /// Finds places for the inputs of a Concat of one picture in bfloat16, so that their producers write there.
  ///
  /// Where all of them already have neighbouring places in a later Concat, the output is that stretch itself.
  mutating func placeBfloat16Concatenation(_ node: Node, _ output: ValueID, _ inputs: [ValueID]) {
    guard let channels = firstChannels(of: node), let extent = picture(output) else { return }
    if bfloat16Places[output] == nil, let base = commonBfloat16Base(inputs, channels, extent) {
      bfloat16Places[output] = base
      return
    }
    let base =
      bfloat16Places[output]
      ?? Bfloat16Place(buffer: allocate(byteCount: extent.bfloat16ByteCount), lane: 0, keepsRest: false)
    bfloat16Places[output] = base
    for (input, channel) in zip(inputs, channels)
    where bfloat16Places[input] == nil && homes[input] == nil && inputs.count(where: { $0 == input }) == 1 {
      let place = bfloat16Place(of: input, at: channel, in: base, extent)
      if place.isWhole || canWriteHalfBlocks(input) { bfloat16Places[input] = place }
    }
  }

  /// - Parameter base: where the Concat's output is, at lane 0.
  fileprivate func bfloat16Place(
    of input: ValueID, at channel: Int, in base: Bfloat16Place, _ extent: Planar
  ) -> Bfloat16Place {
    let end = channel + (picture(input)?.channels ?? 0)
    return Bfloat16Place(
      buffer: base.buffer.advanced(by: channel / 32 * 64 * extent.pixels), lane: channel % 32,
      keepsRest: end % 32 != 0 && (end < extent.channels || base.keepsRest))
  }

  /// True for what a dense convolution computes and only the Concat reads.
  private func canWriteHalfBlocks(_ value: ValueID) -> Bool {
    guard soleReader(of: value) != nil,
      let producer = graph.nodes.first(where: { $0.outputs.contains(value) }), producer.residual == nil,
      let conv = producer.baseOperator as? Conv, let params = conv.bfloat16Params(of: producer, in: self),
      conv.winogradBetweenBfloat16(producer, in: self) == nil
    else { return false }
    return params.conv.algorithm != FOVEA_CONV_DEPTHWISE
  }

  private func commonBfloat16Base(_ inputs: [ValueID], _ channels: [Int], _ extent: Planar) -> Bfloat16Place? {
    guard let first = inputs.first, let base = bfloat16Places[first], base.isWhole else { return nil }
    let adjoin = zip(inputs, channels).allSatisfy { input, channel in
      let wanted = bfloat16Place(of: input, at: channel, in: base, extent)
      guard let place = bfloat16Places[input] else { return false }
      return place.isWhole && wanted.isWhole && place.buffer == wanted.buffer
    }
    return adjoin ? base : nil
  }
}
