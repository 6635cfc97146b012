import CKernels
import Tensors

extension PlanBuilder {
  /// Gemm and MatMul with constant weights.
  mutating func addLinear(_ node: Node) throws -> Bool {
    let inputs = node.baseInputs
    guard let input = inputs[0], let output = node.outputs[0], let weightsID = inputs[1],
      let weights = graph.values[weightsID].constant, weights.shape.rank == 2, weights.type == .float32,
      weights.shape.count > 0, graph.type(of: output).shape.count > 0, let form = linearForm(node, weights.shape),
      let rows = Int32(exactly: graph.type(of: output).shape.count / form.outputs)
    else { return false }
    let biasID = inputs.count > 2 ? inputs[2] : nil
    guard biasID.map({ isRow($0, of: form.outputs) }) ?? true else { return false }
    var params = fovea_linear_params()
    (params.rows, params.in_features, params.out_features) = (rows, Int32(form.inputs), Int32(form.outputs))
    (params.in_row_stride, params.out_row_stride) = (Int64(form.inputs), Int64(form.outputs))
    params.activation = node.activation.flatMap { KernelActivation($0) }?.function ?? KernelActivation.none
    let packedWeights = packLinear(weights, &params, form)
    let weightsBuffer = allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let bias = biasID.flatMap { rowConstant($0, count: form.outputs, factor: form.biasFactor) }
    let (source, target) = (try plain(input), newPlain(output))
    let (isa, sizes) = (isa.kernels, params)
    addStep(
      describe(node, linearName(params), .plain, split: "columns"),
      [source, weightsBuffer, bias, target]
    ) {
      memory in
      let args = fovea_linear_args(
        input: memory.floats(source), weights: memory.floats(weightsBuffer),
        bias: bias.map { UnsafePointer(memory.floats($0)) }, residual: nil, output: memory.floats(target))
      let held = Held(args)
      return kernelBody(sizes) { fovea_linear(isa, $0, held.pointer, $1, $2) }
    }
    return true
  }

  private func linearForm(_ node: Node, _ weights: Shape) -> LinearForm? {
    guard weights[0] <= Int32.max, weights[1] <= Int32.max else { return nil }
    switch node.baseOperator {
    case let gemm as Gemm where !gemm.transposeA:
      let (n, k) = gemm.transposeB ? (weights[0], weights[1]) : (weights[1], weights[0])
      return LinearForm(
        inputs: k, outputs: n, isTransposed: gemm.transposeB, factor: gemm.alpha, biasFactor: gemm.beta)
    case is MatMul, is BiasedMatMul:
      return LinearForm(inputs: weights[0], outputs: weights[1], isTransposed: false, factor: 1, biasFactor: 1)
    default: return nil
    }
  }

  /// True for a constant with one number for each column, or one for all.
  private func isRow(_ value: ValueID, of count: Int) -> Bool {
    guard let constant = graph.values[value].constant, constant.type == .float32 else { return false }
    return constant.shape.count == 1
      || (constant.shape.count == count && constant.shape.rank > 0 && constant.shape[-1] == count)
  }

  private mutating func rowConstant(_ value: ValueID, count: Int, factor: Float) -> Buffer? {
    guard let constant = graph.values[value].constant else { return nil }
    let sizes = [count, Int(factor.bitPattern)]
    let storage = packed.packed(constant, kind: "row", sizes: sizes, floats: count) { from, to in
      for i in 0..<count { to[i] = factor * from[constant.shape.count == 1 ? 0 : i] }
    }
    return allocate(byteCount: storage.bytes.count, external: storage)
  }

  /// MatMul: by constant weights, or of two computed matrices whose batches agree or where one has none.
  mutating func addMatMul(_ node: Node) throws -> Bool {
    if try addLinear(node) { return true }
    guard node.op is MatMul, let a = node.inputs[0], let b = node.inputs[1], let output = node.outputs[0],
      var params = matmulParams(graph.type(of: a).shape, graph.type(of: b).shape)
    else { return false }
    params.activation = KernelActivation.none
    let scratch = addScratch(byteCount: fovea_matmul_scratch_size(isa.kernels, &params, Int32(threads)))
    let (left, right, target) = (try plain(a), try plain(b), newPlain(output))
    let (isa, sizes) = (isa.kernels, params)
    addStep(
      describe(node, "two matrices, \(self.isa.rawValue)", .plain, split: "columns"), [left, right, scratch, target]
    ) { memory in
      let (x, y, z) = (memory.floats(left), memory.floats(right), memory.floats(target))
      let own = scratch.map { memory[$0] }
      return kernelBody(sizes) { fovea_matmul(isa, $0, x, y, z, own, $1, $2) }
    }
    return true
  }

  private func matmulParams(_ a: Shape, _ b: Shape) -> fovea_matmul_params? {
    guard a.rank >= 2, b.rank >= 2, a.count > 0, b.count > 0 else { return nil }
    let (batchA, batchB) = (Array(a.dimensions.dropLast(2)), Array(b.dimensions.dropLast(2)))
    let (countA, countB) = (batchA.reduce(1, *), batchB.reduce(1, *))
    guard batchA == batchB || countA == 1 || countB == 1, let batch = Int32(exactly: max(countA, countB)),
      let m = Int32(exactly: a[-2]), let k = Int32(exactly: a[-1]), let n = Int32(exactly: b[-1])
    else { return nil }
    return fovea_matmul_params(
      batch: batch, m: m, n: n, k: k, a_batch: countA == 1 ? 0 : Int64(a[-2] * a[-1]), a_row: Int64(k), a_column: 1,
      b_batch: countB == 1 ? 0 : Int64(b[-2] * b[-1]), b_row: Int64(n), b_column: 1, alpha: 1,
      activation: KernelActivation.none)
  }
}
