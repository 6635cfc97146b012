import CKernels
import Tensors

extension Conv {
  /// Fewer output pixels do not fill a tile.
  private static let leastPixels = 16

  func keepsBfloat16(_ node: Node, _ known: Set<ValueID>, in builder: PlanBuilder) -> Bool {
    guard let input = node.baseInputs[0], let params = bfloat16Params(of: node, in: builder)?.conv else { return false }
    return params.algorithm == FOVEA_CONV_DEPTHWISE
      ? known.contains(input) : Int(params.out_height) * Int(params.out_width) >= Self.leastPixels
  }

  /// The sizes for the kernels that multiply bfloat16; nil when none takes it.
  func bfloat16Params(of node: Node, in builder: PlanBuilder) -> fovea_bf16_conv_params? {
    guard var params = params(of: node, in: builder) else { return nil }
    if params.groups > 1 || (params.in_channels == 1 && params.out_channels == 1) {
      params.algorithm = FOVEA_CONV_DEPTHWISE
    } else {
      params.algorithm = params.in_channels <= 4 ? FOVEA_CONV_PLANAR : FOVEA_CONV_BLOCKED
    }
    let (x, y) = (Int(params.in_channels), Int(params.out_channels))
    let (inPixels, outPixels) = (params.in_height * params.in_width, params.out_height * params.out_width)
    let isPlanar = params.algorithm == FOVEA_CONV_PLANAR
    params.in_batch_stride = Int64(isPlanar ? x : (x + 31) / 32 * 32) * Int64(inPixels)
    params.out_batch_stride = Int64((y + 31) / 32 * 32) * Int64(outPixels)
    params.residual_batch_stride = params.out_batch_stride
    var sized = fovea_bf16_conv_params(conv: params, first_lane: 0, keeps_rest: 0)
    return fovea_bf16_accepts(&sized) == 1 ? sized : nil
  }

  /// With the sum and the activation fused to it.
  func addBfloat16(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    guard var params = bfloat16Params(of: node, in: builder), let input = node.baseInputs[0],
      let output = node.outputs[0], let weights = builder.graph.constant(node.baseInputs, 1),
      let y = builder.picture(output)
    else { return false }
    if let place = builder.bfloat16Places[output] {
      (params.first_lane, params.keeps_rest) = (Int32(place.lane), place.keepsRest ? 1 : 0)
    }
    let isPlanar = params.conv.algorithm == FOVEA_CONV_PLANAR
    let source = isPlanar ? try builder.plain(input) : try builder.bfloat16(input, unit)
    let packedWeights = Self.pack(weights, params, unit, builder.packed)
    let weightsBuffer = builder.allocate(byteCount: packedWeights.bytes.count, external: packedWeights)
    let bias = builder.biasBuffer(of: node, channels: y.channels)
    let residual = try node.residual.map { try builder.bfloat16($0, unit) }
    let scratch = builder.addScratch(byteCount: fovea_bf16_scratch_size(unit, &params, Int32(builder.threads)))
    let target = builder.newBfloat16(output, y)
    let split = fovea_bf16_splits_channels(unit, &params, Int32(builder.threads)) == 1 ? "channels" : "rows"
    builder.addStep(
      builder.describe(node, Self.name(params.conv, unit), .bfloat16, split: split),
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

  private static func pack(
    _ weights: Tensor, _ params: fovea_bf16_conv_params, _ unit: fovea_bf16_isa, _ packed: PackedWeights
  ) -> TensorStorage {
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

  private static func name(_ params: fovea_conv_params, _ unit: fovea_bf16_isa) -> String {
    let kernel = "\(params.kernel_height)x\(params.kernel_width)"
    switch params.algorithm {
    case FOVEA_CONV_DEPTHWISE: return "depthwise \(kernel), \(Bfloat16.name(unit))"
    case FOVEA_CONV_PLANAR: return "direct \(kernel) from planes, \(Bfloat16.name(unit))"
    default: return "direct \(kernel), \(Bfloat16.name(unit))"
    }
  }
}
