import CKernels
import Tensors

/// An element-wise step on bfloat16: f(x scale[c] + shift[c] + other).
struct Bfloat16Map {
  /// One number for each channel.
  private enum Factors {
    case constants([Double])
    /// A computed value [N, C, 1, 1].
    case value(ValueID)
  }

  private var input: ValueID
  private var other: ValueID?
  private var scale: Factors?
  private var shift: [Double]?
  private var activation: fovea_activation

  /// True when the factors are not the same for all pictures.
  private var hasFactorsOfEachImage: Bool {
    if case .value? = scale { return true }
    return false
  }

  /// Sums of two values of one shape, a factor and a shift for each channel, and activations, where one input is among `known`.
  init?(_ node: Node, _ builder: PlanBuilder, _ known: Set<ValueID>) {
    let graph = builder.graph
    activation = node.kernelActivation
    let inputs = node.baseInputs.compactMap { $0 }
    let base = node.base
    guard let first = inputs.first, let output = node.outputs[0] else { return nil }
    if let function = base.function(in: graph)?.kernelFunction {
      guard known.contains(first), !(node.op is Fused) else { return nil }
      (input, activation) = (first, function)
    } else if let (value, affine) = ChannelAffine.of(base, graph), known.contains(value) {
      (input, scale, shift) = (value, .constants(affine.scale), affine.shift)
    } else if base.op is Add, inputs.count == 2, inputs.contains(where: known.contains),
      inputs.allSatisfy({ graph.type(of: $0) == graph.type(of: output) && graph.values[$0].constant == nil })
    {
      (input, other) = (inputs[0], inputs[1])
    } else if base.op is Mul, inputs.count == 2, let x = inputs.first(where: known.contains),
      let factors = inputs.first(where: { $0 != x }), let extent = builder.picture(x),
      graph.type(of: x) == graph.type(of: output), graph.values[factors].constant == nil,
      let small = builder.picture(factors), small.batch == extent.batch, small.channels == extent.channels,
      small.spatial == Spatial(1, 1), extent.pixels > 1
    {
      (input, scale) = (x, .value(factors))
    } else {
      return nil
    }
  }

  /// Adds the step that computes the node's output.
  func addStep(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    guard let output = node.outputs[0], let extent = builder.picture(output) else { return false }
    let source = try builder.bfloat16(input, unit)
    let other = try other.map { try builder.bfloat16($0, unit) }
    let scale = try scaleBuffer(in: &builder)
    let shift = shift.map { builder.addChannels($0) }
    let target = builder.newBfloat16(output, extent)
    let description = builder.describe(node, "vector, \(Bfloat16.name(unit))", .bfloat16)
    let activation = activation
    let (count, stride) = (extent.batch, extent.bfloat16ByteCount / 2 / extent.batch)
    let factorStride = hasFactorsOfEachImage ? (extent.channels + 15) / 16 * 16 : 0
    builder.addStep(description, [source, other, scale, shift, target]) { memory in
      let (x, z, y) = (memory.bfloats(source), other.map { memory.bfloats($0) }, memory.bfloats(target))
      let (factors, shifts) = (scale.map { memory.floats($0) }, shift.map { memory.floats($0) })
      var image = extent
      image.batch = 1
      return kernelBody(image.extent(isBlocked: true)) { extent, part, parts in
        for n in 0..<count {
          fovea_bf16_map(
            unit, extent, activation, x + n * stride, factors.map { $0 + n * factorStride }, shifts,
            z.map { $0 + n * stride }, y + n * stride, part, parts)
        }
      }
    }
    return true
  }

  private func scaleBuffer(in builder: inout PlanBuilder) throws -> Buffer? {
    switch scale {
    case .constants(let numbers)?: builder.addChannels(numbers)
    case .value(let factors)?: try builder.blocked(factors)
    case nil: nil
    }
  }
}
