import Inference
import Tensors

extension ImporterTable {
  static let activations: [String: ImporterEntry] = [
    "Relu": entry(1...1) { _ in Relu() },
    "LeakyRelu": entry(1...1) { LeakyRelu(alpha: try $0.float("alpha", default: 0.01)) },
    "ThresholdedRelu": entry(1...1) { ThresholdedRelu(alpha: try $0.float("alpha", default: 1)) },
    "Elu": entry(1...1) { Elu(alpha: try $0.float("alpha", default: 1)) },
    "Celu": entry(1...1) { Celu(alpha: try $0.float("alpha", default: 1)) },
    "Selu": entry(1...1, selu),
    "Sigmoid": entry(1...1) { _ in Sigmoid() },
    "HardSigmoid": entry(1...1) {
      HardSigmoid(alpha: try $0.float("alpha", default: 0.2), beta: try $0.float("beta", default: 0.5))
    },
    "HardSwish": entry(1...1) { _ in HardSwish() },
    "Swish": entry(1...1) { Swish(alpha: try $0.float("alpha", default: 1)) },
    "Gelu": entry(1...1, gelu),
    "Erf": entry(1...1) { _ in Erf() },
    "Tanh": entry(1...1) { _ in Tanh() },
    "Softplus": entry(1...1) { _ in Softplus() },
    "Softsign": entry(1...1) { _ in Softsign() },
    "Mish": entry(1...1) { _ in Mish() },
    "Softmax": entry(1...1) { try softmax($0, isLogarithmic: false) },
    "LogSoftmax": entry(1...1) { try softmax($0, isLogarithmic: true) },
    "PRelu": entry(2...2) { _ in PRelu() },
    "Clip": entry(1...3, clip),
    "com.microsoft.Gelu": entry(1...1) { _ in Gelu() },
    "com.microsoft.QuickGelu": entry(1...1) { Swish(alpha: try $0.float("alpha", default: 1.702)) },
  ]

  private static func selu(_ context: ImportContext) throws -> any Operator {
    Selu(
      alpha: try context.float("alpha", default: Selu().alpha),
      gamma: try context.float("gamma", default: Selu().gamma))
  }

  private static func gelu(_ context: ImportContext) throws -> any Operator {
    switch try context.string("approximate", default: "none") {
    case "none": return Gelu()
    case "tanh": return Gelu(usesTanh: true)
    case let other: throw OperatorError("has the unknown approximation '\(other)'")
    }
  }

  /// Opset 13 changed the default axis from 1 to -1, and the sum from all trailing axes to one.
  private static func softmax(_ context: ImportContext, isLogarithmic: Bool) throws -> any Operator {
    let isOld = context.opset < 13
    return Softmax(
      axis: try context.int("axis", default: isOld ? 1 : -1), coversTrailingAxes: isOld, isLogarithmic: isLogarithmic)
  }

  /// Opset 11 turned the bounds from attributes into inputs. Constant bounds become fields again.
  private static func clip(_ context: ImportContext) throws -> any Operator {
    var clip = Clip()
    if context.opset < 11 {
      try context.expectInputs(1...1)
      clip.minimum = try context.float("min", default: clip.minimum)
      clip.maximum = try context.float("max", default: clip.maximum)
      return clip
    }
    if [1, 2].contains(where: { context.constant($0)?.type.isFloatingPoint == false }) {
      return try wholeClip(context)
    }
    clip.minimum = try bound(context, 1) ?? clip.minimum
    clip.maximum = try bound(context, 2) ?? clip.maximum
    while let last = context.inputs.last, last == nil { context.inputs.removeLast() }
    return clip
  }

  /// Between whole numbers: the larger of x and the lower bound, the smaller of that and the upper one.
  private static func wholeClip(_ context: ImportContext) throws -> any Operator {
    guard let x = context.inputs[0] else { throw OperatorError("lacks its input") }
    var value = x
    if context.hasInput(1) { value = context.emit(Max(), [value, context.inputs[1]]) }
    if context.hasInput(2) { value = context.emit(Min(), [value, context.inputs[2]]) }
    context.inputs = [value]
    return Identity()
  }

  /// The number in a constant input, which is then removed; nil where it is absent or computed.
  private static func bound(_ context: ImportContext, _ index: Int) throws -> Float? {
    guard let tensor = context.constant(index) else { return nil }
    guard tensor.type == .float32, tensor.shape.count == 1 else {
      throw OperatorError("has a bound of \(tensor.type) \(tensor.shape), which is not one float32 number")
    }
    context.inputs[index] = nil
    return tensor.view.floats[0]
  }
}
