import CKernels

/// An operator that multiplies a gradient by a slope. Inputs: the gradient; what the slope is read from.
protocol SlopeProduct: Lowerable {
  /// What the kernels take; nil when no kernel computes it.
  var kernelSlope: fovea_slope? { get }
  /// True when the gradient is one number for each channel, [N, C, 1, 1].
  var isSpread: Bool { get }
}

extension ActivationGradient: SlopeProduct { var kernelSlope: fovea_slope? { function.kernelSlope } }
extension RelevanceShare: SlopeProduct { var kernelSlope: fovea_slope? { .init(FOVEA_SLOPE_SHARE, epsilon) } }
extension SpreadSlope: SlopeProduct {
  var kernelSlope: fovea_slope? { slope.kernelSlope }
  var isSpread: Bool { true }
}

extension SlopeProduct {
  var isSpread: Bool { false }

  /// One step in whatever layout gradient and value lie.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let slope = kernelSlope, let gradient = node.inputs[0], let value = node.inputs[1],
      let output = node.outputs[0], builder.graph.type(of: value).shape.count > 0
    else { return false }
    var params = fovea_slope_params()
    (params.slope, params.broadcast) = (slope, isSpread ? FOVEA_CHANNEL_BATCH : FOVEA_SAME)
    let (g, v, target): (Buffer, Buffer, Buffer)
    let layout: TensorLayout
    if let extent = builder.picture(value), isSpread || builder.isBlocked(gradient) || builder.isBlocked(value) {
      (g, v) = (try builder.blocked(gradient), try builder.blocked(value))
      (target, layout, params.extent) = (
        builder.newBlocked(output, extent), .blocked, extent.extent(isBlocked: true)
      )
    } else {
      (g, v) = (try builder.plain(gradient), try builder.plain(value))
      let count = Int64(builder.graph.type(of: value).shape.count)
      params.extent = fovea_extent(batch: 1, channels: 1, pixels: count, blocked: 0)
      (target, layout) = (builder.newPlain(output), .plain)
    }
    let (isa, sizes) = (builder.isa.kernels, params)
    builder.addStep(builder.describe(node, "slope, \(builder.isa)", layout), [g, v, target]) { memory in
      let (from, with, to) = (memory.floats(g), memory.floats(v), memory.floats(target))
      return kernelBody(sizes) { fovea_slope_product(isa, $0, from, with, to, $1, $2) }
    }
    return true
  }
}

extension fovea_slope {
  init(_ kind: fovea_slope_kind, _ a: Float = 0, _ b: Float = 0, _ c: Float = 0) {
    self.init(kind: kind, a: a, b: b, c: c)
  }

  /// `factor` where the value lies between the bounds of a gate, else 0.
  init(_ gate: Gate, factor: Float = 1) { self.init(FOVEA_SLOPE_GATE, gate.low, gate.high, factor) }
}
