import CKernels
import Tensors

extension PlanBuilder {
  /// MaxPool and AveragePool.
  mutating func addPool(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let x = picture(input), let y = picture(output),
      node.outputs.dropFirst().allSatisfy({ $0 == nil })
    else { return false }
    if homes[output]?[.blocked] != nil { return true }  // The convolution before has stored the maxima.
    guard let params = poolParams(of: node, x, y) else { return false }
    let kernel = "\(params.kernel_height)x\(params.kernel_width)"
    try addPoolStep(node, params, "window \(kernel), \(isa.rawValue)") { fovea_pool($0, $1, $2, $3, $4, $5) }
    return true
  }

  /// The sizes of MaxPool and AveragePool; nil for other operators.
  func poolParams(of node: Node, _ x: Planar, _ y: Planar) -> fovea_pool_params? {
    switch node.op {
    case let pool as MaxPool: return poolParams(FOVEA_POOL_MAX, pool.window, x, y)
    case let pool as AveragePool:
      var params = poolParams(FOVEA_POOL_AVERAGE, pool.window, x, y)
      params.count_include_pad = pool.countsPadding ? 1 : 0
      return params
    default: return nil
    }
  }

  /// GlobalAveragePool and GlobalMaxPool, and ReduceMean and ReduceMax over height and width.
  mutating func addGlobalPool(_ node: Node, kind: fovea_pool_kind) throws -> Bool {
    guard let input = node.inputs[0], let x = picture(input) else { return false }
    let window = Window(
      kernel: x.spatial, strides: Spatial(1, 1), dilations: Spatial(1, 1), padding: .valid)
    let y = Planar(Shape([x.batch, x.channels, 1, 1]))
    if let source = homes[input]?[.bfloat16] {
      return addBfloat16GlobalPool(node, poolParams(kind, window, x, y), from: source)
    }
    try addPoolStep(node, poolParams(kind, window, x, y), "whole plane, \(isa.rawValue)") {
      fovea_global_pool($0, $1, $2, $3, $4, $5)
    }
    return true
  }

  private typealias PoolKernel = (
    fovea_isa, UnsafePointer<fovea_pool_params>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int32, Int32
  ) -> Void

  private mutating func addPoolStep(
    _ node: Node, _ params: fovea_pool_params, _ algorithm: String, kernel: @escaping PoolKernel
  ) throws {
    guard let input = node.inputs[0], let output = node.outputs[0] else { return }
    let source = try blocked(input)
    let count = Int(params.batch) * Int(params.out_batch_stride)
    let target = pooledHome(output, floats: count)
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

  func poolParams(_ kind: fovea_pool_kind, _ window: Window, _ x: Planar, _ y: Planar) -> fovea_pool_params {
    var params = fovea_pool_params()
    let pads = window.resolvedPads(input: x.spatial)
    params.kind = kind
    params.batch = Int32(x.batch)
    (params.channels, params.in_height, params.in_width) = x.sizes
    (params.out_height, params.out_width) = y.spatial.sizes
    (params.kernel_height, params.kernel_width) = window.kernel.sizes
    (params.stride_height, params.stride_width) = window.strides.sizes
    (params.dilation_height, params.dilation_width) = window.dilations.sizes
    (params.pad_top, params.pad_left) = (Int32(pads.top), Int32(pads.left))
    (params.pad_bottom, params.pad_right) = (Int32(pads.bottom), Int32(pads.right))
    params.in_batch_stride = Int64(x.blockedCount / x.batch)
    params.out_batch_stride = Int64(y.blockedCount / y.batch)
    return params
  }
}
