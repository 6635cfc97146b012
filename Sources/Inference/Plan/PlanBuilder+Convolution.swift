import CKernels
import Tensors

extension PlanBuilder {
  /// Conv and ConvTranspose with constant weights, with the sum and the activation fused to them.
  mutating func addConvolution(_ node: Node) throws -> Bool {
    let inputs = node.baseInputs
    guard var params = convolutionParams(of: node), let input = inputs[0], let output = node.outputs[0],
      let weights = inputs[1].flatMap({ graph.values[$0].constant }), let x = picture(input), let y = picture(output)
    else { return false }
    let biasID = inputs.count > 2 ? inputs[2] : nil
    params.algorithm = ConvolutionAlgorithm(params: params, isa: isa, lean: lean).chosen(choices)
    if isBackward {
      // F(4x4,5x5) rounds more than gradients may, which have many zeros beside their large numbers.
      if params.algorithm == FOVEA_CONV_WINOGRAD_4_5 { params.algorithm = FOVEA_CONV_BLOCKED }
      params.sparse = 1
    }
    guard fovea_conv_accepts(&params) == 1 else { return false }
    let readsPlanes = ConvolutionAlgorithm.readsPlanes(params.algorithm)
    let source = readsPlanes ? try plain(input) : try blocked(input)
    if readsPlanes { params.in_batch_stride = Int64(x.channels * x.pixels) }
    let residual = try node.residual.map { try blocked($0) }
    let gate = try node.gate.map { try blocked($0.value) }
    if let bounds = node.gate?.bounds {
      (params.gated, params.gate_low, params.gate_high) = (1, bounds.low, bounds.high)
    }
    if residual == nil, fovea_conv_pools(&params) == 1, let (pool, maxima) = solePool(of: output, y) {
      params.pooled = 1
      params.out_batch_stride = Int64(maxima.blockedCount / maxima.batch)
      addConvolutionStep(node, params, weights, biasID, source, into: newBlocked(pool, maxima))
      let last = steps.count - 1
      steps[last].description.op += "+MaxPool"
      steps[last].description.outputShape = graph.type(of: pool).shape
      steps[last].description.cost.outputBytes = 4 * maxima.batch * maxima.channels * maxima.pixels
      return true
    }
    addConvolutionStep(
      node, params, weights, biasID, source, residual: residual, gate: gate, into: newBlocked(output, y))
    return true
  }

  /// The output of the MaxPool of 2x2 with stride 2 and no pads which alone reads a picture.
  private func solePool(of value: ValueID, _ extent: Planar) -> (output: ValueID, extent: Planar)? {
    guard let node = soleReader(of: value), let pool = node.op as? MaxPool, let output = node.outputs[0],
      node.outputs.dropFirst().allSatisfy({ $0 == nil }), let maxima = picture(output),
      pool.window.kernel == Spatial(2, 2), pool.window.strides == Spatial(2, 2),
      pool.window.dilations == Spatial(1, 1),
      pool.window.resolvedPads(input: extent.spatial) == Pads(top: 0, left: 0, bottom: 0, right: 0),
      maxima.spatial == Spatial(extent.spatial.height / 2, extent.spatial.width / 2), !isBfloat16(output)
    else { return nil }
    return (output, maxima)
  }

  /// The step itself; all maps are blocked, but for a source that the algorithm reads as planes.
  mutating func addConvolutionStep(
    _ node: Node, _ params: fovea_conv_params, _ weights: Tensor, _ biasID: ValueID?, _ source: Buffer,
    residual: Buffer? = nil, gate: Buffer? = nil, into target: Buffer
  ) {
    var params = params
    let packedWeights = pack(weights, params)
    let weightsBuffer = allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let bias = biasID.map { paddedConstant($0, channels: Int(params.out_channels)) }
    let scratch = addScratch(byteCount: fovea_conv_scratch_size(isa.kernels, &params, Int32(threads)))
    let kernels = isa.kernels
    addStep(
      describe(node, ConvolutionAlgorithm.name(params, isa: isa), .blocked, split: splitName(params)),
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
          fovea_conv(kernels, params, $0, part, parts)
        }
      }
    }
  }

  /// The layers of the graph whose algorithm is worth measuring, each kind once.
  func contestedLayers() -> [ContestedLayer] {
    var layers: [ConvolutionLayer: ContestedLayer] = [:]
    for node in graph.nodes {
      guard let contested = contestedLayer(node) else { continue }
      let uses = layers[contested.layer]?.uses ?? 0
      layers[contested.layer] = contested
      layers[contested.layer]?.uses = uses + 1
    }
    return Array(layers.values)
  }

  private func contestedLayer(_ node: Node) -> ContestedLayer? {
    guard let params = convolutionParams(of: node) else { return nil }
    let algorithm = ConvolutionAlgorithm(params: params, isa: isa, lean: lean)
    guard isBfloat16(node.outputs[0]) else { return algorithm.contested }
    guard bf16 == FOVEA_BF16_AVX512, let direct = bfloat16Params(of: node) else { return nil }
    return algorithm.contestedBesideBfloat16(direct)
  }

  /// The sizes of a convolution with constant weights, its algorithm still open; nil when no kernel takes it.
  func convolutionParams(of node: Node) -> fovea_conv_params? {
    guard node.baseOperator is Conv || node.baseOperator is ConvTranspose else { return nil }
    let inputs = node.baseInputs
    guard inputs.count >= 2, let x = picture(inputs[0]), let y = picture(node.outputs[0]),
      let weights = inputs[1].flatMap({ graph.values[$0].constant }),
      weights.shape.dimensions.allSatisfy({ $0 > 0 }),
      inputs.dropFirst(2).first.flatMap({ $0 }).map({ graph.values[$0].constant != nil }) ?? true
    else { return nil }
    return convolutionParams(node, x, y, Planar(weights.shape))
  }

  /// The sizes in the kernels' form; nil when the operator is none of the two.
  private func convolutionParams(_ node: Node, _ x: Planar, _ y: Planar, _ w: Planar) -> fovea_conv_params? {
    let (window, groups, pads): (Window, Int, Pads)
    switch node.baseOperator {
    case let conv as Conv:
      window = conv.window(kernel: w.spatial)
      (groups, pads) = (conv.groups, conv.resolvedPads(input: x.spatial, kernel: w.spatial))
    case let conv as ConvTranspose:
      window = Window(
        kernel: w.spatial, strides: conv.strides, dilations: conv.dilations, padding: conv.padding)
      (groups, pads) = (conv.groups, conv.resolvedPads(input: x.spatial, kernel: w.spatial))
    default: return nil
    }
    var params = fovea_conv_params()
    params.algorithm = node.baseOperator is ConvTranspose ? FOVEA_CONV_TRANSPOSE : FOVEA_CONV_BLOCKED
    (params.batch, params.groups) = (Int32(x.batch), Int32(groups))
    (params.in_channels, params.in_height, params.in_width) = x.sizes
    (params.out_channels, params.out_height, params.out_width) = y.sizes
    (params.kernel_height, params.kernel_width) = window.kernel.sizes
    (params.stride_height, params.stride_width) = window.strides.sizes
    (params.dilation_height, params.dilation_width) = window.dilations.sizes
    (params.pad_top, params.pad_left) = (Int32(pads.top), Int32(pads.left))
    params.activation = node.activation.flatMap { KernelActivation($0) }?.function ?? KernelActivation.none
    params.in_batch_stride = Int64(x.blockedCount / x.batch)
    params.out_batch_stride = Int64(y.blockedCount / y.batch)
    params.residual_batch_stride = params.out_batch_stride
    return params
  }

  private func splitName(_ params: fovea_conv_params) -> String {
    var params = params
    return fovea_conv_splits_channels(isa.kernels, &params, Int32(threads)) == 1 ? "channels" : "rows"
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

  /// A constant with one number for each channel, or one for all, padded with zeros to whole blocks.
  mutating func paddedConstant(_ value: ValueID, channels: Int) -> Buffer {
    guard let constant = graph.values[value].constant else { preconditionFailure("not a constant") }
    let floats = (channels + 15) / 16 * 16
    let storage = packed.packed(constant, kind: "channels", sizes: [floats, channels], floats: floats) { from, to in
      for channel in 0..<channels { to[channel] = from[constant.shape.count == 1 ? 0 : channel] }
    }
    return allocate(byteCount: storage.bytes.count, external: storage)
  }
}
