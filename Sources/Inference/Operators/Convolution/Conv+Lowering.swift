import CKernels
import Tensors

/// A convolution, or its adjoint, by constant weights.
protocol KernelConvolution: Lowerable {
  var strides: Spatial { get }
  var dilations: Spatial { get }
  var groups: Int { get }
  /// The kernel that every such convolution has.
  var plainAlgorithm: fovea_conv_algorithm { get }
  func resolvedPads(input: Spatial, kernel: Spatial) -> Pads
}

extension Conv: KernelConvolution {
  var plainAlgorithm: fovea_conv_algorithm { FOVEA_CONV_BLOCKED }
  var fusions: Fusions { [.activation, .residual, .roundedSum, .gate] }

  func addBfloat16Steps(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    try addWinogradBetweenBfloat16(node, unit, to: &builder) || addBfloat16(node, unit, to: &builder)
  }
}

extension ConvTranspose: KernelConvolution {
  var plainAlgorithm: fovea_conv_algorithm { FOVEA_CONV_TRANSPOSE }
  var fusions: Fusions { [.activation, .gate] }
}

extension KernelConvolution {
  var inputLimit: Int? { 3 }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    let inputs = node.baseInputs
    guard var params = params(of: node, in: builder), let input = inputs[0], let output = node.outputs[0],
      let x = builder.picture(input), let y = builder.picture(output)
    else { return false }
    params.algorithm = ConvolutionAlgorithm(params: params, isa: builder.isa, lean: builder.lean).chosen(
      builder.choices)
    if builder.isBackward {
      // F(4x4,5x5) rounds more than gradients may, which have many zeros beside their large numbers.
      if params.algorithm == FOVEA_CONV_WINOGRAD_4_5 { params.algorithm = FOVEA_CONV_BLOCKED }
      params.sparse = 1
    }
    guard fovea_conv_accepts(&params) == 1 else { return false }
    let readsPlanes = ConvolutionAlgorithm.readsPlanes(params.algorithm)
    let source = readsPlanes ? try builder.plain(input) : try builder.blocked(input)
    if readsPlanes { params.in_batch_stride = Int64(x.channels * x.pixels) }
    let residual = try node.residual.map { try builder.blocked($0) }
    let gate = try node.gate.map { try builder.blocked($0.value) }
    if let bounds = node.gate?.bounds {
      (params.gated, params.gate_low, params.gate_high) = (1, bounds.low, bounds.high)
    }
    if residual == nil, fovea_conv_pools(&params) == 1, let (pool, maxima) = builder.solePool(of: output, y) {
      params.pooled = 1
      params.out_batch_stride = Int64(maxima.blockedCount / maxima.batch)
      builder.addConvolution(node, params, source, into: builder.newBlocked(pool, maxima))
      builder.extendLastStep(with: pool, maxima)
      return true
    }
    builder.addConvolution(node, params, source, residual: residual, gate: gate, into: builder.newBlocked(output, y))
    return true
  }

  /// The sizes in the kernels' form, the algorithm still open; nil when no kernel takes it.
  func params(of node: Node, in builder: PlanBuilder) -> fovea_conv_params? {
    let (inputs, values) = (node.baseInputs, builder.graph.values)
    guard inputs.count >= 2, let x = builder.picture(inputs[0]), let y = builder.picture(node.outputs[0]),
      let weights = inputs[1].flatMap({ values[$0].constant }), weights.shape.dimensions.allSatisfy({ $0 > 0 }),
      inputs.dropFirst(2).first.flatMap({ $0 }).map({ values[$0].constant != nil }) ?? true
    else { return nil }
    let kernel = Planar(weights.shape).spatial
    let pads = resolvedPads(input: x.spatial, kernel: kernel)
    var params = fovea_conv_params()
    params.algorithm = plainAlgorithm
    (params.batch, params.groups) = (Int32(x.batch), Int32(groups))
    (params.in_channels, params.in_height, params.in_width) = x.sizes
    (params.out_channels, params.out_height, params.out_width) = y.sizes
    (params.kernel_height, params.kernel_width) = kernel.sizes
    (params.stride_height, params.stride_width) = strides.sizes
    (params.dilation_height, params.dilation_width) = dilations.sizes
    (params.pad_top, params.pad_left) = (Int32(pads.top), Int32(pads.left))
    (params.before, params.activation) = (node.kernelFunctionBeforeSum, node.kernelActivation)
    params.in_batch_stride = Int64(x.blockedCount / x.batch)
    params.out_batch_stride = Int64(y.blockedCount / y.batch)
    params.residual_batch_stride = params.out_batch_stride
    return params
  }
}

extension PlanBuilder {
  /// The output of the MaxPool of 2x2 with stride 2 and no pads which alone reads a picture.
  fileprivate func solePool(of value: ValueID, _ extent: Planar) -> (output: ValueID, extent: Planar)? {
    guard let node = soleReader(of: value), let pool = node.op as? MaxPool, let output = node.outputs[0],
      node.outputs.dropFirst().allSatisfy({ $0 == nil }), let maxima = picture(output),
      pool.window.kernel == Spatial(2, 2), pool.window.strides == Spatial(2, 2),
      pool.window.dilations == Spatial(1, 1), pool.window.resolvedPads(input: extent.spatial) == .none,
      maxima.spatial == Spatial(extent.spatial.height / 2, extent.spatial.width / 2), !isBfloat16(output)
    else { return nil }
    return (output, maxima)
  }

  /// Says of the last step that it stores the maxima of a pool instead.
  fileprivate mutating func extendLastStep(with pool: ValueID, _ maxima: Planar) {
    let last = steps.count - 1
    steps[last].description.op += "+MaxPool"
    steps[last].description.outputShape = graph.type(of: pool).shape
    steps[last].description.cost.outputBytes = 4 * maxima.batch * maxima.channels * maxima.pixels
  }

  /// A convolution by the node's constant weights and bias. All maps are blocked, but for a source that the algorithm reads as planes.
  mutating func addConvolution(
    _ node: Node, _ params: fovea_conv_params, _ source: Buffer, residual: Buffer? = nil, gate: Buffer? = nil,
    into target: Buffer
  ) {
    guard let weights = graph.constant(node.baseInputs, 1) else { preconditionFailure("the weights are constant") }
    var params = params
    let (isa, packedWeights) = (isa.kernels, pack(weights, params))
    let weightsBuffer = allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let bias = biasBuffer(of: node, channels: Int(params.out_channels))
    let scratch = addScratch(byteCount: fovea_conv_scratch_size(isa, &params, Int32(threads)))
    let split = fovea_conv_splits_channels(isa, &params, Int32(threads)) == 1 ? "channels" : "rows"
    addStep(
      describe(node, ConvolutionAlgorithm.name(params, isa: self.isa), .blocked, split: split),
      [source, weightsBuffer, bias, residual, gate, scratch, target]
    ) { memory in
      let args = fovea_conv_args(
        input: memory.floats(source), weights: memory.floats(weightsBuffer),
        bias: bias.map { UnsafePointer(memory.floats($0)) },
        residual: residual.map { UnsafePointer(memory.floats($0)) }, output: memory.floats(target),
        scratch: scratch.map { memory[$0] })
      let gated = Held(fovea_gated_conv_args(args: args, gate: gate.map { UnsafePointer(memory.floats($0)) }))
      return kernelBody(params) { params, part, parts in
        // The gate lies behind the args, where the kernel finds it when the params say that there is one.
        gated.pointer.withMemoryRebound(to: fovea_conv_args.self, capacity: 1) {
          fovea_conv(isa, params, $0, part, parts)
        }
      }
    }
  }

  /// The third input of a node, padded to whole blocks of channels.
  mutating func biasBuffer(of node: Node, channels: Int) -> Buffer? {
    node.baseInputs.dropFirst(2).first.flatMap { $0 }.map { paddedConstant($0, channels: channels) }
  }

  private func pack(_ weights: Tensor, _ params: fovea_conv_params) -> TensorStorage {
    var params = params
    let isa = isa.kernels
    // The order of weights does not depend on the extents of the maps, so that windows onto them share it.
    let sizes: [Int32] = [
      params.in_channels, params.out_channels, params.kernel_height, params.kernel_width, params.groups,
      params.stride_height, params.stride_width, params.dilation_height, params.dilation_width,
    ]
    return packed.packed(
      weights, kind: "conv \(params.algorithm.rawValue)", sizes: sizes.map(Int.init),
      floats: fovea_conv_weights_size(isa, &params)
    ) { fovea_conv_pack(isa, &params, $0, $1) }
  }
}
