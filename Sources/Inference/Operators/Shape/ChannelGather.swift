import Tensors

/// A picture whose channels are channels of others: [N, C', H, W] each to [N, channels.count, H, W].
struct ChannelGather: Operator {
  /// A channel of an input.
  struct Source: Hashable {
    var input: Int, channel: Int
  }

  let name = "ChannelGather"
  /// One for each channel of the output.
  var channels: [Source]

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    var type = try required(inputs, 0, "0").type
    type.shape[1] = channels.count
    return [type]
  }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let all = Planar(outputs[0].shape)
    let y = outputs[0].floats
    for n in 0..<all.batch {
      for (c, source) in channels.enumerated() {
        guard let x = inputs[source.input] else { continue }
        let from = (n * x.shape[1] + source.channel) * all.pixels
        for i in 0..<all.pixels { y[(n * all.channels + c) * all.pixels + i] = x.floats[from + i] }
      }
    }
  }
}
