import CKernels
import Tensors

/// A product by constant weights.
protocol KernelLinear: Lowerable {
  /// How weights of this shape are to be read; nil when no kernel does.
  func linearForm(_ weights: Shape) -> LinearForm?
}

extension Gemm: KernelLinear {
  var fusions: Fusions { .activation }

  func linearForm(_ weights: Shape) -> LinearForm? {
    let (n, k) = transposeB ? (weights[0], weights[1]) : (weights[1], weights[0])
    return transposeA
      ? nil : LinearForm(inputs: k, outputs: n, isTransposed: transposeB, factor: alpha, biasFactor: beta)
  }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    try addAdjoint(node, to: &builder) || addLinear(node, to: &builder)
  }

  /// The gradient of a fully connected layer's input, for one picture: by the layer's own packed weights.
  private func addAdjoint(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard builder.isBackward, !(node.op is Fused), !transposeA, !transposeB, node.inputs.count == 2,
      let input = node.inputs[0], let output = node.outputs[0], let weights = builder.graph.constant(node.inputs, 1),
      weights.type == .float32, weights.shape.count > 0,
      builder.graph.type(of: output).shape == [1, weights.shape[1]],
      let outputs = Int32(exactly: weights.shape[0]), let inputs = Int32(exactly: weights.shape[1])
    else { return false }
    var params = fovea_linear_params()
    (params.rows, params.in_features, params.out_features) = (1, inputs, outputs)
    let form = LinearForm(
      inputs: weights.shape[1], outputs: weights.shape[0], isTransposed: true, factor: alpha, biasFactor: 1)
    let packedWeights = form.pack(weights, &params, for: builder)
    let rows = builder.allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let (source, target) = (try builder.plain(input), builder.newPlain(output))
    let (isa, sizes) = (builder.isa.kernels, params)
    builder.addStep(
      builder.describe(node, "rows that count, \(params.name(builder.isa))", .plain, split: "columns"),
      [source, rows, target]
    ) { memory in
      let (g, w, y) = (memory.floats(source), memory.floats(rows), memory.floats(target))
      return kernelBody(sizes) { fovea_linear_adjoint(isa, $0, g, w, y, $1, $2) }
    }
    return true
  }
}

extension BiasedMatMul: KernelLinear {
  var fusions: Fusions { .activation }

  func linearForm(_ weights: Shape) -> LinearForm? { LinearForm(matrix: weights) }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool { try addLinear(node, to: &builder) }
}

extension KernelLinear {
  func addLinear(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    let (inputs, graph) = (node.baseInputs, builder.graph)
    guard let input = inputs[0], let output = node.outputs[0], let weights = graph.constant(inputs, 1),
      weights.shape.rank == 2, weights.type == .float32, weights.shape.count > 0,
      graph.type(of: output).shape.count > 0, max(weights.shape[0], weights.shape[1]) <= Int32.max,
      let form = linearForm(weights.shape),
      let rows = Int32(exactly: graph.type(of: output).shape.count / form.outputs)
    else { return false }
    let biasID = inputs.count > 2 ? inputs[2] : nil
    guard biasID.map({ graph.isRow($0, of: form.outputs) }) ?? true else { return false }
    var params = fovea_linear_params()
    (params.rows, params.in_features, params.out_features) = (rows, Int32(form.inputs), Int32(form.outputs))
    (params.in_row_stride, params.out_row_stride) = (Int64(form.inputs), Int64(form.outputs))
    params.activation = node.kernelActivation
    let packedWeights = form.pack(weights, &params, for: builder)
    let weightsBuffer = builder.allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let bias = biasID.flatMap { builder.rowConstant($0, count: form.outputs, factor: form.biasFactor) }
    let (source, target) = (try builder.plain(input), builder.newPlain(output))
    let (isa, sizes) = (builder.isa.kernels, params)
    builder.addStep(
      builder.describe(node, params.name(builder.isa), .plain, split: "columns"),
      [source, weightsBuffer, bias, target]
    ) { memory in
      let args = fovea_linear_args(
        input: memory.floats(source), weights: memory.floats(weightsBuffer),
        bias: bias.map { UnsafePointer(memory.floats($0)) }, residual: nil, output: memory.floats(target))
      let held = Held(args)
      return kernelBody(sizes) { fovea_linear(isa, $0, held.pointer, $1, $2) }
    }
    return true
  }
}

extension Graph {
  /// True for a constant with one number for each column, or one for all.
  fileprivate func isRow(_ value: ValueID, of count: Int) -> Bool {
    guard let constant = values[value].constant, constant.type == .float32 else { return false }
    return constant.shape.count == 1
      || (constant.shape.count == count && constant.shape.rank > 0 && constant.shape[-1] == count)
  }
}

extension PlanBuilder {
  fileprivate mutating func rowConstant(_ value: ValueID, count: Int, factor: Float) -> Buffer? {
    guard let constant = graph.values[value].constant else { return nil }
    let sizes = [count, Int(factor.bitPattern)]
    let storage = packed.packed(constant, kind: "row", sizes: sizes, floats: count) { from, to in
      for i in 0..<count { to[i] = factor * from[constant.shape.count == 1 ? 0 : i] }
    }
    return allocate(byteCount: storage.bytes.count, external: storage)
  }
}
