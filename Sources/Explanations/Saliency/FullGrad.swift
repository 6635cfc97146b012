import Inference
import Tensors

/// FullGrad: Srinivas and Fleuret 2019, equation 8: input × gradient, plus bias × gradient of every convolution and
/// normalisation; of each plane the magnitude, scaled to 0…1 and to the input's size.
final class FullGrad: SaliencyMethod {
  static let info = MethodInfo(
    "fullgrad", "FullGrad", "what the input and the biases of all layers contribute together",
    paper: "Srinivas and Fleuret 2019, eq. 8", needs: .gradients, cost: "2.4")

  private let request: Int
  private let biases: [Bias]
  private let plane: FloatBuffer, sum: FloatBuffer, enlarged: FloatBuffer

  private struct Bias {
    let layer: String
    let values: [Float]
    let resizer: BilinearResize
  }

  init(_ setup: MethodSetup) throws {
    let (network, input) = (setup.network, setup.network.inputExtent)
    let leading = network.valuesLeading(to: setup.target)
    biases = network.graph.nodes.compactMap { node in
      guard let output = node.outputs.first ?? nil, leading.contains(output),
        let extent = network.extent(of: network.graph.values[output].name), extent.isSpatial,
        let values = Self.bias(of: node, network.graph), values.count == extent.channels
      else { return nil }
      return Bias(
        layer: network.graph.values[output].name, values: values,
        resizer: BilinearResize(
          height: extent.height, width: extent.width, toHeight: input.height, toWidth: input.width))
    }
    let largest = biases.compactMap { network.extent(of: $0.layer) }.map { $0.height * $0.width }.max() ?? 0
    plane = FloatBuffer(max(largest, input.height * input.width))
    sum = FloatBuffer(largest)
    enlarged = FloatBuffer(input.height * input.width)
    request = try setup.gradient(withRespectTo: [network.input] + biases.map(\.layer))
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try run.backward(request)
    map.clear()
    let gradient = run.inputGradient(request)
    for channel in 0..<gradient.channels {
      let (slopes, start) = (gradient.channel(channel), channel * gradient.area)
      for i in 0..<gradient.area { plane[i] = abs(slopes[i] * run.picture[start + i]) }
      rescale(gradient.area)
      for i in 0..<gradient.area { map.values[i] += plane[i] }
    }
    for bias in biases { add(bias, run.gradient(request, bias.layer), to: map) }
  }

  private func add(_ bias: Bias, _ gradient: Features, to map: SaliencyMap) {
    // Enlarging is linear: the sum of the planes is enlarged instead of each of them.
    for i in 0..<gradient.area { sum[i] = 0 }
    for channel in 0..<gradient.channels where bias.values[channel] != 0 {
      let slopes = gradient.channel(channel)
      for i in 0..<gradient.area { plane[i] = abs(slopes[i] * bias.values[channel]) }
      rescale(gradient.area)
      for i in 0..<gradient.area { sum[i] += plane[i] }
    }
    bias.resizer.resize(UnsafePointer(sum.start), into: enlarged.start)
    for i in map.values.indices { map.values[i] += enlarged[i] }
  }

  private func rescale(_ count: Int) {
    var (low, high) = (Float.infinity, Float(0))
    for i in 0..<count { (low, high) = (min(low, plane[i]), max(high, plane[i])) }
    let gain = 1 / (high - low + 1e-7)
    for i in 0..<count { plane[i] = (plane[i] - low) * gain }
  }

  /// A convolution's bias; of a normalisation what it adds once the mean is taken off, b - w·mean/√(var + ε).
  private static func bias(of node: Node, _ graph: Graph) -> [Float]? {
    func constant(_ index: Int) -> [Float]? {
      guard index < node.inputs.count, let id = node.inputs[index], let tensor = graph.values[id].constant,
        tensor.type == .float32
      else { return nil }
      return Array(tensor.view.floats)
    }
    switch node.op {
    case is Conv: return constant(2)
    case let op as BatchNormalization:
      guard let scale = constant(1), let bias = constant(2), let mean = constant(3), let variance = constant(4) else {
        return nil
      }
      return bias.indices.map { bias[$0] - scale[$0] * mean[$0] / (variance[$0] + op.epsilon).squareRoot() }
    default: return nil
    }
  }
}
