import CKernels
import Tensors

extension PlanBuilder {
  /// The values that precision bf16 keeps as bfloat16. It follows from operators and shapes of one picture alone, not from what
  /// is tapped or fused or how many pictures there are, so that none of these changes a number.
  ///
  /// Convolutions begin it; what follows them and has a kernel stays in it. Backward passes compute in float32.
  func findBfloat16Values() -> Set<ValueID> {
    var known: Set<ValueID> = []
    for node in graph.nodes[..<(starts.first ?? graph.nodes.count)] {
      guard let output = node.outputs.first.flatMap({ $0 }), picture(output) != nil,
        let input = node.inputs.first.flatMap({ $0 }), picture(input) != nil,
        let op = node.baseOperator as? any Lowerable, op.keepsBfloat16(node, known, in: self)
      else { continue }
      known.insert(output)
    }
    return known
  }

  /// True when a value is kept as bfloat16.
  func isBfloat16(_ value: ValueID?) -> Bool { value.map(bfloat16Values.contains) ?? false }

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
}

extension Planar {
  var bfloat16ByteCount: Int { 2 * batch * ((channels + 31) / 32) * 32 * pixels }
}

extension Memory {
  func bfloats(_ buffer: Buffer) -> UnsafeMutablePointer<fovea_bfloat16> {
    self[buffer].assumingMemoryBound(to: fovea_bfloat16.self)
  }
}
