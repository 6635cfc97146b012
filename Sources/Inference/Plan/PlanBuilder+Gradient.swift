import CKernels
import Tensors

extension PlanBuilder {
  /// A gradient times the slope of a function, in whatever layout they lie.
  mutating func addSlope(_ node: Node) throws -> Bool {
    let isSpread = node.op is SpreadSlope
    guard let slope = KernelSlope.of(node.op), let gradient = node.inputs[0], let value = node.inputs[1],
      let output = node.outputs[0], graph.type(of: value).shape.count > 0
    else { return false }
    var params = fovea_slope_params()
    (params.slope, params.broadcast) = (slope, isSpread ? FOVEA_CHANNEL_BATCH : FOVEA_SAME)
    let (g, v, target): (Buffer, Buffer, Buffer)
    let layout: TensorLayout
    if let extent = picture(value), isSpread || isBlocked(gradient) || isBlocked(value) {
      (g, v) = (try blocked(gradient), try blocked(value))
      (target, layout, params.extent) = (newBlocked(output, extent), .blocked, extent.extent(isBlocked: true))
    } else {
      (g, v) = (try plain(gradient), try plain(value))
      let count = Int64(graph.type(of: value).shape.count)
      params.extent = fovea_extent(batch: 1, channels: 1, pixels: count, blocked: 0)
      (target, layout) = (newPlain(output), .plain)
    }
    let (isa, sizes) = (isa.kernels, params)
    addStep(describe(node, "slope, \(self.isa.rawValue)", layout), [g, v, target]) { memory in
      let (from, with, to) = (memory.floats(g), memory.floats(v), memory.floats(target))
      return kernelBody(sizes) { fovea_slope_product(isa, $0, from, with, to, $1, $2) }
    }
    return true
  }

  /// Expand of [N, C, 1, 1] to [N, C, H, W].
  mutating func addSpread(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let small = picture(input),
      let extent = picture(output), graph.type(of: input).shape.rank == 4, graph.type(of: output).shape.rank == 4,
      small.spatial == Spatial(1, 1), small.batch == extent.batch, small.channels == extent.channels
    else { return false }
    let (source, target) = (try blocked(input), newBlocked(output, extent))
    let isa = isa.kernels
    addStep(describe(node, "repeated, \(self.isa.rawValue)", .blocked), [source, target]) { memory in
      let (from, to) = (memory.floats(source), memory.floats(target))
      return kernelBody(extent.extent(isBlocked: true)) { fovea_spread(isa, $0, from, to, $1, $2) }
    }
    return true
  }

  /// The adjoints of MaxPool and AveragePool.
  mutating func addPoolGradient(_ node: Node) throws -> Bool {
    guard let gradient = node.inputs[0], let output = node.outputs[0], let y = picture(gradient),
      let x = picture(output)
    else { return false }
    var params = fovea_pool_gradient_params()
    (params.gate_low, params.gate_high) = (-.infinity, .infinity)
    var values: (x: Buffer, y: Buffer)?
    switch node.op {
    case let op as MaxPoolGradient:
      guard let input = node.inputs[1], let pooled = node.inputs[2] else { return false }
      params.pool = poolParams(FOVEA_POOL_MAX, op.window, x, y)
      if let gate = op.gate { (params.gate_low, params.gate_high) = (gate.low, gate.high) }
      values = (try blocked(input), try blocked(pooled))
    case let op as AveragePoolGradient:
      params.pool = poolParams(FOVEA_POOL_AVERAGE, op.pool.window, x, y)
      params.pool.count_include_pad = op.pool.countsPadding ? 1 : 0
    default: return false
    }
    let (g, target) = (try blocked(gradient), newBlocked(output, x))
    let scratch = addScratch(byteCount: fovea_pool_gradient_scratch_size(isa.kernels, &params, Int32(threads)))
    let (isa, sizes, inputs) = (isa.kernels, params, values)
    let kernel = "\(params.pool.kernel_height)x\(params.pool.kernel_width)"
    addStep(
      describe(node, "window \(kernel), \(self.isa.rawValue)", .blocked, split: "rows"),
      [g, values?.x, values?.y, scratch, target]
    ) { memory in
      let (from, to) = (memory.floats(g), memory.floats(target))
      let (x, y) = (inputs.map { memory.floats($0.x) }, inputs.map { memory.floats($0.y) })
      let own = scratch.map { memory[$0] }
      return kernelBody(sizes) { fovea_pool_gradient(isa, $0, from, x, y, to, own, $1, $2) }
    }
    return true
  }

  /// The gradient of a fully connected layer's input, for one picture: by the layer's own packed weights.
  mutating func addLinearAdjoint(_ node: Node) throws -> Bool {
    guard isBackward, let gemm = node.op as? Gemm, !gemm.transposeA, !gemm.transposeB, node.inputs.count == 2,
      let input = node.inputs[0], let output = node.outputs[0],
      let weights = node.inputs[1].flatMap({ graph.values[$0].constant }), weights.type == .float32,
      weights.shape.count > 0, graph.type(of: output).shape == [1, weights.shape[1]],
      let outputs = Int32(exactly: weights.shape[0]), let inputs = Int32(exactly: weights.shape[1])
    else { return false }
    var params = fovea_linear_params()
    (params.rows, params.in_features, params.out_features) = (1, inputs, outputs)
    let form = LinearForm(
      inputs: weights.shape[1], outputs: weights.shape[0], isTransposed: true, factor: gemm.alpha, biasFactor: 1)
    let packedWeights = packLinear(weights, &params, form)
    let rows = allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let (source, target) = (try plain(input), newPlain(output))
    let (isa, sizes) = (isa.kernels, params)
    addStep(describe(node, "rows that count, \(linearName(params))", .plain, split: "columns"), [source, rows, target])
    { memory in
      let (g, w, y) = (memory.floats(source), memory.floats(rows), memory.floats(target))
      return kernelBody(sizes) { fovea_linear_adjoint(isa, $0, g, w, y, $1, $2) }
    }
    return true
  }

  /// A picture from the phases of an adjoint convolution, with the sum and the gate fused to it.
  mutating func addWeave(_ node: Node) throws -> Bool {
    guard let op = node.baseOperator as? Weave, let output = node.outputs[0], let extent = picture(output),
      node.activation == nil
    else { return false }
    let phases = try node.baseInputs.map { try $0.map { (try blocked($0), Planar(graph.type(of: $0).shape).spatial) } }
    let residual = try node.residual.map { try blocked($0) }
    let gate = try node.gate.map { try blocked($0.value) }
    var params = fovea_weave_params()
    params.batch = Int32(extent.batch)
    (params.channels, params.height, params.width) = extent.sizes
    (params.stride_height, params.stride_width) = (Int32(op.rows.stride), Int32(op.columns.stride))
    (params.pad_top, params.pad_left) = (Int32(op.rows.pad), Int32(op.columns.pad))
    params.joined = op.isJoined ? 1 : 0
    if let bounds = node.gate?.bounds { (params.gate_low, params.gate_high) = (bounds.low, bounds.high) }
    let target = op.isJoined ? newPlain(output) : newBlocked(output, extent)
    let (isa, sizes) = (isa.kernels, params)
    addStep(
      describe(
        node, "\(op.rows.stride)x\(op.columns.stride) phases, \(self.isa.rawValue)", op.isJoined ? .plain : .blocked,
        split: "rows"),
      phases.compactMap { $0?.0 } + [residual, gate, target]
    ) { memory in
      let all = HeldArray(
        phases.enumerated().map { index, phase in op.phase(index, phase?.1, phase.map { memory.floats($0.0) }) })
      let (sum, mask) = (residual.map { memory.floats($0) }, gate.map { memory.floats($0) })
      let to = memory.floats(target)
      return kernelBody(sizes) { fovea_weave(isa, $0, all.pointer, sum, mask, to, $1, $2) }
    }
    return true
  }
}

extension Weave {
  /// A phase, as the kernel takes it.
  fileprivate func phase(_ index: Int, _ extent: Spatial?, _ data: UnsafeMutablePointer<Float>?) -> fovea_phase {
    let (r, s) = index.quotientAndRemainder(dividingBy: columns.stride)
    return fovea_phase(
      data: UnsafePointer(data), height: Int32(extent?.height ?? 0), width: Int32(extent?.width ?? 0),
      first_row: Int32(isJoined ? rows.joinedFirst : rows.first(r)),
      first_column: Int32(isJoined ? columns.joinedFirst : columns.first(s)))
  }
}
