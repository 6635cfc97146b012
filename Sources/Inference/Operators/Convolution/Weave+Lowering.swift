import CKernels

extension Weave: Lowerable {
  var fusions: Fusions { isJoined ? [] : [.residual, .gate] }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let output = node.outputs[0], let extent = builder.picture(output), node.activation == nil else {
      return false
    }
    let phases = try node.baseInputs.map {
      try $0.map { (try builder.blocked($0), Planar(builder.graph.type(of: $0).shape).spatial) }
    }
    let residual = try node.residual.map { try builder.blocked($0) }
    let gate = try node.gate.map { try builder.blocked($0.value) }
    var params = fovea_weave_params()
    params.batch = Int32(extent.batch)
    (params.channels, params.height, params.width) = extent.sizes
    (params.stride_height, params.stride_width) = (Int32(rows.stride), Int32(columns.stride))
    (params.pad_top, params.pad_left) = (Int32(rows.pad), Int32(columns.pad))
    params.joined = isJoined ? 1 : 0
    if let bounds = node.gate?.bounds { (params.gate_low, params.gate_high) = (bounds.low, bounds.high) }
    let target = isJoined ? builder.newPlain(output) : builder.newBlocked(output, extent)
    let (isa, sizes) = (builder.isa.kernels, params)
    builder.addStep(
      builder.describe(
        node, "\(rows.stride)x\(columns.stride) phases, \(builder.isa)", isJoined ? .plain : .blocked, split: "rows"),
      phases.compactMap { $0?.0 } + [residual, gate, target]
    ) { memory in
      let all = HeldArray(
        phases.enumerated().map { index, phase in self.phase(index, phase?.1, phase.map { memory.floats($0.0) }) })
      let (sum, mask) = (residual.map { memory.floats($0) }, gate.map { memory.floats($0) })
      let to = memory.floats(target)
      return kernelBody(sizes) { fovea_weave(isa, $0, all.pointer, sum, mask, to, $1, $2) }
    }
    return true
  }

  /// A phase, as the kernel takes it.
  private func phase(_ index: Int, _ extent: Spatial?, _ data: UnsafeMutablePointer<Float>?) -> fovea_phase {
    let (r, s) = index.quotientAndRemainder(dividingBy: columns.stride)
    return fovea_phase(
      data: UnsafePointer(data), height: Int32(extent?.height ?? 0), width: Int32(extent?.width ?? 0),
      first_row: Int32(isJoined ? rows.joinedFirst : rows.first(r)),
      first_column: Int32(isJoined ? columns.joinedFirst : columns.first(s)))
  }
}
