import CKernels
import Tensors

/// Convolutions between values in bfloat16 that float32 computes faster: Winograd saves more multiply-adds than vdpbf16ps does at once.
extension Conv {
  /// The sizes and the form of such a convolution; nil for any other, and with AMX, whose tiles are faster by far.
  func winogradBetweenBfloat16(_ node: Node, in builder: PlanBuilder) -> fovea_conv_params? {
    guard builder.bf16 == FOVEA_BF16_AVX512, var params = params(of: node, in: builder),
      let form = ConvolutionAlgorithm(params: params, isa: builder.isa, lean: builder.lean)
        .chosenBesideBfloat16(builder.choices)
    else { return nil }
    params.algorithm = form
    return params
  }

  /// The input in float32, the convolution, and its result rounded. A sum, and a function that is no clamp, are a step of their own, so
  /// that they read a rounded number as they do after the other kernels.
  func addWinogradBetweenBfloat16(
    _ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder
  ) throws -> Bool {
    guard var params = winogradBetweenBfloat16(node, in: builder), let input = node.baseInputs[0],
      let output = node.outputs[0], let extent = builder.picture(output)
    else { return false }
    let function = params.activation
    let isAlone = node.residual == nil && fovea_is_clamp(function) == 1
    if !isAlone { params.activation = .identity }
    let source = try builder.blocked(input)
    let sums = builder.allocate(byteCount: 4 * extent.blockedCount)
    builder.addConvolution(node, params, source, into: sums)
    let rounded =
      isAlone ? builder.newBfloat16(output, extent) : builder.allocate(byteCount: extent.bfloat16ByteCount)
    builder.addRounding(output, extent, from: sums, to: rounded, unit)
    if isAlone { return true }
    let residual = try node.residual.map { try builder.bfloat16($0, unit) }
    let target = builder.newBfloat16(output, extent)
    var description = builder.describe(node, "vector, \(Bfloat16.name(unit))", .bfloat16)
    description.op = [residual == nil ? nil : "Add", node.activation?.name].compactMap { $0 }.joined(separator: "+")
    // The multiply-adds are the convolution's.
    description.cost = StepCost(copying: 2 * extent.bfloat16ByteCount)
    builder.addStep(description, [rounded, residual, target]) { memory in
      let (x, z, y) = (memory.bfloats(rounded), residual.map { memory.bfloats($0) }, memory.bfloats(target))
      return kernelBody(extent.extent(isBlocked: true)) {
        fovea_bf16_map(unit, $0, function, x, nil, nil, z, y, $1, $2)
      }
    }
    return true
  }
}
