import CKernels
import Tensors

extension Reduction {
  fileprivate var kernel: fovea_reduce_kind? {
    switch self {
    case .mean: FOVEA_REDUCE_MEAN
    case .sum: FOVEA_REDUCE_SUM
    case .maximum: FOVEA_REDUCE_MAX
    case .minimum: FOVEA_REDUCE_MIN
    case .sumSquare: FOVEA_REDUCE_SQUARES
    default: nil
    }
  }

  /// The same over the planes of blocked pictures.
  fileprivate var planeKernel: fovea_pool_kind? {
    switch self {
    case .mean: FOVEA_POOL_AVERAGE
    case .maximum: FOVEA_POOL_MAX
    default: nil
    }
  }
}

extension Reduce: Lowerable {
  /// Over the last axes.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let kind = reduction.kernel else { return false }
    let type = builder.graph.type(of: input)
    guard let axes = reducedAxes(node, builder.graph, rank: type.shape.rank), type.element == .float32,
      type.shape.count > 0, !axes.isEmpty, axes == Array(type.shape.rank - axes.count..<type.shape.rank)
    else { return false }
    if let plane = reduction.planeKernel, builder.isBlocked(input), let x = builder.picture(input),
      axes.count == type.shape.rank - 2, keepsAxes || x.batch == 1 || x.channels % 16 == 0
    {
      return try builder.addPlanePool(node, plane)
    }
    let columns = axes.map { type.shape[$0] }.reduce(1, *)
    let (source, target) = (try builder.plain(input), builder.newPlain(output))
    let (isa, rows) = (builder.isa.kernels, Int64(type.shape.count / columns))
    builder.addStep(builder.describe(node, "rows, \(builder.isa)", .plain), [source, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      return kernelBody(rows) { fovea_reduce_rows(isa, kind, $0.pointee, Int64(columns), x, y, $1, $2) }
    }
    return true
  }

  /// The axes that are folded, in order, counted from the front; nil when they are computed.
  private func reducedAxes(_ node: Node, _ graph: Graph, rank: Int) -> [Int]? {
    var axes = axes
    if axes == nil, node.inputs.count > 1, node.inputs[1] != nil {
      guard let given = try? graph.constant(node.inputs, 1)?.integers("axes") else { return nil }
      axes = given
    }
    guard let axes, !axes.isEmpty else { return doesNothingWithoutAxes ? nil : Array(0..<rank) }
    return axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
  }
}
