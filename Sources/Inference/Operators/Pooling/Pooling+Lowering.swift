import CKernels

/// A pool whose windows a kernel slides.
protocol WindowPool: Lowerable {
  var window: Window { get }
  var poolKind: fovea_pool_kind { get }
  var countsPadding: Bool { get }
}

extension MaxPool: WindowPool {
  var poolKind: fovea_pool_kind { FOVEA_POOL_MAX }
  var countsPadding: Bool { false }
}

extension AveragePool: WindowPool { var poolKind: fovea_pool_kind { FOVEA_POOL_AVERAGE } }

extension WindowPool {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let x = builder.picture(input),
      let y = builder.picture(output), node.outputs.dropFirst().allSatisfy({ $0 == nil })
    else { return false }
    if builder.homes[output]?[.blocked] != nil { return true }  // The convolution before has stored the maxima.
    try builder.addPool(node, params(x, y), "window \(window.kernel), \(builder.isa)") {
      fovea_pool($0, $1, $2, $3, $4, $5)
    }
    return true
  }

  func params(_ x: Planar, _ y: Planar) -> fovea_pool_params {
    var params = fovea_pool_params(poolKind, window, x, y)
    params.count_include_pad = countsPadding ? 1 : 0
    return params
  }
}

extension GlobalAveragePool: Lowerable {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    try builder.addPlanePool(node, FOVEA_POOL_AVERAGE)
  }
}

extension GlobalMaxPool: Lowerable {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    try builder.addPlanePool(node, FOVEA_POOL_MAX)
  }
}

extension PlanBuilder {
  /// The mean or the largest of each plane of a node's first input, whatever layout it lies in.
  mutating func addPlanePool(_ node: Node, _ kind: fovea_pool_kind) throws -> Bool {
    guard let input = node.inputs[0], let x = picture(input) else { return false }
    let params = fovea_pool_params(kind, Window(kernel: x.spatial), x, Planar([x.batch, x.channels, 1, 1]))
    if let source = homes[input]?[.bfloat16] { return addBfloat16PlanePool(node, params, from: source) }
    try addPool(node, params, "whole plane, \(isa)") { fovea_global_pool($0, $1, $2, $3, $4, $5) }
    return true
  }

  fileprivate typealias PoolKernel = (
    fovea_isa, UnsafePointer<fovea_pool_params>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int32, Int32
  ) -> Void

  fileprivate mutating func addPool(
    _ node: Node, _ params: fovea_pool_params, _ algorithm: String, kernel: @escaping PoolKernel
  ) throws {
    guard let input = node.inputs[0], let output = node.outputs[0] else { return }
    let source = try blocked(input)
    let target = pooledHome(output, floats: Int(params.batch) * Int(params.out_batch_stride))
    let isa = isa.kernels
    addStep(describe(node, algorithm, .blocked), [source, target]) { memory in
      let (from, to) = (UnsafePointer(memory.floats(source)), memory.floats(target))
      return kernelBody(params) { kernel(isa, $0, from, to, $1, $2) }
    }
  }

  /// A reduction without kept axes has two axes only; its blocked bytes are its row-major ones where no lane is padding.
  mutating func pooledHome(_ output: ValueID, floats: Int) -> Buffer {
    if let y = picture(output) { return newBlocked(output, y) }
    let buffer = allocate(byteCount: 4 * floats)
    homes[output] = [.plain: buffer]
    return buffer
  }
}

extension fovea_pool_params {
  init(_ kind: fovea_pool_kind, _ window: Window, _ x: Planar, _ y: Planar) {
    self.init()
    let pads = window.resolvedPads(input: x.spatial)
    (self.kind, batch) = (kind, Int32(x.batch))
    (channels, in_height, in_width) = x.sizes
    (out_height, out_width) = y.spatial.sizes
    (kernel_height, kernel_width) = window.kernel.sizes
    (stride_height, stride_width) = window.strides.sizes
    (dilation_height, dilation_width) = window.dilations.sizes
    (pad_top, pad_left) = (Int32(pads.top), Int32(pads.left))
    (pad_bottom, pad_right) = (Int32(pads.bottom), Int32(pads.right))
    in_batch_stride = Int64(x.blockedCount / x.batch)
    out_batch_stride = Int64(y.blockedCount / y.batch)
  }
}
