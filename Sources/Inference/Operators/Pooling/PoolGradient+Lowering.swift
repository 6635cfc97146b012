import CKernels

extension MaxPoolGradient: Lowerable {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let (x, y) = builder.pooled(node), let input = node.inputs[1], let pooled = node.inputs[2] else {
      return false
    }
    var params = fovea_pool_gradient_params(pool: .init(FOVEA_POOL_MAX, window, x, y))
    if let gate { (params.gate_low, params.gate_high) = (gate.low, gate.high) }
    let values = (try builder.blocked(input), try builder.blocked(pooled))
    return try builder.addPoolGradient(node, params, x, values)
  }
}

extension AveragePoolGradient: Lowerable {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let (x, y) = builder.pooled(node) else { return false }
    return try builder.addPoolGradient(node, .init(pool: pool.params(x, y)), x, nil)
  }
}

extension fovea_pool_gradient_params {
  /// Without a gate.
  fileprivate init(pool: fovea_pool_params) {
    self.init()
    self.pool = pool
    (gate_low, gate_high) = (-.infinity, .infinity)
  }
}

extension PlanBuilder {
  /// The pool's input and output, as pictures.
  fileprivate func pooled(_ node: Node) -> (x: Planar, y: Planar)? {
    picture(node.outputs[0]).flatMap { x in picture(node.inputs[0]).map { (x, $0) } }
  }

  /// - Parameters:
  ///   - x: the extents of what was pooled.
  ///   - values: what was pooled, and what came of it, where the kernel reads them.
  fileprivate mutating func addPoolGradient(
    _ node: Node, _ params: fovea_pool_gradient_params, _ x: Planar, _ values: (x: Buffer, y: Buffer)?
  ) throws -> Bool {
    guard let gradient = node.inputs[0], let output = node.outputs[0] else { return false }
    var params = params
    let (g, target) = (try blocked(gradient), newBlocked(output, x))
    let scratch = addScratch(byteCount: fovea_pool_gradient_scratch_size(isa.kernels, &params, Int32(threads)))
    let (isa, sizes) = (isa.kernels, params)
    let kernel = "\(params.pool.kernel_height)x\(params.pool.kernel_width)"
    addStep(
      describe(node, "window \(kernel), \(self.isa)", .blocked, split: "rows"),
      [g, values?.x, values?.y, scratch, target]
    ) { memory in
      let (from, to) = (memory.floats(g), memory.floats(target))
      let (x, y) = (values.map { memory.floats($0.x) }, values.map { memory.floats($0.y) })
      let own = scratch.map { memory[$0] }
      return kernelBody(sizes) { fovea_pool_gradient(isa, $0, from, x, y, to, own, $1, $2) }
    }
    return true
  }
}
