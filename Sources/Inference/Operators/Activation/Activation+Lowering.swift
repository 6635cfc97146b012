import CKernels

extension Relu: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_RELU) } }
extension LeakyRelu: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_LEAKY, alpha) } }
extension ThresholdedRelu: KernelFunction {
  var kernelFunction: fovea_activation? { .init(FOVEA_ACT_THRESHOLDED, alpha) }
}
extension Elu: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_ELU, alpha) } }
extension Celu: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_CELU, alpha) } }
extension Selu: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_SELU, alpha, gamma) } }
extension Sigmoid: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_SIGMOID) } }
extension HardSigmoid: KernelFunction {
  var kernelFunction: fovea_activation? { .init(FOVEA_ACT_HARD_SIGMOID, alpha, beta) }
}
extension HardSwish: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_HARD_SWISH) } }
extension Swish: KernelFunction { var kernelFunction: fovea_activation? { alpha == 1 ? .init(FOVEA_ACT_SILU) : nil } }
extension Gelu: KernelFunction {
  var kernelFunction: fovea_activation? { .init(usesTanh ? FOVEA_ACT_GELU_TANH : FOVEA_ACT_GELU_ERF) }
}
extension Erf: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_ERF) } }
extension Tanh: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_TANH) } }
extension Softplus: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_SOFTPLUS) } }
extension Softsign: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_SOFTSIGN) } }
extension FakeQuantize: KernelFunction {
  var kernelFunction: fovea_activation? { .init(FOVEA_ACT_QUANTIZE, step, low, high) }

  /// Behind a Relu or a Clip there are fewer levels: rounding does not change the order of values.
  func after(_ first: any KernelFunction) -> (any KernelFunction)? {
    let bounds: Clip? = first is Relu ? Clip(minimum: 0) : first as? Clip
    guard let bounds, bounds.minimum <= bounds.maximum else { return nil }
    let first = (bounds.minimum / step).rounded(.toNearestOrEven)
    let last = (bounds.maximum / step).rounded(.toNearestOrEven)
    guard first <= high, last >= low else { return nil }
    return FakeQuantize(step: step, low: max(low, first), high: min(high, last))
  }
}
extension Mish: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_MISH) } }

extension Clip: KernelFunction {
  var kernelFunction: fovea_activation? { .init(FOVEA_ACT_CLIP, minimum, maximum) }

  func withoutInputs(_ node: Node, _ graph: Graph) -> (any KernelFunction)? {
    guard let bounds = bounds(node, graph) else { return nil }
    return Clip(minimum: bounds.low, maximum: bounds.high)
  }

  /// The constant bounds, from the fields or the node's inputs; nil where one is computed.
  func bounds(_ node: Node, _ graph: Graph) -> (low: Float, high: Float)? {
    func bound(_ index: Int, _ field: Float) -> Float? {
      guard index < node.inputs.count, let input = node.inputs[index] else { return field }
      return graph.number(input)
    }
    guard let low = bound(1, minimum), let high = bound(2, maximum) else { return nil }
    return (low, high)
  }
}

extension Softmax: Lowerable {
  /// Along the last axes.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0] else { return false }
    let extents = extents(builder.graph.type(of: input).shape)
    guard extents.inner == 1, extents.outer > 0, extents.length > 0 else { return false }
    let (source, target) = (try builder.plain(input), builder.newPlain(output))
    let (isa, isLogarithmic) = (builder.isa.kernels, Int32(isLogarithmic ? 1 : 0))
    builder.addStep(builder.describe(node, "rows, \(builder.isa)", .plain), [source, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      return kernelBody(isLogarithmic) {
        fovea_softmax(isa, Int64(extents.outer), Int64(extents.length), $0.pointee, x, y, $1, $2)
      }
    }
    return true
  }
}
