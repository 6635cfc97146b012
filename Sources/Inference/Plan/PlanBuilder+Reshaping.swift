import CKernels
import Tensors

extension PlanBuilder {
  /// Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout: the same bytes under another shape.
  mutating func addReinterpretation(_ node: Node) throws -> Bool {
    guard node.op is any Reinterpretation, let input = node.inputs[0], let output = node.outputs[0],
      node.outputs.dropFirst().allSatisfy({ $0 == nil }),
      graph.type(of: input).element == graph.type(of: output).element
    else { return false }
    if graph.type(of: input) == graph.type(of: output), let home = homes[input] {
      homes[output] = home
    } else {
      homes[output] = [.plain: try plain(input)]
    }
    return true
  }

  /// Transpose of elements of 4 bytes.
  mutating func addTranspose(_ node: Node) throws -> Bool {
    guard let op = node.op as? Transpose, let input = node.inputs[0], let output = node.outputs[0] else { return false }
    let type = graph.type(of: input)
    guard type.element.size == 4, type.shape.rank <= 8, type.shape.count > 0 else { return false }
    let order = op.permutation ?? Array((0..<type.shape.rank).reversed())
    var params = fovea_transpose_params()
    params.rank = Int32(type.shape.rank)
    withUnsafeMutableBytes(of: &params.extents) { extents in
      for (axis, extent) in type.shape.dimensions.enumerated() {
        extents.storeBytes(of: Int64(extent), toByteOffset: 8 * axis, as: Int64.self)
      }
    }
    withUnsafeMutableBytes(of: &params.permutation) { permutation in
      for (axis, source) in order.enumerated() {
        permutation.storeBytes(of: Int32(source), toByteOffset: 4 * axis, as: Int32.self)
      }
    }
    let (source, target) = (try plain(input), newPlain(output))
    let (isa, sizes) = (isa.kernels, params)
    addStep(describe(node, "tiles", .plain), [source, target]) { memory in
      let (x, y) = (memory[source], memory[target])
      return kernelBody(sizes) { fovea_transpose(isa, $0, x, y, $1, $2) }
    }
    return true
  }

  /// Split of one blocked picture along its channels at whole blocks: the outputs are parts of the input.
  mutating func addSplit(_ node: Node) throws -> Bool {
    guard let op = node.op as? Split, let input = node.inputs[0], let extent = picture(input), isBlocked(input),
      extent.batch == 1, op.axis == 1 || op.axis == 1 - graph.type(of: input).shape.rank
    else { return false }
    let parts = node.outputs.compactMap { $0.map { graph.type(of: $0).shape[1] } }
    guard parts.count == node.outputs.count, parts.allSatisfy({ $0 % 16 == 0 && $0 > 0 }) else { return false }
    var buffer = try blocked(input)
    for (output, channels) in zip(node.outputs, parts) {
      if let output { homes[output] = [.blocked: buffer] }
      buffer.offset += 4 * channels * extent.pixels
    }
    return true
  }

  /// ReduceMean, ReduceSum, ReduceMax, ReduceMin and ReduceSumSquare over the last axes.
  mutating func addReduction(_ node: Node) throws -> Bool {
    guard let op = node.op as? Reduce, let input = node.inputs[0], let output = node.outputs[0],
      let kind = Self.reductionKinds[op.reduction], let axes = reducedAxes(op, node)
    else { return false }
    let type = graph.type(of: input)
    guard type.element == .float32, type.shape.count > 0, !axes.isEmpty,
      axes == Array(type.shape.rank - axes.count..<type.shape.rank)
    else { return false }
    if let poolKind = Self.planeKinds[op.reduction], isBlocked(input), let x = picture(input),
      axes.count == type.shape.rank - 2, op.keepsAxes || x.batch == 1 || x.channels % 16 == 0
    {
      return try addGlobalPool(node, kind: poolKind)
    }
    let columns = axes.map { type.shape[$0] }.reduce(1, *)
    let (source, target) = (try plain(input), newPlain(output))
    let (isa, rows) = (isa.kernels, Int64(type.shape.count / columns))
    addStep(describe(node, "rows, \(self.isa.rawValue)", .plain), [source, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      return kernelBody(rows) { fovea_reduce_rows(isa, kind, $0.pointee, Int64(columns), x, y, $1, $2) }
    }
    return true
  }

  private static let reductionKinds: [Reduction: fovea_reduce_kind] = [
    .mean: FOVEA_REDUCE_MEAN, .sum: FOVEA_REDUCE_SUM, .maximum: FOVEA_REDUCE_MAX, .minimum: FOVEA_REDUCE_MIN,
    .sumSquare: FOVEA_REDUCE_SQUARES,
  ]

  private static let planeKinds: [Reduction: fovea_pool_kind] = [.mean: FOVEA_POOL_AVERAGE, .maximum: FOVEA_POOL_MAX]

  /// The axes that a reduction folds, in order, counted from the front; nil when they are computed.
  private func reducedAxes(_ op: Reduce, _ node: Node) -> [Int]? {
    guard let input = node.inputs[0] else { return nil }
    let rank = graph.type(of: input).shape.rank
    var axes = op.axes
    if axes == nil, node.inputs.count > 1, let value = node.inputs[1] {
      guard let constant = graph.values[value].constant, let given = try? constant.integers("axes") else { return nil }
      axes = given
    }
    guard let axes, !axes.isEmpty else { return op.doesNothingWithoutAxes ? nil : Array(0..<rank) }
    return axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
  }
}
