import CKernels
import Tensors

extension MatMul: KernelLinear {
  func linearForm(_ weights: Shape) -> LinearForm? { LinearForm(matrix: weights) }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    try addLinear(node, to: &builder) || addProduct(node, to: &builder)
  }

  /// Two computed matrices whose batches agree, or of which one has none.
  private func addProduct(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], let output = node.outputs[0],
      var params = Self.params(builder.graph.type(of: a).shape, builder.graph.type(of: b).shape)
    else { return false }
    let isa = builder.isa.kernels
    let scratch = builder.addScratch(byteCount: fovea_matmul_scratch_size(isa, &params, Int32(builder.threads)))
    let (left, right, target) = (try builder.plain(a), try builder.plain(b), builder.newPlain(output))
    let sizes = params
    builder.addStep(
      builder.describe(node, "two matrices, \(builder.isa)", .plain, split: "columns"), [left, right, scratch, target]
    ) { memory in
      let (x, y, z) = (memory.floats(left), memory.floats(right), memory.floats(target))
      let own = scratch.map { memory[$0] }
      return kernelBody(sizes) { fovea_matmul(isa, $0, x, y, z, own, $1, $2) }
    }
    return true
  }

  private static func params(_ a: Shape, _ b: Shape) -> fovea_matmul_params? {
    guard a.rank >= 2, b.rank >= 2, a.count > 0, b.count > 0 else { return nil }
    let (batchA, batchB) = (Array(a.dimensions.dropLast(2)), Array(b.dimensions.dropLast(2)))
    let (countA, countB) = (batchA.reduce(1, *), batchB.reduce(1, *))
    guard batchA == batchB || countA == 1 || countB == 1, let batch = Int32(exactly: max(countA, countB)),
      let m = Int32(exactly: a[-2]), let k = Int32(exactly: a[-1]), let n = Int32(exactly: b[-1])
    else { return nil }
    return fovea_matmul_params(
      batch: batch, m: m, n: n, k: k, a_batch: countA == 1 ? 0 : Int64(a[-2] * a[-1]), a_row: Int64(k), a_column: 1,
      b_batch: countB == 1 ? 0 : Int64(b[-2] * b[-1]), b_row: Int64(n), b_column: 1, alpha: 1, activation: .identity)
  }
}
