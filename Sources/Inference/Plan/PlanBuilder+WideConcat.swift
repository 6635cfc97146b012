import CKernels
import Tensors

/// The place of a wide value inside what a Concat joins.
struct WidePlace {
  /// The block where its first channel is.
  var buffer: Buffer
  /// That channel's lane: 0 or 16.
  var lane: Int
  /// True when lanes past its last channel are another's.
  var keepsRest: Bool
}

extension PlanBuilder {
  /// Finds places for the inputs of a Concat of one wide picture, so that their producers write there.
  ///
  /// Where all of them already have neighbouring places in a later Concat, the output is that stretch itself.
  mutating func placeWideConcatenation(_ node: Node, _ output: ValueID, _ inputs: [ValueID]) {
    guard let offsets = wideOffsets(node), let extent = picture(output) else { return }
    if widePlaces[output] == nil, let base = commonWideBase(inputs, offsets, extent) {
      widePlaces[output] = base
      return
    }
    let base =
      widePlaces[output] ?? WidePlace(buffer: addRegion(byteCount: extent.wideBytes), lane: 0, keepsRest: false)
    widePlaces[output] = base
    for (input, offset) in zip(inputs, offsets)
    where widePlaces[input] == nil && homes[input] == nil && inputs.count(where: { $0 == input }) == 1 {
      let place = widePlace(of: input, at: offset, in: base, extent)
      if isWhole(place) || canWriteHalfBlocks(input) { widePlaces[input] = place }
    }
  }

  private func isWhole(_ place: WidePlace) -> Bool { place.lane == 0 && !place.keepsRest }

  /// - Parameter base: where the Concat's output is, at lane 0.
  private func widePlace(of input: ValueID, at offset: Int, in base: WidePlace, _ extent: Planar) -> WidePlace {
    let end = offset + (picture(input)?.channels ?? 0)
    let buffer = Buffer(region: base.buffer.region, offset: base.buffer.offset + offset / 32 * 64 * extent.pixels)
    return WidePlace(
      buffer: buffer, lane: offset % 32, keepsRest: end % 32 != 0 && (end < extent.channels || base.keepsRest))
  }

  /// True for what a dense convolution computes and only the Concat reads.
  private func canWriteHalfBlocks(_ value: ValueID) -> Bool {
    guard soleReader(of: value) != nil,
      let producer = graph.nodes.first(where: { $0.outputs.contains(value) }), producer.residual == nil,
      let params = wideParams(of: producer), wideWinograd(producer) == nil
    else { return false }
    return params.conv.algorithm != FOVEA_CONV_DEPTHWISE
  }

  private func commonWideBase(_ inputs: [ValueID], _ offsets: [Int], _ extent: Planar) -> WidePlace? {
    guard let first = inputs.first, let base = widePlaces[first], isWhole(base) else { return nil }
    for (input, offset) in zip(inputs, offsets) {
      let wanted = widePlace(of: input, at: offset, in: base, extent)
      guard let place = widePlaces[input], isWhole(place), isWhole(wanted), place.buffer == wanted.buffer else {
        return nil
      }
    }
    return base
  }

  /// Joins along the channels: copies only what does not lie in place already.
  mutating func addWideConcat(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    guard let output = node.outputs[0], let extent = picture(output), let offsets = wideOffsets(node) else {
      return false
    }
    let base = widePlaces[output] ?? WidePlace(buffer: newWide(output, extent), lane: 0, keepsRest: false)
    homes[output] = [.wide: base.buffer]
    for (input, offset) in zip(node.inputs.compactMap({ $0 }), offsets) {
      guard let part = picture(input) else { return false }
      let place = widePlace(of: input, at: offset, in: base, extent)
      let source = try wide(input, unit)
      if source == place.buffer, widePlaces[input]?.lane == place.lane { continue }
      let (fromStride, toStride) = (part.wideBytes / 2 / part.batch, extent.wideBytes / 2 / extent.batch)
      addStep(describe(node, "copy into its place", .wide), [source, place.buffer]) { memory in
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
