import CKernels
import Tensors

extension PlanBuilder {
  /// Conv on bfloat16, with the sum and the activation fused to it.
  mutating func addBfloat16Convolution(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    let inputs = node.baseInputs
    guard var params = bfloat16Params(of: node), let input = inputs[0], let output = node.outputs[0],
      let weights = inputs[1].flatMap({ graph.values[$0].constant }), let y = picture(output)
    else { return false }
    if let place = bfloat16Places[output] {
      (params.first_lane, params.keeps_rest) = (Int32(place.lane), place.keepsRest ? 1 : 0)
    }
    let isPlanar = params.conv.algorithm == FOVEA_CONV_PLANAR
    let source = isPlanar ? try plain(input) : try bfloat16(input, unit)
    let packedWeights = packBfloat16(weights, params, unit)
    let weightsBuffer = allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let bias = (inputs.count > 2 ? inputs[2] : nil).map { paddedConstant($0, channels: y.channels) }
    let residual = try node.residual.map { try bfloat16($0, unit) }
    let scratch = addScratch(byteCount: fovea_bf16_scratch_size(unit, &params, Int32(threads)))
    let target = newBfloat16(output, y)
    let split = fovea_bf16_splits_channels(unit, &params, Int32(threads)) == 1 ? "channels" : "rows"
    addStep(
      describe(node, Self.bfloat16Name(params.conv, unit), .bfloat16, split: split),
      [source, weightsBuffer, bias, residual, scratch, target]
    ) { memory in
      let args = fovea_bf16_conv_args(
        input: memory[source], weights: memory[weightsBuffer], bias: bias.map { UnsafePointer(memory.floats($0)) },
        residual: residual.map { UnsafePointer(memory.bfloats($0)) }, output: memory.bfloats(target),
        scratch: scratch.map { memory[$0] })
      let held = Held(args)
      return kernelBody(params) { fovea_bf16_conv(unit, $0, held.pointer, $1, $2) }
    }
    return true
  }

  private func packBfloat16(_ weights: Tensor, _ params: fovea_bf16_conv_params, _ unit: fovea_bf16_isa)
    -> TensorStorage
  {
    var params = params
    let p = params.conv
    let sizes: [Int32] = [
      params.first_lane, p.in_channels, p.out_channels, p.kernel_height, p.kernel_width, p.groups, p.stride_height,
      p.stride_width, p.dilation_height, p.dilation_width,
    ]
    return packed.packed(
      weights, kind: "bf16 conv \(p.algorithm.rawValue)", sizes: sizes.map(Int.init),
      floats: fovea_bf16_weights_size(unit, &params) / 4
    ) { fovea_bf16_pack(unit, &params, $0, $1) }
  }

  private static func bfloat16Name(_ params: fovea_conv_params, _ unit: fovea_bf16_isa) -> String {
    let kernel = "\(params.kernel_height)x\(params.kernel_width)"
    switch params.algorithm {
    case FOVEA_CONV_DEPTHWISE: return "depthwise \(kernel), \(Bfloat16.name(unit))"
    case FOVEA_CONV_PLANAR: return "direct \(kernel) from planes, \(Bfloat16.name(unit))"
    default: return "direct \(kernel), \(Bfloat16.name(unit))"
    }
  }

  /// MaxPool and AveragePool on bfloat16.
  mutating func addBfloat16Pool(_ node: Node, _ unit: fovea_bf16_isa) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], let x = picture(input), let y = picture(output),
      var params = poolParams(of: node, x, y)
    else { return false }
    params.in_batch_stride = Int64(x.bfloat16ByteCount / 2 / x.batch)
    params.out_batch_stride = Int64(y.bfloat16ByteCount / 2 / y.batch)
    let (source, target, sizes) = (try bfloat16(input, unit), newBfloat16(output, y), params)
    let kernel = "\(params.kernel_height)x\(params.kernel_width)"
    addStep(describe(node, "window \(kernel), \(Bfloat16.name(unit))", .bfloat16), [source, target]) { memory in
      let (from, to) = (memory.bfloats(source), memory.bfloats(target))
      return kernelBody(sizes) { fovea_bf16_pool(unit, $0, from, to, $1, $2) }
    }
    return true
  }

  /// Means and maxima over whole planes of bfloat16, as blocked float32.
  /// - Parameter params: as for the float32 kernel.
  mutating func addBfloat16GlobalPool(_ node: Node, _ params: fovea_pool_params, from source: Buffer) -> Bool {
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
