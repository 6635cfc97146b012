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
}

extension PlanBuilder {
  /// Finds places for the inputs of a Concat of one picture in bfloat16, so that their producers write there.
  ///
  /// Where all of them already have neighbouring places in a later Concat, the output is that stretch itself.
  mutating func placeBfloat16Concatenation(_ node: Node, _ output: ValueID, _ inputs: [ValueID]) {
    guard let offsets = bfloat16Offsets(node), let extent = picture(output) else { return }
    if bfloat16Places[output] == nil, let base = commonBfloat16Base(inputs, offsets, extent) {
      bfloat16Places[output] = base
      return
    }
    let base =
      bfloat16Places[output]
      ?? Bfloat16Place(buffer: allocate(byteCount: extent.bfloat16ByteCount), lane: 0, keepsRest: false)
    bfloat16Places[output] = base
    for (input, offset) in zip(inputs, offsets)
    where bfloat16Places[input] == nil && homes[input] == nil && inputs.count(where: { $0 == input }) == 1 {
      let place = bfloat16Place(of: input, at: offset, in: base, extent)
      if isWhole(place) || canWriteHalfBlocks(input) { bfloat16Places[input] = place }
    }
  }

  private func isWhole(_ place: Bfloat16Place) -> Bool { place.lane == 0 && !place.keepsRest }

  /// - Parameter base: where the Concat's output is, at lane 0.
  private func bfloat16Place(of input: ValueID, at offset: Int, in base: Bfloat16Place, _ extent: Planar)
    -> Bfloat16Place
  {
    let end = offset + (picture(input)?.channels ?? 0)
    let buffer = Buffer(
      allocation: base.buffer.allocation, offset: base.buffer.offset + offset / 32 * 64 * extent.pixels)
    return Bfloat16Place(
      buffer: buffer, lane: offset % 32, keepsRest: end % 32 != 0 && (end < extent.channels || base.keepsRest))
  }

  /// True for what a dense convolution computes and only the Concat reads.
  private func canWriteHalfBlocks(_ value: ValueID) -> Bool {
    guard soleReader(of: value) != nil,
      let producer = graph.nodes.first(where: { $0.outputs.contains(value) }), producer.residual == nil,
      let params = bfloat16Params(of: producer), winogradBetweenBfloat16(producer) == nil
    else { return false }
    return params.conv.algorithm != FOVEA_CONV_DEPTHWISE
  }

  private func commonBfloat16Base(_ inputs: [ValueID], _ offsets: [Int], _ extent: Planar) -> Bfloat16Place? {
    guard let first = inputs.first, let base = bfloat16Places[first], isWhole(base) else { return nil }
    for (input, offset) in zip(inputs, offsets) {
      let wanted = bfloat16Place(of: input, at: offset, in: base, extent)
      guard let place = bfloat16Places[input], isWhole(place), isWhole(wanted), place.buffer == wanted.buffer else {
        return nil
      }
    }
    return base
  }

  /// Joins along the channels: copies only what does not lie in place already.
  mutating func addBfloat16Concat(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    guard let output = node.outputs[0], let extent = picture(output), let offsets = bfloat16Offsets(node) else {
      return false
    }
    let base = bfloat16Places[output] ?? Bfloat16Place(buffer: newBfloat16(output, extent), lane: 0, keepsRest: false)
    homes[output] = [.bfloat16: base.buffer]
    for (input, offset) in zip(node.inputs.compactMap({ $0 }), offsets) {
      guard let part = picture(input) else { return false }
      let place = bfloat16Place(of: input, at: offset, in: base, extent)
      let source = try bfloat16(input, unit)
      if source == place.buffer, bfloat16Places[input]?.lane == place.lane { continue }
      let (fromStride, toStride) = (
        part.bfloat16ByteCount / 2 / part.batch, extent.bfloat16ByteCount / 2 / extent.batch
      )
      addStep(describe(node, "copy into its place", .bfloat16), [source, place.buffer]) { memory in
        let (from, to) = (memory.bfloats(source), memory.bfloats(place.buffer))
        let (lane, rest) = (Int32(place.lane), Int32(place.keepsRest ? 1 : 0))
        return kernelBody(part.extent(isBlocked: true)) { extent, index, parts in
          for n in 0..<Int(extent.pointee.batch) {
            fovea_bf16_place(
              unit, extent.pointee.channels, extent.pointee.pixels, lane, rest, from + n * fromStride,
              to + n * toStride,
              index, parts)
          }
        }
      }
    }
    return true
  }
}
