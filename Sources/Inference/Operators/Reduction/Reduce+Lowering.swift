import CKernels
import Tensors

extension Reduction {
  fileprivate var kernel: fovea_reduce_kind {
    switch self {
    case .mean: FOVEA_REDUCE_MEAN
    case .sum, .logSum: FOVEA_REDUCE_SUM
    case .maximum: FOVEA_REDUCE_MAX
    case .minimum: FOVEA_REDUCE_MIN
    case .sumSquare, .l2: FOVEA_REDUCE_SQUARES
    case .l1: FOVEA_REDUCE_ABS
    case .product: FOVEA_REDUCE_PRODUCT
    }
  }

  /// What folds the results of the kernel further.
  fileprivate var next: fovea_reduce_kind {
    kernel == FOVEA_REDUCE_SQUARES || kernel == FOVEA_REDUCE_ABS ? FOVEA_REDUCE_SUM : kernel
  }

  /// What is done to the result.
  fileprivate var finish: fovea_activation? {
    switch self {
    case .l2: .init(FOVEA_ACT_SQRT)
    case .logSum: .init(FOVEA_ACT_LOG)
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
  /// Over whole planes of blocked pictures, else over one run of neighbouring axes after the other, the last run first.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0] else { return false }
    let type = builder.graph.type(of: input)
    guard let axes = reducedAxes(node, builder.graph, rank: type.shape.rank), type.element == .float32,
      type.shape.count > 0
    else { return false }
    if let plane = reduction.planeKernel, builder.isBlocked(input), let x = builder.picture(input),
      axes == Array(2..<type.shape.rank), keepsAxes || x.batch == 1 || x.channels % 16 == 0
    {
      return try builder.addPlanePool(node, plane)
    }
    let runs = FoldedRun.all(type.shape, axes)
    guard !runs.isEmpty else { return false }
    var source = try builder.plain(input)
    for (index, run) in runs.enumerated() {
      let isLast = index == runs.count - 1
      let target = isLast ? builder.newPlain(output) : builder.allocate(byteCount: 4 * run.outer * run.inner)
      builder.addFolding(node, run, index == 0 ? reduction.kernel : reduction.next, from: source, to: target)
      source = target
    }
    if let finish = reduction.finish { builder.addFinish(node, finish, of: source) }
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

/// Neighbouring axes that are folded together, in a tensor [outer, count, inner].
private struct FoldedRun {
  var outer: Int, count: Int, inner: Int

  /// What is folded one after the other: each run finds those behind it folded already.
  static func all(_ shape: Shape, _ axes: [Int]) -> [FoldedRun] {
    var (runs, inner, outer, isOpen) = ([FoldedRun](), 1, shape.count, false)
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) where shape[axis] > 1 {
      outer /= shape[axis]
      if !axes.contains(axis) {
        inner *= shape[axis]
        isOpen = false
      } else if isOpen {
        runs[runs.count - 1].count *= shape[axis]
        runs[runs.count - 1].outer = outer
      } else {
        runs.append(FoldedRun(outer: outer, count: shape[axis], inner: inner))
        isOpen = true
      }
    }
    return runs
  }
}

extension PlanBuilder {
  fileprivate mutating func addFolding(
    _ node: Node, _ run: FoldedRun, _ kind: fovea_reduce_kind, from source: Buffer, to target: Buffer
  ) {
    let (isa, outer, count, inner) = (isa.kernels, Int64(run.outer), Int64(run.count), Int64(run.inner))
    let algorithm = run.inner == 1 ? "rows, \(self.isa)" : "columns, \(self.isa)"
    addStep(describe(node, algorithm, .plain), [source, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      return kernelBody(outer) {
        if inner == 1 {
          fovea_reduce_rows(isa, kind, $0.pointee, count, x, y, $1, $2)
        } else {
          fovea_reduce_columns(isa, kind, $0.pointee, count, inner, x, y, $1, $2)
        }
      }
    }
  }

  /// A function of the result, in place.
  fileprivate mutating func addFinish(_ node: Node, _ function: fovea_activation, of buffer: Buffer) {
    let count = Int64(node.outputs[0].map { graph.type(of: $0).shape.count } ?? 0)
    let (isa, extent) = (isa.kernels, fovea_extent(batch: 1, channels: 1, pixels: count, blocked: 0))
    addStep(describe(node, "vector, \(self.isa)", .plain), [buffer]) { memory in
      let y = memory.floats(buffer)
      return kernelBody(extent) { fovea_unary(isa, $0, function, y, y, $1, $2) }
    }
  }
}
