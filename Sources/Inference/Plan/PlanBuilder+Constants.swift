import Tensors

/// Constants in the order that kernels read them.
extension PlanBuilder {
  /// A constant with one number for each channel, or one for all, padded with zeros to whole blocks.
  mutating func paddedConstant(_ value: ValueID, channels: Int) -> Buffer {
    guard let constant = graph.values[value].constant else { preconditionFailure("not a constant") }
    let floats = (channels + 15) / 16 * 16
    let storage = packed.packed(constant, kind: "channels", sizes: [floats, channels], floats: floats) { from, to in
      for channel in 0..<channels { to[channel] = from[constant.shape.count == 1 ? 0 : channel] }
    }
    return allocate(byteCount: storage.bytes.count, external: storage)
  }

  /// One number for each channel, padded with zeros to whole blocks.
  mutating func addChannels(_ numbers: [Double]) -> Buffer {
    let constant = Tensor(.float32, [(numbers.count + 15) / 16 * 16])
    for (index, number) in numbers.enumerated() { constant.view.floats[index] = Float(number) }
    return allocate(byteCount: constant.byteCount, external: constant.storage)
  }
}
