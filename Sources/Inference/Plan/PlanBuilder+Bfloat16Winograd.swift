import CKernels
import Tensors

/// Convolutions between values in bfloat16 that float32 computes faster: Winograd saves more multiply-adds than vdpbf16ps does at once.
extension PlanBuilder {
  /// The sizes and the form of such a convolution; nil for any other node, and with AMX, whose tiles are faster by far.
  func winogradBetweenBfloat16(_ node: Node) -> fovea_conv_params? {
    guard bf16 == FOVEA_BF16_AVX512, node.baseOperator is Conv, var params = convolutionParams(of: node),
      let form = ConvolutionAlgorithm(params: params, isa: isa, lean: lean).chosenBesideBfloat16(choices)
    else { return nil }
    params.algorithm = form
    return params
  }

  /// The input in float32, the convolution, and its result rounded. A sum, and a function that is no clamp, find their operand rounded as
  /// everywhere: they are a step of their own.
  mutating func addWinogradBetweenBfloat16(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    let inputs = node.baseInputs
    guard var params = winogradBetweenBfloat16(node), let input = inputs[0], let output = node.outputs[0],
      let weights = inputs[1].flatMap({ graph.values[$0].constant }), let extent = picture(output)
    else { return false }
    let function = params.activation
    let isAlone = node.residual == nil && fovea_is_clamp(function) == 1
    if !isAlone { params.activation = KernelActivation.none }
    let source = try blocked(input)
    let sums = allocate(byteCount: 4 * extent.blockedCount)
    addConvolutionStep(node, params, weights, inputs.count > 2 ? inputs[2] : nil, source, into: sums)
    let rounded = isAlone ? newBfloat16(output, extent) : allocate(byteCount: extent.bfloat16ByteCount)
    addRounding(output, extent, from: sums, to: rounded, unit)
    if isAlone { return true }
    let (residual, target) = (try node.residual.map { try bfloat16($0, unit) }, newBfloat16(output, extent))
    var description = describe(node, "vector, \(Bfloat16.name(unit))", .bfloat16)
    description.op = [residual == nil ? nil : "Add", node.activation?.name].compactMap { $0 }.joined(separator: "+")
    // The multiply-adds are the convolution's.
    description.cost = StepCost(copying: 2 * extent.bfloat16ByteCount)
    addStep(description, [rounded, residual, target]) { memory in
      let (x, z, y) = (memory.bfloats(rounded), residual.map { memory.bfloats($0) }, memory.bfloats(target))
      return kernelBody(extent.extent(isBlocked: true)) {
        fovea_bf16_map(unit, $0, function, x, nil, nil, z, y, $1, $2)
      }
    }
    return true
  }
}
