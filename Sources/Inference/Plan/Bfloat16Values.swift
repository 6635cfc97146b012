import CKernels
import Tensors

extension PlanBuilder {
  /// The values that precision bf16 keeps as bfloat16. It follows from operators and shapes of one picture alone, not from what
  /// is tapped or fused or how many pictures there are, so that none of these changes a number.
  ///
  /// Convolutions begin it; what follows them and has a kernel stays in it. Backward passes compute in float32.
  func findBfloat16Values() -> Set<ValueID> {
    var known: Set<ValueID> = []
    for node in graph.nodes[..<(starts.first ?? graph.nodes.count)] {
      guard let output = node.outputs.first.flatMap({ $0 }), picture(output) != nil, staysBfloat16(node, known) else {
        continue
      }
      known.insert(output)
    }
    return known
  }

  /// True when a value is kept as bfloat16.
  func isBfloat16(_ value: ValueID?) -> Bool { value.map(bfloat16Values.contains) ?? false }

  /// Fewer output pixels do not fill a tile.
  private static let leastPixels = 16

  private func staysBfloat16(_ node: Node, _ known: Set<ValueID>) -> Bool {
    guard let input = node.inputs.first.flatMap({ $0 }), picture(input) != nil else { return false }
    switch node.baseOperator {
    case is Conv:
      guard let params = bfloat16Params(of: node)?.conv else { return false }
      return params.algorithm == FOVEA_CONV_DEPTHWISE
        ? known.contains(input) : Int(params.out_height) * Int(params.out_width) >= Self.leastPixels
    case is MaxPool, is AveragePool: return known.contains(input) && node.outputs.dropFirst().allSatisfy { $0 == nil }
    case is Concat:
      return channelConcat(node) != nil && bfloat16Offsets(node) != nil
        && node.inputs.allSatisfy { $0.map(known.contains) ?? false }
    case is Identity, is Dropout: return known.contains(input)
    default: return Bfloat16Map(node, self, known) != nil
    }
  }

  /// The sizes of a convolution that can multiply bfloat16; nil for any other node.
  func bfloat16Params(of node: Node) -> fovea_bf16_conv_params? {
    guard node.baseOperator is Conv, var params = convolutionParams(of: node) else { return nil }
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

  /// For each input of a Concat its first channel in the output; nil unless all are multiples of 16.
  func bfloat16Offsets(_ node: Node) -> [Int]? {
    var (channel, offsets) = (0, [Int]())
    for input in node.inputs {
      guard channel % 16 == 0, let extent = picture(input) else { return nil }
      offsets.append(channel)
      channel += extent.channels
    }
    return offsets
  }
}

extension Planar {
  /// Bytes of the bfloat16 layout.
  var bfloat16ByteCount: Int { 2 * batch * ((channels + 31) / 32) * 32 * pixels }
}

/// An element-wise step on bfloat16: f(x scale[c] + shift[c] + other).
struct Bfloat16Map {
  /// One number for each channel.
  enum Factors {
    case constants([Double])
    /// A computed value [N, C, 1, 1].
    case value(ValueID)
  }

  var input: ValueID
  var other: ValueID?
  var scale: Factors?
  var shift: [Double]?
  var activation: fovea_activation

  /// True when the factors are not the same for all pictures.
  var hasFactorsOfEachImage: Bool {
    if case .value? = scale { return true }
    return false
  }

  /// Sums of two values of one shape, a factor and a shift for each channel, and activations, where one input is among `known`.
  init?(_ node: Node, _ builder: PlanBuilder, _ known: Set<ValueID>) {
    let graph = builder.graph
    activation = node.activation.flatMap { KernelActivation($0) }?.function ?? KernelActivation.none
    let inputs = node.baseInputs.compactMap { $0 }
    let base = Node(name: node.name, op: node.baseOperator, inputs: node.baseInputs, outputs: node.outputs)
    guard let first = inputs.first, let output = node.outputs[0] else { return nil }
    if let function = KernelActivation(base, graph)?.function {
      guard known.contains(first), !(node.op is Fused) else { return nil }
      (input, activation) = (first, function)
    } else if let (value, affine) = ChannelAffine.of(base, graph), known.contains(value) {
      (input, scale, shift) = (value, .constants(affine.scale), affine.shift)
    } else if base.op is Add, inputs.count == 2, inputs.contains(where: known.contains),
      inputs.allSatisfy({ graph.type(of: $0) == graph.type(of: output) && graph.values[$0].constant == nil })
    {
      (input, other) = (inputs[0], inputs[1])
    } else if base.op is Mul, inputs.count == 2, let x = inputs.first(where: known.contains),
      let factors = inputs.first(where: { $0 != x }), let extent = builder.picture(x),
      graph.type(of: x) == graph.type(of: output), graph.values[factors].constant == nil,
      let small = builder.picture(factors), small.batch == extent.batch, small.channels == extent.channels,
      small.spatial == Spatial(1, 1), extent.pixels > 1
    {
      (input, scale) = (x, .value(factors))
    } else {
      return nil
    }
  }
}
