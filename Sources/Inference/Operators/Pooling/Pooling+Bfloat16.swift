import CKernels

extension WindowPool {
  func keepsBfloat16(_ node: Node, _ known: Set<ValueID>, in builder: PlanBuilder) -> Bool {
    node.inputs[0].map(known.contains) ?? false && node.outputs.dropFirst().allSatisfy { $0 == nil }
  }

  func addBfloat16Steps(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let x = builder.picture(input),
      let y = builder.picture(output)
    else { return false }
    var params = params(x, y)
    params.in_batch_stride = Int64(x.bfloat16ByteCount / 2 / x.batch)
    params.out_batch_stride = Int64(y.bfloat16ByteCount / 2 / y.batch)
    let (source, target, sizes) = (try builder.bfloat16(input, unit), builder.newBfloat16(output, y), params)
    let description = builder.describe(node, "window \(window.kernel), \(Bfloat16.name(unit))", .bfloat16)
    builder.addStep(description, [source, target]) { memory in
      let (from, to) = (memory.bfloats(source), memory.bfloats(target))
      return kernelBody(sizes) { fovea_bf16_pool(unit, $0, from, to, $1, $2) }
    }
    return true
  }
}

extension PlanBuilder {
  /// Means and maxima over whole planes of bfloat16, as blocked float32.
  /// - Parameter params: as for the float32 kernel.
  mutating func addBfloat16PlanePool(_ node: Node, _ params: fovea_pool_params, from source: Buffer) -> Bool {
    guard let unit = bf16, let output = node.outputs[0], let x = picture(node.inputs[0]) else { return false }
    var params = params
    params.in_batch_stride = Int64(x.bfloat16ByteCount / 2 / x.batch)
    let target = pooledHome(output, floats: Int(params.batch) * Int(params.out_batch_stride))
    let sizes = params
    addStep(describe(node, "whole plane, \(Bfloat16.name(unit))", .blocked), [source, target]) { memory in
      let (from, to) = (memory.bfloats(source), memory.floats(target))
      return kernelBody(sizes) { fovea_bf16_global_pool(unit, $0, from, to, $1, $2) }
    }
    return true
  }
}
