import Tensors

@testable import Inference

/// Small networks of random layers, as classifiers have them, over every operator that a pass or a kernel treats specially.
struct RandomNetwork {
  private var builder = GraphBuilder()
  private var generator: SeededGenerator
  private var count = 0
  private var isNormalizing = false
  /// Pictures computed so far.
  private var pictures: [(name: String, shape: Shape)] = []
  let input: Shape

  /// The network, and numbers for its input "x".
  /// - Parameter normalizing: with normalisations by a picture's own numbers. They magnify rounding, and sums of gradients before them
  ///   are zero but for it.
  static func make(seed: Int, normalizing: Bool = false) throws -> (graph: Graph, input: [Float]) {
    var network = RandomNetwork(seed: seed)
    network.isNormalizing = normalizing
    for _ in 0..<12 { network.addLayer() }
    network.addHead()
    let graph = try network.builder.graph.specialized(inputs: [:])
    return (graph, network.generator.floats(network.input.count))
  }

  private init(seed: Int) {
    generator = SeededGenerator(seed: seed)
    let channels = [1, 3, 5, 16, 20].randomElement(using: &generator) ?? 3
    let batch = [1, 1, 2].randomElement(using: &generator) ?? 1
    input = [
      batch, channels, Int.random(in: 5...13, using: &generator), Int.random(in: 5...13, using: &generator),
    ]
    builder.input("x", input)
    pictures = [("x", input)]
  }

  private mutating func constant(_ shape: Shape, _ range: ClosedRange<Float> = -1...1) -> String {
    count += 1
    let name = "w\(count)"
    _ = builder.value(name, constant: Tensor(generator.floats(shape.count, in: range), shape))
    return name
  }

  private mutating func integers(_ elements: [Int]) -> String {
    count += 1
    _ = builder.value("i\(count)", constant: Tensor(elements, [elements.count]))
    return "i\(count)"
  }

  private mutating func add(_ op: any Operator, _ inputs: [String?], _ shape: Shape) -> (name: String, shape: Shape) {
    count += 1
    builder.node(op, inputs, ["v\(count)"])
    return ("v\(count)", shape)
  }

  /// The newest picture mostly, else any.
  private mutating func pick() -> (name: String, shape: Shape) {
    Bool.random(using: &generator)
      ? pictures[pictures.count - 1] : pictures.randomElement(using: &generator) ?? pictures[0]
  }

  private mutating func addLayer() {
    let x = pick()
    switch Int.random(in: 0..<15, using: &generator) {
    case 0...2: pictures.append(convolution(x))
    case 3: pictures.append(depthwise(x))
    case 4: pictures.append(normalization(x))
    case 5: pictures.append(activation(x))
    case 6: pictures.append(sum(x))
    case 7: pictures.append(concat(x))
    case 8: pictures.append(pool(x))
    case 9: pictures.append(gate(x))
    case 10: pictures.append(squeezeAndExcite(x))
    case 11: pictures.append(broadcast(x))
    case 12: pictures.append(isNormalizing ? groupNormalization(x) : convolution(x))
    case 13: pictures.append(reduction(x))
    default: pictures.append(padded(x))
    }
  }

  private mutating func convolution(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let size = [1, 3].randomElement(using: &generator) ?? 1
    let channels = [4, 16, 17, 32].randomElement(using: &generator) ?? 16
    let fan = Float(x.shape[1] * size * size).squareRoot()
    let weights = constant([channels, x.shape[1], size, size], -1.5 / fan...1.5 / fan)
    let bias = Bool.random(using: &generator) ? constant([channels]) : nil
    let op = Conv(padding: .explicit(Pads(top: size / 2, left: size / 2, bottom: size / 2, right: size / 2)))
    let y = add(op, [x.name, weights, bias], [x.shape[0], channels, x.shape[2], x.shape[3]])
    let z = Bool.random(using: &generator) ? normalization(y) : y
    return Bool.random(using: &generator) ? activation(z) : z
  }

  private mutating func depthwise(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let weights = constant([x.shape[1], 1, 3, 3], -0.5...0.5)
    let op = Conv(padding: .explicit(Pads(top: 1, left: 1, bottom: 1, right: 1)), groups: x.shape[1])
    return add(op, [x.name, weights], x.shape)
  }

  private mutating func normalization(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let channels: Shape = [x.shape[1]]
    if Bool.random(using: &generator) {
      let scaled = add(Mul(), [x.name, constant([x.shape[1], 1, 1], 0.5...1.5)], x.shape)
      return add(Add(), [constant([1, x.shape[1], 1, 1]), scaled.name], x.shape)
    }
    return add(
      BatchNormalization(),
      [x.name, constant(channels, 0.5...1.5), constant(channels), constant(channels), constant(channels, 0.5...2)],
      x.shape)
  }

  private mutating func activation(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let all: [any Operator] = [
      Relu(), Clip(minimum: 0, maximum: 6), LeakyRelu(), Sigmoid(), HardSwish(), Gelu(), Identity(), Swish(),
    ]
    return add(all.randomElement(using: &generator) ?? Relu(), [x.name], x.shape)
  }

  private mutating func sum(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let same = pictures.filter { $0.shape == x.shape && $0.name != x.name }
    guard let other = same.randomElement(using: &generator) else { return convolution(x) }
    let y = add(Add(), [x.name, other.name], x.shape)
    return Bool.random(using: &generator) ? activation(y) : y
  }

  private mutating func concat(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let others = pictures.filter { $0.shape[0] == x.shape[0] && $0.shape.dimensions[2...] == x.shape.dimensions[2...] }
    let parts = [x] + others.shuffled(using: &generator).prefix(2)
    let channels = parts.map { $0.shape[1] }.reduce(0, +)
    guard channels < 100 else { return convolution(x) }
    return add(Concat(axis: 1), parts.map(\.name), [x.shape[0], channels, x.shape[2], x.shape[3]])
  }

  private mutating func pool(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let window = Window(
      kernel: Spatial(3, 3), strides: Spatial(1, 1), dilations: Spatial(1, 1),
      padding: .explicit(Pads(top: 1, left: 1, bottom: 1, right: 1)))
    let op: any Operator = Bool.random(using: &generator) ? MaxPool(window: window) : AveragePool(window: window)
    return add(op, [x.name], x.shape)
  }

  /// x * sigmoid(x) in several nodes.
  private mutating func gate(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let gate = add(Sigmoid(), [x.name], x.shape)
    return add(Mul(), Bool.random(using: &generator) ? [x.name, gate.name] : [gate.name, x.name], x.shape)
  }

  private mutating func squeezeAndExcite(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let small: Shape = [x.shape[0], x.shape[1], 1, 1]
    let mean = add(GlobalAveragePool(), [x.name], small)
    let weights = constant([x.shape[1], x.shape[1], 1, 1], -0.3...0.3)
    let inner = add(Conv(), [mean.name, weights, constant([x.shape[1]])], small)
    return add(Mul(), [x.name, add(Sigmoid(), [inner.name], small).name], x.shape)
  }

  /// With a constant that repeats along any axes.
  private mutating func broadcast(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let extents = x.shape.dimensions.map { Bool.random(using: &generator) ? $0 : 1 }
    let repeated = constant(Shape(Array(extents[Int.random(in: 0...2, using: &generator)...])))
    return add(Bool.random(using: &generator) ? Add() : Mul(), [repeated, x.name], x.shape)
  }

  private mutating func groupNormalization(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let channels = x.shape[1]
    let parameters = [constant([channels], 0.5...1.5), constant([channels])]
    guard let groups = [2, 4, 5].filter({ channels % $0 == 0 }).randomElement(using: &generator) else {
      return add(InstanceNormalization(), [x.name] + parameters, x.shape)
    }
    if Bool.random(using: &generator) { return add(GroupNormalization(groups: groups), [x.name] + parameters, x.shape) }
    // As exporters write it.
    let rows: Shape = [x.shape[0], groups, x.shape.count / x.shape[0] / groups]
    let flat = add(Reshape(), [x.name, integers(rows.dimensions)], rows)
    let y = add(InstanceNormalization(), [flat.name, constant([groups], 0.5...1.5), constant([groups])], rows)
    let z = add(Reshape(), [y.name, integers(x.shape.dimensions)], x.shape)
    return Bool.random(using: &generator) ? activation(normalization(z)) : z
  }

  /// A mean along any axes, which the picture is multiplied by. Extremes would make derivatives depend on how numbers are rounded.
  private mutating func reduction(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let axes = (0..<4).filter { _ in Bool.random(using: &generator) }
    let op = Reduce(.mean, axes: axes, doesNothingWithoutAxes: true)
    let small = add(op, [x.name], Shape(x.shape.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 }))
    return add(Mul(), [add(Sigmoid(), [small.name], small.shape).name, x.name], x.shape)
  }

  private mutating func padded(_ x: (name: String, shape: Shape)) -> (name: String, shape: Shape) {
    let shape: Shape = [x.shape[0], x.shape[1], x.shape[2] + 2, x.shape[3] + 1]
    let pad = add(Pad(), [x.name, integers([0, 0, 1, 0, 0, 0, 1, 1])], shape)
    let weights = constant([16, x.shape[1], 3, 2], -0.3...0.3)
    return add(Conv(), [pad.name, weights], [x.shape[0], 16, shape[2] - 2, shape[3] - 1])
  }

  private mutating func addHead() {
    let x = pictures[pictures.count - 1]
    let mean = add(GlobalAveragePool(), [x.name], [x.shape[0], x.shape[1], 1, 1])
    let flat = add(Flatten(), [mean.name], [x.shape[0], x.shape[1]])
    let y = add(
      Gemm(transposeB: true), [flat.name, constant([10, x.shape[1]]), constant([10])], [x.shape[0], 10])
    builder.output(add(Softmax(), [y.name], y.shape).name)
  }
}
