import CKernels
import Tensors

extension PlanBuilder {
  /// The steps of a node whose output is kept as bfloat16; false for any other node.
  mutating func addBfloat16Steps(for node: Node) throws -> Bool {
    guard let unit = bf16, isBfloat16(node.outputs.first.flatMap { $0 }) else { return false }
    switch node.baseOperator {
    case is Conv: return try addWinogradBetweenBfloat16(node, unit) || addBfloat16Convolution(node, unit)
    case is MaxPool, is AveragePool: return try addBfloat16Pool(node, unit)
    case is Concat: return try addBfloat16Concat(node, unit)
    case is Identity, is Dropout: return try addReinterpretation(node)
    default: return try addBfloat16Map(node, unit)
    }
  }

  /// Where the bfloat16 elements of a value are; converts when it lies in float32 only.
  mutating func bfloat16(_ value: ValueID, _ unit: fovea_bf16_isa) throws -> Buffer {
    if let home = homes[value]?[.bfloat16] { return home }
    guard let extent = picture(value) else { preconditionFailure("only pictures can be kept as bfloat16") }
    let source = try blocked(value)
    let target = allocate(byteCount: extent.bfloat16ByteCount)
    homes[value, default: [:]][.bfloat16] = target
    addRounding(value, extent, from: source, to: target, unit)
    return target
  }

  /// Rounds blocked float32 to bfloat16.
  mutating func addRounding(
    _ value: ValueID, _ extent: Planar, from source: Buffer, to target: Buffer, _ unit: fovea_bf16_isa
  ) {
    addStep(conversion(of: value, "float32 to bf16", .bfloat16, extent), [source, target]) { memory in
      let (from, to) = (memory.floats(source), memory.bfloats(target))
      return kernelBody(extent.extent(isBlocked: true)) { fovea_bf16_from_blocked(unit, $0, from, to, $1, $2) }
    }
  }

  /// A place for the bfloat16 elements of a value that the next step computes.
  mutating func newBfloat16(_ value: ValueID, _ extent: Planar) -> Buffer {
    let buffer = bfloat16Places[value]?.buffer ?? allocate(byteCount: extent.bfloat16ByteCount)
    homes[value, default: [:]][.bfloat16] = buffer
    return buffer
  }

  /// Brings a value in bfloat16 into blocked float32.
  mutating func addExpansion(_ value: ValueID, _ extent: Planar, from source: Buffer) -> Buffer {
    let unit = bf16 ?? FOVEA_BF16_REFERENCE
    let target = newBlocked(value, extent)
    addStep(conversion(of: value, "bf16 to float32", .blocked, extent), [source, target]) { memory in
      let (from, to) = (memory.bfloats(source), memory.floats(target))
      return kernelBody(extent.extent(isBlocked: true)) { fovea_bf16_to_blocked(unit, $0, from, to, $1, $2) }
    }
    return target
  }

  private func conversion(
    of value: ValueID, _ algorithm: String, _ layout: TensorLayout, _ extent: Planar
  ) -> StepDescription {
    StepDescription(
      name: graph.values[value].name, op: "Layout", algorithm: algorithm, layout: layout.rawValue,
      outputShape: graph.type(of: value).shape,
      cost: StepCost(copying: 4 * extent.batch * extent.channels * extent.pixels))
  }

  /// Sums, factors and activations.
  private mutating func addBfloat16Map(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    guard let map = Bfloat16Map(node, self, bfloat16Values), let output = node.outputs[0], let extent = picture(output)
    else {
      return false
    }
    let source = try bfloat16(map.input, unit)
    let other = try map.other.map { try bfloat16($0, unit) }
    let scale: Buffer?
    switch map.scale {
    case .constants(let numbers)?: scale = addChannels(numbers)
    case .value(let factors)?: scale = try blocked(factors)
    case nil: scale = nil
    }
    let shift = map.shift.map { addChannels($0) }
    let target = newBfloat16(output, extent)
    addStep(describe(node, "vector, \(Bfloat16.name(unit))", .bfloat16), [source, other, scale, shift, target]) {
      memory in
      let (x, z, y) = (memory.bfloats(source), other.map { memory.bfloats($0) }, memory.bfloats(target))
      let (factors, shifts) = (scale.map { memory.floats($0) }, shift.map { memory.floats($0) })
      var image = extent
      image.batch = 1
      let (count, stride) = (extent.batch, extent.bfloat16ByteCount / 2 / extent.batch)
      let factorStride = map.hasFactorsOfEachImage ? (extent.channels + 15) / 16 * 16 : 0
      return kernelBody(image.extent(isBlocked: true)) { extent, part, parts in
        for n in 0..<count {
          fovea_bf16_map(
            unit, extent, map.activation, x + n * stride, factors.map { $0 + n * factorStride }, shifts,
            z.map { $0 + n * stride }, y + n * stride, part, parts)
        }
      }
    }
    return true
  }

  /// One number for each channel, padded to whole blocks of 16.
  private mutating func addChannels(_ numbers: [Double]) -> Buffer {
    let constant = Tensor(.float32, [(numbers.count + 15) / 16 * 16])
    for (index, number) in numbers.enumerated() { constant.view.floats[index] = Float(number) }
    return allocate(byteCount: constant.byteCount, external: constant.storage)
  }
}

extension Memory {
  func bfloats(_ buffer: Buffer) -> UnsafeMutablePointer<fovea_bfloat16> {
    self[buffer].assumingMemoryBound(to: fovea_bfloat16.self)
  }
}
