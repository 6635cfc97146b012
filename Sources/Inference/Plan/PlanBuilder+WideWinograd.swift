import CKernels
import Tensors

/// Convolutions between values in bfloat16 that float32 computes faster: Winograd saves more multiply-adds than vdpbf16ps does at once.
extension PlanBuilder {
  /// The sizes and the form of such a convolution; nil for any other node, and with AMX, whose tiles are faster by far.
  func wideWinograd(_ node: Node) -> fovea_conv_params? {
    guard bf16 == FOVEA_BF16_AVX512, node.baseOperator is Conv, var params = convolutionParams(of: node),
      let form = ConvolutionAlgorithm(params: params, isa: isa, lean: lean).fasterThanBfloat16
    else { return nil }
    params.algorithm = form
    return params
  }

  /// The input in float32, the convolution, and its result rounded. A sum, and a function that is no clamp, find their operand rounded as
  /// everywhere: they are steps of their own.
  mutating func addWideWinograd(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    let inputs = node.baseInputs
    guard var params = wideWinograd(node), let input = inputs[0], let output = node.outputs[0],
      let weights = inputs[1].flatMap({ graph.values[$0].constant }), let extent = picture(output)
    else { return false }
    let function = params.activation
    let isClamp = [FOVEA_ACT_NONE, FOVEA_ACT_RELU, FOVEA_ACT_CLIP].contains(function.kind)
    var further: [(activation: fovea_activation, other: ValueID?)] = []
    if let residual = node.residual { further.append((isClamp ? function : KernelActivation.none, residual)) }
    if !isClamp { further.append((function, nil)) }
    if !further.isEmpty { params.activation = KernelActivation.none }
    let source = try blocked(input)
    let sums = addRegion(byteCount: 4 * extent.blockedCount)
    addConvolutionStep(node, params, weights, inputs.count > 2 ? inputs[2] : nil, source) { _ in sums }
    var rounded = further.isEmpty ? newWide(output, extent) : addRegion(byteCount: extent.wideBytes)
    addRounding(output, extent, from: sums, to: rounded, unit)
    for (index, step) in further.enumerated() {
      let other = try step.other.map { try wide($0, unit) }
      let isLast = index == further.count - 1
      let target = isLast ? newWide(output, extent) : addRegion(byteCount: extent.wideBytes)
      let source = rounded
      var description = describe(node, "vector, \(Bfloat16.name(unit))", .wide)
      description.op = step.other == nil ? node.activation?.name ?? description.op : "Add"
      // The multiply-adds are the convolution's.
      description.cost = StepCost(copying: 4 * extent.wideBytes / 2)
      addStep(description, [source, other, target]) { memory in
        let (x, z, y) = (memory.bfloats(source), other.map { memory.bfloats($0) }, memory.bfloats(target))
        return kernelBody(extent.extent(isBlocked: true)) {
          fovea_bf16_map(unit, $0, step.activation, x, nil, nil, z, y, $1, $2)
        }
      }
      rounded = target
    }
    return true
  }
}
